"""A period of time as a value: an EDTF string (ISO 8601-2, levels 0 and 1) that people can write and read.

`Period.parse` reads what people type, `Period` takes what machines send, `text` is what a page shows.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Self

from babel.dates import get_month_names
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, gettext_noop
from edtf import parse_edtf

from practices.text import alphabetical

MAX_LENGTH = 100  # characters; a longer text is no period, and is refused before it costs any time

NOT_EDTF = gettext_noop(
    "“%(value)s” is not a period in EDTF, level 0 or 1, such as 2013, 2009-04/2011-06 or 2013/.."
)
UNREADABLE = gettext_noop(
    "“%(value)s” cannot be read as a period. Write for example “2014–2016”, “April 2009 – June 2011”, "
    "“since 2002”, “until 2011”, or EDTF such as 2009-04/2011-06 and 2013/.."
)
IMPOSSIBLE = gettext_noop("“%(value)s” names a month or a day that does not exist.")
REVERSED = gettext_noop("“%(value)s” ends before it begins.")
YEARS = gettext_noop("“%(value)s” lies outside the years 1 to 9999.")

# The library also takes level 2, times and significant digits, and prints to stdout when some of them break
# it, so only what has this shape reaches it. A season takes no qualifier: the library reads none on its own.
_DATE = r"[0-9]{4}(?:-2[1-4]|(?:-[01][0-9](?:-[0-9]{2})?)?[?~%]?)"
_UNSPECIFIED = r"(?:[0-9](?:[0-9]{2}|[0-9]X|XX)X|[0-9]{4}-XX(?:-XX)?|[0-9]{4}-[01][0-9]-XX)[?~%]?"
_SINGLE = re.compile(rf"{_DATE}|{_UNSPECIFIED}")
_EDTF = re.compile(rf"{_DATE}|{_UNSPECIFIED}|{_DATE}/(?:{_DATE}|\.\.)?|(?:\.\.)?/{_DATE}")
_OTHER_YEARS = re.compile(r"(?:^|/)(?:-[0-9]|Y-?[0-9]|0000|000X|00XX|0XXX|[0-9]{5})")


class PeriodError(ValueError):
    """Says to a person, in the active language, which value is refused and why.

    `reason` is one of the messages above; `value` is shortened, and rid of what cannot be printed.
    """

    def __init__(self, reason: str, value: str) -> None:
        super().__init__(reason, value)
        self.reason = reason
        self.value = value

    def __str__(self) -> str:
        shown = self.value if len(self.value) <= 60 else self.value[:60] + "…"
        return gettext(self.reason) % {"value": "".join(c if c.isprintable() else "�" for c in shown)}


@dataclass(frozen=True)
class Period:
    """Takes strict EDTF of level 0 or 1: "2013/..", "2009-04/2011-06", "2015-02", "2013~", "201X".

    Raises PeriodError for all else, also level 2, times of day and "../..", which says nothing.
    """

    edtf: str

    def __post_init__(self) -> None:
        _bounds(self.edtf)

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Reads what a person types in English, French, Spanish or Arabic, or EDTF, which wins.

        Returns None for "", "N/A", "unknown" and a dash alone. Raises PeriodError for what cannot be read.
        """
        if len(text) > MAX_LENGTH:
            raise PeriodError(UNREADABLE, text)
        said = _clean(text)
        if alphabetical(said) in NOTHING:
            return None
        edtf = said.upper()
        if not _EDTF.fullmatch(edtf):
            readings = set(_readings(alphabetical(said)))
            edtf = readings.pop() if len(readings) == 1 else edtf
        try:
            return cls(edtf)
        except PeriodError as error:
            # Name what was typed, not how it was understood.
            reason = UNREADABLE if error.reason == NOT_EDTF else error.reason
            raise PeriodError(reason, text) from None

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


@lru_cache(maxsize=4096)  # the library takes 3 to 30 ms for one string
def _bounds(edtf: str) -> tuple[date | None, date | None]:
    """First and last day an EDTF string may cover, None for an open or unknown end. Raises PeriodError."""
    if _OTHER_YEARS.search(edtf):
        raise PeriodError(YEARS, edtf)
    if not _EDTF.fullmatch(edtf):
        raise PeriodError(NOT_EDTF, edtf)
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


# Reading what people write -----------------------------------------------------------------------------


