"""Filtering of lists by the filter sets of the site, and the details of a list next to its rows."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from practices.index.selection import published
from practices.listing.facets import API_ONLY, facets
from practices.listing.filters import PracticeFilter, Results


class PracticeFilterBackend(DjangoFilterBackend):
    """Filters the published practices by the view's `filterset_class`; `fetch` fetches the rows of a page.

    Raises the errors of all parameters together, including those that are not filters.
    """

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Results:
        view.filterset = self.get_filterset(request, published(view.facet_index), view)
        view.params.check(view.filterset)
        return Results(view.filterset, view.fetch)


def list_details(filterset: PracticeFilter, wants_facets: bool) -> dict[str, Any]:
    """Return the details of a list: how its search was interpreted, and its facets. No query."""
    details: dict[str, Any] = {}
    if found := filterset.found:
        details["search"] = {
            "corrections": found.query.corrections,
            "unknown": found.unknown,
            "exact_count": filterset.exact_count(),
            "empty": found.no_words,
        }
    if wants_facets:
        shown = ("value", "label", "count", "selected")
        details["facets"] = {
            facet.parameter: [{name: getattr(row, name) for name in shown} for row in facet.choices]
            for facet in (*facets(filterset), *(make(filterset) for make in API_ONLY.values()))
        }
    return details
