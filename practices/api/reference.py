"""Viewset of reference data: rows of the facet index, listed and shown by slug or code."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from practices.api.base import ReadOnlyViewSet, conditional


class ReferenceViewSet(ReadOnlyViewSet):
    lookup_field = "slug"
    lookup_url_kwarg = "key"
    lookup_value_regex = r"[-\w.]+"  # the code of an SDG target has a dot in it
    page_name = ""  # the URL name of the site's list, if it has one

    def get_queryset(self) -> list[Any]:
        """The rows in the order of the list."""
        raise NotImplementedError

    @conditional
    def list(self, request: Request) -> Response:
        rows = self.filter_queryset(self.get_queryset())
        self.params.check()
        if self.page_name:
            self.links.append((reverse(self.page_name), "alternate", "text/html"))
        serializer = self.get_serializer(self.paginate_queryset(rows), many=True)
        return self.get_paginated_response([self.selected(document) for document in serializer.data])

    @conditional
    def retrieve(self, request: Request, key: str) -> Response:
        self.params.check()
        document = self.get_serializer(self.get_object()).data
        if self.page_name:
            self.links.append((document["url"], "alternate", "text/html"))
        return Response(self.selected(document))

    def get_object(self) -> Any:
        key = self.kwargs[self.lookup_url_kwarg]
        wanted = self.normalise(key)
        for row in self.get_queryset():
            if getattr(row, self.lookup_field) == wanted:
                return row
        raise exceptions.NotFound(_("There is no entry with the key “%(key)s”.") % {"key": key})

    @staticmethod
    def normalise(key: str) -> str:
        """Return the key as stored, whatever its case in the URL."""
        return key
