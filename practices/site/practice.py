"""One practice."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from practices.exchange import citations, schema_org
from practices.index.facet_index import FacetIndex, get_facet_index
from practices.index.list_items import ListItem
from practices.listing.active_filters import query_string
from practices.listing.filters import PracticeFilter
from practices.listing.related import related
from practices.models import ChangeLogEntry, Practice
from practices.models.version import content_version
from practices.site.errors import gone
from practices.site.lists import PAGE_SIZE
from practices.values.versioned_cache import VersionedCache

LONGEST_IN = 999  # characters; Django parses no more than 1,000 parameters
FURTHEST = 1000  # results; whoever came from further down finds no neighbours


CUT = mark_safe("<!-- cut -->")  # which no text of a practice can hold


class Page(NamedTuple):
    """The page of a practice, cut where the way back to a list of results may stand."""

    key: int  # of the practice
    begin: bytes
    crumbs: bytes  # that stand above it for whoever came from elsewhere
    article: bytes
    end: bytes


PAGES = VersionedCache(0 if settings.DEBUG else 16_000_000, size=lambda page: len(b"".join(page[1:])))


@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """One practice; an address it had before leads to the present one.

    Of the day it is asked for, the page shows the date alone, so that it stays the same until midnight: what
    a cache compares or keeps it by needs no more than the content version, the address and the day. Readers
    come from as many lists as there are questions, so the page is kept here without the way back to them.
    One query when it is kept, and those of the list.
    """
    version, today = content_version(), timezone.localdate()
    about = (version, get_language(), today, slug)
    page = PAGES.get(about)
    if page is None:
        found = Practice.objects.published().for_detail().filter(slug=slug).first()
        if found is None:
            return elsewhere(request, slug)
        page = rendered(request, found, get_facet_index(version), today)
        PAGES.set(about, page)
    return whole(page, came_from(page.key, request.GET.get("in", ""), version))


def rendered(request: HttpRequest, found: Practice, facet_index: FacetIndex, today: date) -> Page:
    """The page of a practice that was fetched with `for_detail()`; the preview of a draft is the same."""
    context = {
        "practice": found,
        "objectives": [(row, found.assigned_by_editors(row)) for row in found.objectives.all()],
        "related": related(found, facet_index),
        "today": today,
        "summary": citations.abstract(found),
        "cited": {"APA": citations.apa(found, today), "Chicago": citations.chicago(found, today)},
        "linked_data": schema_org.script(found),
        "cut": CUT,
    }
    return Page(found.pk, *render_to_string("practice.html", context, request).encode().split(CUT.encode()))


def whole(page: Page, results: "CameFrom | None" = None) -> HttpResponse:
    above, below = page.crumbs, b""
    if results:
        steps = render_to_string("_came_from.html", {"results": results, "cut": CUT})
        above, below = steps.encode().split(CUT.encode())
    return HttpResponse([page.begin, above, page.article, below, page.end])


def elsewhere(request: HttpRequest, slug: str) -> HttpResponse:
    """Where no practice has the slug: the way to its present one; 410 if it was public, else 404."""
    if moved := Practice.objects.published().filter(former_slugs__slug=slug).first():
        return redirect(moved, permanent=True)
    if ChangeLogEntry.objects.filter(slug=slug, removed=True).exists():
        return gone(request)
    raise Http404


@dataclass(frozen=True)
class CameFrom:
    """The list that a reader came from, and where in it the practice stands."""

    query: str  # its parameters
    count: int
    number: int  # the practice's, from 1
    previous: ListItem | None
    next: ListItem | None

    @property
    def page(self) -> int:
        """The page of the list that the practice stands on."""
        return (self.number - 1) // PAGE_SIZE + 1


def came_from(practice: int, asked: str, version: str) -> CameFrom | None:
    """The list with the parameters `asked`, with the practice's neighbours in it.

    None when that is no list, a list with a wrong value, or one without the practice. A query for cards that
    are not kept yet, and those of the search.
    """
    if not 0 < len(asked) <= LONGEST_IN:
        return None
    data = QueryDict(asked, mutable=True)
    for name in data.keys() - PracticeFilter.base_filters.keys():
        del data[name]
    query = query_string(data)
    filterset = PracticeFilter(data, get_facet_index(version))
    if not (query and filterset.is_valid()):
        return None
    all_of_them = filterset.pks()
    if practice not in all_of_them:
        return None
    keys = islice(filterset.in_order(), FURTHEST)
    before = None
    for number, key in enumerate(keys, start=1):
        if key == practice:
            after = next(keys, None)
            near = filterset.list_items([key for key in (before, after) if key is not None])
            return CameFrom(query, len(all_of_them), number, near.get(before), near.get(after))
        before = key
    return None
