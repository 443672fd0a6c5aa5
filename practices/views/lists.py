"""Lists of practices and of lessons, searched and narrowed."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from practices import facets
from practices.cards import Card
from practices.chips import Chip, chips, query_string, sentence
from practices.filters import ORDERINGS, LessonFilter, PracticeFilter, Results
from practices.models import Lesson
from practices.search import Found
from practices.search.highlight import mark
from practices.text import to_html

PAGE_SIZE = 20


def page_of(rows: Results, number: str | None) -> Page:
    """A page of rows; 404 when there is no such page. Two queries: the count and the rows."""
    try:
        return Paginator(rows, PAGE_SIZE).page(number or 1)
    except InvalidPage as error:
        raise Http404(_("There is no page “%(number)s” of this list.") % {"number": number}) from error


def narrowed(**parameters: str | list[str]) -> PracticeFilter:
    """The filter set of a list that a page shows whole or in part; `narrowed()` is all that is published."""
    data = QueryDict(mutable=True)
    for name, value in parameters.items():
        data.setlist(name, [value] if isinstance(value, str) else value)
    filterset = PracticeFilter(data)
    if not filterset.is_valid():
        raise Http404(str(filterset.errors))
    return filterset


def first_cards(filterset: PracticeFilter, most: int = PAGE_SIZE) -> list[Card]:
    return Results(filterset, filterset.cards)[:most]


@require_safe
def practice_list(request: HttpRequest) -> HttpResponse:
    """The results: all that is published, narrowed by the address. Wrong values show errors and no rows."""
    filterset = PracticeFilter(request.GET)
    context = list_context(request, filterset)
    if filterset.is_valid():
        page = page_of(Results(filterset, filterset.cards), request.GET.get("page"))
        found = filterset.found
        context |= {
            "page": page,
            "whys": found.whys(list(page)) if found else {},
        }
    return render(request, "practice_list.html", context)


@require_safe
def lesson_list(request: HttpRequest) -> HttpResponse:
    """The lessons of all practices, searched and narrowed as practices are."""
    filterset = LessonFilter(request.GET)
    context = list_context(request, filterset)
    if filterset.is_valid():
        lessons = Lesson.objects.published().select_related("practice")
        page = page_of(Results(filterset, lessons.in_bulk), request.GET.get("page"))
        cards = filterset.cards({lesson.practice_id for lesson in page})
        context |= {"page": page, "cards": cards, "texts": lesson_texts(page, filterset.found)}
    return render(request, "lesson_list.html", context)


def lesson_texts(lessons: Iterable[Lesson], found: Found | None) -> dict[int, SafeString]:
    """Each lesson as safe HTML; after a search with what was asked for marked."""
    texts = {lesson.pk: to_html(lesson.text, f"l{lesson.pk}") for lesson in lessons}
    if found:
        languages = {lesson.pk: lesson.practice.language for lesson in lessons}
        texts = {key: mark(html, found.asked, languages[key]) for key, html in texts.items()}
    return texts


def ways_out(filterset: PracticeFilter, worn: list[Chip]) -> list[tuple[Chip, int]]:
    """Which of several choices to take off an empty list to find something, and how much; the most first."""
    ways = []
    if len(worn) == 1:
        return ways  # that is the whole list, which is offered anyway
    for chip in worn:
        without = type(filterset)(QueryDict(chip.without), filterset.catalogue)
        if without.is_valid() and without.count():
            ways.append((chip, without.count()))
    return sorted(ways, key=lambda way: -way[1])


def list_context(request: HttpRequest, filterset: PracticeFilter) -> dict[str, Any]:
    """What every list needs for its facets, its chips and its links."""
    list_name = request.resolver_match.url_name
    context = {"filterset": filterset, "query": query_string(request.GET), "list_name": list_name}
    context["today"] = timezone.localdate()
    if filterset.is_valid():
        worn = chips(filterset)
        context |= {
            "facets": facets.facets(filterset, facets.SHOWN_AT_ONCE + facets.MOST_FOLDED),
            "years": facets.years(filterset),
            "orderings": ORDERINGS,
            "ordering": filterset.order,
            "found": filterset.found,
            "whole": filterset.whole() if filterset.found and filterset.found.near else None,
            "chips": worn,
            "sentence": sentence(worn),
            "ways_out": [] if filterset.count() else ways_out(filterset, worn),
            "kept": [chip for chip in worn if chip.parameter in {"region", "language"}],
        }
    return context
