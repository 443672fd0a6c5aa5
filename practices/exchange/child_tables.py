"""Tidy tables as CSV: a row for each place, lesson or participation of some practices.

The table of practices (tables.py) has several values in one cell; here each has a row, and a number is one.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from practices.exchange.tables import Echo, Value, escape_formula
from practices.models import Practice
from practices.serializers import documents


@dataclass(frozen=True)
class ChildTable:
    columns: tuple[str, ...]  # after those that name the practice
    rows: Callable[[Practice], Iterable[Iterable[Any]]]  # no query after `whole()`


def place_rows(practice: Practice) -> Iterator[tuple]:
    for row in practice.places.all():
        point = documents.place(row)
        yield row.name, row.country_id, row.country.local_name, point["latitude"], point["longitude"]


def lesson_rows(practice: Practice) -> Iterator[tuple]:
    address = settings.SITE_URL + practice.get_absolute_url()
    for row in practice.lessons.all():
        lesson = documents.lesson(row, address)
        yield lesson["number"], lesson["url"], practice.language, lesson["markdown"]


def participation_rows(practice: Practice) -> Iterator[tuple]:
    for row in practice.participations.all():
        part = documents.participation(row)
        yield tuple(part[name] for name in PARTICIPATION)


PRACTICE = ("practice", "practice_title")
PARTICIPATION = ("slug", "name", "acronym", "type", "role", "group", "note")
CHILD_TABLES = {
    "places": ChildTable(("place", "country", "country_name", "latitude", "longitude"), place_rows),
    "lessons": ChildTable(("number", "url", "language", "lesson"), lesson_rows),
    "participations": ChildTable(
        ("actor", "actor_name", "acronym", "actor_type", "role", "group", "note"), participation_rows
    ),
}


def write_table(table: ChildTable, practices: Iterable[Practice]) -> Iterator[bytes]:
    """RFC 4180 in UTF-8, the names of the columns first; a practice at a time."""
    lines = csv.writer(Echo())
    yield lines.writerow(PRACTICE + table.columns)
    for practice in practices:
        for row in table.rows(practice):
            cells: Iterable[Value] = (practice.slug, practice.title, *row)
            yield lines.writerow(map(escape_formula, cells))
