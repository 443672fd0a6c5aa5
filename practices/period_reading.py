"""Periods as people write them, in English, French, Spanish and Arabic.

A module of its own, since its tables take a while to make and pages that only show periods need none.
"""

import re
import unicodedata
from collections.abc import Iterator

from babel.dates import get_month_names

from practices.period import SINGLE
from practices.text import alphabetical


def clean(text: str) -> str:
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


def readings(text: str) -> Iterator[str]:
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
    if not SINGLE.fullmatch(edtf):
        return None
    uncertain, approximate = mark in ("?", "%", "(uncertain)"), bool(about) or mark in ("~", "%")
    return edtf + ("%" if uncertain and approximate else "?" if uncertain else "~" if approximate else "")
