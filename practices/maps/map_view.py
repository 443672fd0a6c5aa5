"""A set of practices on the world map: the countries they happen in, their places as marks, their corridors.

What is drawn is words as well: `rows` says the same as a table, and every link of the map has its like there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from math import dist
from operator import attrgetter
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import ngettext
from pyroaring import BitMap

from practices.index.facet_index import Catalogue, Territory, merged
from practices.index.list_items import Card
from practices.listing.active_filters import query_string
from practices.listing.filters import PracticeFilter
from practices.models import Country
from practices.values.projection import HEIGHT, WIDTH, Point, arc, project
from practices.values.text import sort_key

# How far marks stand apart, in units of the map: a finger's 24 pixels where the map is 850 wide and scrolls
# (site.css), 16 on wide screens.
APART = {"narrow": 28, "wide": 18}
MOST_LINES = 60  # drawn; more of them would be a tangle
NAMED_PLACES = 3  # of a mark that stands for many
LISTED = 5  # practices of one country


@dataclass
class Mark:
    """One or more places that lie too near to each other to be shown apart."""

    point: Point
    places: list[Territory]
    keys: BitMap
    url: str = ""
    label: str = ""
    again: bool = False  # leads where the outline of its country does

    @property
    def count(self) -> int:
        return len(self.keys)

    @property
    def countries(self) -> list[str]:
        return list(dict.fromkeys(place.country for place in self.places))

    @property
    def sign(self) -> str:
        """What stands on it; a number is always that of one country, for which it would be taken."""
        if self.count == 1:
            return ""
        return str(self.count) if len(self.countries) == 1 else "+"


@dataclass
class Line:
    """A corridor between the points of two countries."""

    code: str
    origin: Country
    destination: Country
    keys: BitMap
    url: str = ""

    @property
    def count(self) -> int:
        return len(self.keys)

    @property
    def ends(self) -> tuple[Point, Point]:
        return point_of(self.origin), point_of(self.destination)

    @property
    def d(self) -> str:
        return arc(*self.ends)


@dataclass
class Row:
    """A country in the table, and its outline on the map: the practices in it, and from and to it."""

    country: Country
    here: BitMap
    outward: BitMap
    inward: BitMap
    url: str
    list_url: str


class Atlas:
    """The map of a valid filter set. One query for the titles it shows, whatever their number."""

    def __init__(self, filterset: PracticeFilter, narrowed: bool = False) -> None:
        self.filterset = filterset
        self.known = filterset.catalogue
        self.keys = filterset.keys()
        self.narrowed = narrowed

    def list_url(self, parameter: str, *values: str) -> str:
        """The list of the practices that are shown, with one parameter anew."""
        kept = query_string(self.filterset.data, parameter)
        query = "&".join(filter(None, (kept, urlencode([(parameter, value) for value in values]))))
        return f"{reverse('practices')}?{query}"

    def url(self, name: str, code: str) -> str:
        """The page of a country or a corridor; of a narrowed map the narrowed list, filters kept."""
        return self.list_url(name, code) if self.narrowed else reverse(name, args=[code])

    @cached_property
    def lines(self) -> list[Line]:
        """All corridors, those with most practices first."""
        lines = corridors(self.known, self.keys)
        for line in lines:
            line.url = self.url("corridor", line.code)
        return lines

    @property
    def drawn(self) -> list[Line]:
        return self.lines[:MOST_LINES]

    @cached_property
    def ends(self) -> list[Country]:
        """The countries at the end of a drawn corridor in which no practice happens, each once."""
        ends = {row.code: row for line in self.drawn for row in (line.origin, line.destination)}
        filled = {row.country.code for row in self.filled}
        return [row for code, row in ends.items() if code not in filled]

    @property
    def destinations(self) -> list[Point]:
        """Where the drawn corridors end, each once."""
        return list(dict.fromkeys(line.ends[1] for line in self.drawn))

    @cached_property
    def rows(self) -> list[Row]:
        """Every country with a practice in, from or to it, by name."""
        here = {code: keys & self.keys for code, keys in self.known.by["country"].items()}
        outward = merged((line.origin.code, line.keys) for line in self.lines)
        inward = merged((line.destination.code, line.keys) for line in self.lines)
        empty = BitMap()
        rows = [
            Row(
                self.known.countries[code],
                here.get(code, empty),
                outward.get(code, empty),
                inward.get(code, empty),
                self.url("country", code),
                self.list_url("country", code),
            )
            for code in {code for sets in (here, outward, inward) for code, keys in sets.items() if keys}
        ]
        return sorted(rows, key=lambda row: sort_key(row.country.local_name))

    @property
    def filled(self) -> list[Row]:
        """The countries that practices happen in."""
        return [row for row in self.rows if row.here]

    @cached_property
    def places(self) -> list[tuple[Territory, BitMap]]:
        rows = ((place, keys & self.keys) for place, keys in self.known.territories.items())
        return [(place, keys) for place, keys in rows if keys]

    @cached_property
    def marks(self) -> dict[str, list[Mark]]:
        """The marks for each width of screen; the style sheet chooses."""
        return {name: grouped(self.places, apart) for name, apart in APART.items()}

    @property
    def layers(self) -> dict[str, list[Mark]]:
        return {name: self.linked(marks) for name, marks in self.marks.items()}

    def linked(self, marks: list[Mark]) -> list[Mark]:
        """Marks with their links: a practice alone, else its country, else the list of its countries."""
        for mark in marks:
            mark.label = self.named(mark)
            if mark.count == 1 and (card := self.cards.get(mark.keys[0])):
                mark.url = card.url
                mark.label = f"{mark.label}: {card.title}"
                continue
            counted = ngettext("%(n)d practice", "%(n)d practices", mark.count) % {"n": mark.count}
            mark.label = f"{mark.label}: {counted}"
            if len(mark.countries) == 1:
                mark.url, mark.again = self.url("country", mark.countries[0]), True
            else:
                mark.url = self.list_url("country", *mark.countries)
        return marks

    def named(self, mark: Mark) -> str:
        names = self.known.names("country")
        first = mark.places[:NAMED_PLACES]
        texts = [
            f"{place.name}, {names[place.country]}" if place.name else names[place.country] for place in first
        ]
        if more := len(mark.places) - len(first):
            texts.append(ngettext("and %(n)d place more", "and %(n)d places more", more) % {"n": more})
        return "; ".join(texts)

    @cached_property
    def listed(self) -> dict[str, list[int]]:
        """Country → its newest practices, as many as are listed."""
        return {row.country.code: self.known.newest(row.here, LISTED) for row in self.filled}

    @cached_property
    def cards(self) -> dict[int, Card]:
        """The practices that the page names. One query."""
        alone = {mark.keys[0] for marks in self.marks.values() for mark in marks if mark.count == 1}
        return self.filterset.cards({key for keys in self.listed.values() for key in keys} | alone)


def point_of(country: Country) -> Point:
    return project(country.latitude, country.longitude)


def corridors(known: Catalogue, keys: BitMap) -> list[Line]:
    """The corridors of some practices, those with most of them first."""
    lines = [
        Line(code, *(known.countries[end] for end in code.split("-")), both)
        for code, all_keys in known.by["corridor"].items()
        if (both := all_keys & keys)
    ]
    ends = attrgetter("origin.local_name", "destination.local_name")
    return sorted(lines, key=lambda line: (-line.count, *map(sort_key, ends(line))))


def grouped(places: Iterable[tuple[Territory, BitMap]], apart: float) -> list[Mark]:
    """Marks of which no two stand nearer than `apart`: a place joins the nearest mark within reach.

    Places in countries come before whole countries, then those with most practices, so that a mark stands
    where most of it happens. The cost grows with the places alone: a place looks into the cells around it.
    """
    cells: dict[tuple[int, int], list[Mark]] = {}
    marks = []
    for place, keys in sorted(
        places, key=lambda row: (not row[0].name, -len(row[1]), row[0].country, row[0].name, row[0].point)
    ):
        x, y = (int(coordinate // apart) for coordinate in place.point)
        around = (cells.get((x + i, y + j), []) for i in (-1, 0, 1) for j in (-1, 0, 1))
        near = [(dist(mark.point, place.point), mark) for cell in around for mark in cell]
        away, mark = min(near, key=lambda row: row[0], default=(apart, None))
        if mark is None or away >= apart:
            mark = Mark(place.point, [], BitMap())
            marks.append(mark)
            cells.setdefault((x, y), []).append(mark)
        mark.places.append(place)
        mark.keys |= keys
    return marks


@dataclass(frozen=True)
class Frame:
    """The part of the world map that a drawing shows."""

    x: float
    y: float
    width: float
    height: float

    @property
    def view_box(self) -> str:
        return f"{self.x:.0f} {self.y:.0f} {self.width:.0f} {self.height:.0f}"


def frame(points: Iterable[Point], ratio: float = 1.6, least: float = 150) -> Frame:
    """The points with room around them for what bows out between them, never beyond the map."""
    xs, ys = zip(*points, strict=True)
    reach = max(max(xs) - min(xs), max(ys) - min(ys))
    room = max(24, 0.18 * reach)
    width = max(max(xs) - min(xs) + 2 * room, (max(ys) - min(ys) + 2 * room) * ratio, least)
    width = min(width, WIDTH, HEIGHT * ratio)
    height = min(width / ratio, HEIGHT)
    if max(xs) - min(xs) > width or max(ys) - min(ys) > height:
        return Frame(0, 0, WIDTH, HEIGHT)
    x = min(max((min(xs) + max(xs) - width) / 2, 0), WIDTH - width)
    y = min(max((min(ys) + max(ys) - height) / 2, 0), HEIGHT - height)
    return Frame(x, y, width, height)
