"""One practice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from practices.models import FormerSlug, Practice
from practices.related import related


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
