"""Corridors as lines on the world map."""

from dataclasses import dataclass

from pyroaring import BitMap

from practices.index.facet_index import FacetIndex
from practices.models import Country
from practices.values.projection import Point, arc, project
from practices.values.text import sort_key


@dataclass
class CorridorLine:
    """A corridor between the points of two countries."""

    code: str
    origin: Country
    destination: Country
    pks: BitMap  # of its practices
    url: str = ""

    @property
    def count(self) -> int:
        return len(self.pks)

    @property
    def ends(self) -> tuple[Point, Point]:
        return point_of(self.origin), point_of(self.destination)

    @property
    def d(self) -> str:
        """The attribute `d` of an SVG path."""
        return arc(*self.ends)


def point_of(country: Country) -> Point:
    return project(country.latitude, country.longitude)


def corridors(facet_index: FacetIndex, pks: BitMap) -> list[CorridorLine]:
    """The corridors of some practices, those with most of them first."""
    lines = []
    for code, having in facet_index.by["corridor"].items():
        if shared := having & pks:
            origin, destination = code.split("-")
            countries = facet_index.countries
            lines.append(CorridorLine(code, countries[origin], countries[destination], shared))
    return sorted(
        lines,
        key=lambda line: (
            -line.count,
            sort_key(line.origin.local_name),
            sort_key(line.destination.local_name),
        ),
    )
