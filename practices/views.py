"""The site's doors: queryset, filter, page, template. Each starts from `published()`."""

from collections.abc import Iterable
from typing import Any

from django.core.paginator import InvalidPage, Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from practices import facets
from practices.cards import Card
from practices.catalogue import Catalogue, catalogue
from practices.chips import chips, query_string, sentence
from practices.filters import ORDERINGS, LessonFilter, PracticeFilter, Results
from practices.models import Country, FormerSlug, Lesson, Practice, Theme
from practices.related import related
from practices.search import Found
from practices.search.highlight import mark
from practices.search.suggest import LONGEST_TEXT, suggestions
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
            "passages": found.passages([card.pk for card in page]) if found else {},
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


def list_context(request: HttpRequest, filterset: PracticeFilter) -> dict[str, Any]:
    """What every list needs for its facets, its chips and its links."""
    list_name = request.resolver_match.url_name
    context = {"filterset": filterset, "query": query_string(request.GET), "list_name": list_name}
    if filterset.is_valid():
        worn = chips(filterset)
        context |= {
            "facets": facets.facets(filterset),
            "years": facets.years(filterset),
            "orderings": ORDERINGS,
            "ordering": filterset.order,
            "found": filterset.found,
            "chips": worn,
            "sentence": sentence(worn),
            "kept": [chip for chip in worn if chip.parameter in {"region", "language"}],
        }
    return context


@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """One practice; an address it had before leads to the present one."""
    found = Practice.objects.published().for_detail().filter(slug=slug).first()
    if found is None:
        former = FormerSlug.objects.filter(practice__in=Practice.objects.published())
        moved = get_object_or_404(former.select_related("practice"), slug=slug)
        return redirect(moved.practice, permanent=True)
    objectives = [(row, found.assigned_by_editors(row)) for row in found.objectives.all()]
    context = {"practice": found, "objectives": objectives, "related": related(found, catalogue())}
    return render(request, "practice.html", context)


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


@require_safe
@cache_control(public=True, max_age=60)
def suggest(request: HttpRequest) -> JsonResponse:
    """What the search box suggests while a person types. Eight queries at the most."""
    text = request.GET.get("q", "")
    if len(text) > LONGEST_TEXT:
        message = _("q has %(length)s characters; suggestions are made for %(most)s at the most.")
        return JsonResponse({"error": message % {"length": len(text), "most": LONGEST_TEXT}}, status=400)
    rows = [
        {"kind": row.kind.value, "kind_label": str(row.kind.label), "label": row.label, "url": row.url}
        for row in suggestions(text)
    ]
    return JsonResponse({"suggestions": rows})


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"User-agent: *\nDisallow: {reverse('admin:index')}\n", content_type="text/plain")


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Where browsers look for an icon on pages that name none, such as the editors' desk."""
    return redirect(static("img/icon.svg"))
