"""Themes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practices.catalogue import Catalogue
from practices.models import Theme
from practices.views.lists import first_cards, narrowed


@require_safe
def theme_list(request: HttpRequest) -> HttpResponse:
    """All themes with what they mean; a whole counts the practices of its parts."""
    known = narrowed().catalogue
    schemes = [
        (scheme.label, [(row, len(known.by["theme"].get(row.slug, ()))) for row in in_order(known, scheme)])
        for scheme in Theme.Scheme
    ]
    return render(request, "theme_list.html", {"schemes": schemes})


def in_order(known: Catalogue, scheme: str) -> list[Theme]:
    """The themes of a scheme, each whole before its parts."""
    rows = [row for row in known.themes.values() if row.scheme == scheme]
    return sorted(rows, key=lambda row: ((row.parent or row).order, row.parent is not None, row.order))


@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """A theme: what it means, its parts, its practices."""
    about = narrowed(theme=slug)
    themes = about.catalogue.themes
    context = {
        "theme": themes[slug],
        "parts": [row for row in themes.values() if row.parent_id == themes[slug].pk],
        "practices": first_cards(about),
        "count": about.count(),
    }
    return render(request, "theme.html", context)
