from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response


class Pages(PageNumberPagination):
    """`page` from 1, `page_size` up to 100. A value that cannot be used is an error, never a guess."""

    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list:
        errors = {}
        for name, most in (("page", None), (self.page_size_query_param, self.max_page_size)):
            text = request.query_params.get(name, "1")
            if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= (most or int(text[:9]))):
                accepted = (
                    _("Give a number from 1 to %(most)d.") % {"most": most}
                    if most
                    else _("Give a number from 1.")
                )
                errors[name] = [accepted]
        if errors:
            raise exceptions.ValidationError(errors)
        return super().paginate_queryset(queryset, request, view)

    def get_paginated_response(self, data: list, **more: Any) -> Response:
        return Response(
            {
                "count": self.page.paginator.count,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
                **more,
            }
        )
