"""Lessons: `q` searches the lessons, all other filters select their practices."""

from collections.abc import Sequence
from typing import Any

from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from practices.api.base import ReadOnlyViewSet, conditional
from practices.api.filtering import PracticeFilterBackend, list_details
from practices.api.links import with_query
from practices.api.moved import moved_response
from practices.api.parameters import PAGING
from practices.listing.active_filters import query_string
from practices.listing.filters import LessonFilter
from practices.models import Lesson, Practice
from practices.search.highlighting import lesson_texts
from practices.serializers.lessons import LessonSerializer


class LessonViewSet(ReadOnlyViewSet):
    queryset = Lesson.objects.published().select_related("practice")
    serializer_class = LessonSerializer
    field_names = (*LessonSerializer.Meta.fields, "highlights")
    filter_backends = [PracticeFilterBackend]
    filterset_class = LessonFilter
    list_parameters = (*LessonFilter.base_filters, *PAGING, "facets", "fields")

    @conditional
    def list(self, request: Request) -> Response:
        results = self.filter_queryset(self.get_queryset())
        address = with_query(reverse("lessons"), query_string(request.GET))
        self.links.append((address, "alternate", "text/html"))
        rows = self.paginate_queryset(results)
        return self.get_paginated_response(rows, **list_details(self.filterset, self.params.facets))

    @conditional
    def retrieve(self, request: Request, slug: str, number: int) -> HttpResponseBase:
        self.params.check()
        lesson = self.get_queryset().filter(practice__slug=slug, number=number).first()
        if lesson is None and not Practice.objects.published().filter(slug=slug).exists():
            return moved_response(self, slug)
        if lesson is None:
            raise exceptions.NotFound(_("This practice has no lesson %(number)s.") % {"number": number})
        self.links.append((lesson.get_absolute_url(), "alternate", "text/html"))
        return Response(self.selected(self.get_serializer(lesson).data))

    def fetch(self, pks: Sequence[int]) -> dict[int, dict[str, Any]]:
        """Primary key → document of a lesson, with its text as highlighted after a search. One query."""
        found = self.get_queryset().in_bulk(pks)
        documents = dict(zip(found, self.get_serializer(found.values(), many=True).data, strict=True))
        if search := self.filterset.found:
            rows = [found[pk] for pk in pks if pk in found]
            marked = lesson_texts(rows, search)
            for pk, document in documents.items():
                document["highlights"] = [{"url": document["url"], "html": marked[pk]}]
        return {pk: self.selected(document) for pk, document in documents.items()}
