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

from practices.index.facet_index import FacetIndex, Territory, merged
from practices.index.list_items import ListItem
from practices.listing.active_filters import query_string
from practices.listing.filters import PracticeFilter
from practices.models import Country
from practices.values.projection import HEIGHT, WIDTH, Point, arc, project
from practices.values.text import sort_key

# How far marks stand apart, in units of the map: a finger's 24 pixels where the map is 850 wide and scrolls
# (site.css), 16 on wide screens.
MARKER_DISTANCE = {"narrow": 28, "wide": 18}
MAX_LINES = 60  # drawn; more of them would be a tangle
MAX_NAMED_PLACES = 3  # of a mark that stands for many
MAX_LISTED = 5  # practices of one country


@dataclass
class MapMarker:
    """One or more places that lie too near to each other to be shown apart."""

    point: Point
    places: list[Territory]
    pks: BitMap
    url: str = ""
    label: str = ""
    same_as_country: bool = False  # leads where the outline of its country does

    @property
    def count(self) -> int:
        return len(self.pks)

    @property
    def countries(self) -> list[str]:
        return list(dict.fromkeys(place.country for place in self.places))

    @property
    def text(self) -> str:
        """What stands on it; a number is always that of one country, for which it would be taken."""
        if self.count == 1:
            return ""
        return str(self.count) if len(self.countries) == 1 else "+"


@dataclass
class CorridorLine:
    """A corridor between the points of two countries."""

    code: str
    origin: Country
    destination: Country
    pks: BitMap
    url: str = ""

    @property
    def count(self) -> int:
        return len(self.pks)

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


class MapView:
    """The map of a valid filter set. One query for the titles it shows, whatever their number."""

    def __init__(self, filterset: PracticeFilter, narrowed: bool = False) -> None:
        self.filterset = filterset
        self.facet_index = filterset.facet_index
        self.pks = filterset.qs.pks
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
    def lines(self) -> list[CorridorLine]:
        """All corridors, those with most practices first."""
        lines = corridors(self.facet_index, self.pks)
        for line in lines:
            line.url = self.url("corridor", line.code)
        return lines

    @property
    def drawn_lines(self) -> list[CorridorLine]:
        return self.lines[:MAX_LINES]

    @cached_property
    def ends(self) -> list[Country]:
        """The countries at the end of a drawn corridor in which no practice happens, each once."""
        ends = {row.code: row for line in self.drawn_lines for row in (line.origin, line.destination)}
        filled = {row.country.code for row in self.filled}
        return [row for code, row in ends.items() if code not in filled]

    @property
    def destinations(self) -> list[Point]:
        """Where the drawn corridors end, each once."""
        return list(dict.fromkeys(line.ends[1] for line in self.drawn_lines))

    @cached_property
    def rows(self) -> list[Row]:
        """Every country with a practice in, from or to it, by name."""
        here = {code: pks & self.pks for code, pks in self.facet_index.by["country"].items()}
        outward = merged((line.origin.code, line.pks) for line in self.lines)
        inward = merged((line.destination.code, line.pks) for line in self.lines)
        empty = BitMap()
        rows = [
            Row(
                self.facet_index.countries[code],
                here.get(code, empty),
                outward.get(code, empty),
                inward.get(code, empty),
                self.url("country", code),
                self.list_url("country", code),
            )
            for code in {code for sets in (here, outward, inward) for code, pks in sets.items() if pks}
        ]
        return sorted(rows, key=lambda row: sort_key(row.country.local_name))

    @property
    def filled(self) -> list[Row]:
        """The countries that practices happen in."""
        return [row for row in self.rows if row.here]

    @cached_property
    def places(self) -> list[tuple[Territory, BitMap]]:
        rows = ((place, pks & self.pks) for place, pks in self.facet_index.territories.items())
        return [(place, pks) for place, pks in rows if pks]

    @cached_property
    def markers(self) -> dict[str, list[MapMarker]]:
        """The marks for each width of screen; the style sheet chooses."""
        return {name: group_markers(self.places, distance) for name, distance in MARKER_DISTANCE.items()}

    @property
    def linked_markers(self) -> dict[str, list[MapMarker]]:
        return {name: self.linked(markers) for name, markers in self.markers.items()}

    def linked(self, markers: list[MapMarker]) -> list[MapMarker]:
        """Marks with their links: a practice alone, else its country, else the list of its countries."""
        for marker in markers:
            marker.label = self.named(marker)
            if marker.count == 1 and (item := self.list_items.get(marker.pks[0])):
                marker.url = item.url
                marker.label = f"{marker.label}: {item.title}"
                continue
            counted = ngettext("%(n)d practice", "%(n)d practices", marker.count) % {"n": marker.count}
            marker.label = f"{marker.label}: {counted}"
            if len(marker.countries) == 1:
                marker.url, marker.same_as_country = self.url("country", marker.countries[0]), True
            else:
                marker.url = self.list_url("country", *marker.countries)
        return markers

    def named(self, marker: MapMarker) -> str:
        names = self.facet_index.names("country")
        first = marker.places[:MAX_NAMED_PLACES]
        texts = [
            f"{place.name}, {names[place.country]}" if place.name else names[place.country] for place in first
        ]
        if more := len(marker.places) - len(first):
            texts.append(ngettext("and %(n)d more place", "and %(n)d more places", more) % {"n": more})
        return "; ".join(texts)

    @cached_property
    def listed(self) -> dict[str, list[int]]:
        """Country → its newest practices, as many as are listed."""
        return {row.country.code: self.facet_index.newest(row.here, MAX_LISTED) for row in self.filled}

    @cached_property
    def list_items(self) -> dict[int, ListItem]:
        """The practices that the page names. One query."""
        alone = {
            marker.pks[0] for markers in self.markers.values() for marker in markers if marker.count == 1
        }
        return self.filterset.list_items({pk for pks in self.listed.values() for pk in pks} | alone)


def point_of(country: Country) -> Point:
    return project(country.latitude, country.longitude)


def corridors(facet_index: FacetIndex, pks: BitMap) -> list[CorridorLine]:
    """The corridors of some practices, those with most of them first."""
    lines = [
        CorridorLine(code, *(facet_index.countries[end] for end in code.split("-")), both)
        for code, all_pks in facet_index.by["corridor"].items()
        if (both := all_pks & pks)
    ]
    ends = attrgetter("origin.local_name", "destination.local_name")
    return sorted(lines, key=lambda line: (-line.count, *map(sort_key, ends(line))))


def group_markers(places: Iterable[tuple[Territory, BitMap]], distance: float) -> list[MapMarker]:
    """Marks of which no two stand nearer than `distance`: a place joins the nearest mark within reach.

    Places in countries come before whole countries, then those with most practices, so that a mark stands
    where most of it happens. The cost grows with the places alone: a place looks into the cells around it.
    """
    cells: dict[tuple[int, int], list[MapMarker]] = {}
    markers = []
    for place, pks in sorted(
        places, key=lambda row: (not row[0].name, -len(row[1]), row[0].country, row[0].name, row[0].point)
    ):
        x, y = (int(coordinate // distance) for coordinate in place.point)
        around = (cells.get((x + i, y + j), []) for i in (-1, 0, 1) for j in (-1, 0, 1))
        near = [(dist(marker.point, place.point), marker) for cell in around for marker in cell]
        away, marker = min(near, key=lambda row: row[0], default=(distance, None))
        if marker is None or away >= distance:
            marker = MapMarker(place.point, [], BitMap())
            markers.append(marker)
            cells.setdefault((x, y), []).append(marker)
        marker.places.append(place)
        marker.pks |= pks
    return markers


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
