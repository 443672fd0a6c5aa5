"""What every address of the API does alike, whatever it answers."""

from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.request import MediaType
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import http_date, parse_etags
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.views import APIView

from practices.api.parameters import COMMON, Asked
from practices.api.throttling import PerAddress
from practices.index.etags import content_etag
from practices.index.facet_index import FacetIndex, get_facet_index
from practices.models.version import changed_at, content_version

JSON = "application/json"
ANYTHING = MediaType("*/*")
MOST_TYPES, LONGEST_TYPE = 50, 1_000  # media types of an Accept header that are read; letters of one
# Other names that programs send in `Accept`, and the media type that they mean.
ALIASES = {
    "application/problem+json": JSON,  # of errors, which always come so
    "text/json": JSON,
    "text/html": JSON,  # a browser that takes nothing else
    "application/xhtml+xml": JSON,
    "application/x-ndjson": "application/jsonl",
    "application/ndjson": "application/jsonl",
    "application/jsonlines": "application/jsonl",
    "application/x-jsonlines": "application/jsonl",
    "application/vnd.geo+json": "application/geo+json",
    "application/csv": "text/csv",
    "text/x-bibtex": "application/x-bibtex",
}
LONGEST_LINK_HEADER = 2_400  # characters; many clients and proxies read 4 to 16 kB of headers in total
# The most useful links come first: those after them are left out when the header would be too long.
LINK_ORDER = ("service-desc", "service-doc", "next", "prev", "first", "last", "alternate")

Link = tuple[str, str, str]  # address, relation, media type


class Door(APIView):
    """A door that answers GET, HEAD and OPTIONS.

    It refuses parameters it does not know, chooses the format, answers 304 to who has the content already,
    counts the requests of an address, and says what is beside the answer. One query: the content version.
    """

    parameters: Collection[str] = ()  # beside those in common
    common: Collection[str] = COMMON
    formats: Mapping[str, str] = {"json": JSON}  # by name, the first one unless another is asked for
    throttle_classes = [PerAddress]
    links: list[Link]
    rate_headers: Mapping[str, str] = {}  # as the throttle sets them
    answer: Callable[..., HttpResponseBase]  # what each door says

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.links = []
        language = request.GET.get("lang")
        with override(language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE):
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.asked = Asked(request.query_params, {*self.common, *self.parameters})
        super().initial(request, *args, **kwargs)

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[None, str]:
        """The media type to answer in. `format` wins over the Accept header."""
        self.format = self.chosen_format(request)
        self.media_type = self.formats[self.format]
        return None, self.media_type

    def chosen_format(self, request: Request) -> str:
        if name := self.asked.choice("format", self.formats):
            return name
        if name := accepted_format(request.headers.get("Accept", "*/*"), self.formats):
            return name
        message = _("Nothing is available in the requested media types. Accepted: %s.")
        listed = ", ".join(f"{media_type} (format={name})" for name, media_type in self.formats.items())
        raise exceptions.NotAcceptable(message % listed)

    def check_throttles(self, request: Request) -> None:
        """What a cache asks to see whether it is still right is not counted when it is."""
        if not self.is_known:
            super().check_throttles(request)

    # What is here, in one word -----------------------------------------------------------------------------

    @cached_property
    def version(self) -> str:
        return content_version()

    @cached_property
    def facet_index(self) -> FacetIndex:
        return get_facet_index(self.version)

    @cached_property
    def etag(self) -> str:
        """The same for the same content, address, format, language and site."""
        address = self.request.get_full_path()
        return content_etag(self.version, address, self.media_type, get_language(), settings.SITE_URL)

    @cached_property
    def is_known(self) -> bool:
        """Whether who asks has the very answer: only a right address at this version was given its tag."""
        tags = self.request.headers.get("If-None-Match")
        return bool(tags) and self.etag in {tag.removeprefix("W/") for tag in parse_etags(tags)}

    # The methods -------------------------------------------------------------------------------------------

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        moment = changed_at(self.version)
        response = HttpResponse() if self.is_known else self.answer(request, *args, **kwargs)
        if response.status_code != 200:
            return response
        response.headers["ETag"] = self.etag
        if moment:
            response.headers["Last-Modified"] = http_date(moment.timestamp())
        seconds = int(moment.timestamp()) if moment else None
        return get_conditional_response(request._request, self.etag, seconds, response)

    def options(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponse(status=204)

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any):
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self.rate_headers.items():
            response.headers[name] = value
        patch_vary_headers(response, ["Accept"])
        links = [*self.links, (reverse("api:schema"), "service-desc", JSON)]
        links.append((reverse("api:docs"), "service-doc", "text/html"))
        response.headers["Link"] = link_header(links)
        return response

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {"Allow": "GET, HEAD, OPTIONS"}


def accepted_format(accept: str, formats: Mapping[str, str]) -> str:
    """The format, by name, that an Accept header likes best; empty when it takes none.

    Types are compared without their parameters (charset, profile). `q` gives their order and refuses with 0,
    a type counts before a wildcard, and where the header leaves the choice the first format is taken.
    """
    ranges = [each for part in accept.split(",", MOST_TYPES)[:MOST_TYPES] if (each := media_type(part))]
    named = [(ALIASES.get(plain(each), plain(each)), each.quality) for each in ranges or [ANYTHING]]

    def quality(kind: str) -> tuple[float, bool]:
        """Of a format: how much it is liked, and whether by its own name."""
        for pattern in (kind, f"{kind.partition('/')[0]}/*", "*/*"):
            if liked := [value for name, value in named if name == pattern]:
                return max(liked), pattern == kind
        return 0, False

    best = max(formats, key=lambda name: quality(formats[name]))
    return best if quality(formats[best])[0] > 0 else ""


def media_type(text: str) -> MediaType | None:
    """A part of an Accept header; None for what is empty, too long or cannot be read."""
    try:
        return MediaType(text) if 0 < len(text.strip()) < LONGEST_TYPE else None
    except (LookupError, ValueError):  # of parameters in an encoding that does not exist
        return None


def plain(kind: MediaType) -> str:
    """The type without its parameters; Java sends a lone `*` for any."""
    return "*/*" if kind.main_type == "*" else f"{kind.main_type}/{kind.sub_type}".lower()


def absolute(to: str) -> str:
    return to if "://" in to else settings.SITE_URL + to


def link_header(links: Iterable[Link]) -> str:
    """The value of a `Link` header (RFC 8288), at most LONGEST_LINK_HEADER characters.

    Each link repeats the query of the request. All links of a relation are given, or none of them: relations
    are added in LINK_ORDER while they fit. JSON lists name the next and the previous page in their body too.
    """
    by_relation: dict[str, list[str]] = {relation: [] for relation in LINK_ORDER}
    for to, relation, kind in links:
        link = f'<{absolute(to)}>; rel="{relation}"' + (f'; type="{kind}"' if kind else "")
        by_relation.setdefault(relation, []).append(link)
    header = ""
    for values in by_relation.values():
        longer = ", ".join([header, *values] if header else values)
        if len(longer) <= LONGEST_LINK_HEADER:
            header = longer
    return header
