"""Tables of the children of practices in CSV: one row for each place, lesson or participation.

In the table of practices (tables.py) several values share a cell; here each has a row of its own.
"""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from practices.exchange.tables import Echo, Value, escape_formula
from practices.models import Practice


@dataclass(frozen=True)
class ChildTable:
    columns: tuple[str, ...]  # after those that name the practice
    rows: Callable[[Practice], Iterable[Iterable[Any]]]  # no query after `with_relations()`


def place_values(practice: Practice) -> Iterator[tuple]:
    for row in practice.places.all():
        point = [None if value is None else float(value) for value in (row.latitude, row.longitude)]
        yield row.name, row.country_id, row.country.local_name, *point


def lesson_rows(practice: Practice) -> Iterator[tuple]:
    for row in practice.lessons.all():
        yield row.number, settings.SITE_URL + row.get_absolute_url(), practice.language, row.text


def participation_rows(practice: Practice) -> Iterator[tuple]:
    for row in practice.participations.all():
        actor = row.actor
        kind = actor.type.slug if actor.type else None
        yield actor.slug, actor.name, actor.acronym, kind, row.role, row.group, row.note


PRACTICE = ("practice", "practice_title")
CHILD_TABLES = {
    "places": ChildTable(("place", "country", "country_name", "latitude", "longitude"), place_values),
    "lessons": ChildTable(("number", "url", "language", "lesson"), lesson_rows),
    "participations": ChildTable(
        ("actor", "actor_name", "acronym", "actor_type", "role", "group", "note"), participation_rows
    ),
}


def write_table(table: ChildTable, practices: Iterable[Practice]) -> Iterator[bytes]:
    """Yield CSV (RFC 4180) in UTF-8, the header first, then one practice at a time."""
    lines = csv.writer(Echo())
    yield lines.writerow(PRACTICE + table.columns)
    for practice in practices:
        for row in table.rows(practice):
            cells: Iterable[Value] = (practice.slug, practice.title, *row)
            yield lines.writerow(map(escape_formula, cells))
