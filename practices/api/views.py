"""The API’s doors to practices and lessons: each starts from `published()` and has the site’s parameters."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from datetime import datetime
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.db.models import Min
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request

from practices.api.door import JSON, Door, accepted_format
from practices.api.listing import Page, changed_address, list_response, sliced, slim, told
from practices.api.nouns import NOUNS
from practices.api.parameters import MOST_ON_A_PAGE, PAGE_SIZE, PAGING, Cursor
from practices.api.refusals import Gone
from practices.api.schema import fields_of
from practices.exchange.child_tables import CHILD_TABLES
from practices.exchange.downloads import list_file, practice_file, table_file
from practices.exchange.formats import FORMATS
from practices.index.selection import published
from practices.listing.active_filters import query_string
from practices.listing.filters import LessonFilter, PracticeFilter
from practices.models import ChangeLogEntry, Lesson, Practice
from practices.search.highlighting import Passage, lesson_texts
from practices.serializers.documents import addresses, lesson, listed, to_json, whole

FILTERS = tuple(PracticeFilter.base_filters)
OF_DATA = (*PAGING, "facets", "fields", "updated_since", "cursor")
NOT_OF_FILES = ("page", "facets", "fields", "updated_since", "cursor")  # a file has no pages of any size
MEDIA_TYPES = {kind.name: kind.media_type for kind in FORMATS.values()}
BYTES = "application/octet-stream"
WHOLE = {"story", "lessons", "images", "editors_note"}  # fields that lists show when asked for


class Root(Door):
    """Where things are."""

    def answer(self, request: Request) -> HttpResponse:
        self.asked.check()
        names = {"practices": "practice-list", "lessons": "lesson-list", "removed": "removed"}
        names |= {plural: f"{noun.name}-list" for plural, noun in NOUNS.items()}
        names |= {"schema": "schema", "docs": "docs"}
        lists = {key: settings.SITE_URL + reverse(f"api:{name}") for key, name in names.items()}
        return HttpResponse(to_json(lists), content_type=JSON)


class PracticeList(Door):
    """Practices by the site's filters; with `cursor` or `updated_since` in the order of their changes."""

    parameters = (*FILTERS, *OF_DATA)
    formats = {"json": JSON} | MEDIA_TYPES

    def answer(self, request: Request) -> HttpResponseBase:
        asked = self.asked
        filterset = PracticeFilter(request.query_params, published(self.facet_index))
        number, size = asked.paging()
        names = asked.fields(fields_of("Practice"))
        wants_facets = asked.flag("facets")
        since, cursor = asked.moment("updated_since"), asked.cursor()
        harvests = since is not None or cursor is not None
        if harvests:
            asked.not_together(["page", "ordering"], ["cursor", "updated_since"])
        if self.format != "json":
            asked.not_together(NOT_OF_FILES, ["format"])
        asked.check(filterset)
        self.beside(query_string(request.GET))
        if self.format != "json":
            return list_file(FORMATS[self.format], filterset)
        more = told(filterset, wants_facets)
        if harvests:
            keys, left, head = self.changes(filterset, since, cursor or Cursor(0, 0), size)
            return list_response(head, self.rows(keys, filterset, names), left=left_rows(left), **more)
        page = Page(self, filterset.count(), number, size)
        keys = filterset.page(page.part.start, page.part.stop)
        return page.answer(self.rows(keys, filterset, names), **more)

    def beside(self, query: str) -> None:
        """The same list for readers, as a feed and as files."""
        add_files(self, query)
        for name, media_type in (("practices", "text/html"), ("feed", "application/atom+xml")):
            self.links.append((f"{reverse(name)}{'?' if query else ''}{query}", "alternate", media_type))

    def rows(self, keys: list[int], filterset: PracticeFilter, names: Collection[str]) -> Iterable[str]:
        """The documents of some practices as JSON, in order. One query, and one for passages of a search."""
        if WHOLE.intersection(names):
            rows = Practice.objects.published().whole().in_bulk(keys)
            found = {key: (row.slug, to_json(whole(row))) for key, row in rows.items()}
        else:
            found = listed(keys, self.version)
        texts = [found[key][1] for key in keys if key in found]
        if filterset.found:
            passages = filterset.found.passages(keys)
            shown = [highlights(found[key][0], passages.get(key)) for key in keys if key in found]
            pairs = zip(texts, map(to_json, shown), strict=True)
            texts = [f'{text[:-1]},"highlights":{marked}}}' for text, marked in pairs]
        return slim(texts, names)

    def changes(
        self, filterset: PracticeFilter, since: datetime | None, cursor: Cursor, size: int
    ) -> tuple[list[int], list[int], dict[str, Any]]:
        """The practices that changed after a cursor and since a moment, the first change first: those that
        the filters find, those that they do not find (any longer), and the head of the list with the cursor
        to go on from. Two queries.

        During a first harvest (`cursor=0`) only those that changed after it began count as having left: the
        client has no copy of the others.
        """
        facet_index = self.facet_index
        if max(cursor) > facet_index.sequence:
            raise Gone(
                _("This cursor is not valid for this collection. Start again with cursor=0."),
                "unknown_cursor",
            )
        start = bisect_right(facet_index.changes, cursor.after, key=itemgetter(0))
        began = facet_index.sequence if cursor.after == 0 and not since else cursor.began
        if since:
            rows = ChangeLogEntry.objects.filter(changed_at__gte=since)
            first = rows.aggregate(first=Min("sequence", default=facet_index.sequence + 1))["first"]
            start = max(start, bisect_left(facet_index.changes, first, key=itemgetter(0)))
        keys = filterset.qs.pks
        left = facet_index.everything - keys
        found = [
            (place, key)
            for place, key in facet_index.changes[start:]
            if key in keys or (place > began and key in left)
        ]
        shown, more = found[:size], len(found) > size
        cursor = Cursor(shown[-1][0], began) if more else Cursor(facet_index.sequence, 0)
        address = changed_address(self.request, cursor=cursor.text, updated_since=None) if more else None
        count = sum(key in keys for _place, key in found)
        head = {"count": count, "next": address, "previous": None, "cursor": cursor.text}
        changed = [key for _place, key in shown]
        return [key for key in changed if key in keys], [key for key in changed if key in left], head


