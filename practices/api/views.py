"""The API's doors. Each starts from `published()` and reads the site's own parameters."""

from django.conf import settings
from django.utils.translation import gettext as _
from django_filters.utils import translate_validation
from rest_framework import exceptions, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from practices.api.serializers import PracticeSerializer, PracticeSummarySerializer, facet_lists
from practices.facets import facets
from practices.filters import PracticeFilter, Results
from practices.models import Practice


class Root(APIView):
    """Where things are."""

    def get(self, request: Request) -> Response:
        return Response({"practices": settings.SITE_URL + reverse("api:practice-list")})


class PracticeViewSet(viewsets.ReadOnlyModelViewSet):
    """Practices as JSON: a list by the site's filters (with `facets=1` their choices too), and one whole."""

    lookup_field = "slug"
    lookup_value_regex = "[-a-zA-Z0-9_]+"  # as on the site; PostgreSQL would break at a NUL

    def get_queryset(self):
        practices = Practice.objects.published()
        return practices.for_api() if self.action == "list" else practices.for_detail()

    def get_serializer_class(self):
        return PracticeSummarySerializer if self.action == "list" else PracticeSerializer

    def list(self, request: Request) -> Response:
        wants_facets = flag(request, "facets")
        filterset = PracticeFilter(request.query_params)
        if not filterset.is_valid():
            raise translate_validation(filterset.errors)
        rows = self.paginate_queryset(Results(filterset, self.get_queryset().in_bulk))
        if filterset.found:
            passages = filterset.found.passages([row.pk for row in rows])
            for row in rows:
                row.passage = passages.get(row.pk)
        more = {"facets": facet_lists(facets(filterset))} if wants_facets else {}
        return self.paginator.get_paginated_response(self.get_serializer(rows, many=True).data, **more)


def flag(request: Request, name: str) -> bool:
    value = request.query_params.get(name, "")
    if value not in {"", "0", "1"}:
        raise exceptions.ValidationError({name: [_("Give 1 or 0.")]})
    return value == "1"
