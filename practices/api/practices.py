"""Practices: their list with search and filters, and each with all fields."""

from collections.abc import Sequence
from typing import Any

import orjson
from django.conf import settings
from django.http.response import HttpResponseBase
from django.urls import reverse
from rest_framework.request import Request
from rest_framework.response import Response

from practices.api.base import ReadOnlyViewSet, conditional
from practices.api.changes import ChangesPagination
from practices.api.filtering import PracticeFilterBackend, list_details
from practices.api.links import with_query
from practices.api.moved import moved_response
from practices.api.pagination import PagePagination
from practices.api.parameters import PAGING
from practices.api.renderers import FILE_RENDERERS, JSONRenderer
from practices.exchange.downloads import list_file, practice_file
from practices.exchange.formats import FORMATS
from practices.listing.active_filters import query_string
from practices.listing.filters import PracticeFilter
from practices.models import Practice
from practices.search.highlighting import Passage, best_passages
from practices.serializers.cache import summaries
from practices.serializers.practices import PracticeSerializer, PracticeSummarySerializer, practice_document

FILTERS = tuple(PracticeFilter.base_filters)
JSON_ONLY = (*PAGING, "facets", "fields", "updated_since", "cursor")
NOT_FOR_FILES = ("page", "facets", "fields", "updated_since", "cursor")  # a file has no pages of any size
DETAIL_FIELDS = {*PracticeSerializer.Meta.fields} - {*PracticeSummarySerializer.Meta.fields}


class PracticeViewSet(ReadOnlyViewSet):
    """The list is in the order of changes when `cursor` or `updated_since` is sent, else in pages.

    Rows of a list come from the cache of serialised practices as JSON, and are parsed only where the response
    changes them: after a search, and with `fields`.
    """

    queryset = Practice.objects.published().with_relations()
    serializer_class = PracticeSummarySerializer
    detail_serializer_class = PracticeSerializer
    field_names = (*PracticeSerializer.Meta.fields, "highlights")
    renderer_classes = [JSONRenderer, *FILE_RENDERERS]
    filter_backends = [PracticeFilterBackend]
    filterset_class = PracticeFilter
    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"
    list_parameters = (*FILTERS, *JSON_ONLY)

    @property
    def harvests(self) -> bool:
        return self.params.cursor is not None or self.params.updated_since is not None

    @property
    def pagination_class(self) -> type[PagePagination | ChangesPagination]:
        return ChangesPagination if self.harvests else PagePagination

    @conditional
    def list(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        as_file = request.accepted_renderer.format != "json"
        if self.harvests:
            self.params.exclude(["page", "ordering"], ["cursor", "updated_since"])
        if as_file:
            self.params.exclude(NOT_FOR_FILES, ["format"])
        results = self.filter_queryset(self.get_queryset())
        self.add_list_links(query_string(request.GET))
        if as_file:
            return list_file(request.accepted_renderer.file_format, self.filterset)
        rows = self.paginate_queryset(results)
        return self.get_paginated_response(rows, **list_details(self.filterset, self.params.facets))

    @conditional
    def retrieve(self, request: Request, slug: str, **kwargs: Any) -> HttpResponseBase:
        as_file = request.accepted_renderer.format != "json"
        if as_file:
            self.params.exclude(self.detail_parameters, ["format"])
        self.params.check()
        practice = self.get_queryset().filter(slug=slug).first()
        if practice is None:
            return moved_response(self, slug)
        self.links.append((practice.get_absolute_url(), "alternate", "text/html"))
        self.add_file_links()
        if as_file:
            return practice_file(request.accepted_renderer.file_format, practice)
        return Response(self.selected(practice_document(practice)))

    def fetch(self, pks: Sequence[int]) -> dict[int, Any]:
        """Primary key → document or JSON of a practice. One query, and one for the passages of a search."""
        if DETAIL_FIELDS.intersection(self.params.fields):
            rows = self.get_queryset().in_bulk(pks)
            found = {pk: (row.slug, practice_document(row)) for pk, row in rows.items()}
        else:
            found = summaries(pks, self.version)
        search = self.filterset.found
        if not search and not self.params.fields:
            return {pk: orjson.Fragment(document) for pk, (_slug, document) in found.items()}
        passages = best_passages(search, pks) if search else {}
        documents = {}
        for pk, (slug, document) in found.items():
            document = orjson.loads(document) if isinstance(document, bytes) else document
            if search:
                document["highlights"] = highlights(slug, passages.get(pk))
            documents[pk] = self.selected(document)
        return documents

    def add_list_links(self, query: str) -> None:
        """Add links to the list as files, as a page and as a feed."""
        self.add_file_links(query)
        for name, media_type in (("practices", "text/html"), ("feed", "application/atom+xml")):
            self.links.append((with_query(reverse(name), query), "alternate", media_type))

    def add_file_links(self, query: str = "") -> None:
        for kind in FORMATS.values():
            asked = f"{query}{'&' if query else ''}format={kind.name}"
            self.links.append((f"{self.request.path}?{asked}", "alternate", kind.media_type))


def highlights(slug: str, passage: Passage | None) -> list[dict[str, str]]:
    """Return the passage that matches the search best, if any: its URL, and safe HTML with `mark`."""
    if passage is None:
        return []
    address = settings.SITE_URL + reverse("practice", args=[slug])
    return [{"url": f"{address}#{passage.anchor}", "html": passage.html}]