class PracticeDetail(Door):
    """One practice, whole."""

    parameters = ("fields",)
    formats = {"json": JSON} | MEDIA_TYPES

    def answer(self, request: Request, slug: str) -> HttpResponseBase:
        names = self.asked.fields(fields_of("Practice"))
        if self.format != "json":
            self.asked.not_together(self.parameters, ["format"])
        self.asked.check()
        row = Practice.objects.published().whole().filter(slug=slug).first()
        if row is None:
            return elsewhere(self, slug)
        self.links.append((row.get_absolute_url(), "alternate", "text/html"))
        add_files(self)
        if self.format != "json":
            return practice_file(FORMATS[self.format], row)
        return HttpResponse(to_json(sliced(whole(row), names)), content_type=JSON)


class FileDoor(Door):
    """A file whose format is the end of its address, so that clients generated from the contract can have an
    operation for files: one for JSON and files alike would read each answer as JSON."""

    common = ("lang",)
    formats = MEDIA_TYPES

    def chosen_format(self, request: Request) -> str:
        name = self.kwargs["format"]
        if name not in self.formats:
            message = _("There is no format “%(name)s”. Accepted: %(accepted)s.")
            accepted = {"name": name[:60], "accepted": ", ".join(self.formats)}
            raise exceptions.NotFound(message % accepted, "unknown_format")
        return name

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[None, str]:
        """The format is in the address. Programs that ask for plain bytes get them under that name."""
        _nothing, media_type = super().perform_content_negotiation(request, force)
        wants_bytes = accepted_format(request.headers.get("Accept", ""), {"file": media_type, "bytes": BYTES})
        self.media_type = BYTES if wants_bytes == "bytes" else media_type
        return None, self.media_type

    def file(self, response: HttpResponseBase) -> HttpResponseBase:
        if self.media_type == BYTES:
            response.headers["Content-Type"] = BYTES
        return response


