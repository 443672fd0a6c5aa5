"""The site's doors: queryset, filter, page, template. Each starts from `published()`."""

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from practices import facets
from practices.chips import chips, query_string, sentence
from practices.filters import ORDERINGS, PracticeFilter, Results
from practices.models import Country, FormerSlug, Lesson, Practice, Theme
from practices.related import related
from practices.search.suggest import LONGEST_TEXT, suggestions

PAGE_SIZE = 20


def page_of(rows: Results, number: str | None) -> Page:
    """A page of rows; 404 when there is no such page. Two queries: the count and the rows."""
    try:
        return Paginator(rows, PAGE_SIZE).page(number or 1)
    except InvalidPage as error:
        raise Http404(_("There is no page “%(number)s” of this list.") % {"number": number}) from error


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the ways in."""
    everything = PracticeFilter()
    everything.is_valid()
    practices = Practice.objects.published()
    context = {
        "newest": practices.for_listing().order_by("-published_at", "pk")[:5],
        "practice_count": practices.count(),
        "lesson_count": Lesson.objects.published().count(),
        "countries": facets.countries(everything),
        "themes": facets.themes(everything),
        "lessons": Lesson.objects.published().filter(order=1).select_related("practice").order_by("pk")[:3],
    }
    return render(request, "home.html", context)


@require_safe
def practice_list(request: HttpRequest) -> HttpResponse:
    """The results: all that is published, narrowed by the address. Wrong values show errors and no rows."""
    filterset = PracticeFilter(request.GET)
    query = query_string(request.GET)
    context = {"filterset": filterset, "query": query}
    if filterset.is_valid():
        worn = chips(filterset)
        context |= {
            "page": results(filterset, request.GET.get("page")),
            "facets": facets.facets(filterset),
            "years": facets.years(filterset),
            "orderings": ORDERINGS,
            "ordering": filterset.order,
            "found": filterset.found,
            "chips": worn,
            "sentence": sentence(worn),
            "kept": [chip for chip in worn if chip.parameter in {"region", "language"}],
        }
    return render(request, "practice_list.html", context)


def results(filterset: PracticeFilter, number: str | None) -> Page:
    """A page of cards; after a search each with its best passage (one query more: lessons)."""
    rows = Practice.objects.published().for_listing()
    if not filterset.found:
        return page_of(filterset.results(rows), number)
    page = page_of(filterset.results(rows.with_passages()), number)
    page.object_list = filterset.found.passages(page.object_list)
    return page


@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """One practice; an address it had before leads to the present one."""
    found = Practice.objects.published().for_detail().filter(slug=slug).first()
    if found is None:
        former = FormerSlug.objects.filter(practice__in=Practice.objects.published())
        moved = get_object_or_404(former.select_related("practice"), slug=slug)
        return redirect(moved.practice, permanent=True)
    objectives = [(row, found.assigned_by_editors(row)) for row in found.objectives.all()]
    context = {"practice": found, "objectives": objectives, "related": related(found)}
    return render(request, "practice.html", context)


@require_safe
def country_list(request: HttpRequest) -> HttpResponse:
    """The countries that practices happen in, by region."""
    everything = PracticeFilter()
    everything.is_valid()
    return render(request, "country_list.html", {"countries": facets.countries(everything)})


@require_safe
def country(request: HttpRequest, code: str) -> HttpResponse:
    """Practices in a country, and those that link it with others."""
    if code != code.upper():
        return redirect("country", code=code.upper(), permanent=True)
    found = get_object_or_404(Country.objects.select_related("region"), code=code)
    published = Practice.objects.published().for_listing().order_by("-published_at", "pk")
    context = {
        "country": found,
        "practices": published.filter(pk__in=found.places.values("practice")),
        "destination_of": published.filter(pk__in=found.corridors_to.values("practice")),
        "corridors": linked(found),
    }
    return render(request, "country.html", context)


def linked(found: Country) -> list[tuple[Country, Country, int]]:
    """The corridors from and to a country with their numbers of published practices. Two queries."""
    rows = (
        Practice.objects.published()
        .filter(Q(corridors__origin=found) | Q(corridors__destination=found))
        .order_by()
        .values_list("corridors__origin", "corridors__destination")
        .annotate(count=Count("pk", distinct=True))
    )
    pairs = [(origin, end, count) for origin, end, count in rows if found.code in (origin, end)]
    ends = Country.objects.in_bulk({code for origin, end, _count in pairs for code in (origin, end)})
    return sorted(
        ((ends[origin], ends[end], count) for origin, end, count in pairs),
        key=lambda row: (-row[2], row[0].local_name, row[1].local_name),
    )


@require_safe
def theme_list(request: HttpRequest) -> HttpResponse:
    """All themes with what they mean; a whole counts the practices of its parts."""
    everything = PracticeFilter()
    everything.is_valid()
    counts = {choice.value: choice.count for choice in facets.themes(everything).choices}
    schemes = [
        (scheme.label, [(theme, counts.get(theme.slug, 0)) for theme in in_order(scheme)])
        for scheme in Theme.Scheme
    ]
    return render(request, "theme_list.html", {"schemes": schemes})


def in_order(scheme: str) -> list[Theme]:
    """The themes of a scheme, each whole before its parts. One query."""
    rows = list(Theme.objects.filter(scheme=scheme).select_related("parent"))
    return sorted(rows, key=lambda row: ((row.parent or row).order, row.parent is not None, row.order))


@require_safe
def theme(request: HttpRequest, slug: str) -> HttpResponse:
    """A theme: what it means, its parts, its practices."""
    found = get_object_or_404(Theme.objects.select_related("parent"), slug=slug)
    within = Q(themes=found) | Q(themes__parent=found)
    practices = Practice.objects.published().filter(pk__in=Practice.objects.filter(within).values("pk"))
    context = {
        "theme": found,
        "parts": found.parts.all(),
        "practices": practices.for_listing().order_by("-published_at", "pk"),
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
