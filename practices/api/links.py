"""The `Link` header of responses (RFC 8288)."""

from collections.abc import Iterable

from django.conf import settings

JSON = "application/json"
MAX_LINK_HEADER_LENGTH = 2_400  # characters; many clients and proxies read 4 to 16 kB of headers in total
# The most useful links come first: those after them are left out when the header would be too long.
LINK_ORDER = ("service-desc", "service-doc", "next", "prev", "first", "last", "alternate")

Link = tuple[str, str, str]  # address, relation, media type


def link_header(links: Iterable[Link]) -> str:
    """The value of a `Link` header, at most MAX_LINK_HEADER_LENGTH characters.

    Each link repeats the query of the request. All links of a relation are given, or none of them: relations
    are added in LINK_ORDER while they fit. JSON lists name the next and the previous page in their body too.
    """
    by_relation: dict[str, list[str]] = {relation: [] for relation in LINK_ORDER}
    for address, relation, media_type in links:
        link = f'<{absolute(address)}>; rel="{relation}"; type="{media_type}"'
        by_relation.setdefault(relation, []).append(link)
    header = ""
    for values in by_relation.values():
        longer = ", ".join([header, *values] if header else values)
        if len(longer) <= MAX_LINK_HEADER_LENGTH:
            header = longer
    return header


def absolute(address: str) -> str:
    return address if "://" in address else settings.SITE_URL + address


def with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
