"""Periods as people write them, in English, French, Spanish and Arabic."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from babel.dates import get_month_names

from practices.values.period import (
    AMBIGUOUS,
    EDTF,
    MAX_LENGTH,
    NO_MONTH,
    NOT_EDTF,
    SHORT_YEAR,
    SINGLE,
    UNREADABLE,
    Period,
    PeriodError,
    is_possible,
)
from practices.values.text import alphabetical


def parse_period(text: str) -> Period | None:
    """Parse a period in English, French, Spanish or Arabic, or in EDTF, which has priority.

    Returns None for "", "N/A", "unknown" and a dash alone. Raises PeriodError for what cannot be read.
    """
    if len(text) > MAX_LENGTH:
        raise PeriodError(UNREADABLE, text)
    typed = normalise_text(text)
    folded = alphabetical(typed)
    if folded in NOTHING:
        return None
    edtf = typed.upper()
    if not EDTF.fullmatch(edtf) or NO_MONTH.fullmatch(edtf):
        found = sorted(set(readings(folded)))
        possible = [one for one in found if is_possible(one)]
        if len(possible) > 1:
            raise PeriodError(AMBIGUOUS, text, tuple(possible))
        edtf = next(iter(possible or found), edtf)
    try:
        return Period(edtf)
    except PeriodError as error:
        # Name what was typed, not how it was understood.
        reason = UNREADABLE if error.reason == NOT_EDTF else error.reason
        if reason == UNREADABLE and SHORT_YEARS.search(folded):
            reason = SHORT_YEAR
        raise PeriodError(reason, text) from None


def normalise_text(text: str) -> str:
    """Return a text with normalised spaces, apostrophes and digits, without invisible marks."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'")
    text = "".join(str(unicodedata.decimal(c, c)) for c in text if unicodedata.category(c) != "Cf")
    return " ".join(text.split())


def _any(words: str) -> str:
    """Return a pattern for any of the words, which are separated by bars; longest first."""
    return (
        "(?:" + "|".join(sorted(map(re.escape, alphabetical(words).split("|")), key=len, reverse=True)) + ")"
    )


NOTHING = {"", "n/a", "unknown", "-", "–", "—"}
DASH = "-‐–—−"
SINCE = _any(
    "since|starting|starting in|starting from|beginning in|as of|as from|from"
    "|depuis|à partir de|à partir du|à partir d'|à compter de|à compter du|à compter d'|dès"
    "|desde|a partir de|a partir del|منذ"
)
FROM = _any("de|du|des|del|من")  # begins a range, but alone means nothing
UNTIL = _any("until|till|up to|jusqu'en|jusqu'à|jusqu'au|jusqu'aux|hasta|حتى")
BEFORE = _any("before|prior to|avant|antes de|antes del|قبل")
TO = _any("to|until|till|through|à|a|au|aux|jusqu'en|jusqu'à|jusqu'au|jusqu'aux|hasta|al|إلى|حتى")
BETWEEN = _any("between|entre")
AND = _any("and|et|y|و")  # only before “ongoing” and after “between”: “2010 and 2014” may be two years
NOW = _any(
    "ongoing|present|the present|now|today|date|on|onward|onwards"
    "|en cours|présent|aujourd'hui|ce jour|au-delà|en curso|presente|el presente|actualidad|la actualidad|hoy"
    "|la fecha|en adelante|الآن"
)
ABOUT = re.compile(_any("about|around|circa|ca|c|vers|environ|hacia|alrededor de|حوالي|نحو") + " (.+)")
SEASON_WORDS = {
    "21": "spring printemps primavera",
    "22": "summer été verano",
    "23": "autumn fall automne otoño",
    "24": "winter hiver invierno",
}
EARLY = _any("early|beginning|start|début|commencement|principios|principio|comienzos|inicios|inicio")
MID = _any("mid|middle|milieu|mi|mediados|mitad")
LATE = _any("late|end|fin|finales|fines|final")
MAX_YEARS_ACROSS = 20  # years of a period that begins in one century and ends in the next, as 1998/03 may
THIRDS = {"early": (0, 3, 1, 4), "mid": (4, 6, 5, 8), "late": (7, 9, 9, 12)}  # years of ten, months of a year
OF = _any("of|de|d'|des|du|del|de la")
ARTICLE = _any("in|on|during|the|en|dans|pendant|durante|au|aux|à|a|le|la|les|l'|el|los|las")
DECADE_WORDS = _any("decade|décennie|années|los años|años|década")
YEAR_WORDS = _any(
    "year|calendar year|fiscal year|financial year|school year|academic year"
    "|année|année scolaire|exercice|año|año escolar|año fiscal|curso"
)
# Month and season names → the two digits EDTF has for them. The four languages contradict each other nowhere.
MONTHS = {
    alphabetical(name).rstrip("."): f"{number:02}"
    for language in ("en", "fr", "es", "ar")
    for width in ("wide", "abbreviated")
    for number, name in get_month_names(width, locale=language).items()
}
MONTHS |= {alphabetical(word): code for code, words in SEASON_WORDS.items() for word in words.split()}
MONTHS |= {"set": "09", "setiembre": "09"}  # as in Peru and Uruguay


