"""Countries and corridors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from practices import facets
from practices.catalogue import Catalogue
from practices.models import Country
from practices.views.lists import first_cards, narrowed


@require_safe
def country_list(request: HttpRequest) -> HttpResponse:
    """The countries that practices happen in, by region."""
    return render(request, "country_list.html", {"countries": facets.countries(narrowed())})


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    """Practices in a country, and those that link it with others."""
    if code != code.upper():
        return redirect("country", code=code.upper(), permanent=True)
    here = narrowed(country=code)
    known = here.catalogue
    corridors = [key for key in known.by["corridor"] if code in key.split("-")]
    inward = [key for key in corridors if key.endswith(f"-{code}")]
    context = {
        "country": known.countries[code],
        "region": known.regions.get(known.countries[code].region_id),
        "practices": first_cards(here),
        "count": here.count(),
        "destination_of": first_cards(narrowed(corridor=inward)) if inward else [],
        "corridors": linked(known, corridors),
    }
    return render(request, "country.html", context)


def linked(known: Catalogue, corridors: list[str]) -> list[tuple[str, Country, Country, int]]:
    """Corridors with their two ends and their numbers of practices, those with most first."""
    rows = []
    for key in corridors:
        origin, end = (known.countries[code] for code in key.split("-"))
        rows.append((key, origin, end, len(known.by["corridor"][key])))
    return sorted(rows, key=lambda row: (-row[3], row[1].local_name, row[2].local_name))
