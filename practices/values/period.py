"""A period of time: an EDTF string (ISO 8601-2, levels 0 and 1), its bounds, and its text in words.

`Period` accepts EDTF; `parse_period` (period_parsing.py) parses periods that people type.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, gettext_noop

MAX_LENGTH = 100  # characters; longer texts are refused before they cost time

NOT_EDTF = gettext_noop(
    "“%(value)s” is not a period in the Extended Date/Time Format (EDTF). Enter for example 2013, "
    "2009-04/2011-06 or 2013/.."
)
UNREADABLE = gettext_noop(
    "“%(value)s” is not a period. Enter for example “2014–2016”, “April 2009 – June 2011”, “since "
    "2002”, “until 2011”, or EDTF such as 2009-04/2011-06 and 2013/.."
)
AMBIGUOUS = gettext_noop("“%(value)s” can mean %(meanings)s. Enter %(spellings)s.")
SHORT_YEAR = gettext_noop(
    "“%(value)s” has a two-digit year. Enter all four digits, for example 1998, 1990s or 2009-04-13."
)
IMPOSSIBLE = gettext_noop("“%(value)s” contains a month or day that does not exist.")
REVERSED = gettext_noop("“%(value)s” ends before it begins.")
YEARS = gettext_noop("Enter years from 1 to 9999 instead of “%(value)s”.")

# Levels 0 and 1 without times of day and without years of other than four digits. A season has no qualifier.
_DATE = r"[0-9]{4}(?:-2[1-4]|(?:-[01][0-9](?:-[0-9]{2})?)?[?~%]?)"
_UNSPECIFIED = r"(?:[0-9](?:[0-9]{2}|[0-9]X|XX)X|[0-9]{4}-XX(?:-XX)?|[0-9]{4}-[01][0-9]-XX)[?~%]?"
SINGLE = re.compile(rf"{_DATE}|{_UNSPECIFIED}")
EDTF = re.compile(rf"{_DATE}|{_UNSPECIFIED}|{_DATE}/(?:{_DATE}|\.\.)?|(?:\.\.)?/{_DATE}")
NO_MONTH = re.compile(r"[0-9]{4}-1[3-9]")  # not EDTF but two years, as in 2015-16
_OTHER_YEARS = re.compile(r"(?:^|/)(?:-[0-9]|Y-?[0-9]|0000|000X|00XX|0XXX|[0-9]{5})")


class PeriodError(ValueError):
    """The value is not a period. The message is in the active language.

    `reason` is one of the messages above. The text shortens `value` and replaces characters that cannot be
    printed. `edtf` holds the meanings of an ambiguous value.
    """

    def __init__(self, reason: str, value: str, edtf: tuple[str, ...] = ()) -> None:
        super().__init__(reason, value, edtf)
        self.reason = reason
        self.value = value
        self.edtf = edtf

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 60 else self.value[:60] + "…"
        values = {"value": "".join(c if c.isprintable() else "�" for c in shown)}
        if self.edtf:
            values["meanings"] = gettext(" or ").join(map(in_words, self.edtf))
            values["spellings"] = gettext(" or ").join(f"“{edtf}”" for edtf in self.edtf)
        return gettext(self.reason) % values


@dataclass(frozen=True)
class Period:
    """Strict EDTF of level 0 or 1: "2013/..", "2009-04/2011-06", "2015-02", "2013~", "201X".

    Raises PeriodError for anything else, also level 2, times of day and "../..", which holds no
    information.
    """

    edtf: str

    def __post_init__(self) -> None:
        _bounds(self.edtf)

    @property
    def start(self) -> date | None:
        """The first day it may cover; None when the start is open or unknown."""
        return _bounds(self.edtf)[0]

    @property
    def end(self) -> date | None:
        """The last day it may cover; None when the end is open or unknown."""
        return _bounds(self.edtf)[1]

    @property
    def ongoing(self) -> bool:
        """Whether the end is open ("..")."""
        return self.edtf.endswith("/..")

    @property
    def text(self) -> str:
        """The period in words of the active language, as part of a sentence: "since 2002"."""
        return in_words(self.edtf)

    def __str__(self) -> str:
        return self.text


def is_possible(edtf: str) -> bool:
    """Return whether the string is a valid `Period`."""
    try:
        _bounds(edtf)
    except PeriodError:
        return False
    return True


def _bounds(edtf: str) -> tuple[date | None, date | None]:
    """Return the first and last day that an EDTF string can cover, None for an open or unknown end. Raises
    PeriodError.
    """
    if _OTHER_YEARS.search(edtf):
        raise PeriodError(YEARS, edtf)
    if not EDTF.fullmatch(edtf):
        raise PeriodError(NOT_EDTF, edtf)
    start, _slash, end = edtf.partition("/")
    try:
        first = _days(start)[0]
        last = _days(end if "/" in edtf else start)[1]
    except ValueError:
        raise PeriodError(IMPOSSIBLE, edtf) from None
    if first and last and last < first:
        raise PeriodError(REVERSED, edtf)
    return first, last


def _days(edtf: str) -> tuple[date, date] | tuple[None, None]:
    """Return the first and last day of one EDTF date, ignoring its qualifier. Raises ValueError for an
    impossible day.
    """
    if edtf in ("", ".."):
        return None, None
    year, month, day = (*edtf.rstrip("?~%").replace("-XX", "").split("-"), "", "")[:3]
    if day:
        exact = date(int(year), int(month), int(day))
        return exact, exact
    if month in SEASONS:
        first_month = 3 * (int(month) - 20)
        last_month = min(first_month + 2, 12)  # winter: December, the month of it that the year holds
    else:
        first_month, last_month = int(month or 1), int(month or 12)
    first = date(int(year.replace("X", "0")), first_month, 1)
    last_year = int(year.replace("X", "9"))
    return first, date(last_year, last_month, monthrange(last_year, last_month)[1])


# Periods in words ---------------------------------------------------------------------------------------

SEASONS = {
    "21": gettext_noop("spring %(year)s"),
    "22": gettext_noop("summer %(year)s"),
    "23": gettext_noop("autumn %(year)s"),
    "24": gettext_noop("winter %(year)s"),
}


def in_words(edtf: str) -> str:
    """Return `Period.text` of a valid EDTF string."""
    if "/" not in edtf:
        return _point_text(edtf)
    start, end = edtf.split("/")
    texts = {"start": _point_text(start), "end": _point_text(end)}
    if end == "..":
        return gettext("since %(start)s") % texts
    if start == "..":
        return gettext("until %(end)s") % texts
    if not end:
        return gettext("from %(start)s, end unknown") % texts
    if not start:
        return gettext("to %(end)s, start unknown") % texts
    dash = "–" if start.isdecimal() and end.isdecimal() else " – "
    return dash.join(texts.values())


def _point_text(edtf: str) -> str:
    """Return one date with its qualifier in words: "2013~" → "about 2013". An open or unknown end, "..", "",
    stays itself.
    """
    bare = edtf.rstrip("?~%")
    mark = edtf[len(bare) :]
    text = _date_text(bare)
    if mark in ("~", "%"):
        text = gettext("about %(date)s") % {"date": text}
    if mark in ("?", "%"):
        text = gettext("%(date)s (uncertain)") % {"date": text}
    return text


def _date_text(edtf: str) -> str:
    """One date without qualifier: "2015-02" → "February 2015", "201X" → "2010s", "20XX" → "2000–2099"."""
    match [part for part in edtf.split("-") if part != "XX"]:
        case [year] if year.count("X") > 1:
            return f"{year.replace('X', '0')}–{year.replace('X', '9')}"
        case [year] if year.endswith("X"):
            # Translators: ten years, by the first of them: 2010s
            return gettext("%(decade)ss") % {"decade": year.replace("X", "0")}
        case [year]:
            return year
        case [year, season] if season in SEASONS:
            return gettext(SEASONS[season]) % {"year": year}
        case [year, month]:
            return date_format(date(int(year), int(month), 1), "YEAR_MONTH_FORMAT")
        case [year, month, day]:
            # Django's own English format would shorten the month: “Feb. 12, 2015”.
            english = (get_language() or "en").startswith("en")
            return date_format(date(int(year), int(month), int(day)), "j F Y" if english else "DATE_FORMAT")