_OPENING = re.compile(rf"(?:(?P<since>{SINCE})|{FROM})(?: |(?<='))|d'")
_ONGOING = re.compile(rf"(.+?)(?: ?[{DASH}/] ?|,? (?:(?:{AND}|{TO}) )?)\(?{NOW}\)?|(.+?) ?[{DASH}+]")
_JOIN = re.compile(rf" ?[{DASH}/] ?| {TO} ")
_ARTICLES = re.compile(rf"(?:{ARTICLE}(?: |(?<='))){{1,2}}")
_PART = re.compile(rf"(?:(?P<early>{EARLY})|(?P<mid>{MID})|(?P<late>{LATE}))[{DASH} ](?:{OF}(?: |(?<=')))?")
_DECADE = re.compile(
    rf"(?:{DECADE_WORDS} (?:{OF} )?(?:{ARTICLE} |{DECADE_WORDS} ){{0,2}}|los )([0-9]{{3}})0"
    rf"|([0-9]{{3}})0'?s(?: {DECADE_WORDS})?"
)
_YEAR = re.compile(rf"(?:{YEAR_WORDS} |fy ?)?([0-9]{{4}})")
_TWO_YEARS = re.compile(rf"(?:{YEAR_WORDS} |fy ?)?([0-9]{{4}}) ?[{DASH}/] ?([0-9]{{2}})")
_WINTER = re.compile(rf"([^\W\d_]+) (?:{OF} )?([0-9]{{4}}) ?[{DASH}/] ?([0-9]{{2}}|[0-9]{{4}})")
_NUMBERS = re.compile(r"([0-9]{1,2}) ?([/.-]) ?([0-9]{1,2}) ?\2 ?([0-9]{4})")
_YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{4})([0-9]{2})([0-9]{2})")
# What is no period as long as the century is missing: “the 90s”, “années 90”, “13/04/09”.
SHORT_YEARS = re.compile(
    rf"(?:^|[\s'])[0-9]0'?s\b|{DECADE_WORDS} (?:{OF} )?(?:{ARTICLE} )?[0-9]0\b|\blos [0-9]0\b"
    r"|^[0-9]{1,2}([/.-])[0-9]{1,2}\1[0-9]{2}$"
)


class Span(NamedTuple):
    """The readings of one date: by itself, and as the start or the end of a range."""

    alone: str
    first: str
    last: str


def readings(text: str) -> Iterator[str]:
    """Yield every EDTF string that a folded text may mean, including impossible ones such as 30 February."""
    if whole := _spans(text):
        yield from (span.alone for span in whole)
        return
    if until := re.fullmatch(rf"(?:{UNTIL} |[‐–—−] ?|- )(.+)", text):
        yield from (f"../{span.last}" for span in _spans(until[1]))
    if before := re.fullmatch(rf"{BEFORE} (.+)", text):
        yield from (f"../{previous}" for span in _spans(before[1]) if (previous := _previous(span.first)))
    if between := re.fullmatch(rf"{BETWEEN} (.+) {AND} (.+)", text):
        yield from _ranges(between[1], between[2])
    opening = _OPENING.match(text)
    text = text[opening.end() :] if opening else text
    if opening and opening["since"]:
        yield from (f"{span.first}/.." for span in _spans(text))
    if ongoing := _ONGOING.fullmatch(text):
        yield from (f"{span.first}/.." for span in _spans(ongoing[1] or ongoing[2]))
    for join in _JOIN.finditer(text):
        if len(join[0]) == 1 and text.count(join[0]) > 1:
            continue  # 2010-11-2012 could be split in two ways
        yield from _ranges(text[: join.start()], text[join.end() :])


def _previous(edtf: str) -> str:
    """The year, month or day before a date, with its qualifier: 2010-01~ → 2009-12~. Empty for other
    dates.
    """
    bare = edtf.rstrip("?~%")
    if bare.isdecimal() and bare > "0001":
        return f"{int(bare) - 1:04}{edtf[len(bare) :]}"
    if not is_possible(bare) or bare[5:7] > "12" or Period(bare).start == date.min:
        return ""
    day = Period(bare).start - timedelta(days=1)
    return day.isoformat()[: len(bare)] + edtf[len(bare) :]


def _ranges(start: str, end: str) -> Iterator[str]:
    year = re.search(r" ([0-9]{4})$", end)
    if year and start.rstrip(".") in MONTHS:  # March–May 2011
        start = f"{start} {year[1]}"
    firsts, lasts = _spans(start), _spans(end)
    # Of two ambiguous dates, both are written with the day first or both with the month first.
    pairs = zip(firsts, lasts, strict=True) if len(firsts) == len(lasts) else product(firsts, lasts)
    yield from (f"{first.first}/{last.last}" for first, last in pairs)


