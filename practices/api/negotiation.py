"""Content negotiation: the choice of the renderer."""

from collections.abc import Mapping, Sequence

from django.http.request import MediaType
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from practices.api.links import JSON

ANYTHING = MediaType("*/*")
MAX_TYPES, MAX_TYPE_LENGTH = 50, 1_000  # media types of an Accept header that are read; characters of one
# Other names that programs send in `Accept`, and the media type that they mean.
ALIASES = {
    "application/problem+json": JSON,  # the media type of errors
    "text/json": JSON,
    "text/html": JSON,  # a browser that accepts nothing else
    "application/xhtml+xml": JSON,
    "application/x-ndjson": "application/jsonl",
    "application/ndjson": "application/jsonl",
    "application/jsonlines": "application/jsonl",
    "application/x-jsonlines": "application/jsonl",
    "application/vnd.geo+json": "application/geo+json",
    "application/csv": "text/csv",
    "text/x-bibtex": "application/x-bibtex",
}


class ContentNegotiation(BaseContentNegotiation):
    """Content negotiation with `q`. That of REST framework ignores `q` and returns 404 for an unknown
    `format`.
    """

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer of `format`, or the one that the Accept header prefers. Raises NotAcceptable
        (406).

        The view reports an unknown `format` together with its other wrong parameters.
        """
        by_format = {renderer.format: renderer for renderer in renderers}
        media_types = {name: renderer.media_type for name, renderer in by_format.items()}
        name = request.parser_context["view"].params.format
        if not name:
            name = accepted_format(request.headers.get("Accept", "*/*"), media_types)
        if not name:
            message = _("Nothing is available in the requested media types. Accepted: %s.")
            listed = ", ".join(f"{media_type} (format={name})" for name, media_type in media_types.items())
            raise exceptions.NotAcceptable(message % listed)
        return by_format[name], media_types[name]


def accepted_format(accept: str, media_types: Mapping[str, str]) -> str:
    """The format that an Accept header prefers, by name; empty when it accepts none.

    Types are compared without their parameters (charset, profile). `q` gives their order and refuses with 0,
    a type counts before a wildcard, and where the header leaves the choice the first format is taken.
    """
    ranges = [each for part in accept.split(",", MAX_TYPES)[:MAX_TYPES] if (each := parsed(part))]
    named = [(ALIASES.get(plain(each), plain(each)), each.quality) for each in ranges or [ANYTHING]]

    def quality(media_type: str) -> tuple[float, bool]:
        """The quality of a media type, and whether the header names it itself."""
        for pattern in (media_type, f"{media_type.partition('/')[0]}/*", "*/*"):
            if values := [value for name, value in named if name == pattern]:
                return max(values), pattern == media_type
        return 0, False

    best = max(media_types, key=lambda name: quality(media_types[name]))
    return best if quality(media_types[best])[0] > 0 else ""


def parsed(text: str) -> MediaType | None:
    """Return a part of an Accept header; None if it is empty, too long or malformed."""
    try:
        return MediaType(text) if 0 < len(text.strip()) < MAX_TYPE_LENGTH else None
    except (LookupError, ValueError):  # of parameters in an encoding that does not exist
        return None


def plain(media_type: MediaType) -> str:
    """Return the type without its parameters; `*` alone, which Java sends, becomes `*/*`."""
    return "*/*" if media_type.main_type == "*" else f"{media_type.main_type}/{media_type.sub_type}".lower()