def _clean(text: str) -> str:
    """One spelling of spaces, apostrophes and digits (Arabic ones too); no invisible marks."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = "".join(str(unicodedata.decimal(c, c)) for c in text if unicodedata.category(c) != "Cf")
    return " ".join(text.split())


def _any(words: str) -> str:
    """A pattern for any of the words, given folded or not and separated by bars, longest first."""
    return (
        "(?:" + "|".join(sorted(map(re.escape, alphabetical(words).split("|")), key=len, reverse=True)) + ")"
    )


NOTHING = {"", "n/a", "unknown", "-", "–", "—"}
DASH = "-‐–—−"
SINCE = _any("since|starting|starting in|starting from|from|depuis|à partir de|dès|desde|a partir de|منذ")
FROM = _any("de|du|del|من")  # begins a range, but alone means nothing
UNTIL = _any("until|till|up to|jusqu'en|jusqu'à|jusqu'au|hasta|حتى")
TO = _any("to|until|till|through|à|a|au|jusqu'en|jusqu'à|jusqu'au|hasta|al|إلى|حتى")
AND = _any("and|et|y|و")  # only before “ongoing”: “2010 and 2014” may be two years
NOW = _any(
    "ongoing|present|the present|now|today|date|en cours|présent|aujourd'hui|ce jour"
    "|en curso|presente|el presente|actualidad|la actualidad|hoy|la fecha|الآن"
)
ABOUT = re.compile(_any("about|around|circa|ca|c|vers|environ|hacia|alrededor de|حوالي|نحو") + " (.+)")
SEASON_WORDS = {
    "21": "spring printemps primavera",
    "22": "summer été verano",
    "23": "autumn fall automne otoño",
    "24": "winter hiver invierno",
}
# Month and season names → the two digits EDTF has for them. The four languages contradict each other nowhere.
MONTHS = {
    alphabetical(name).rstrip("."): f"{number:02}"
    for language in ("en", "fr", "es", "ar")
    for width in ("wide", "abbreviated")
    for number, name in get_month_names(width, locale=language).items()
} | {alphabetical(word): code for code, words in SEASON_WORDS.items() for word in words.split()}

_OPENING = re.compile(rf"(?:(?P<since>{SINCE})|{FROM}) |d'")
_ONGOING = re.compile(rf"(.+?)(?: ?[{DASH}/] ?|,? (?:(?:{AND}|{TO}) )?)\(?{NOW}\)?|(.+?) ?[{DASH}]")
_JOIN = re.compile(rf" ?[{DASH}/] ?| {TO} ")


def _readings(text: str) -> Iterator[str]:
    """Every EDTF string that a folded text may stand for; it may yet be impossible, as 30 February is."""
    if point := _point(text):
        yield point
    if (until := re.fullmatch(rf"{UNTIL} (.+)", text)) and (end := _point(until[1])):
        yield f"../{end}"
    opening = _OPENING.match(text)
    text = text[opening.end() :] if opening else text
    if opening and opening["since"] and (start := _point(text)):
        yield f"{start}/.."
    if (ongoing := _ONGOING.fullmatch(text)) and (start := _point(ongoing[1] or ongoing[2])):
        yield f"{start}/.."
    for join in _JOIN.finditer(text):
        if len(join[0]) == 1 and text.count(join[0]) > 1:
            continue  # 2010-11-2012 could be split in two ways
        start, end = _point(text[: join.start()]), _point(text[join.end() :])
        if start and end:
            yield f"{start}/{end}"


def _point(text: str) -> str | None:
    """One date in folded words or in EDTF: "about april 2009" → "2009-04~". None when it is no date."""
    text, mark = re.fullmatch(r"(.*?) ?(\(uncertain\)|[?~%]|)", text).groups()
    text = re.sub(r"(?<=[^\W\d_])\.|[,،](?= )", " ", text)  # the full stop of “Feb.”, the comma of “12, 2015”
    text = " ".join(text.split())
    if about := ABOUT.fullmatch(text):
        text = about[1]
    match re.sub(r"(?<=\w) (?:of|de|del)(?= )", "", text).split():
        case [month, year] if month in MONTHS and year.isdecimal():
            edtf = f"{year}-{MONTHS[month]}"
        case [first, second, year] if first in MONTHS or second in MONTHS:
            month, day = (first, second) if first in MONTHS else (second, first)
            edtf = f"{year}-{MONTHS[month]}-{re.sub('(st|nd|rd|th|er)$', '', day):0>2}"
        case _:
            edtf = re.sub(r"^(0?[1-9]|1[0-2])/(\d{4})$", lambda m: f"{m[2]}-{m[1]:0>2}", text)
            edtf = re.sub(r"^(\d{3})0s$", r"\1X", edtf).upper()
    if not _SINGLE.fullmatch(edtf):
        return None
    uncertain, approximate = mark in ("?", "%", "(uncertain)"), bool(about) or mark in ("~", "%")
    return edtf + ("%" if uncertain and approximate else "?" if uncertain else "~" if approximate else "")
