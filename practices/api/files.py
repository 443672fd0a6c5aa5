"""Downloads, whose format is a suffix of the URL.

Files are separate operations, because clients generated from the schema would parse them as JSON.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from practices.api.base import conditional
from practices.api.links import with_query
from practices.api.negotiation import accepted_format
from practices.api.practices import FILTERS, PracticeViewSet
from practices.api.renderers import FILE_RENDERERS
from practices.exchange.child_tables import CHILD_TABLES
from practices.exchange.downloads import table_file

BYTES = "application/octet-stream"


class FormatInAddress:
    """Content negotiation by the format suffix. `application/octet-stream` is accepted too."""

    def select_renderer(
        self, request: Request, renderers: Sequence[BaseRenderer], format_suffix: str
    ) -> tuple[BaseRenderer, str]:
        by_format = {renderer.format: renderer for renderer in renderers}
        if format_suffix not in by_format:
            message = _("There is no format “%(name)s”. Accepted: %(accepted)s.")
            names = {"name": format_suffix[:60], "accepted": ", ".join(by_format)}
            raise exceptions.NotFound(message % names, "unknown_format")
        renderer = by_format[format_suffix]
        media_types: Mapping[str, str] = {"file": renderer.media_type, "bytes": BYTES}
        wants_bytes = accepted_format(request.headers.get("Accept", ""), media_types) == "bytes"
        return renderer, BYTES if wants_bytes else renderer.media_type


class PracticeFileViewSet(PracticeViewSet):
    """The list of practices, or one of them, as a file."""

    content_negotiation_class = FormatInAddress
    renderer_classes = FILE_RENDERERS
    common = ("lang",)
    list_parameters = FILTERS
    detail_parameters = ()

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any):
        if response.status_code == 200 and request.accepted_media_type == BYTES:
            response.headers["Content-Type"] = BYTES
        return super().finalize_response(request, response, *args, **kwargs)

    def add_list_links(self, query: str) -> None:
        self.links.append((with_query(reverse("practices"), query), "alternate", "text/html"))

    def add_file_links(self, query: str = "") -> None:
        """Add no links to files: this is one of them."""


class TableFileViewSet(PracticeFileViewSet):
    """A table with a row for each place, lesson or participation of the practices that the filters find."""

    renderer_classes = [renderer for renderer in FILE_RENDERERS if renderer.format == "csv"]

    @conditional
    def list(self, request: Request, table: str, **kwargs: Any) -> HttpResponseBase:
        self.filter_queryset(self.get_queryset())
        if table not in CHILD_TABLES:
            message = _("There is no table “%(name)s”. Accepted: %(accepted)s.")
            raise exceptions.NotFound(message % {"name": table[:60], "accepted": ", ".join(CHILD_TABLES)})
        return table_file(table, self.filterset)
