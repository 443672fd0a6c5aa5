"""Parses coordinates as maps, phones and people write them; checks whether a point lies in its country."""

import re
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from math import hypot

from django.conf import settings
from django.utils.translation import gettext as _

from practices.values.projection import Point, project
from practices.values.text import BLANK

STEP = Decimal("0.001")  # the fields keep three decimals: some 100 metres
MAX_LENGTH = 60  # characters of what may be coordinates
SIGNS = str.maketrans("−–º˚’′‘”“″٫", "--°°'''\"\"\".")  # one spelling of each
NUMBER = r"[0-9]{1,3}(?:[.,][0-9]{1,20})?"
# 47.01 | 47,01° | -28.86 | 47° 0' 36" | N 47.01 | 47.01 N
ONE = (
    rf"(?P<before%s>[NSEW])? ?(?P<sign%s>[-+])?(?P<degrees%s>{NUMBER}) ?°?"
    rf"(?: ?(?P<minutes%s>{NUMBER}) ?')?(?: ?(?P<seconds%s>{NUMBER}) ?(?:\"|''))? ?(?P<after%s>[NSEW])?"
)
DEGREES = re.compile(ONE.replace("%s", "1"), re.IGNORECASE)
BETWEEN = re.compile(" ?[;/|,] ?| ")  # what may stand between latitude and longitude
AXES = {"N": "latitude", "S": "latitude", "E": "longitude", "W": "longitude"}
REACH = 4  # units of the map around the outline of a country, some 160 km: outlines are coarse
REACH_OF_DOT = 12  # around countries that are drawn as a dot, some 500 km
# Island states whose islands lie far apart or are not drawn: the map cannot tell.
SCATTERED = {"BS", "CK", "FM", "KI", "MH", "MU", "MV", "PF", "PN", "SC", "SH", "TF", "TK", "TV", "UM"}
PATH = re.compile(r'<path id="([A-Z]{2})" d="([^"]*)"')
STEP_OF_PATH = re.compile(r"([Mlz])|(-?[0-9]*\.?[0-9]+)")  # “.2.3” is two numbers
DOT = 2.5  # units: no outline of a country that is drawn as a dot is larger


def parse_degrees(text: str, axis: str) -> Decimal:
    """Return decimal degrees, rounded to STEP. Raises ValueError with a message for users.

    `axis` is latitude or longitude. Reads 47.010453, 14,599, 47.01° N, 47° 0′ 36″ N.
    """
    bare = normalise_coordinate(text)
    match = DEGREES.fullmatch(bare) if len(text) <= MAX_LENGTH else None
    if match is None:
        message = _("“%(value)s” is not a coordinate. Enter decimal degrees, such as 47.01 or -28.86.")
        raise ValueError(message % {"value": text[:MAX_LENGTH]})
    number, letter = degrees_from_match(match)
    if letter and AXES[letter] != axis:
        message = _("“%(value)s” is a longitude.") if axis == "latitude" else _("“%(value)s” is a latitude.")
        raise ValueError(message % {"value": text})
    return number


def degrees_from_match(match: re.Match) -> tuple[Decimal, str]:
    """Return the number of a match of DEGREES, and its N, S, E or W, if any."""
    part = {name[:-1]: value for name, value in match.groupdict().items()}
    degrees, minutes, seconds = (
        Decimal((part[name] or "0").replace(",", ".")) for name in ("degrees", "minutes", "seconds")
    )
    letter = (part["before"] or part["after"] or "").upper()
    number = degrees + minutes / 60 + seconds / 3600
    if part["sign"] == "-" or letter in {"S", "W"}:
        number = -number
    return number.quantize(STEP, ROUND_HALF_UP), letter


def normalise_coordinate(text: str) -> str:
    """Return a coordinate with normalised signs, digits and spaces, without brackets."""
    text = text.strip(BLANK).translate(SIGNS)
    text = "".join(str(int(letter)) if letter.isdecimal() else letter for letter in text)
    if text[:1] + text[-1:] in {"()", "[]"}:
        text = text[1:-1]
    text = re.sub(r"^geo:", "", text, flags=re.IGNORECASE)  # RFC 5870
    return " ".join(text.split())


