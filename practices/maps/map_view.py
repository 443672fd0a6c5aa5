"""The world map of a list: countries, places as markers, corridors as lines.

`rows` has the same content for a table; every link of the map is also in the page below it.
"""

from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import ngettext
from pyroaring import BitMap

from practices.index.facet_index import MapPlace, merge_sets
from practices.index.list_items import ListItem
from practices.listing.active_filters import query_string
from practices.listing.filters import PracticeFilter
from practices.maps.corridor_lines import CorridorLine, corridors
from practices.maps.markers import MapMarker, group_markers
from practices.models import Country
from practices.values.projection import Point
from practices.values.text import sort_key

# The least distance of markers by width of the screen, in units of the map: 24 pixels, the size of a target,
# where the map is 850 pixels wide and scrolls (site.css); 16 pixels on wide screens.
MARKER_DISTANCE = {"narrow": 28, "wide": 18}
MAX_LINES = 60  # lines that are drawn; more would overlap
MAX_NAMED_PLACES = 3  # of one marker
MAX_LISTED = 5  # practices of one country


@dataclass
class CountryRow:
    """A country in the table, and its outline on the map."""

    country: Country
    here: BitMap  # practices in it
    outward: BitMap  # practices about people who left it
    inward: BitMap  # practices about people who came to it
    url: str
    list_url: str


class MapView:
    """The map of a valid filter set. One query, for the titles that it shows."""

    def __init__(self, filterset: PracticeFilter, narrowed: bool = False) -> None:
        self.filterset = filterset
        self.facet_index = filterset.facet_index
        self.pks = filterset.qs.pks
        self.narrowed = narrowed

    def list_url(self, parameter: str, *values: str) -> str:
        """The list of these practices, with other values of one parameter."""
        kept = query_string(self.filterset.data, parameter)
        query = "&".join(filter(None, (kept, urlencode([(parameter, value) for value in values]))))
        return f"{reverse('practices')}?{query}"

    def url(self, name: str, code: str) -> str:
        """The page of a country or a corridor; on a narrowed map the list of its practices."""
        return self.list_url(name, code) if self.narrowed else reverse(name, args=[code])

    # Corridors ----------------------------------------------------------------------------------------------

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

    @property
    def destinations(self) -> list[Point]:
        """The end points of the drawn lines, without repeats."""
        return list(dict.fromkeys(line.ends[1] for line in self.drawn_lines))

    @property
    def ends(self) -> list[Country]:
        """The countries at the ends of drawn lines in which no practice happens, without repeats."""
        ends = {row.code: row for line in self.drawn_lines for row in (line.origin, line.destination)}
        filled = {row.country.code for row in self.filled}
        return [row for code, row in ends.items() if code not in filled]

    # Countries ----------------------------------------------------------------------------------------------

    @cached_property
    def rows(self) -> list[CountryRow]:
        """Every country with a practice in, from or to it, by name."""
        by_country = self.facet_index.by["country"].items()
        here = {code: shared for code, pks in by_country if (shared := pks & self.pks)}
        outward = merge_sets((line.origin.code, line.pks) for line in self.lines)
        inward = merge_sets((line.destination.code, line.pks) for line in self.lines)
        rows = [
            CountryRow(
                self.facet_index.countries[code],
                *(sets.get(code, BitMap()) for sets in (here, outward, inward)),
                self.url("country", code),
                self.list_url("country", code),
            )
            for code in {*here, *outward, *inward}
        ]
        return sorted(rows, key=lambda row: sort_key(row.country.local_name))

    @cached_property
    def filled(self) -> list[CountryRow]:
        """The countries that practices happen in."""
        return [row for row in self.rows if row.here]

    @cached_property
    def listed(self) -> dict[str, list[int]]:
        """Country → its newest practices, up to the number that is listed."""
        return {row.country.code: self.facet_index.newest(row.here, MAX_LISTED) for row in self.filled}

    # Places -------------------------------------------------------------------------------------------------

    @cached_property
    def places(self) -> list[tuple[MapPlace, BitMap]]:
        """The places of these practices, with the practices there."""
        map_places = self.facet_index.map_places.items()
        return [(place, shared) for place, pks in map_places if (shared := pks & self.pks)]

    @cached_property
    def markers(self) -> dict[str, list[MapMarker]]:
        """The markers for each width of the screen, without links; the style sheet shows one of them."""
        return {name: group_markers(self.places, distance) for name, distance in MARKER_DISTANCE.items()}

    @cached_property
    def linked_markers(self) -> dict[str, list[MapMarker]]:
        for markers in self.markers.values():
            for marker in markers:
                self.link(marker)
        return self.markers

    def link(self, marker: MapMarker) -> None:
        """Link a marker to its only practice, else to its country, else to the list of its countries."""
        name = self.name_of(marker)
        if marker.count == 1 and (item := self.list_items.get(marker.pks[0])):
            marker.url, marker.label = item.url, f"{name}: {item.title}"
            return
        counted = ngettext("%(n)d practice", "%(n)d practices", marker.count) % {"n": marker.count}
        marker.label = f"{name}: {counted}"
        if marker.repeats_country:
            marker.url = self.url("country", marker.countries[0])
        else:
            marker.url = self.list_url("country", *marker.countries)

    def name_of(self, marker: MapMarker) -> str:
        names = self.facet_index.names("country")
        texts = [
            f"{place.name}, {names[place.country]}" if place.name else names[place.country]
            for place in marker.places[:MAX_NAMED_PLACES]
        ]
        if more := len(marker.places) - len(texts):
            texts.append(ngettext("and %(n)d more place", "and %(n)d more places", more) % {"n": more})
        return "; ".join(texts)

    @cached_property
    def list_items(self) -> dict[int, ListItem]:
        """The practices that the page names. One query."""
        single = {
            marker.pks[0] for markers in self.markers.values() for marker in markers if marker.count == 1
        }
        return self.filterset.list_items({*single, *(pk for pks in self.listed.values() for pk in pks)})
