"""The columns of practices in CSV and GeoJSON, the CSV writer, and helpers for XLSX.

Several values share a cell: short ones separated by “; ”, long texts by an empty line. Columns about the same
rows have the same order: the second of `country_names` is the name of the second of `countries`.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings

from practices.models import Practice
from practices.values.text import for_xml

Value = str | float | None

CSV_COLUMNS: dict[str, Callable[[Practice], Any]] = {
    "slug": lambda practice: practice.slug,
    "url": lambda practice: settings.SITE_URL + practice.get_absolute_url(),
    "title": lambda practice: practice.title,
    "kind": lambda practice: practice.kind,
    "language": lambda practice: practice.language,
    "summary": lambda practice: practice.summary,
    "countries": lambda practice: join_values(country.code for country in practice.countries),
    "country_names": lambda practice: join_values(country.local_name for country in practice.countries),
    "places": lambda practice: join_values(map(str, practice.places.all())),
    "latitude": lambda practice: join_degrees(place.latitude for place in practice.places.all()),
    "longitude": lambda practice: join_degrees(place.longitude for place in practice.places.all()),
    "corridors": lambda practice: join_values(corridor.code for corridor in practice.corridors.all()),
    "period": lambda practice: practice.period and practice.period.text,
    "period_edtf": lambda practice: practice.period and practice.period.edtf,
    "period_start": lambda practice: iso_date(practice.period_start),
    "period_end": lambda practice: iso_date(practice.period_end),
    "activity": lambda practice: practice.activity,
    "activity_checked_on": lambda practice: iso_date(practice.activity_checked_on),
    "activity_checked_by": lambda practice: practice.activity_checked_by,
    "themes": lambda practice: join_values(theme.slug for theme in practice.themes.all()),
    "theme_names": lambda practice: join_values(theme.name for theme in practice.themes.all()),
    "objectives": lambda practice: join_values(objective.code for objective in practice.objectives.all()),
    "actors": lambda practice: join_values(part.actor.slug for part in practice.participations.all()),
    "actor_names": lambda practice: join_values(str(part.actor) for part in practice.participations.all()),
    "actor_roles": lambda practice: join_values(part.role for part in practice.participations.all()),
    "publication": lambda practice: practice.publication and practice.publication.title,
    "story": lambda practice: practice.story,
    "lessons": lambda practice: join_values((lesson.text for lesson in practice.lessons.all()), "\n\n"),
    "sources": lambda practice: join_values((source.text for source in practice.sources.all()), "\n\n"),
    "source_urls": lambda practice: join_values(source.url for source in practice.sources.all()),
    "editors_note": lambda practice: practice.editors_note,
    "published_at": lambda practice: iso_date(practice.published_at),
    "updated_at": lambda practice: iso_date(practice.updated_at),
    "changed_at": lambda practice: iso_date(practice.changed_at),
}


def row(practice: Practice) -> dict[str, Value]:
    """Return the cells of a practice by column; None for unknown values. No query after
    `with_relations()`.
    """
    return {name: cell(practice) for name, cell in CSV_COLUMNS.items()}


def join_values(values: Iterable[str], sign: str = "; ") -> str:
    return sign.join(values)


def join_degrees(values: Iterable[Any]) -> Value:
    """Return the coordinate of the first place with a point; the table of places has all."""
    return next((float(value) for value in values if value is not None), None)


def iso_date(value: Any) -> str | None:
    """Return a day in ISO 8601, because spreadsheets support no day before 1900."""
    return value and value.isoformat().replace("+00:00", "Z")


# What spreadsheet programs take for the beginning of a formula, also in its full-width forms.
FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")


def escape_formula(value: Value) -> Value:
    """Return a text that no spreadsheet runs: with an apostrophe if it could be a formula, also after other
    apostrophes, so that removing one always restores the text.
    """
    return f"'{value}" if isinstance(value, str) and FORMULA.match(value) else value


# CSV -------------------------------------------------------------------------------------------------------


class Echo:
    """A file whose `write` returns its argument."""

    def write(self, text: str) -> bytes:
        return text.encode()


def write_csv(practices: Iterable[Practice]) -> Iterator[bytes]:
    """Yield CSV (RFC 4180) in UTF-8, the header first."""
    table = csv.writer(Echo())
    yield table.writerow(CSV_COLUMNS)
    for practice in practices:
        yield table.writerow(map(escape_formula, row(practice).values()))


# XLSX ------------------------------------------------------------------------------------------------------

MAX_CELL_LENGTH = 32_767  # UTF-16 units that the format allows
MAX_PIECE_LENGTH = 16_000  # characters, of two UTF-16 units at most
CHUNK = 64 * 1024


def append_headings(sheet: Any, names: Iterable[str]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font

    cells = [WriteOnlyCell(sheet, name) for name in names]
    for cell in cells:
        cell.font = Font(bold=True)
    sheet.append(cells)


def split_cell(value: Value) -> list[Value]:
    """Return a value as one cell, or several if it is too long, without formulas and characters that XML
    forbids.
    """
    if not isinstance(value, str):
        return [value]
    text = for_xml(value)
    starts = range(0, len(text), MAX_PIECE_LENGTH) or [0]
    return [escape_formula(text[start : start + MAX_PIECE_LENGTH]) for start in starts]