def parse_pair(text: str) -> tuple[Decimal, Decimal] | None:
    """Latitude and longitude pasted into one field, in this order unless N, S, E, W say otherwise.

    None when the text is one coordinate, or none. Reads “47.01, 28.86”, “47,01; 28,86”, “47.01 N 28.86 E”.
    """
    bare = normalise_coordinate(text)
    if len(text) > MAX_LENGTH or DEGREES.fullmatch(bare):
        return None
    for between in BETWEEN.finditer(bare):
        parts = DEGREES.fullmatch(bare[: between.start()]), DEGREES.fullmatch(bare[between.end() :])
        if not all(parts):
            continue
        (first, one), (second, other) = map(degrees_from_match, parts)
        axes = AXES.get(one, ""), AXES.get(other, "")
        if axes[0] == axes[1] != "":
            return None
        if axes[0] == "longitude" or axes[1] == "latitude":
            return second, first
        return first, second
    return None


# Where a point lies ----------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def outlines() -> dict[str, list[list[Point]]]:
    """The outlines of each country on the map, from static/img/world.svg. Read once, some 30 ms."""
    text = (settings.BASE_DIR / "static/img/world.svg").read_text(encoding="utf-8")
    return {code: list(rings(d)) for code, d in PATH.findall(text)}


def rings(d: str) -> Iterator[list[Point]]:
    """Yield the closed lines of an SVG path that uses only M, l and z."""
    ring: list[Point] = []
    numbers: list[float] = []
    relative = False
    for letter, number in STEP_OF_PATH.findall(d):
        if letter == "z":
            yield ring
        if letter == "M":
            ring = []
        if letter:
            relative = letter == "l"
            continue
        numbers.append(float(number))
        if len(numbers) == 2:
            x, y = numbers
            ring.append((ring[-1][0] + x, ring[-1][1] + y) if relative else (x, y))
            numbers = []


def lies_in(code: str, latitude: Decimal, longitude: Decimal) -> bool:
    """Return whether a point lies in or near a country; True if the map cannot tell."""
    shape = outlines().get(code)
    if not shape or code in SCATTERED:
        return True
    if abs(latitude) > 90 or abs(longitude) > 180:
        return False
    point = project(latitude, longitude)
    reach = REACH_OF_DOT if is_dot(shape) else REACH
    return any(is_inside(point, ring) or distance(point, ring) <= reach for ring in shape)


def is_dot(shape: list[list[Point]]) -> bool:
    xs, ys = zip(*(point for ring in shape for point in ring), strict=True)
    return max(xs) - min(xs) <= DOT and max(ys) - min(ys) <= DOT


def is_inside(point: Point, ring: list[Point]) -> bool:
    """Return whether a point lies in a closed line: a ray from it crosses the line an odd number of times."""
    x, y = point
    odd = False
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            odd = not odd
    return odd


def distance(point: Point, ring: list[Point]) -> float:
    """The distance from a point to the nearest part of a line."""
    x, y = point
    nearest = float("inf")
    for (x1, y1), (x2, y2) in zip(ring, ring[1:] + ring[:1], strict=True):
        length = (x2 - x1) ** 2 + (y2 - y1) ** 2
        along = 0 if not length else min(1, max(0, ((x - x1) * (x2 - x1) + (y - y1) * (y2 - y1)) / length))
        nearest = min(nearest, hypot(x - x1 - along * (x2 - x1), y - y1 - along * (y2 - y1)))
    return nearest


def outside_remark(code: str, country: str, latitude: Decimal | None, longitude: Decimal | None) -> str:
    """Return a remark if a point lies outside its country, or an empty string."""
    if latitude is None or longitude is None or lies_in(code, latitude, longitude):
        return ""
    names = {"latitude": f"{float(latitude):g}", "longitude": f"{float(longitude):g}", "country": country}
    if abs(longitude) <= 90 and lies_in(code, longitude, latitude):
        message = _(
            "The point %(latitude)s, %(longitude)s is not in %(country)s, but %(longitude)s, "
            "%(latitude)s is. Check whether latitude and longitude are swapped."
        )
    else:
        message = _("The point %(latitude)s, %(longitude)s is not in %(country)s. Check the coordinates.")
    return message % names
