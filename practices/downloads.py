"""The doors for files to take away. Each starts from `published()`."""

from collections.abc import Callable, Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from practices.exchange import citations
from practices.models import FormerSlug, Practice


@require_safe
def bibtex(request: HttpRequest, slug: str) -> HttpResponse:
    """How to cite a practice, for LaTeX and reference managers."""
    return citation(request, slug, citations.bibtex, "application/x-bibtex", "bib")


@require_safe
def ris(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for other reference managers."""
    return citation(request, slug, citations.ris, "application/x-research-info-systems", "ris")


def citation(
    request: HttpRequest, slug: str, write: Callable[[Iterable[Practice]], str], media_type: str, ending: str
) -> HttpResponse:
    """One practice as a file named by its slug; an address it had before leads to the present one."""
    found = Practice.objects.published().for_detail().filter(slug=slug).first()
    if found is None:
        former = FormerSlug.objects.filter(practice__in=Practice.objects.published())
        moved = get_object_or_404(former.select_related("practice"), slug=slug)
        return redirect(request.resolver_match.view_name, slug=moved.practice.slug, permanent=True)
    name = f'attachment; filename="{found.slug}.{ending}"'  # a slug has letters, digits, - and _ alone
    return HttpResponse(
        write([found]), content_type=f"{media_type}; charset=utf-8", headers={"Content-Disposition": name}
    )
