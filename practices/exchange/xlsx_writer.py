"""Writes practices to an XLSX workbook for people: translated headings, real dates and numbers, plain texts.

Programs use CSV or JSON: the columns of this workbook may change and depend on the language.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from html import unescape
from tempfile import TemporaryFile
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.exchange.tables import CHUNK, append_headings, join_values, split_cell
from practices.models import Practice
from practices.values.text import to_html

FIRST_YEAR = 1900  # of a date cell (ISO/IEC 29500-1, 18.17.4.1); an earlier day stays text
WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
ROW_HEIGHT = 60  # points: four lines, so that a long story does not fill the screen
Cell = str | int | float | date | None


@dataclass(frozen=True)
class About:
    """The content of the second sheet of a workbook: the query in words, and its URL."""

    query: str
    address: str


class Column(NamedTuple):
    name: str
    heading: Any  # translated when it is written
    width: int  # characters
    cell: Callable[[Practice], Cell]


WORKBOOK_COLUMNS = (
    Column("title", gettext_lazy("Title"), 40, lambda row: row.title),
    Column("url", gettext_lazy("Web address"), 30, lambda row: settings.SITE_URL + row.get_absolute_url()),
    Column("kind", gettext_lazy("Kind"), 15, lambda row: row.get_kind_display()),
    Column("language", gettext_lazy("Language"), 12, lambda row: row.get_language_display()),
    Column("summary", gettext_lazy("Summary"), 60, lambda row: markdown_to_text(row.summary)),
    Column("countries", gettext_lazy("Countries"), 25,
           lambda row: join_values(country.local_name for country in row.countries)),
    Column("country_codes", gettext_lazy("Country codes"), 14,
           lambda row: join_values(country.code for country in row.countries)),
    Column("places", gettext_lazy("Places"), 30, lambda row: join_values(map(str, row.places.all()))),
    Column("latitude", gettext_lazy("Latitude (first place)"), 12,
           lambda row: first_coordinate(row, "latitude")),
    Column("longitude", gettext_lazy("Longitude (first place)"), 12,
           lambda row: first_coordinate(row, "longitude")),
    Column("corridors", gettext_lazy("Corridors"), 25,
           lambda row: join_values(map(str, row.corridors.all()))),
    Column("period", gettext_lazy("Period"), 24, lambda row: period_cell(row)),
    Column("start", gettext_lazy("Start"), 12, lambda row: end_of_period(row, 0)),
    Column("end", gettext_lazy("End"), 12, lambda row: end_of_period(row, -1)),
    Column("first_year", gettext_lazy("First year"), 10,
           lambda row: row.period_start and row.period_start.year),
    Column("last_year", gettext_lazy("Last year"), 10, lambda row: row.period_end and row.period_end.year),
    Column("activity", gettext_lazy("Activity"), 12, lambda row: row.get_activity_display()),
    Column("activity_checked_on", gettext_lazy("Activity checked on"), 12,
           lambda row: day_cell(row.activity_checked_on)),
    Column("activity_checked_by", gettext_lazy("Activity checked by"), 20,
           lambda row: row.activity_checked_by),
    Column("themes", gettext_lazy("Themes"), 30,
           lambda row: join_values(theme.name for theme in row.themes.all())),
    Column("objectives", gettext_lazy("Objectives"), 20,
           lambda row: join_values(objective.label for objective in row.objectives.all())),
    Column("actors", gettext_lazy("Actors"), 50, lambda row: join_values(map(str, row.participations.all()))),
    Column("publication", gettext_lazy("First published in"), 40,
           lambda row: row.publication and row.publication.title),
    Column("story", gettext_lazy("Story"), 80, lambda row: markdown_to_text(row.story)),
    Column("lessons", gettext_lazy("Lessons"), 60, lambda row: numbered_texts(row.lessons.all())),
    Column("sources", gettext_lazy("Sources"), 60, lambda row: numbered_texts(row.sources.all())),
    Column("source_urls", gettext_lazy("Web addresses of sources"), 40,
           lambda row: join_values(filter(None, (source.url for source in row.sources.all())))),
    Column("editors_note", gettext_lazy("Editors’ note"), 40, lambda row: markdown_to_text(row.editors_note)),
    Column("published_at", gettext_lazy("Published on"), 12, lambda row: day_cell(row.published_at)),
    Column("updated_at", gettext_lazy("Last changed on"), 12, lambda row: day_cell(row.updated_at)),
    Column("slug", gettext_lazy("Short name (slug)"), 30, lambda row: row.slug),
)  # fmt: skip


# Values ----------------------------------------------------------------------------------------------------

BREAKS = re.compile(r"\s*(</p>|</li>|<br ?/?>|</ul>|</ol>|</blockquote>)\s*")
LINK = re.compile(r'<a href="(https?://[^"]*|mailto:[^"]*)"[^>]*>([^<]*)</a>')
BACKLINK = re.compile(r'<a [^>]*class="footnote-backref"[^>]*>[^<]*</a>')
MARKDOWN = re.compile(r"[*_`\[\]<>&\\#!~|^]|^\s*(?:[-+]|[0-9]+[.)])\s", re.MULTILINE)


def markdown_to_text(markdown: str) -> str:
    """A Markdown text as plain text: paragraphs, list items with a bullet, addresses of links in brackets."""
    if not MARKDOWN.search(markdown):
        return markdown
    html = BACKLINK.sub("", to_html(markdown))
    html = LINK.sub(lambda link: link[2] if link[1].endswith(link[2]) else f"{link[2]} ({link[1]})", html)
    html = BREAKS.sub(lambda tag: "\n\n" if tag[1] == "</p>" else "\n", html)
    text = unescape(re.sub(r"<[^>]*>", "", html.replace("<li>", "• ")))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"•\s+", "• ", text)).strip()


def numbered_texts(rows: Iterable[Any]) -> str:
    """The texts of lessons or sources, with numbers where there are several."""
    texts = [markdown_to_text(row.text) for row in rows]
    return (
        "\n\n".join(f"{n}. {text}" for n, text in enumerate(texts, 1)) if len(texts) > 1 else "".join(texts)
    )


def first_coordinate(practice: Practice, name: str) -> float | None:
    """A coordinate of the first place that has a point; all of them are in the sheet “Places”."""
    found = (getattr(place, name) for place in practice.places.all() if place.latitude is not None)
    first = next(found, None)
    return None if first is None else float(first)


def day_cell(value: date | datetime | None) -> Cell:
    """A day in the portal's time zone as a date; as text if it is before FIRST_YEAR."""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return value.isoformat() if value and value.year < FIRST_YEAR else value


