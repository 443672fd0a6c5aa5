"""The home page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practices.listing import facets
from practices.maps.map_view import MapView
from practices.maps.markers import group_markers
from practices.models import Lesson
from practices.site.lists import filtered_by, first_list_items
from practices.values.text import sort_key

NEWEST = 4
COUNTRIES = 12
LESSONS, AMONG = 3, 20  # those shown, and the newest practices they are chosen from
MARKER_DISTANCE = 20  # of points on the small map, in its units: a point's width at 480 pixels


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Return the home page: the search, the ways to browse, and short lessons."""
    everything = filtered_by()
    facet_index = everything.facet_index
    countries = facets.countries(everything).choices
    most = sorted(countries, key=lambda choice: (-choice.count, sort_key(choice.label)))[:COUNTRIES]
    context = {
        "newest_stand_out": facet_index.newest_stand_out,
        "newest": first_list_items(everything, NEWEST),
        "practice_count": everything.count(),
        "lesson_count": len(facet_index.lesson_positions),
        "country_count": len(countries),
        "countries": sorted(most, key=lambda choice: sort_key(choice.label)),
        "themes": facets.themes(everything),
        "lessons": short_lessons(facet_index.newest(everything.qs.pks, AMONG)),
        "markers": group_markers(MapView(everything).places, MARKER_DISTANCE),
    }
    return render(request, "home.html", context)


def short_lessons(practices: list[int]) -> list[Lesson]:
    """Return short lessons: the shortest of each practice, of the practices with the shortest ones. One
    query."""
    rows = Lesson.objects.published().filter(practice__in=practices).select_related("practice")
    shortest: dict[int, Lesson] = {}
    for lesson in sorted(rows, key=lambda row: (len(row.text), row.pk)):
        shortest.setdefault(lesson.practice_id, lesson)
    return list(shortest.values())[:LESSONS]
