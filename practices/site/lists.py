"""The lists of practices and of lessons."""

from typing import Any

from django.core.paginator import InvalidPage, Page, PageNotAnInteger, Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from practices.index.list_items import ListItem
from practices.listing import facets
from practices.listing.active_filters import ActiveFilter, get_active_filters, query_string, sentence
from practices.listing.filters import ORDERINGS, LessonFilter, PracticeFilter, Results
from practices.models import Lesson
from practices.search.highlighting import get_highlights, lesson_texts

PAGE_SIZE = 20
FIELDS = {name: name for name in ("q", "from", "to")}  # parameter → id of its field, which every list has


def page_of(rows: Results, number: str | None) -> Page:
    """A page of rows. Raises Http404 if there is no such page."""
    try:
        if number and not number.strip().isdecimal():  # Python reads also `1_0` and `+1` as numbers
            raise PageNotAnInteger
        return Paginator(rows, PAGE_SIZE).page(number or 1)
    except InvalidPage as error:
        raise Http404(_("This list has no page “%(number)s”.") % {"number": number}) from error


def filtered_by(**parameters: str | list[str]) -> PracticeFilter:
    """Return the filter set of published practices with these values. Raises Http404 for wrong ones."""
    data = QueryDict(mutable=True)
    for name, value in parameters.items():
        data.setlist(name, [value] if isinstance(value, str) else value)
    filterset = PracticeFilter(data)
    if not filterset.is_valid():
        raise Http404(str(filterset.errors))
    return filterset


def first_list_items(filterset: PracticeFilter, most: int = PAGE_SIZE) -> list[ListItem]:
    return Results(filterset, filterset.list_items)[:most]


@require_safe
def practice_list(request: HttpRequest) -> HttpResponse:
    """The results page. Wrong values are ignored, and the page names them."""
    requested = PracticeFilter(request.GET)
    filterset = requested.without_errors()
    page = page_of(Results(filterset, filterset.list_items), request.GET.get("page"))
    found = filterset.found
    context = list_context(request, requested, filterset) | {
        "page": page,
        "highlights": get_highlights(found, list(page)) if found else {},
    }
    return render(request, "practice_list.html", context)


@require_safe
def lesson_list(request: HttpRequest) -> HttpResponse:
    """The lessons of all practices, with the same filters."""
    requested = LessonFilter(request.GET)
    filterset = requested.without_errors()
    lessons = Lesson.objects.published().select_related("practice")
    page = page_of(Results(filterset, lessons.in_bulk), request.GET.get("page"))
    context = list_context(request, requested, filterset) | {
        "page": page,
        "cards": filterset.list_items({lesson.practice_id for lesson in page}),
        "texts": lesson_texts(page, filterset.found),
    }
    return render(request, "lesson_list.html", context)


def relaxed_filters(filterset: PracticeFilter, active: list[ActiveFilter]) -> list[tuple[ActiveFilter, int]]:
    """Filter of an empty list without which it has rows, and the number of these rows, the most first.

    An only filter is left out: the page offers the list without any filter anyway.
    """
    if filterset.found and filterset.found.no_words:  # such a search filters nothing
        active = [item for item in active if item.parameter != "q"]
    relaxed = []
    for item in active if len(active) > 1 else ():
        if item.removable:
            without = type(filterset)(QueryDict(item.query_without), filterset.queryset)
            if without.is_valid() and without.count():
                relaxed.append((item, without.count()))
    return sorted(relaxed, key=lambda pair: -pair[1])


def error_context(requested: PracticeFilter) -> dict[str, Any]:
    """The errors and the label of each parameter, and the number of values that are ignored."""
    return {
        "ignored": sum(map(requested.count_refused, requested.form.errors)),
        "errors": {name: list(texts) for name, texts in requested.form.errors.items()},
        "labels": {name: filter_.label for name, filter_ in requested.filters.items()},
    }


def list_context(
    request: HttpRequest, requested: PracticeFilter, filterset: PracticeFilter
) -> dict[str, Any]:
    """The context that all lists share: facets, active filters and links.

    `requested` has all submitted values with their errors; `filterset` only the valid ones.
    """
    active = get_active_filters(filterset)
    choices = facets.facets(filterset, facets.MAX_SHOWN + facets.MAX_FOLDED)
    found, ordering = filterset.found, filterset.form.cleaned_data.get("ordering")
    return error_context(requested) | {
        "typed": requested.data,
        "fields": FIELDS | {facet.parameter: f"facet-{facet.parameter}" for facet in choices if facet},
        "query": query_string(filterset.data),
        "list_name": request.resolver_match.url_name,
        "today": timezone.localdate(),
        "facets": choices,
        "years": facets.years(filterset),
        "orderings": ORDERINGS,
        "ordering": filterset.order,
        "found": found,
        "exact_count": filterset.exact_count() if found and found.partial_matches else None,
        "active_filters": active,
        "sentence": sentence(active),
        "relaxed_filters": [] if filterset.count() else relaxed_filters(filterset, active),
        # For an empty list of lessons: the number of practices that match without `q`.
        "without_lessons": 0 if filterset.count() else len(filterset.without("q")),
        "kept": [
            *([("ordering", ordering)] if ordering else []),
            *((item.parameter, item.value) for item in active if item.parameter in facets.API_ONLY),
        ],
    }
