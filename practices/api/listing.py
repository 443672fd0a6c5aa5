"""Pages of a list: their rows as JSON, the addresses beside them, and what is added to the whole."""

import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from rest_framework import exceptions

from practices.api.door import JSON, Door
from practices.api.parameters import LONGEST_NUMBER
from practices.listing.facets import facets, languages, regions
from practices.listing.filters import PracticeFilter
from practices.serializers.documents import to_json


class Page:
    """One page of a list, by the parameters `page` and `page_size`; 404 when there is no such page."""

    def __init__(self, door: Door, count: int, number: int, size: int) -> None:
        last = max(1, -(-count // size))
        if number > last:
            detail = _("There is no page %(page)s. The last page is %(last)s.")
            asked = door.request.GET["page"]
            shown = asked if len(asked) <= LONGEST_NUMBER else f"{asked[: LONGEST_NUMBER - 1]}…"
            raise exceptions.NotFound(detail % {"page": shown, "last": last}, "no_such_page")
        self.part = slice((number - 1) * size, number * size)
        after = number + 1 if number < last else None
        self.head = {"count": count, "next": self.link(door, "next", after)}
        self.head["previous"] = self.link(door, "prev", number - 1 or None)
        self.link(door, "first", 1)
        self.link(door, "last", last)

    @staticmethod
    def link(door: Door, relation: str, number: int | None) -> str | None:
        """The list's address with another page; the first one has no number."""
        if number is None:
            return None
        address = changed_address(door.request, page=str(number) if number > 1 else None)
        door.links.append((address, relation, JSON))
        return address

    def answer(self, rows: Iterable[str], **more: Any) -> HttpResponse:
        return list_response(self.head, rows, **more)


def list_response(head: dict[str, Any], rows: Iterable[str], **more: Any) -> HttpResponse:
    """A list with its rows, which are JSON already: they are joined and not read again."""
    begin = f'{to_json(head)[:-1]},"results":[{",".join(rows)}]'
    end = f",{to_json(more)[1:]}" if more else "}"
    return HttpResponse(begin + end, content_type=JSON)


def changed_address(request: HttpRequest, **changes: str | None) -> str:
    """This address with some parameters changed, or taken away with None; in the order of their names."""
    data: dict[str, list[str]] = dict(request.GET.lists())
    data |= {name: [] if value is None else [value] for name, value in changes.items()}
    asked = urlencode(sorted(data.items()), doseq=True)
    return f"{settings.SITE_URL}{request.path}{'?' if asked else ''}{asked}"


def told(filterset: PracticeFilter, wants_facets: bool) -> dict[str, Any]:
    """What is said of a list beside its rows: how its search was understood, and its facets. No query."""
    more: dict[str, Any] = {}
    if found := filterset.found:
        question = found.question
        more["search"] = {
            "mended": question.mended,
            "unknown": found.unknown,
            "whole": filterset.exact_count(),
            "empty": found.no_words,
        }
    if wants_facets:
        more["facets"] = facet_lists(filterset)
    return more


def facet_lists(filterset: PracticeFilter) -> dict[str, list[dict[str, Any]]]:
    """Parameter → its choices with their exact counts. No query."""
    shown = ("value", "label", "count", "selected")
    return {
        facet.parameter: [{name: getattr(row, name) for name in shown} for row in facet.choices]
        for facet in (*facets(filterset), regions(filterset), languages(filterset))
    }


def slim(rows: Iterable[str], names: list[str]) -> Iterable[str]:
    """Documents with some of their fields alone; as they are when none are named."""
    if not names:
        return rows
    return (to_json(sliced(json.loads(row), names)) for row in rows)


def sliced(document: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """A document with some of its fields; with all when none are named."""
    return {name: document[name] for name in names if name in document} if names else document