class PracticesFile(FileDoor):
    """All practices of a list as a file, by the site's filters."""

    parameters = FILTERS

    def answer(self, request: Request, format: str) -> HttpResponseBase:
        filterset = PracticeFilter(request.query_params, published(self.facet_index))
        self.asked.check(filterset)
        query = query_string(request.GET)
        self.links.append((f"{reverse('practices')}{'?' if query else ''}{query}", "alternate", "text/html"))
        return self.file(list_file(FORMATS[self.format], filterset))


class TableFile(FileDoor):
    """A tidy table of what practices have several of, by the site's filters."""

    parameters = FILTERS
    formats = {"csv": MEDIA_TYPES["csv"]}

    def chosen_format(self, request: Request) -> str:
        return "csv"

    def answer(self, request: Request, table: str) -> HttpResponseBase:
        filterset = PracticeFilter(request.query_params, published(self.facet_index))
        self.asked.check(filterset)
        if table not in CHILD_TABLES:
            message = _("There is no table “%(name)s”. Accepted: %(accepted)s.")
            raise exceptions.NotFound(message % {"name": table[:60], "accepted": ", ".join(CHILD_TABLES)})
        return self.file(table_file(table, filterset))


class PracticeFile(FileDoor):
    """One practice as a file."""

    def answer(self, request: Request, slug: str, format: str) -> HttpResponseBase:
        self.asked.check()
        row = Practice.objects.published().whole().filter(slug=slug).first()
        if row is None:
            return elsewhere(self, slug, format=format)
        self.links.append((row.get_absolute_url(), "alternate", "text/html"))
        return self.file(practice_file(FORMATS[self.format], row))


def add_files(door: Door, query: str = "") -> None:
    """The same in each format that it can be taken away in."""
    for kind in FORMATS.values():
        asked = f"{query}{'&' if query else ''}format={kind.name}"
        door.links.append((f"{door.request.path}?{asked}", "alternate", kind.media_type))


def elsewhere(door: Door, slug: str, **rest: Any) -> HttpResponse:
    """Where no practice has the slug: the way to its present one, else 410 if it was public, else 404."""
    if moved := Practice.objects.published().filter(former_slugs__slug=slug).first():
        address = reverse(door.request.resolver_match.view_name, kwargs={"slug": moved.slug, **rest})
        query = door.request.META["QUERY_STRING"]
        return redirect(f"{address}{'?' if query else ''}{query}", permanent=True)
    if ChangeLogEntry.objects.filter(slug=slug, removed=True).exists():
        raise Gone(_("The practice “%(slug)s” has been withdrawn.") % {"slug": slug})
    raise exceptions.NotFound(_("There is no practice “%(slug)s”.") % {"slug": slug})


class LessonList(Door):
    """Lessons by the same parameters: words are asked of the lessons, all else of their practices."""

    parameters = (*FILTERS, *PAGING, "facets", "fields")

    def answer(self, request: Request) -> HttpResponse:
        filterset = LessonFilter(request.query_params, published(self.facet_index))
        number, size = self.asked.paging()
        names = self.asked.fields(fields_of("Lesson"))
        wants_facets = self.asked.flag("facets")
        self.asked.check(filterset)
        query = query_string(request.GET)
        self.links.append((f"{reverse('lessons')}{'?' if query else ''}{query}", "alternate", "text/html"))
        page = Page(self, filterset.count(), number, size)
        keys = filterset.page(page.part.start, page.part.stop)
        found = Lesson.objects.published().select_related("practice").in_bulk(keys)
        rows = [found[key] for key in keys if key in found]
        marked = lesson_texts(rows, filterset.found.asked) if filterset.found else {}
        documents = []
        for row in rows:
            document = lesson_alone(row)
            if filterset.found:
                document["highlights"] = [{"url": document["url"], "html": marked[row.pk]}]
            documents.append(to_json(sliced(document, names)))
        return page.answer(documents, **told(filterset, wants_facets))


