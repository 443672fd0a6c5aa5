"""A period of time as a value: an EDTF string (ISO 8601-2, levels 0 and 1) that people can write and read.

`Period` takes what programs send, `parse_period` (period_parsing.py) reads what people type, `text` is what a
page shows.
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Self

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, gettext_noop

MAX_LENGTH = 100  # characters; a longer text is no period, and is refused before it costs any time

NOT_EDTF = gettext_noop(
    "“%(value)s” is not a period in EDTF, level 0 or 1, such as 2013, 2009-04/2011-06 or 2013/.."
)
UNREADABLE = gettext_noop(
    "“%(value)s” cannot be read as a period. Write for example “2014–2016”, “April 2009 – June 2011”, "
    "“since 2002”, “until 2011”, or EDTF such as 2009-04/2011-06 and 2013/.."
)
AMBIGUOUS = gettext_noop("“%(value)s” may mean %(meanings)s. Write %(spellings)s.")
SHORT_YEAR = gettext_noop(
    "“%(value)s” has a year of two digits. Write all four, for example 1998, 1990s or 2009-04-13."
)
IMPOSSIBLE = gettext_noop("“%(value)s” names a month or a day that does not exist.")
REVERSED = gettext_noop("“%(value)s” ends before it begins.")
YEARS = gettext_noop("“%(value)s” lies outside the years 1 to 9999.")

# The library also takes level 2, times and significant digits, and prints to stdout when some of them break
# it, so only what has this shape reaches it. A season takes no qualifier: the library reads none on its own.
_DATE = r"[0-9]{4}(?:-2[1-4]|(?:-[01][0-9](?:-[0-9]{2})?)?[?~%]?)"
_UNSPECIFIED = r"(?:[0-9](?:[0-9]{2}|[0-9]X|XX)X|[0-9]{4}-XX(?:-XX)?|[0-9]{4}-[01][0-9]-XX)[?~%]?"
SINGLE = re.compile(rf"{_DATE}|{_UNSPECIFIED}")
EDTF = re.compile(rf"{_DATE}|{_UNSPECIFIED}|{_DATE}/(?:{_DATE}|\.\.)?|(?:\.\.)?/{_DATE}")
NO_MONTH = re.compile(r"[0-9]{4}-1[3-9]")  # not EDTF but two years, as in 2015-16
_OTHER_YEARS = re.compile(r"(?:^|/)(?:-[0-9]|Y-?[0-9]|0000|000X|00XX|0XXX|[0-9]{5})")


class PeriodError(ValueError):
    """Says to a person, in the active language, which value is refused and why.

    `reason` is one of the messages above; `value` is shortened, and rid of what cannot be printed. `edtf`
    holds what an ambiguous value may mean.
    """

    def __init__(self, reason: str, value: str, edtf: tuple[str, ...] = ()) -> None:
        super().__init__(reason, value, edtf)
        self.reason = reason
        self.value = value
        self.edtf = edtf

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 60 else self.value[:60] + "…"
        told = {"value": "".join(c if c.isprintable() else "�" for c in shown)}
        if self.edtf:
            told["meanings"] = gettext(" or ").join(map(in_words, self.edtf))
            told["spellings"] = gettext(" or ").join(f"“{edtf}”" for edtf in self.edtf)
        return gettext(self.reason) % told


@dataclass(frozen=True)
class Period:
    """Takes strict EDTF of level 0 or 1: "2013/..", "2009-04/2011-06", "2015-02", "2013~", "201X".

    Raises PeriodError for all else, also level 2, times of day and "../..", which says nothing.
    """

    edtf: str

    def __post_init__(self) -> None:
        _bounds(self.edtf)

    @classmethod
    def stored(cls, edtf: str) -> Self:
        """Takes what was a period when it was stored: its shape is looked at, not its days, which is slow."""
        _check_shape(edtf)
        period = object.__new__(cls)
        object.__setattr__(period, "edtf", edtf)
        return period

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
        """The period in words of the active language, to stand inside a sentence: "since 2002"."""
        return in_words(self.edtf)

    def __str__(self) -> str:
        return self.text


def _check_shape(edtf: str) -> None:
    if _OTHER_YEARS.search(edtf):
        raise PeriodError(YEARS, edtf)
    if not EDTF.fullmatch(edtf):
        raise PeriodError(NOT_EDTF, edtf)


def is_possible(edtf: str) -> bool:
    try:
        _bounds(edtf)
    except PeriodError:
        return False
    return True


@lru_cache(maxsize=4096)  # the library takes 3 to 30 ms for one string
def _bounds(edtf: str) -> tuple[date | None, date | None]:
    """First and last day an EDTF string may cover, None for an open or unknown end. Raises PeriodError."""
    from edtf import parse_edtf  # slow to import, and pages seldom ask for a day

    _check_shape(edtf)
    start, end = edtf.split("/") if "/" in edtf else (edtf, edtf)
    try:
        parsed = parse_edtf(edtf)
        # Before or after an unknown end the library guesses ten years; we say that we do not know.
        first = None if start in ("", "..") else date(*parsed.lower_strict()[:3])
        last = None if end in ("", "..") else date(*parsed.upper_strict()[:3])
    except Exception:  # the library's have no common base; `date` refuses the 2015-02-29 that it lets through
        raise PeriodError(IMPOSSIBLE, edtf) from None
    if first and last and last < first:
        raise PeriodError(REVERSED, edtf)
    return first, last


# Saying a period ---------------------------------------------------------------------------------------

SEASONS = {
    "21": gettext_noop("spring %(year)s"),
    "22": gettext_noop("summer %(year)s"),
    "23": gettext_noop("autumn %(year)s"),
    "24": gettext_noop("winter %(year)s"),
}


def in_words(edtf: str) -> str:
    """What `Period.text` says of a string that is known to be right: to check it again takes the library
    its time."""
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
    """One date with its doubt: "2013~" → "about 2013". An open or unknown end, "..", "", stays itself."""
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