def period_cell(practice: Practice) -> Cell:
    """A period of one day as a date, any other period in words."""
    if practice.period is None:
        return None
    edtf = practice.period.edtf
    return day_cell(date.fromisoformat(edtf)) if WHOLE_DAY.fullmatch(edtf) else practice.period.text


def end_of_period(practice: Practice, which: int) -> Cell:
    """The start (0) or end (-1): a date where it is a whole day, else EDTF; None where open or unknown."""
    edtf = practice.period.edtf.split("/")[which] if practice.period else ""
    if WHOLE_DAY.fullmatch(edtf):
        return day_cell(date.fromisoformat(edtf))
    return _("ongoing") if edtf == ".." and which else edtf.replace("..", "") or None


# The workbook ----------------------------------------------------------------------------------------------


def write_workbook(practices: Iterable[Practice], about: About | None = None) -> Iterator[bytes]:
    """A workbook, built on disk: “Practices”, “About”, “Places”, and “Continued” for texts beyond a cell."""
    from openpyxl import Workbook  # slow to import
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = new_sheet(book, _("Practices"), [(column.heading, column.width) for column in WORKBOOK_COLUMNS])
    notes, places = new_sheet(book, _("About"), ()), new_sheet(book, _("Places"), PLACES)
    writer, rest, count = Writer(sheet), None, 0
    for practice in practices:
        count += 1
        parts = {column: split_cell(column.cell(practice)) for column in WORKBOOK_COLUMNS}
        sheet.row_dimensions[count + 1].height = ROW_HEIGHT
        sheet.append([writer.cell(first) for first, *_more in parts.values()])
        for row in place_cells(practice):
            places.append(row)
        for column, (_first, *more) in parts.items():
            if more and rest is None:
                rest = new_sheet(book, _("Continued"), CONTINUED)
            for part, text in enumerate(more, start=2):
                rest.append([practice.slug, str(column.heading), part, text])
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(WORKBOOK_COLUMNS))}{count + 1}"
    for row in about_rows(about or About(_("All practices"), settings.SITE_URL), count):
        notes.append([Writer(notes).cell(value) for value in row])
    yield from saved_chunks(book)


PLACES = (
    *((gettext_lazy("Practice"), 40), (gettext_lazy("Place"), 30), (gettext_lazy("Country"), 25)),
    *((gettext_lazy("Country code"), 14), (gettext_lazy("Latitude"), 12), (gettext_lazy("Longitude"), 12)),
)
CONTINUED = (
    *((gettext_lazy("Short name (slug)"), 30), (gettext_lazy("Column"), 20)),
    *((gettext_lazy("Part"), 8), (gettext_lazy("Text"), 100)),
)


def new_sheet(book: Any, name: str, columns: Iterable[tuple[Any, int]]) -> Any:
    """Add a sheet with a frozen header row and the widths of its columns."""
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(name[:31])
    columns = list(columns)
    for number, (_heading, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    if columns:
        sheet.freeze_panes = "B2"
        append_headings(sheet, [str(name) for name, _width in columns])
    else:
        sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 100
    return sheet


class Writer:
    """Creates cells of a sheet: wrapped texts and real dates, aligned to the top."""

    def __init__(self, sheet: Any) -> None:
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment

        self.sheet, self.kind = sheet, WriteOnlyCell
        self.wrapped, self.top = Alignment(wrap_text=True, vertical="top"), Alignment(vertical="top")

    def cell(self, value: Cell) -> Any:
        if value is None or value == "":
            return None
        cell = self.kind(self.sheet, value)
        cell.alignment = self.wrapped if isinstance(value, str) else self.top
        if isinstance(value, date):
            cell.number_format = "yyyy-mm-dd"
        return cell


def place_cells(practice: Practice) -> Iterator[list[Cell]]:
    for place in practice.places.all():
        point = [None if value is None else float(value) for value in (place.latitude, place.longitude)]
        texts = (practice.title, place.name, place.country.local_name, place.country_id)
        yield [*(split_cell(text)[0] or None for text in texts), *point]


def about_rows(about: About, count: int) -> Iterator[list[Cell]]:
    """Yield the rows of the second sheet: content, source and date, so that the workbook can be cited."""
    site = str(settings.SITE_NAME)
    source = _("%(site)s, %(address)s. If you use the data, cite this source and the date.")
    origin = _("The column “First published in” gives the publication that a practice comes from.")
    rows: list[tuple[str, Cell]] = [
        (_("Practices"), about.query),
        (_("Address"), about.address),
        (_("Day"), timezone.localdate()),
        (_("Number of practices"), count),
        (_("Source"), source % {"site": site, "address": settings.SITE_URL}),
        (_("Origin"), origin),
    ]
    for name, value in rows:
        yield [name, *split_cell(value)[:1]]


def saved_chunks(book: Any) -> Iterator[bytes]:
    with TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
