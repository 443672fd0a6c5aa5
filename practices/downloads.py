"""Files to take away: a list whole and streamed, or one practice. Each starts from `published()`."""

from collections.abc import Iterable, Iterator

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from practices.exchange.formats import FORMATS, Format
from practices.exchange.tidy import TABLES, write_table
from practices.filters import PracticeFilter
from practices.models import Practice, PublicSlug
from practices.views.errors import gone

AT_ONCE = 20  # practices in memory, with all their rows


def list_file(kind: Format, filterset: PracticeFilter) -> HttpResponseBase:
    """All practices of a list in its order, not a page of them. Fifteen queries for each twenty."""
    return file(StreamingHttpResponse, kind, rows(list(filterset.in_order())), "practices")


def table_file(name: str, filterset: PracticeFilter) -> HttpResponseBase:
    """A tidy table of all practices of a list, in its order. Fifteen queries for each twenty."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    content = write_table(TABLES[name], rows(list(filterset.in_order())))
    return StreamingHttpResponse(content, content_type=FORMATS["csv"].content_type, headers=headers)


def practice_file(kind: Format, practice: Practice) -> HttpResponseBase:
    """One practice that `whole()` has loaded, in a file named by its slug."""
    return file(HttpResponse, kind, [practice], practice.slug)


def rows(keys: list[int]) -> Iterator[Practice]:
    """The practices with these keys; whatever was withdrawn since they were listed is left out."""
    for start in range(0, len(keys), AT_ONCE):
        part = keys[start : start + AT_ONCE]
        found = Practice.objects.published().whole().in_bulk(part)
        yield from (found[key] for key in part if key in found)


def file(
    response: type[HttpResponseBase], kind: Format, practices: Iterable[Practice], name: str
) -> HttpResponseBase:
    # A slug has letters, digits, - and _ alone.
    disposition = f'attachment; filename="{name}.{kind.name}"'
    headers = {"Content-Disposition": disposition}
    return response(kind.write(practices), content_type=kind.content_type, headers=headers)


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
    if PublicSlug.objects.filter(slug=slug, gone=True).exists():
        return gone(request)
    raise Http404
