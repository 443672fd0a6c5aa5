"""The first page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from practices import facets
from practices.models import Lesson
from practices.views.lists import first_cards, narrowed


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the ways in."""
    everything = narrowed()
    context = {
        "newest": first_cards(everything, 5),
        "practice_count": everything.count(),
        "lesson_count": len(everything.catalogue.lessons),
        "countries": facets.countries(everything),
        "themes": facets.themes(everything),
        "lessons": Lesson.objects.published().filter(order=1).select_related("practice").order_by("pk")[:3],
    }
    return render(request, "home.html", context)
