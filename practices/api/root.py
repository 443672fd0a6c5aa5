"""The root of the API: the addresses of all lists."""

from django.conf import settings
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from practices.api.base import ReadOnlyAPIMixin, conditional

LISTS = {
    "practices": "practice-list",
    "lessons": "lesson-list",
    "removed": "removed-list",
    "actors": "actor-list",
    "countries": "country-list",
    "themes": "theme-list",
    "objectives": "objective-list",
    "publications": "publication-list",
    "schema": "schema",
    "docs": "docs",
}


class Root(ReadOnlyAPIMixin, APIView):
    @extend_schema(exclude=True)
    @conditional
    def get(self, request: Request) -> Response:
        self.params.check()
        return Response({name: settings.SITE_URL + reverse(f"api:{view}") for name, view in LISTS.items()})
