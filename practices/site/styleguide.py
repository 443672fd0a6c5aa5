"""The style guide: each component in each state, with sample data. Only with DEBUG."""

import re

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practices.listing.facets import Choice, Facet, Group

# (text colour, background colour, minimum contrast); tests/site/test_styleguide.py computes the contrasts.
PAIRS = [
    ("ink", "paper", 7), ("ink", "card", 7), ("ink", "sand", 7), ("ink", "ochre", 7), ("soft", "paper", 4.5),
    ("soft", "card", 4.5), ("soft", "sand", 4.5), ("clay", "paper", 4.5), ("clay", "sand", 4.5),
    ("clay-strong", "paper", 4.5), ("on-clay", "clay", 4.5), ("on-clay", "clay-strong", 4.5),
    ("clay", "ochre", 4.5),
    ("teal", "paper", 4.5), ("bad", "sand", 4.5), ("edge", "paper", 3), ("edge", "card", 3),
]  # fmt: skip


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG:
        raise Http404
    css = (settings.BASE_DIR / "static" / "css" / "site.css").read_text()
    pages = Paginator(range(60), 20)
    context = {
        "themes": [(name, tokens, PAIRS) for name, tokens in colours(css).items()],
        "spaces": re.findall(r"(--s\d): ([\d.]+)rem", css),
        "facets": FACETS,
        "pages_of": [pages.page(number) for number in (1, 2, 3)],
    }
    return render(request, "styleguide.html", context)


def colours(css: str) -> dict[str, dict[str, str]]:
    """Return the colour tokens of the style sheet by theme; dark ones are in its first media query."""
    roots = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", root)) for root in roots)
    return {"light": light, "dark": light | dark}


COUNTRIES = [
    Choice(f"Q{number}", f"Country {number}", 12 - number, number in {2, 11}) for number in range(12)
]
THEMES = [
    Choice("whole", "A whole", 7, False, [Choice("part", "Its part, chosen", 3, True)]),
    Choice("none", "Chosen, and none left", 0, True),
]
FACETS = [
    Facet("country", "Countries, folded after eight", [Group("Asia", COUNTRIES)]),
    Facet("theme", "Themes, with parts and without rows", [Group("", THEMES)]),
]
