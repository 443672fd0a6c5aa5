"""The page of one practice."""

from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from practices.exchange import citations, schema_org
from practices.index.facet_index import FacetIndex, get_facet_index
from practices.index.list_items import ListItem
from practices.index.selection import published
from practices.listing.active_filters import query_string
from practices.listing.filters import PracticeFilter
from practices.listing.related import related
from practices.models import ChangeLogEntry, Practice
from practices.models.content_version import content_version
from practices.site.errors import gone
from practices.site.lists import PAGE_SIZE
from practices.values.versioned_cache import VersionedCache

MAX_CONTEXTS = 200  # pages
MAX_QUERY_LENGTH = 999  # characters; Django parses no more than 1,000 parameters
MAX_POSITION = 1000  # in a list, up to which a practice has neighbours

# (version, language, day, slug) → the context of a practice's page. A context holds rows, not HTML.
CONTEXTS = VersionedCache(0 if settings.DEBUG else MAX_CONTEXTS)


@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the page of a practice. A former address redirects to the current one.

    The page shows the date but not the time, so that it stays the same until midnight. One query if the
    context is cached, and those of `came_from()`.
    """
    version, today = content_version(), timezone.localdate()
    key = (version, get_language(), today, slug)
    context = CONTEXTS.get(key)
    if context is None:
        found = Practice.objects.published().for_detail().filter(slug=slug).first()
        if found is None:
            return moved_or_gone(request, slug, "practice")
        context = page_context(found, get_facet_index(version), today)
        CONTEXTS.set(key, context)
    results = came_from(context["practice"].pk, request.GET.get("in", ""), version)
    return render(request, "practice.html", context | {"results": results})


def page_context(found: Practice, facet_index: FacetIndex, today: date) -> dict[str, Any]:
    """Return the context of practice.html for a practice fetched with `for_detail()`."""
    return {
        "practice": found,
        "objectives": [(row, found.assigned_by_editors(row)) for row in found.objectives.all()],
        "related": related(found, facet_index),
        "today": today,
        "summary": citations.abstract(found),
        "cited": {"APA": citations.apa(found, today), "Chicago": citations.chicago(found, today)},
        "linked_data": schema_org.script(found),
        "page_path": found.get_absolute_url(),  # a preview has another address
        "results": None,
    }


def moved_or_gone(request: HttpRequest, slug: str, view: str, **kwargs: str) -> HttpResponse:
    """Return the response if no practice has the slug: a redirect, 410 for a practice that was public, or
    404."""
    if moved := Practice.objects.published().filter(former_slugs__slug=slug).first():
        return redirect(view, slug=moved.slug, permanent=True, **kwargs)
    if ChangeLogEntry.objects.filter(slug=slug, removed=True).exists():
        return gone(request)
    raise Http404


@dataclass(frozen=True)
class CameFrom:
    """The list that a reader came from, and the position of the practice in it."""

    query: str  # its parameters
    count: int
    number: int  # the practice's, from 1
    previous: ListItem | None
    next: ListItem | None

    @property
    def page(self) -> int:
        """The page of the list that contains the practice."""
        return (self.number - 1) // PAGE_SIZE + 1


def came_from(practice: int, asked: str, version: str) -> CameFrom | None:
    """Return the list with the parameters `asked` and the neighbours of the practice in it.

    None if it is not a list, has a wrong value, or does not contain the practice. One query for list items
    that are not cached, and those of the search.
    """
    if not 0 < len(asked) <= MAX_QUERY_LENGTH:
        return None
    data = QueryDict(asked, mutable=True)
    for name in data.keys() - PracticeFilter.base_filters.keys():
        del data[name]
    query = query_string(data)
    filterset = PracticeFilter(data, published(get_facet_index(version)))
    if not (query and filterset.is_valid()):
        return None
    all_of_them = filterset.qs
    if practice not in all_of_them:
        return None
    keys = islice(filterset.in_order(), MAX_POSITION)
    before = None
    for number, key in enumerate(keys, start=1):
        if key == practice:
            after = next(keys, None)
            near = filterset.list_items([key for key in (before, after) if key is not None])
            return CameFrom(query, len(all_of_them), number, near.get(before), near.get(after))
        before = key
    return None