def _spans(text: str) -> list[Span]:
    """Return the readings of a date in folded words or in EDTF: "about april 2009" → 2009-04~. Empty if it is
    none.
    """
    text, mark = re.fullmatch(r"(.*?) ?(\(uncertain\)|[?~%]|)", text).groups()
    text = re.sub(r"(?<=[^\W\d_])\.|[,،](?= )", " ", text)  # the full stop of “Feb.”, the comma of “12, 2015”
    text = " ".join(text.split())
    if about := ABOUT.fullmatch(text):
        text = about[1]
    uncertain, approximate = mark in ("?", "%", "(uncertain)"), bool(about) or mark in ("~", "%")
    mark = "%" if uncertain and approximate else "?" if uncertain else "~" if approximate else ""
    found = [with_qualifier(span, mark) if mark else span for span in _unmarked(text)]
    return [
        span for span in found if all(SINGLE.fullmatch(date) for edtf in span for date in edtf.split("/"))
    ]


def with_qualifier(span: Span, mark: str) -> Span:
    """Return a date with a qualifier, which replaces “about”."""
    return Span(*("/".join(one.rstrip("~") + _both(one, mark) for one in edtf.split("/")) for edtf in span))


def _both(edtf: str, mark: str) -> str:
    return "%" if edtf.endswith("~") and mark == "?" else mark


def _unmarked(text: str) -> list[Span]:
    article = _ARTICLES.match(text)
    bare = text[article.end() :] if article else text
    if part := _PART.match(bare):
        return _thirds(part.lastgroup, bare[part.end() :])
    if decade := (_DECADE.fullmatch(text) or _DECADE.fullmatch(bare)):
        ten = decade[1] or decade[2]
        return [Span(f"{ten}X", f"{ten}0~", f"{ten}9~")]
    if two := _TWO_YEARS.fullmatch(bare):
        return _two_years(*two.groups())
    return [Span(edtf, edtf, edtf) for edtf in _dates(bare)]


def _thirds(part: str, text: str) -> list[Span]:
    """Return the readings of the early, middle or late part of a decade or a year. EDTF cannot express these,
    so their bounds are approximate: the early 2000s are about 2000 to about 2003.
    """
    year_1, year_2, month_1, month_2 = THIRDS[part]
    article = _ARTICLES.match(text)
    bare = text[article.end() :] if article else text
    if decade := (_DECADE.fullmatch(text) or _DECADE.fullmatch(bare)):
        ten = decade[1] or decade[2]
        first, last = f"{ten}{year_1}~", f"{ten}{year_2}~"
    elif year := _YEAR.fullmatch(bare):
        first, last = f"{year[1]}-{month_1:02}~", f"{year[1]}-{month_2:02}~"
    else:
        return []
    return [Span(f"{first}/{last}", first, last)]


def _two_years(year: str, short: str) -> list[Span]:
    """2015/16: two years in a row or more. Up to 12 the second number may also be a month."""
    first, last = int(year), int(year[:2] + short)
    if last <= first and last + 100 - first <= MAX_YEARS_ACROSS:
        last += 100  # 1999/00
    found = [Span(f"{year}/{last:04}", year, f"{last:04}")] if last > first else []
    if 1 <= int(short) <= 12:
        month = f"{year}-{short}"
        found.append(Span(month, month, month))
    return found


def _dates(text: str) -> Iterator[str]:
    """Yield the readings of one date in words or numbers; day and month can be ambiguous."""
    if numbers := _NUMBERS.fullmatch(text):
        one, sign, other, year = numbers.groups()
        day_first, month_first = f"{year}-{other:0>2}-{one:0>2}", f"{year}-{one:0>2}-{other:0>2}"
        if int(other) <= 12:
            yield day_first
        if int(one) <= 12 and sign != ".":  # full stops stand between day, month and year
            yield month_first
        return
    if numbers := _YEAR_FIRST.fullmatch(text):
        year, month, day = (numbers[5], numbers[6], numbers[7]) if numbers[5] else numbers.group(1, 3, 4)
        yield f"{year}-{month:0>2}-{day:0>2}"
        return
    if winter := _WINTER.fullmatch(text):
        season, year, next_year = winter.groups()
        in_a_row = f"{int(year) + 1:04}".endswith(next_year)
        if MONTHS.get(season) in ("22", "24") and in_a_row:  # in the south, summer spans two years
            yield f"{year}-{MONTHS[season]}"
        return
    match re.sub(r"(?<=\w) (?:of|de|del)(?= )", "", text).split():
        case [month, year] if month in MONTHS and year.isdecimal():
            yield f"{year}-{MONTHS[month]}"
        case [first, second, year] if first in MONTHS or second in MONTHS:
            month, day = (first, second) if first in MONTHS else (second, first)
            yield f"{year}-{MONTHS[month]}-{re.sub('(st|nd|rd|th|er)$', '', day):0>2}"
        case _:
            if year := _YEAR.fullmatch(text):
                yield year[1]
            else:
                yield re.sub(r"^(0?[1-9]|1[0-2])[/.-](\d{4})$", lambda m: f"{m[2]}-{m[1]:0>2}", text).upper()
