"""Pages of countries and corridors, and their map."""

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from practices.listing import facets
from practices.listing.active_filters import get_active_filters, query_string, sentence
from practices.listing.actor_directory import entries
from practices.listing.filters import LessonFilter, PracticeFilter, Results
from practices.maps.corridor_lines import CorridorLine, corridors, point_of
from practices.maps.frame import frame
from practices.maps.map_view import MapView
from practices.models import Lesson
from practices.site.lists import error_context, filtered_by, first_list_items, relaxed_filters

MAX_LINES_WITH_PRACTICES = 12  # corridors of a country whose practices are named
PRACTICES_PER_LINE = 3
LESSONS = 4
ACTORS = 12


@require_safe
def country_list(request: HttpRequest) -> HttpResponse:
    """Return the map of the practices that the parameters select, with a table and a list by country."""
    requested = PracticeFilter(request.GET)
    filterset = requested.without_errors()
    active = get_active_filters(filterset)
    context = error_context(requested) | {
        "query": query_string(filterset.data),
        "active_filters": active,
        "sentence": sentence(active),
        "found": filterset.found,
        "relaxed_filters": [] if filterset.count() else relaxed_filters(filterset, active),
        "map_view": MapView(filterset, narrowed=bool(active)),
    }
    return render(request, "country_list.html", context)


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    """Return practices in a country, those that link it with others, and the actors based there."""
    if code != code.upper():
        return redirect("country", code=code.upper(), permanent=True)
    here = filtered_by(country=code)
    facet_index = here.facet_index
    lines = corridors(facet_index, facet_index.published)
    directions = {
        "outward": [line for line in lines if line.origin.code == code],
        "inward": [line for line in lines if line.destination.code == code],
    }
    both = [*directions["outward"], *directions["inward"]]
    row = facet_index.countries[code]
    practice_pks = {
        line.code: facet_index.newest(line.pks, PRACTICES_PER_LINE)
        for lines in directions.values()
        for line in lines[:MAX_LINES_WITH_PRACTICES]
    }
    actors = sorted(entries(facet_index, country=code), key=lambda entry: -entry.count)
    context = directions | {
        "country": row,
        "region": facet_index.regions.get(row.region_id),
        "practices": first_list_items(here),
        "count": here.count(),
        "lines": both,
        "practice_pks": practice_pks,
        "cards": here.list_items({key for pks in practice_pks.values() for key in pks})
        if practice_pks
        else {},
        "frame": frame([point_of(row), *(point for line in both for point in line.ends)]),
        "point": point_of(row),
        "actors": actors[:ACTORS],
        "actor_count": len(actors),
    }
    return render(request, "country.html", context)


@require_safe
def corridor_list(request: HttpRequest) -> HttpResponse:
    """Redirect to the corridors next to the map."""
    return redirect(f"{reverse('countries')}#corridors", permanent=True)


@require_safe
def corridor(request: HttpRequest, code: str) -> HttpResponse:
    """Return the practices, themes, actors and lessons of two countries. 404 for unknown countries."""
    if code != code.upper():
        return redirect("corridor", code=code.upper(), permanent=True)
    between = filtered_by(corridor=code)
    facet_index = between.facet_index
    origin, destination = (facet_index.countries[end] for end in code.split("-"))
    line = CorridorLine(code, origin, destination, between.qs.pks)
    back = f"{destination.code}-{origin.code}"
    lessons = LessonFilter(QueryDict(f"corridor={code}"))
    lessons.is_valid()
    context = {
        "line": line,
        "practices": first_list_items(between),
        "count": between.count(),
        "back": back if facet_index.having("corridor", back) else None,
        "themes": facets.themes(between),
        "actors": facets.actors(between).choices[:ACTORS],
        "lessons": Results(lessons, Lesson.objects.published().select_related("practice").in_bulk)[:LESSONS],
        "lesson_count": lessons.count(),
        "frame": frame(line.ends, ratio=2.4, least=220),
    }
    return render(request, "corridor.html", context)
