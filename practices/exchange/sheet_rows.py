"""Limits, rows and errors that the readers of sheets share."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from practices.values.text import BLANK

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 500  # with a filled cell, below the headings
MAX_COLUMNS = 1_000  # with a heading
LAST_ROW = 1_048_576  # of a worksheet, in Excel and LibreOffice

IsHeadings = Callable[[list[Any]], bool]  # whether the cells of a first row are headings of a sheet
CountsHeadings = Callable[[list[str]], int]


class SheetError(Exception):
    """The file cannot be read; the message says why."""


@dataclass(frozen=True)
class BadCell:
    """A cell without a usable value; `message` says why, and what to do."""

    message: str


@dataclass
class Row:
    """A row of cells as the file has them: text, number, day, None or BadCell."""

    number: int
    values: list[Any]
    remarks: list[str] = field(default_factory=list)

    @property
    def filled(self) -> bool:
        return any(not is_blank(value) for value in self.values)


@dataclass
class Table:
    """The rows of a file that have a filled cell, the headings first; remarks tell how it was read."""

    rows: list[Row]
    remarks: list[str] = field(default_factory=list)
    sheet: str = ""  # the name of the worksheet
    hidden: list[str] = field(default_factory=list)  # hidden sheets with headings if no visible one has any


# How Excel and LibreOffice show that a cell has no value, in English, French, German and Spanish;
# `###` is a value wider than its column. Sources: ISO/IEC 29500-1, 18.17.3, and LibreOffice's “Error Codes”.
ERROR = re.compile(
    r"#[¡¿]?[A-ZÀ-ÖØ-Þ_]+(?:/[A-Z0])?[!?]|#N/?[AD]|#NV|#DIV/0|#{3,}|#GETTING_DATA|Err:[0-9]{3}"
)


def error_cell(error: str) -> BadCell:
    message = _("The cell contains the spreadsheet error %(error)s. Enter a value, or clear the cell.")
    return BadCell(message % {"error": error})


def is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip(BLANK))


def check_row_count(rows: list[Row]) -> None:
    """Raise SheetError if there are too many filled rows."""
    if len(rows) > MAX_ROWS + 1:
        raise SheetError(_("The file has more than %(most)d rows. Split it.") % {"most": MAX_ROWS})


def cell_name(position: int, row: int) -> str:
    """The name of a cell as spreadsheet programs show it; `position` counts from 0: (1, 2) → B2."""
    return f"{column_name(position)}{row}"


def column_name(position: int) -> str:
    """A, Z, AA …; `position` counts from 0."""
    from openpyxl.utils import get_column_letter  # slow to import

    return get_column_letter(position + 1)
