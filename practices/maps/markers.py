"""Places on the world map, grouped into markers that readers can tell apart."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import dist

from pyroaring import BitMap

from practices.index.facet_index import MapPlace
from practices.values.projection import Point


@dataclass
class MapMarker:
    """One or more places that are too near to each other to be shown apart."""

    point: Point
    places: list[MapPlace]
    pks: BitMap  # of the practices there
    url: str = ""
    label: str = ""

    @property
    def count(self) -> int:
        return len(self.pks)

    @property
    def countries(self) -> list[str]:
        return list(dict.fromkeys(place.country for place in self.places))

    @property
    def repeats_country(self) -> bool:
        """Whether it links to the same page as the outline of its country."""
        return self.count > 1 and len(self.countries) == 1

    @property
    def text(self) -> str:
        """The text of the marker. Several places have a plus sign, so that the number is not mistaken for
        that of one.
        """
        if self.count == 1:
            return ""
        return str(self.count) if len(self.countries) == 1 else "+"


def group_markers(places: Iterable[tuple[MapPlace, BitMap]], distance: float) -> list[MapMarker]:
    """Markers that are at least `distance` apart: a place joins the nearest marker that is nearer.

    Places in countries come before whole countries, then those with most practices, so that a marker is where
    most practices are. The time grows with the number of places: each looks only at the grid cells around it.
    """
    cells: dict[tuple[int, int], list[MapMarker]] = {}
    markers = []
    for place, pks in sorted(
        places, key=lambda row: (not row[0].name, -len(row[1]), row[0].country, row[0].name, row[0].point)
    ):
        x, y = (int(coordinate // distance) for coordinate in place.point)
        around = [marker for i in (-1, 0, 1) for j in (-1, 0, 1) for marker in cells.get((x + i, y + j), ())]
        marker = min(around, key=lambda marker: dist(marker.point, place.point), default=None)
        if marker is None or dist(marker.point, place.point) >= distance:
            marker = MapMarker(place.point, [], BitMap())
            markers.append(marker)
            cells.setdefault((x, y), []).append(marker)
        marker.places.append(place)
        marker.pks |= pks
    return markers
