"""Every piece of the pages in every state, with made-up rows: for those who work on them."""

import re

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practices.listing.facets import Choice, Facet, Group

# What stands on what, and how strong its contrast must be at least.
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
        "themes": [(name, contrasts(tokens)) for name, tokens in colours(css).items()],
        "spaces": re.findall(r"(--s\d): ([\d.]+)rem", css),
        "facets": FACETS,
        "pages_of": [pages.page(number) for number in (1, 2, 3)],
    }
    return render(request, "styleguide.html", context)


def colours(css: str) -> dict[str, dict[str, str]]:
    """The colour tokens of the style sheet by theme; the dark ones stand in its first media query."""
    roots = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6})\b", root)) for root in roots)
    return {"light": light, "dark": light | dark}


def contrasts(tokens: dict[str, str]) -> list[tuple[str, str, str, str, str, bool]]:
    """Each pair with its two colours, its contrast and whether that is enough."""
    rows = []
    for front, ground, least in PAIRS:
        ratio = contrast(tokens[front], tokens[ground])
        rows.append((front, ground, tokens[front], tokens[ground], f"{ratio:.1f}", ratio >= least))
    return rows


def contrast(one: str, other: str) -> float:
    """WCAG 2.2: from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    digits = colour.removeprefix("#")
    digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


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
