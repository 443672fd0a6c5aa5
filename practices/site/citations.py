"""Citations of one practice as files for reference managers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from practices.exchange.downloads import practice_file
from practices.exchange.formats import FORMATS
from practices.models import ChangeLogEntry, Practice
from practices.site.errors import gone


@require_safe
def cite(request: HttpRequest, slug: str, kind: str) -> HttpResponseBase:
    """How to cite a practice, for reference managers."""
    found = Practice.objects.published().whole().filter(slug=slug).first()
    if found is None:
        return cited_elsewhere(request, slug, kind)
    return practice_file(FORMATS[kind], found)


def cited_elsewhere(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Where no practice has the slug: the way to its present one; 410 if it was public, else 404."""
    if moved := Practice.objects.published().filter(former_slugs__slug=slug).first():
        return redirect("cite", slug=moved.slug, kind=kind, permanent=True)
    if ChangeLogEntry.objects.filter(slug=slug, removed=True).exists():
        return gone(request)
    raise Http404
