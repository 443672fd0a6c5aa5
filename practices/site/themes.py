"""Themes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practices.index.facet_index import Catalogue
from practices.listing import facets
from practices.models import Theme
from practices.site.lists import first_cards, narrowed
from practices.values.text import sort_key

COUNTRIES = 12


@require_safe
def theme_list(request: HttpRequest) -> HttpResponse:
    """All themes with what they mean; a whole counts the practices of its parts."""
    known = narrowed().catalogue
    schemes = [
        (scheme.label, [(whole, count(known, whole), parts_of(known, whole)) for whole in wholes])
        for scheme in Theme.Scheme
        if (wholes := [row for row in known.themes.values() if row.scheme == scheme and not row.parent_id])
    ]
    return render(request, "theme_list.html", {"schemes": schemes})


def count(known: Catalogue, theme: Theme) -> int:
    return len(known.having("theme", theme.slug))


def parts_of(known: Catalogue, whole: Theme) -> list[tuple[Theme, int]]:
    """The parts of a theme with their numbers of practices, in their order."""
    return [(row, count(known, row)) for row in known.themes.values() if row.parent_id == whole.pk]


@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """A theme: what it means, its parts, its practices, and where they happen."""
    about = narrowed(theme=slug)
    known = about.catalogue
    found = known.themes[slug]
    keys = about.keys()
    countries = sorted(
        facets.countries(about).choices, key=lambda choice: (-choice.count, sort_key(choice.label))
    )
    context = {
        "theme": found,
        "parts": parts_of(known, found),
        "beside": [pair for pair in parts_of(known, found.parent) if pair[0] != found]
        if found.parent
        else [],
        "practices": first_cards(about),
        "count": about.count(),
        "countries": countries[:COUNTRIES],
        "lesson_count": sum(practice in keys for practice in known.practice_of.values()),
    }
    return render(request, "theme.html", context)
