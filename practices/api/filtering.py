"""Lists that are narrowed by the filter set of the site, and what is said of them beside their rows."""

from typing import Any

from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.request import Request

from practices.index.selection import published
from practices.listing.facets import API_ONLY, facets
from practices.listing.filters import PracticeFilter, Results


class PracticeFilterBackend(DjangoFilterBackend):
    """Filters the published practices by the view's `filterset_class`; `fetch` fetches the rows of a page.

    Raises the errors of all parameters together, also of those that are no filters.
    """

    def filter_queryset(self, request: Request, queryset: Any, view: Any) -> Results:
        view.filterset = self.get_filterset(request, published(view.facet_index), view)
        view.params.check(view.filterset)
        return Results(view.filterset, view.fetch)


def list_details(filterset: PracticeFilter, wants_facets: bool) -> dict[str, Any]:
    """What is said of a list beside its rows: how its search was understood, and its facets. No query."""
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
