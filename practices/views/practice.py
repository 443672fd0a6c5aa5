"""One practice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from practices.exchange import citations
from practices.models import FormerSlug, Practice
from practices.related import related


@require_safe
def practice(request: HttpRequest, slug: str) -> HttpResponse:
    """One practice; an address it had before leads to the present one.

    Of the day it is asked for, the page shows the date alone, so that it stays the same until midnight: what
    a cache compares or keeps it by needs no more than the content version, the address and the day.
    """
    found = Practice.objects.published().for_detail().filter(slug=slug).first()
    if found is None:
        former = FormerSlug.objects.filter(practice__in=Practice.objects.published())
        moved = get_object_or_404(former.select_related("practice"), slug=slug)
        return redirect(moved.practice, permanent=True)
    today = timezone.localdate()
    context = {
        "practice": found,
        "objectives": [(row, found.assigned_by_editors(row)) for row in found.objectives.all()],
        "related": related(found),
        "today": today,
        "summary": citations.abstract(found),
        "cited": {"APA": citations.apa(found, today), "Chicago": citations.chicago(found, today)},
    }
    return render(request, "practice.html", context)