class LessonDetail(Door):
    """One lesson of a practice by its number."""

    parameters = ("fields",)

    def answer(self, request: Request, slug: str, number: int) -> HttpResponse:
        names = self.asked.fields(fields_of("Lesson"))
        self.asked.check()
        rows = Lesson.objects.published().filter(practice__slug=slug, number=number)
        row = rows.select_related("practice").first()
        if row is None and not Practice.objects.published().filter(slug=slug).exists():
            return elsewhere(self, slug, number=number)
        if row is None:
            raise exceptions.NotFound(_("This practice has no lesson %(number)s.") % {"number": number})
        self.links.append((row.get_absolute_url(), "alternate", "text/html"))
        return HttpResponse(to_json(sliced(lesson_alone(row), names)), content_type=JSON)


class Removed(Door):
    """The addresses that were public and are no more, the first removed first."""

    parameters = ("cursor", "updated_since", "page_size")

    def answer(self, request: Request) -> HttpResponse:
        asked = self.asked
        size = asked.number("page_size", PAGE_SIZE, MOST_ON_A_PAGE)
        since, cursor = asked.moment("updated_since"), (asked.cursor() or Cursor(0, 0)).after
        asked.check()
        if cursor > self.facet_index.sequence:
            raise Gone(
                _("This cursor is not valid for this collection. Start again with cursor=0."),
                "unknown_cursor",
            )
        # Of what was removed since the version was read, the next answer tells.
        rows = ChangeLogEntry.objects.filter(
            removed=True, sequence__gt=cursor, sequence__lte=self.facet_index.sequence
        )
        rows = rows.filter(changed_at__gte=since) if since else rows
        count = rows.count()
        found = list(rows.order_by("sequence")[:size])
        more = count > len(found)
        cursor = str(found[-1].sequence if more and found else self.facet_index.sequence)
        address = changed_address(request, cursor=cursor, updated_since=None) if more else None
        published = Practice.objects.published().filter(pk__in=[row.practice_id for row in found])
        slugs = dict(published.values_list("pk", "slug"))
        head = {"count": count, "next": address, "previous": None, "cursor": cursor}
        return list_response(head, [to_json(removed(row, slugs.get(row.practice_id))) for row in found])


def left_rows(keys: list[int]) -> list[dict[str, Any]]:
    """The rows of practices that the filters do not find any longer, in order: where they are and when they
    changed. One query, if there are any."""
    rows = Practice.objects.published().with_changed_at().filter(pk__in=keys)
    found = (
        {pk: (slug, moment) for pk, slug, moment in rows.values_list("pk", "slug", "changed_at")}
        if keys
        else {}
    )
    return [
        {"slug": slug, **addresses("practice", slug), "left": True, "changed_at": moment}
        for slug, moment in (found[key] for key in keys if key in found)
    ]


def removed(row: ChangeLogEntry, slug: str | None) -> dict[str, Any]:
    """What is told of a slug that is gone, and of the one that its practice has now."""
    return {
        "slug": row.slug,
        **addresses("practice", row.slug),
        "removed_at": row.changed_at,
        "moved_to": slug,
    }


def highlights(slug: str, passage: Passage | None) -> list[dict[str, str]]:
    """The passage that answers a search best, if any: its address, and safe HTML with `mark`."""
    if passage is None:
        return []
    address = settings.SITE_URL + reverse("practice", args=[slug])
    return [{"url": f"{address}#{passage.anchor}", "html": passage.html}]


def lesson_alone(row: Lesson) -> dict[str, Any]:
    """A lesson with the practice it comes from. No query with that selected."""
    site = settings.SITE_URL
    return {
        **lesson(row, site + row.practice.get_absolute_url()),
        "api_url": site + reverse("api:lesson-detail", args=[row.practice.slug, row.number]),
        "language": row.practice.language,
        "practice": {"slug": row.practice.slug, "title": row.practice.title}
        | addresses("practice", row.practice.slug),
    }
