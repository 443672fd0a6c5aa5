"""Practices as a sheet that is filled in and read back: CSV and XLSX, a row a practice, a column a field.

The heading of a column is the path of its field in a record: `title`, `places.2.country`, `lessons.3.text`.
Themes, objectives and corridors (`PH-IT`) stand in one cell each, parted by “;”. A column that is left out
leaves its field as it is; an empty cell empties it.
"""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from practices.exchange.tables import FORMULA, harmless, heading
from practices.models import Practice
from practices.records import CHILDREN, FIELDS, LINKS, Record, plain, record
from practices.text import for_xml

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 15 * 1024 * 1024  # of the parts of a workbook
MOST_PARTS = 1_000  # of a workbook
MOST_MARKS = 600_000  # see marks(); 500 rows as full as the JMDI cases have 300,000. Read in about a second
LONG_TAG = re.compile(rb"<[^<>]{4000}")  # no program writes one
MOST_ROWS = 500
MOST_COLUMNS = 1_000
LONGEST_CELL = 32_767  # what the format allows
NOT_HERE = {"created_at", "published_at"}  # the portal's own
COLUMNS = [name for name in FIELDS if name not in NOT_HERE]
IN_ONE_CELL = (*LINKS, "corridors")
IN_COLUMNS = {name: fields for name, (_model, fields) in CHILDREN.items() if name != "corridors"}
EMPTY_ROWS = {"places": 3, "participations": 6, "sources": 5, "lessons": 6, "images": 0}  # of the template
PATH = re.compile(rf"({'|'.join(IN_COLUMNS)})\.([1-9][0-9]?)\.([a-z_]+)")


class SheetError(Exception):
    """Why a file cannot be read at all."""


@dataclass
class Line:
    """A row of a sheet: what of a record it holds, and in which cell each of its fields stands."""

    number: int
    record: Record
    cells: dict[str, str] = field(default_factory=dict)  # path → F12
    errors: dict[str, list[str]] = field(default_factory=dict)


# Reading ---------------------------------------------------------------------------------------------------


