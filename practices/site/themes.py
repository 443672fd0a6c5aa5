"""Pages of themes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practices.index.facet_index import FacetIndex, get_facet_index
from practices.listing import facets
from practices.models import Theme
from practices.site.lists import filtered_by, first_list_items
from practices.values.text import sort_key

COUNTRIES = 12


@require_safe
def theme_list(request: HttpRequest) -> HttpResponse:
    """Return all themes by scheme, with their sub-themes. A theme also counts the practices of its sub-
    themes."""
    facet_index = get_facet_index()
    schemes: dict[Theme.Scheme, list] = {scheme: [] for scheme in Theme.Scheme}
    for row in facet_index.themes.values():
        if not row.parent_id:
            schemes[row.scheme].append((row, count(facet_index, row), parts_of(facet_index, row)))
    schemes = [(scheme.label, rows) for scheme, rows in schemes.items() if rows]
    return render(request, "theme_list.html", {"schemes": schemes})


def count(facet_index: FacetIndex, theme: Theme) -> int:
    return len(facet_index.having("theme", theme.slug))


def parts_of(facet_index: FacetIndex, whole: Theme) -> list[tuple[Theme, int]]:
    """Return the sub-themes of a theme with their numbers of practices, in order."""
    return [
        (row, count(facet_index, row)) for row in facet_index.themes.values() if row.parent_id == whole.pk
    ]


@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the page of a theme: its definition, sub-themes, practices, and their countries."""
    about = filtered_by(theme=slug)
    facet_index = about.facet_index
    found = facet_index.themes[slug]
    countries = sorted(
        facets.countries(about).choices, key=lambda choice: (-choice.count, sort_key(choice.label))
    )
    context = {
        "theme": found,
        "parts": parts_of(facet_index, found),
        "siblings": [pair for pair in parts_of(facet_index, found.parent) if pair[0] != found]
        if found.parent
        else [],
        "practices": first_list_items(about),
        "count": about.count(),
        "countries": countries[:COUNTRIES],
        "lesson_count": sum(practice in about.qs for practice in facet_index.practice_of_lesson.values()),
    }
    return render(request, "theme.html", context)
