"""Reads a worksheet of an XLSX workbook row by row, with the values that a person sees."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from practices.exchange.sheet_rows import (
    LAST_ROW,
    BadCell,
    IsHeadings,
    Row,
    SheetError,
    Table,
    check_row_count,
    error_cell,
    is_blank,
)
from practices.exchange.unsupported_files import STRICT

MAX_UNPACKED_BYTES = 15 * 1024 * 1024  # of the parts of a workbook
MAX_PARTS = 1_000  # of a workbook
# See parsing_cost(). 500 rows as full as the JMDI cases have 300,000. Read in about a second.
MAX_PARSING_COST = 600_000
LONG_TAG = re.compile(rb"<[^<>]{4000}")  # no program writes one
MAX_MERGED_RANGES = 10_000  # ranges of merged cells
STRICT_NAMESPACE = b"http://purl.oclc.org/ooxml/spreadsheetml/main"  # ISO/IEC 29500-1
LAST_COLUMN = 16_384  # of a worksheet


@dataclass
class Layout:
    """Hidden rows and columns, and merged ranges of a worksheet; numbers count from 1."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Any] = field(default_factory=list)  # openpyxl's CellRange


def read_xlsx(data: bytes, is_headings: IsHeadings) -> Table:
    """Return the rows of the first visible sheet whose first filled row has known headings. Raises
    SheetError.
    """
    try:
        check_parts(data)
        return read_sheets(data, is_headings)
    except SheetError:
        raise
    except Exception as error:  # of the archive, its XML, or what openpyxl expects there: it may be anything
        raise SheetError(_("The file is not a readable Excel workbook (XLSX), or it is damaged.")) from error


