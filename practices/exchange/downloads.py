"""Responses with a file: a whole list, streamed, or one practice. Each query starts from `published()`."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from practices.exchange.child_tables import CHILD_TABLES, write_table
from practices.exchange.formats import FORMATS, Format
from practices.exchange.xlsx_writer import About
from practices.listing.active_filters import ActiveFilter, get_active_filters, query_string, sentence
from practices.listing.filters import PracticeFilter
from practices.models import Practice

BATCH_SIZE = 20  # practices in memory, with all their rows
MAX_NAME_LENGTH = 80  # characters of the filters in the name of a file


def list_file(file_format: Format, filterset: PracticeFilter) -> HttpResponseBase:
    """Return a file of all practices of a list in its order. Fifteen queries for each batch."""
    practices = published_practices(list(filterset.in_order()))
    if not file_format.takes_about:
        return file_response(StreamingHttpResponse, file_format, practices, "practices")
    found = get_active_filters(filterset)
    query = query_string(filterset.data)
    address = settings.SITE_URL + reverse("practices") + (f"?{query}" if query else "")
    about = About(sentence(found) or _("All practices"), address)
    return file_response(StreamingHttpResponse, file_format, practices, workbook_name(found), about)


def workbook_name(found: list[ActiveFilter]) -> str:
    """Return a file name with the filters and the day, such as practices-italy-2026-12-01."""
    words = slugify(" ".join(item.text for item in found))[:MAX_NAME_LENGTH].strip("-")
    return "-".join(filter(None, ("practices", words, timezone.localdate().isoformat())))


def table_file(name: str, filterset: PracticeFilter) -> HttpResponseBase:
    """Return a table of children of the practices of a list, in its order. Fifteen queries for each batch."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    content = write_table(CHILD_TABLES[name], published_practices(list(filterset.in_order())))
    return StreamingHttpResponse(content, content_type=FORMATS["csv"].content_type, headers=headers)


def practice_file(file_format: Format, practice: Practice) -> HttpResponseBase:
    """Return a file, named by the slug, of one practice that `with_relations()` has loaded."""
    about = About(practice.title, settings.SITE_URL + practice.get_absolute_url())
    return file_response(HttpResponse, file_format, [practice], practice.slug, about)


def published_practices(pks: list[int]) -> Iterator[Practice]:
    """The practices with these primary keys, except those withdrawn since they were listed."""
    return load_in_batches(Practice.objects.published().with_relations(), pks, BATCH_SIZE)


def load_in_batches(practices: QuerySet, pks: list[int], size: int) -> Iterator[Practice]:
    """The rows of a queryset in the order of `pks`, with at most `size` of them in memory."""
    for start in range(0, len(pks), size):
        batch = pks[start : start + size]
        found = practices.in_bulk(batch)
        yield from (found[pk] for pk in batch if pk in found)


def file_response(
    response: type[HttpResponseBase],
    file_format: Format,
    practices: Iterable[Practice],
    name: str,
    about: About | None = None,
) -> HttpResponseBase:
    """Return the response with a file. Its name consists of letters, digits, - and _ only."""
    content = file_format.write(practices, about) if file_format.takes_about else file_format.write(practices)
    headers = {"Content-Disposition": f'attachment; filename="{name}.{file_format.name}"'}
    return response(content, content_type=file_format.content_type, headers=headers)