def read(data: bytes) -> list[Line]:
    """The rows of a CSV or XLSX file. SheetError when it is neither, too large, or has unknown columns."""
    if len(data) > MOST_BYTES:
        raise SheetError(_("The file has more than %(most)d MB.") % {"most": MOST_BYTES // 1024**2})
    rows = from_xlsx(data) if data.startswith(b"PK") else from_csv(data)
    names = [str(value or "").strip() for value in next(rows, [])]
    while names and not names[-1]:
        names.pop()
    check_names(names)
    lines = [
        line(number, names, values)
        for number, values in enumerate(rows, start=2)
        if any(map(text_of, values))
    ]
    if not lines:
        raise SheetError(_("There is no row under the headings."))
    return lines


def from_xlsx(data: bytes) -> Iterator[list[Any]]:
    """The first sheet of a workbook, row by row."""
    from openpyxl import load_workbook  # slow to import

    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            if sum(part.file_size for part in parts.infolist()) > MOST_UNPACKED:
                raise SheetError(
                    _("The workbook unpacks to more than %(most)d MB.") % {"most": MOST_UNPACKED // 1024**2}
                )
            names = parts.namelist()
            if len(names) > MOST_PARTS or sum(marks(parts.read(name)) for name in names) > MOST_MARKS:
                said = _("The workbook has too many cells. Divide it, or delete empty rows and columns.")
                raise SheetError(said)
        sheet = load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
        sheet.reset_dimensions()  # which a file may state wrongly
        for number, row in enumerate(sheet.iter_rows(), start=1):
            enough(number, len(row))
            yield [Formula(str(cell.value)) if cell.data_type == "f" else cell.value for cell in row]
    except SheetError:
        raise
    except Exception as error:  # of the archive, its XML, or what openpyxl expects there: it may be anything
        raise SheetError(_("The file is no workbook that can be read (XLSX), or it is damaged.")) from error


def marks(part: bytes) -> int:
    """What reading a part of a workbook costs, told before: a small file may unpack to millions of tags."""
    return MOST_MARKS + 1 if LONG_TAG.search(part) else 2 * part.count(b"<") + part.count(b"=")


class Formula(str):
    """What a cell reckons; its value would be what some program wrote beside it, or nothing."""


def from_csv(data: bytes) -> Iterator[list[Any]]:
    """Parted by commas, semicolons or tabs; UTF-8, or Windows’ Western letters."""
    if b"\0" in data:
        raise SheetError(_("The file is neither a workbook (XLSX) nor a text (CSV)."))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    first = text.split("\n", 1)[0]
    sign = max(",;\t", key=first.count)
    number = 0
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True):
            number += 1
            enough(number, len(row))
            yield row
    except csv.Error as error:
        said = _(
            "Row %(row)d cannot be read as CSV: is a quotation mark missing, or one too many? (%(error)s)"
        )
        raise SheetError(said % {"row": number + 1, "error": error}) from error


def enough(row: int, columns: int) -> None:
    if row > MOST_ROWS + 1:
        raise SheetError(_("The file has more than %(most)d rows. Divide it.") % {"most": MOST_ROWS})
    if columns > MOST_COLUMNS:
        raise SheetError(_("The file has more than %(most)d columns.") % {"most": MOST_COLUMNS})


def check_names(names: list[str]) -> None:
    """SheetError names each heading that is none of ours, or stands there twice."""
    wrong = [name for name in names if name and not is_column(name)]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if wrong:
        said = _("No field is called “%(names)s”. The template has all headings.")
        raise SheetError(said % {"names": listed(wrong)})
    if twice:
        raise SheetError(_("The heading “%(names)s” stands there twice.") % {"names": listed(twice)})
    if not {"slug", "title"} & set(names):
        raise SheetError(_("The first row holds the headings; “slug” or “title” must be among them."))


def listed(names: list[str]) -> str:
    """The first few for a message, none longer than a line."""
    return "”, “".join(name if len(name) <= 60 else f"{name[:60]}…" for name in names[:5])


def is_column(name: str) -> bool:
    match = PATH.fullmatch(name)
    return name in COLUMNS or name in IN_ONE_CELL or bool(match and match[3] in IN_COLUMNS[match[1]])


def line(number: int, names: list[str], values: list[Any]) -> Line:
    """A row as a record; rows of children without a filled cell are left out, the others close up."""
    from openpyxl.utils import get_column_letter

    made = Line(number, {})
    children: dict[str, dict[int, Record]] = {}
    for position, name in enumerate(names):
        if not name:
            continue
        value = values[position] if position < len(values) else None
        cell = f"{get_column_letter(position + 1)}{number}"
        made.cells[name] = cell
        if isinstance(value, Formula):
            made.errors[name] = [_("The cell holds a formula. Put in its value.")]
            continue
        text = text_of(value)
        if name in IN_ONE_CELL:
            items = [item.strip() for item in text.split(";") if item.strip()]
            made.record[name] = [ends(item) for item in items] if name == "corridors" else items
        elif match := PATH.fullmatch(name):
            child, place, column = match.groups()
            children.setdefault(child, {}).setdefault(int(place), {})[column] = text
        else:
            made.record[name] = text
    for child, rows in children.items():
        kept = [place for place in sorted(rows) if any(rows[place].values())]
        made.record[child] = [rows[place] for place in kept]
        for position, place in enumerate(kept, start=1):  # errors are told by the number in the record
            for column in rows[place]:
                made.cells[f"{child}.{position}.{column}"] = made.cells[f"{child}.{place}.{column}"]
    return made


def ends(code: str) -> Record:
    origin, _sign, destination = code.partition("-")
    return {"origin": origin.strip(), "destination": destination.strip()}


def text_of(value: Any) -> str:
    """A cell as text: whole numbers without decimals, days as ISO 8601, no apostrophe of `harmless()`."""
    if value is None:
        return ""
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        value = value.date()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").replace("_x000D_", "").strip()
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def normal(model: type[models.Model], values: Record) -> Record:
    """Texts of cells as a record has them: periods as EDTF, numbers as numbers, nothing as None if it may be.

    What cannot be read stays as it is, for the check of the row to tell.
    """
    row, made = model(), {}
    for name, value in values.items():
        column = model._meta.get_field(name)
        if value == "" and column.null:
            value = None
        made[name] = value
        if not column.is_relation and value is not None:
            try:
                setattr(row, name, column.to_python(value))
                made[name] = plain(row, name)
            except Exception:  # a period’s, a number’s, a day’s own error
                continue
    return made


# Writing ---------------------------------------------------------------------------------------------------


def cells(made: Record) -> dict[str, Any]:
    """A record as cells by heading."""
    found = {name: made[name] for name in COLUMNS}
    found |= {name: "; ".join(made[name]) for name in LINKS}
    found["corridors"] = "; ".join(f"{row['origin']}-{row['destination']}" for row in made["corridors"])
    for child in IN_COLUMNS:
        for number, row in enumerate(made[child], start=1):
            found |= {f"{child}.{number}.{name}": value for name, value in row.items()}
    return found


def headings(records: list[Record]) -> list[str]:
    """All that the records need, and of children at least as many as the template has."""
    names = [*COLUMNS, *IN_ONE_CELL]
    for child, fields in IN_COLUMNS.items():
        most = max([EMPTY_ROWS[child], *(len(made[child]) for made in records)])
        names += [f"{child}.{number}.{name}" for number in range(1, most + 1) for name in fields]
    return names


def rows(practices: Iterable[Practice]) -> tuple[list[str], list[list[Any]]]:
    records = [record(practice) for practice in practices]
    names = headings(records)
    return names, [[harmless(found.get(name)) for name in names] for found in map(cells, records)]


def to_csv(practices: Iterable[Practice]) -> bytes:
    """UTF-8 with the mark by which spreadsheet programs know it."""
    names, table = rows(practices)
    file = io.StringIO(newline="")
    csv.writer(file).writerows([names, *table])
    return file.getvalue().encode("utf-8-sig")


def to_xlsx(practices: Iterable[Practice]) -> bytes:
    """A workbook; its second sheet says what each heading takes. SheetError when a text fits no cell."""
    from openpyxl import Workbook

    names, table = rows(practices)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Practices")
    sheet.freeze_panes = "B2"
    heading(sheet, names)
    for row in table:
        long = next(
            (name for name, value in zip(names, row, strict=True) if len(str(value)) > LONGEST_CELL), ""
        )
        if long:
            raise SheetError(_("“%(name)s” of “%(slug)s” is longer than a cell of XLSX may be. Take CSV.")
                             % {"name": long, "slug": row[names.index("slug")]})  # fmt: skip
        sheet.append([for_xml(value) if isinstance(value, str) else value for value in row])
    help_sheet = book.create_sheet("Help")
    heading(help_sheet, (_("Heading"), _("What it takes")))
    for name, text in explained():
        help_sheet.append([name, text])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def explained() -> Iterator[tuple[str, str]]:
    """Each heading with what its cells take, once for all children of a kind."""
    for name in COLUMNS:
        yield name, accepted(Practice, name)
    yield "themes", _("Slugs or names of themes, parted by “;”.")
    yield "objectives", _("Codes of objectives such as gcm-20 or sdg-10.7, parted by “;”.")
    yield "corridors", _("Origin and destination as PH-IT, parted by “;”.")
    for child, fields in IN_COLUMNS.items():
        for name in fields:
            yield f"{child}.1.{name}", accepted(CHILDREN[child][0], name)


def accepted(model: type[models.Model], name: str) -> str:
    column = model._meta.get_field(name)
    said = [str(column.help_text)] if column.help_text else []
    if column.choices:
        said.append(
            _("One of: %(values)s.") % {"values": ", ".join(key for key, _label in column.flatchoices)}
        )
    if column.is_relation:
        said.append(_("The name, or the %(key)s.") % {"key": _("code") if name in {"country"} else _("slug")})
    if name == "slug":
        said = [_("Names the practice that the row changes. Empty for a new one.")]
    if name == "status":
        said = [_("For reading only: it changes by the steps of the desk.")]
    return f"{column.verbose_name}. {' '.join(said)}".strip()