def check_parts(data: bytes) -> None:
    """Raise SheetError if the unpacked archive is too large, or if openpyxl cannot read it."""
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        if sum(part.file_size for part in parts.infolist()) > MAX_UNPACKED_BYTES:
            raise SheetError(
                _("The uncompressed workbook is larger than %(most)d MB.")
                % {"most": MAX_UNPACKED_BYTES // 1024**2}
            )
        names = parts.namelist()
        if len(names) > MAX_PARTS or sum(parsing_cost(parts.read(name)) for name in names) > MAX_PARSING_COST:
            message = _("The workbook has too many cells. Split it, or delete empty rows and columns.")
            raise SheetError(message)
        if STRICT_NAMESPACE in parts.read("xl/workbook.xml"):
            raise SheetError(_(STRICT))


def parsing_cost(part: bytes) -> int:
    """The estimated cost of parsing a part of a workbook: a small file may unpack to millions of tags."""
    return MAX_PARSING_COST + 1 if LONG_TAG.search(part) else 2 * part.count(b"<") + part.count(b"=")


def read_sheets(data: bytes, is_headings: IsHeadings) -> Table:
    from openpyxl.reader.excel import ExcelReader  # slow to import

    reader = ExcelReader(io.BytesIO(data), read_only=True)
    reader.read()
    parts = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
    sheets = [sheet for sheet in reader.wb.worksheets if sheet.sheet_state == "visible"]
    if not sheets and reader.wb.worksheets:
        raise SheetError(_("The workbook has no visible sheet."))
    with_headings = [sheet for sheet in sheets if is_headings(first_row(sheet))]
    sheet = with_headings[0] if with_headings else sheets[0]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        layout = read_layout(archive.read(parts[sheet.title]))
    rows = list(xlsx_rows(sheet, layout))
    remarks = sheet_remarks(sheet.title, [other.title for other in with_headings[1:]], layout)
    hidden = [] if with_headings else hidden_with_headings(reader.wb.worksheets, is_headings)
    return Table(rows, remarks, sheet.title, hidden)


def hidden_with_headings(sheets: list[Any], is_headings: IsHeadings) -> list[str]:
    """The names of the hidden sheets that could be read if they were visible."""
    return [
        sheet.title for sheet in sheets if sheet.sheet_state != "visible" and is_headings(first_row(sheet))
    ]


def sheet_remarks(title: str, others: list[str], layout: Layout) -> list[str]:
    from openpyxl.utils import get_column_letter

    remarks = [_("Imported sheet: “%(sheet)s”.") % {"sheet": title}]
    if others:
        remark = _("Other sheets with headings were not read: “%(sheets)s”. Import each as a separate file.")
        remarks.append(remark % {"sheets": "”, “".join(others[:5])})
    if layout.hidden_columns:
        ranges = [f"{get_column_letter(first)}:{get_column_letter(last)}" if first != last
                  else get_column_letter(first) for first, last in layout.hidden_columns[:10]]  # fmt: skip
        remarks.append(_("Hidden columns were also read: %(columns)s.") % {"columns": ", ".join(ranges)})
    return remarks


def first_row(sheet: Any) -> list[Any]:
    """The cells of the first filled row; empty for an empty sheet."""
    return next((row.values for row in xlsx_rows(sheet, Layout())), [])


def read_layout(part: bytes) -> Layout:
    """Hidden rows and columns and merged ranges, which openpyxl leaves out when it reads row by row."""
    from defusedxml.ElementTree import iterparse
    from openpyxl.worksheet.cell_range import CellRange

    found, number = Layout(), 0
    for _event, element in iterparse(io.BytesIO(part), events=("end",), forbid_dtd=True):
        match element.tag.rpartition("}")[2]:
            case "row":
                number = int(element.get("r", number + 1))
                if is_true(element.get("hidden")) or element.get("ht") == "0":
                    found.hidden_rows.add(number)
                element.clear()
            # Columns that are hidden to the last one of the sheet are those that nobody uses.
            case "col" if is_true(element.get("hidden")) and int(element.get("max")) < LAST_COLUMN:
                found.hidden_columns.append((int(element.get("min")), int(element.get("max"))))
            case "mergeCell":
                found.merged.append(CellRange(element.get("ref")))
    if len(found.merged) > MAX_MERGED_RANGES:
        raise SheetError(_("The sheet has more than %(most)d merged ranges.") % {"most": MAX_MERGED_RANGES})
    return found


def is_true(value: str | None) -> bool:
    return value in {"1", "true"}


def xlsx_rows(sheet: Any, layout: Layout) -> Iterator[Row]:
    """The rows with a filled cell; merged values are repeated in each row of their range.

    Rows without a cell cost one step each, at most LAST_ROW.
    """
    sheet.reset_dimensions()  # which a file may state wrongly
    starts: dict[int, list[Any]] = {}
    for area in layout.merged:
        starts.setdefault(area.min_row, []).append(area)
    running: list[tuple[Any, Any]] = []  # merged ranges that reach this row, each with its value
    rows: list[Row] = []
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if number > LAST_ROW:
            raise SheetError(_("The sheet has more rows than a worksheet can have."))
        if not cells and number not in starts:
            continue
        row = Row(number, [value_of(cell) for cell in cells])
        filled = row.filled
        running = [(area, value) for area, value in running if area.max_row >= number]
        running += starting_ranges(starts.get(number, []), row, is_heading=not rows)
        if not filled:
            continue
        for area, value in running:
            fill_merged(area, value, row)
        if number in layout.hidden_rows:
            row.remarks.append(_("This row is hidden in the sheet, for example by a filter."))
        rows.append(row)
        check_row_count(rows)
        yield row


def starting_ranges(areas: list[Any], row: Row, is_heading: bool) -> Iterator[tuple[Any, Any]]:
    """The merged ranges that begin in a row, each with the value for all its rows."""
    for area in areas:
        position = area.min_col - 1
        value = row.values[position] if position < len(row.values) else None
        if is_blank(value):
            continue
        if is_heading or area.min_col != area.max_col:
            if is_heading:
                message = _(
                    "The cells %(range)s are merged. Enter one heading in each cell of the first row."
                )
                raise SheetError(message % {"range": area.coord})
            message = _("The cells %(range)s are merged. Unmerge them and fill in each cell.")
            value = BadCell(message % {"range": area.coord})
        yield area, value


def fill_merged(area: Any, value: Any, row: Row) -> None:
    """Copy the value of a merged range to its first column of a row."""
    row.values.extend([None] * (area.min_col - len(row.values)))
    row.values[area.min_col - 1] = value


# Cells -----------------------------------------------------------------------------------------------------


def value_of(cell: Any) -> Any:
    """A cell's value: text, number, a day with the precision that it shows, None, or BadCell."""
    if cell.data_type == "f":
        return BadCell(_("The cell contains a formula. Replace it with its value."))
    if cell.data_type == "e":
        return error_cell(str(cell.value))
    if isinstance(cell.value, date):
        return shown_day(cell.value, cell.number_format or "")
    return cell.value


# Of a number format: quoted and escaped text, colours and locales in brackets. ISO/IEC 29500-1, 18.8.31.
LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
TOKEN = re.compile(r"(y+|e+|m+|d+|h+|s+)")


def shown_day(value: date, number_format: str) -> Any:
    """A day as EDTF with the precision that its number format shows: `mmm-yy` → 2013-01, `yyyy` → 2013."""
    day = value.date() if isinstance(value, datetime) else value
    shown = parts_shown(number_format)
    if shown and "y" not in shown:
        message = _("The cell shows no year. Enter the full date, such as %(day)s.")
        return BadCell(message % {"day": day.isoformat()})
    if shown == {"y"}:
        return f"{day.year:04}"
    if shown == {"y", "m"}:
        return f"{day.year:04}-{day.month:02}"
    return day.isoformat()


def parts_shown(number_format: str) -> set[str]:
    """Return which of year (y), month (m) and day (d) a number format shows. An m after hours is minutes."""
    bare = LITERAL.sub("", number_format.split(";")[0].lower())
    tokens = TOKEN.findall(bare)
    shown = set()
    for position, token in enumerate(tokens):
        before = tokens[position - 1][0] if position else ""
        after = tokens[position + 1][0] if position + 1 < len(tokens) else ""
        if token[0] == "m" and (before == "h" or after == "s"):
            continue
        if token[0] in "ye":
            shown.add("y")
        elif token[0] == "m":
            shown.add("m")
        elif token[0] == "d" and len(token) < 3:  # ddd and dddd are names of weekdays
            shown.add("d")
    return shown
