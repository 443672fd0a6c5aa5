"""Practices as a sheet for editing, in CSV and XLSX: one row for each practice, one column for each field.

The heading of a column is the path of its field in a snapshot: `title`, `places.2.country`, `lessons.3.text`.
Themes, objectives and corridors (`PH-IT`) have one cell each, separated by “;”. Fields without a column keep
their value; an empty cell empties its field.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from practices.exchange.cell_values import split_corridor
from practices.exchange.csv_reader import decode, find_separator, read_csv, split
from practices.exchange.name_index import show_invisible
from practices.exchange.sheet_rows import (
    ERROR,
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,  # noqa: F401 (part of this module for those who read sheets)
    BadCell,
    Row,
    SheetError,
    Table,
    cell_name,
    column_name,
    error_cell,
    is_blank,
)
from practices.exchange.tables import FORMULA, MAX_CELL_LENGTH, append_headings, escape_formula
from practices.exchange.unsupported_files import unsupported_type
from practices.exchange.xlsx_reader import MAX_UNPACKED_BYTES, read_xlsx  # noqa: F401
from practices.history.snapshots import CHILDREN, FIELDS, LINKS, Snapshot, take_snapshot
from practices.models import Practice
from practices.values.text import BLANK, for_xml

# The portal itself sets these two dates.
SHEET_FIELDS = [name for name in FIELDS if name not in {"created_at", "published_at"}]
IN_ONE_CELL = (*LINKS, "corridors")
IN_COLUMNS = {name: fields for name, (_model, fields) in CHILDREN.items() if name != "corridors"}
# Rows of the template for each kind; those that are not named here have DEFAULT_EMPTY_ROWS.
EMPTY_ROWS = {"places": 3, "participations": 6, "sources": 5, "lessons": 6, "images": 0}
DEFAULT_EMPTY_ROWS = 3
PATH = re.compile(rf"({'|'.join(IN_COLUMNS)})\.([1-9][0-9]?)\.([a-z_]+)")
MAX_SURPLUS = 3  # cells without a heading that a row's errors name


@dataclass
class Line:
    """A row of a sheet: the values of a practice, and the cell of each value."""

    number: int
    record: Snapshot
    cells: dict[str, str] = field(default_factory=dict)  # path → F12
    errors: dict[str, list[str]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)  # headings of children
    numbers: dict[str, list[int]] = field(default_factory=dict)  # kind of children → their numbers


@dataclass
class Sheet:
    """The rows of a file, and remarks on how the file was read."""

    lines: list[Line]
    remarks: list[str]


# Reading ---------------------------------------------------------------------------------------------------


def read_lines(data: bytes) -> list[Line]:
    """Return the rows of a CSV or XLSX file, for callers that show no remarks. Raises SheetError."""
    return read_sheet(data).lines


def read_sheet(data: bytes, encoding: str = "") -> Sheet:
    """Return the rows of a CSV or XLSX file. Raises SheetError if it is neither, too large, or has unknown
    headings.

    `encoding` is that of a CSV file, a key of `csv_reader.ENCODINGS`; empty to find it.
    """
    if len(data) > MAX_BYTES:
        raise SheetError(_("The file is larger than %(most)d MB.") % {"most": MAX_BYTES // 1024**2})
    if message := unsupported_type(data):
        raise SheetError(message)
    if data.startswith(b"PK"):
        table = read_xlsx(data, has_headings)
    else:
        table = read_csv(data, encoding, count_headings)
    first, *rows = table.rows or [Row(1, [])]
    if sum(not is_blank(value) for value in first.values) > MAX_COLUMNS:
        raise SheetError(_("The file has more than %(most)d columns.") % {"most": MAX_COLUMNS})
    names = headings_of(first, table)
    if not rows:
        raise SheetError(_("There are no rows below the headings."))
    return Sheet([read_line(names, row) for row in rows], table.remarks)


def headings_of(first: Row, table: Table) -> list[str]:
    """Return the fields that the headings name. Raises SheetError with the sheet, and hidden sheets that
    could be read.
    """
    try:
        names = [read_heading(value, position, first.number) for position, value in enumerate(first.values)]
        while names and not names[-1]:
            names.pop()
        check_names(names)
    except SheetError as error:
        message = str(error)
        if table.sheet:
            message = _("Sheet “%(sheet)s”: %(message)s") % {"sheet": table.sheet, "message": message}
        if table.hidden:
            more = _(
                "Hidden sheets with headings are not read: “%(names)s”. Show the sheet that "
                "you want to import."
            )
            message += " " + more % {"names": quoted(table.hidden)}
        raise SheetError(message) from None
    return names


def looks_like_sheet(data: bytes) -> bool:
    """Return whether a file that is named like a text is a workbook, or begins with headings of a sheet."""
    text, _guessed = decode(data, "") if not data.startswith(b"PK") else ("", "")
    first = text[:10_000].lstrip("\ufeff").partition("\n")[0].rstrip("\r")
    return data.startswith(b"PK") or has_headings(split(first, find_separator(first, count_headings)))


def read_heading(value: Any, position: int, row: int) -> str:
    """Return the field of a heading, ignoring outer spaces, case and the apostrophe of `escape_formula`.
    Raises SheetError.
    """
    if isinstance(value, BadCell):
        raise SheetError(f"{cell_name(position, row)}: {value.message}")
    text = "" if value is None else str(value)
    name = "".join(text.strip(BLANK + MARKS)).casefold()
    return name if is_column(name) else text.strip(BLANK + MARKS)


# Signs without a width at the ends of a heading or key: joiners, and those that set the direction of writing.
MARKS = "\u200c\u200d\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def has_headings(values: list[Any]) -> bool:
    """Return whether the cells of a row are headings of a sheet: one of them names the practice."""
    texts = (str(value).strip(BLANK + MARKS).casefold() for value in values if not isinstance(value, BadCell))
    return not {"slug", "title"}.isdisjoint(texts)


def count_headings(values: list[str]) -> int:
    return sum(is_column(value.strip(BLANK + MARKS).casefold()) for value in values)


def check_names(names: list[str]) -> None:
    """Raise SheetError with each unknown or repeated heading."""
    wrong = [name for name in names if name and not is_column(name)]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if wrong:
        message = _("There is no field “%(names)s”. See the template for all headings.")
        raise SheetError(message % {"names": quoted(wrong)})
    if twice:
        raise SheetError(_("The heading “%(names)s” appears twice.") % {"names": quoted(twice)})
    if not {"slug", "title"} & set(names):
        raise SheetError(_("Put the headings in the first row, including “slug” or “title”."))


def quoted(names: list[str]) -> str:
    """Return the first few texts for a message, at most a line each, with the names of invisible
    characters.
    """
    return "”, “".join(show_invisible(name, 60) for name in names[:5])


def is_column(name: str) -> bool:
    match = PATH.fullmatch(name)
    return name in SHEET_FIELDS or name in IN_ONE_CELL or bool(match and match[3] in IN_COLUMNS[match[1]])


def read_line(names: list[str], row: Row) -> Line:
    """Return a row with its values. Children without a filled cell are left out and the others renumbered."""
    made = Line(row.number, {}, remarks=list(row.remarks))
    made.columns = [name for name in names if PATH.fullmatch(name)]
    children: dict[str, dict[int, Snapshot]] = {}
    for position, name in enumerate(names):
        if not name:
            continue
        value = row.values[position] if position < len(row.values) else None
        made.cells[name] = cell_name(position, row.number)
        if isinstance(value, str) and ERROR.fullmatch(value.strip(BLANK)):
            value = error_cell(value.strip(BLANK))
        if isinstance(value, BadCell):
            made.errors[name] = [value.message]
        add_value(made.record, children, name, cell_text(value))
    add_surplus(made, names, row)
    for child, rows in children.items():
        renumber(made, child, rows)
    return made


def add_value(record: Snapshot, children: dict[str, dict[int, Snapshot]], name: str, text: str) -> None:
    """Add the text of a cell to the values of the practice, or of the child that its heading names."""
    if name in IN_ONE_CELL:
        items = [item.strip(BLANK) for item in re.split(r"[;\n]", text) if item.strip(BLANK)]
        record[name] = [split_corridor(item) for item in items] if name == "corridors" else items
    elif match := PATH.fullmatch(name):
        child, place, column = match.groups()
        children.setdefault(child, {}).setdefault(int(place), {})[column] = text
    else:
        record[name] = text


def add_surplus(made: Line, names: list[str], row: Row) -> None:
    """Add an error for each filled cell of a row that has no heading: its text would be lost."""
    surplus = [
        (position, value)
        for position, value in enumerate(row.values)
        if (position >= len(names) or not names[position]) and not is_blank(value)
    ]
    for position, value in surplus[:MAX_SURPLUS]:
        message = _(
            "“%(text)s” in row %(row)d has no heading. Add a heading to its column, or clear the "
            "cell. In a CSV file, put texts that contain the separator in straight quotation marks."
        )
        text = value.message if isinstance(value, BadCell) else show_invisible(cell_text(value))
        column = _("column %(letter)s") % {"letter": column_name(position)}
        made.cells[column] = cell_name(position, row.number)
        made.errors[column] = [message % {"text": text, "row": row.number}]
    if (more := len(surplus) - MAX_SURPLUS) > 0:
        made.errors[column].append(_("%(n)d more cells of this row have no heading.") % {"n": more})


def renumber(made: Line, child: str, rows: dict[int, Snapshot]) -> None:
    """Add the filled children of a kind to the values, and renumber their cells and errors."""
    bad = {int(match[2]) for path in made.errors if (match := PATH.fullmatch(path)) and match[1] == child}
    kept = [place for place in sorted(rows) if has_content(rows[place]) or place in bad]
    made.record[child] = [rows[place] for place in kept]
    made.numbers[child] = kept
    for position, place in enumerate(kept, start=1):  # errors name the number in the record
        for column in rows[place]:
            old, new = f"{child}.{place}.{column}", f"{child}.{position}.{column}"
            made.cells[new] = made.cells[old]
            if old != new and old in made.errors:
                made.errors[new] = made.errors.pop(old)


def has_content(row: Snapshot) -> bool:
    """Return whether a cell of a child is filled, apart from the number of a lesson."""
    return any(value for name, value in row.items() if name != "number")


def cell_text(value: Any) -> str:
    """Return a cell as text: whole numbers without decimals, without the apostrophe of `escape_formula`."""
    if value is None or isinstance(value, BadCell):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").strip(BLANK)
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


# Writing ---------------------------------------------------------------------------------------------------


def cells_of_practice(made: Snapshot) -> dict[str, Any]:
    """Return the values of a practice as cells by heading."""
    found = {name: made[name] for name in SHEET_FIELDS}
    found |= {name: "; ".join(made[name]) for name in LINKS}
    found["corridors"] = "; ".join(f"{row['origin']}-{row['destination']}" for row in made["corridors"])
    for child in IN_COLUMNS:
        for number, row in enumerate(made[child], start=1):
            found |= {f"{child}.{number}.{name}": value for name, value in row.items()}
    return found


def all_headings(records: list[Snapshot]) -> list[str]:
    """Return the headings that the practices need, with at least as many children as the template."""
    names = [*SHEET_FIELDS, *IN_ONE_CELL]
    for child, fields in IN_COLUMNS.items():
        most = max([EMPTY_ROWS.get(child, DEFAULT_EMPTY_ROWS), *(len(made[child]) for made in records)])
        names += [f"{child}.{number}.{name}" for number in range(1, most + 1) for name in fields]
    return names


def table_of(practices: Iterable[Practice]) -> tuple[list[str], list[list[Any]]]:
    records = [take_snapshot(practice) for practice in practices]
    names = all_headings(records)
    return names, [
        [escape_formula(found.get(name)) for name in names] for found in map(cells_of_practice, records)
    ]


def to_csv(practices: Iterable[Practice]) -> bytes:
    """Return CSV in UTF-8 with a byte order mark, by which spreadsheet programs recognise it."""
    names, table = table_of(practices)
    file = io.StringIO(newline="")
    csv.writer(file).writerows([names, *table])
    return file.getvalue().encode("utf-8-sig")


def to_xlsx(practices: Iterable[Practice]) -> bytes:
    """Return a workbook; its second sheet explains each heading. Raises SheetError if a text is too long for
    a cell.
    """
    from openpyxl import Workbook

    names, table = table_of(practices)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Practices")
    sheet.freeze_panes = "B2"
    append_headings(sheet, names)
    for row in table:
        long = next(
            (name for name, value in zip(names, row, strict=True) if len(str(value)) > MAX_CELL_LENGTH), ""
        )
        if long:
            raise SheetError(_("“%(name)s” of “%(slug)s” is too long for an Excel cell. Export CSV instead.")
                             % {"name": long, "slug": row[names.index("slug")]})  # fmt: skip
        sheet.append([for_xml(value) if isinstance(value, str) else value for value in row])
    help_sheet = book.create_sheet("Help")
    append_headings(help_sheet, (_("Heading"), _("Accepted values")))
    for name, text in help_rows():
        help_sheet.append([name, text])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def help_rows() -> Iterator[tuple[str, str]]:
    """Yield each heading with its accepted values, once for all children of a kind."""
    for name in SHEET_FIELDS:
        yield name, help_text(Practice, name)
    yield "themes", _("Slugs or names of themes, separated by “;”.")
    yield "objectives", _("Codes of objectives such as gcm-20 or sdg-10.7, separated by “;”.")
    yield "corridors", _("Origin and destination as PH-IT, separated by “;”.")
    for child, fields in IN_COLUMNS.items():
        for name in fields:
            yield f"{child}.1.{name}", help_text(CHILDREN[child][0], name)


def help_text(model: type[models.Model], name: str) -> str:
    column = model._meta.get_field(name)
    sentences = [str(column.help_text)] if column.help_text else []
    if column.choices:
        sentences.append(
            _("One of: %(values)s.") % {"values": ", ".join(key for key, _label in column.flatchoices)}
        )
    if column.is_relation:
        sentences.append(
            _("Name or %(key)s.") % {"key": _("code") if column.related_model.KEY == "code" else _("slug")}
        )
    if name == "slug":
        sentences = [
            _(
                "Identifies the practice to change. For a new practice with a title in Latin "
                "letters, leave it empty."
            )
        ]
    if name == "status":
        sentences = [_("Read-only. The status changes only on the editors’ pages.")]
    return f"{column.verbose_name}. {' '.join(sentences)}".strip()
