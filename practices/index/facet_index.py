"""The facet index: which published practices have which value of which filter.

It holds sets of primary keys, is made once for each content version and stays in memory. Lists filter and
count with it: values of one filter are a union, several filters an intersection, and the number next to a
value is the size of a set. At 100,000 practices that takes under a millisecond, in SQL 50 to 200.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import nsmallest
from threading import Lock
from typing import Any

from django.db.models import Aggregate, F, Max, Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Concat
from django.utils.translation import get_language
from pyroaring import BitMap

from practices.models import (
    Actor,
    ActorType,
    ChangeLogEntry,
    Country,
    Lesson,
    Objective,
    Participation,
    Place,
    Practice,
    Publication,
    Region,
    Theme,
)
from practices.models.content_version import content_version
from practices.models.practice import BY_TITLE
from practices.values.projection import Point, project
from practices.values.text import sort_key

Sets = dict[Any, BitMap]

# Filter → where a practice has its values: a path, or an expression.
VALUES: dict[str, Any] = {
    "country": "places__country",
    "theme": "themes__slug",
    "actor": "participations__actor__slug",
    "actor_type": "participations__actor__type__slug",
    "objective": "objectives__code",
    "corridor": Concat("corridors__origin", Value("-"), "corridors__destination"),
    "kind": "kind",
    "activity": "activity",
    "language": "language",
}
ORDERS: dict[str, tuple[Any, ...]] = {
    "-published": ("-published_at", *BY_TITLE, "pk"),
    "title": (*BY_TITLE, "pk"),
    "period": (F("period_start").asc(nulls_last=True), *BY_TITLE, "pk"),
    "-period": (F("period_start").desc(nulls_last=True), *BY_TITLE, "pk"),
}


class PkSetField(TextField):
    """A text such as `1,2,3`, read as a set of primary keys."""

    def from_db_value(self, value: str, *args: Any) -> BitMap:
        return BitMap([int(pk) for pk in value.split(",")])


class PkSet(Aggregate):
    """The primary keys of a group. It takes a tenth of the time of a row for each key."""

    function = "GROUP_CONCAT"
    output_field = PkSetField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple:
        return self.as_sql(compiler, connection, template="STRING_AGG(%(expressions)s::text, ',')", **context)


def pks_by(practices: QuerySet, path: Any) -> Sets:
    """Value of a path or an expression → the practices that have it. One query."""
    value = F(path) if isinstance(path, str) else path
    rows = practices.order_by().values(value=value).values_list("value").annotate(pks=PkSet("pk"))
    return {value: pks for value, pks in rows if value is not None}


def pks_by_year(practices: QuerySet, path: str) -> Sets:
    return merge_sets((day.year, pks) for day, pks in pks_by(practices, path).items())


def merge_sets(pairs: Iterable[tuple[Any, BitMap]]) -> Sets:
    """The union of the sets of each value."""
    sets: Sets = {}
    for value, pks in pairs:
        sets[value] = sets.get(value, BitMap()) | pks
    return sets


@dataclass(frozen=True)
class MapPlace:
    """A place where practices happen; the whole country if it has no name."""

    country: str
    name: str
    point: Point  # on the world map


class FacetIndex:
    """The sets of published practices by value, and the names of the values. Immutable."""

    def __init__(self, version: str) -> None:
        """Some twenty queries."""
        self.version = version
        # The number of the last entry of the change log; read first, so that the sets hold all up to it.
        self.sequence: int = ChangeLogEntry.objects.aggregate(last=Max("sequence", default=0))["last"]
        countries = sorted(Country.objects.all(), key=lambda row: sort_key(row.name))
        self.countries = {row.code: row for row in countries}
        self.regions = {row.code: row for row in Region.objects.all()}
        self.themes = {row.slug: row for row in Theme.objects.select_related("parent")}
        published = Practice.objects.published()
        self.published = BitMap(published.values_list("pk", flat=True))
        self.by = self.sets(published)
        self.dated = BitMap(published.filter(period__isnull=False).values_list("pk", flat=True))
        self.first_year = pks_by_year(published, "period_start")
        self.last_year = pks_by_year(published, "period_end")
        self.actors = {row.slug: row for row in Actor.objects.only("slug", "name", "acronym")}
        self.actor_types = {row.slug: row for row in ActorType.objects.all()}
        self.objectives = {row.code: row for row in Objective.objects.all()}
        self.rows: dict[str, dict[str, Any]] = {  # filter → value → the row of reference data
            "country": self.countries,
            "region": self.regions,
            "theme": self.themes,
            "actor": self.actors,
            "actor_type": self.actor_types,
            "objective": self.objectives,
        }
        self._orders: dict[str, list[int]] = {}
        self._names: dict[tuple[str, str | None], Names] = {}

    def sets(self, published: QuerySet) -> dict[str, Sets]:
        """Filter → value → the practices that have it. Regions include their regions, themes their parts."""
        by = {name: pks_by(published, path) for name, path in VALUES.items()}
        by["corridor"].pop("-", None)  # practices without a corridor
        by["region"] = merge_sets(
            (region, pks)
            for code, pks in by["country"].items()
            for region in regions_of(self.countries[code], self.regions)
        )
        by["theme"] = merge_sets(
            (theme.slug, pks)
            for slug, pks in by["theme"].items()
            for theme in (self.themes[slug], self.themes[slug].parent)
            if theme
        )
        # A practice that was published since `published` was read is in no set.
        return {
            name: {value: kept for value, pks in sets.items() if (kept := pks & self.published)}
            for name, sets in by.items()
        }

    # Values and their names ---------------------------------------------------------------------------------

    def has_value(self, parameter: str, value: str) -> bool:
        """Return whether a filter accepts a value: one of the reference data or a public actor."""
        match parameter:
            case "corridor":
                origin, sign, destination = value.partition("-")
                ends = {origin, destination}
                return bool(sign) and len(ends) == 2 and ends <= self.countries.keys()
            case "actor":
                return value in self.by["actor"] or value in self.public_actors
            case _:
                return value in self.rows[parameter]

    def having(self, parameter: str, value: str) -> BitMap:
        """The practices that have a value of a filter; may be empty."""
        return self.by[parameter].get(value) or BitMap()

    def name(self, parameter: str, value: str) -> str:
        """The name of a value in the active language."""
        match parameter:
            case "corridor":
                return " → ".join(self.countries[code].local_name for code in value.split("-"))
            case "continent":  # of a country
                regions = list(regions_of(self.countries[value], self.regions))
                return self.regions[regions[-1]].local_name if regions else ""
            case _ if parameter in self.rows:
                return str(self.rows[parameter][value])
            case _:  # a field of Practice with choices
                return str(dict(Practice._meta.get_field(parameter).flatchoices)[value])

    def names(self, parameter: str) -> "Names":
        """The names of a filter's values in the active language."""
        key = parameter, get_language()
        if key not in self._names:
            self._names[key] = Names(self, parameter)
        return self._names[key]

    # Periods ------------------------------------------------------------------------------------------------

    def since(self, year: int) -> BitMap:
        """Practices whose period reaches into the year or a later one; an open end reaches into any."""
        return self.dated - BitMap().union(*(pks for last, pks in self.last_year.items() if last < year))

    def until(self, year: int) -> BitMap:
        """Practices whose period begins in the year or an earlier one; so does one with an open beginning."""
        return self.dated - BitMap().union(*(pks for first, pks in self.first_year.items() if first > year))

    # Orders -------------------------------------------------------------------------------------------------

    def order(self, name: str) -> list[int]:
        """All practices in an order of ORDERS. One query the first time."""
        if name not in self._orders:
            rows = Practice.objects.published().order_by(*ORDERS[name]).values_list("pk", flat=True)
            self._orders[name] = list(rows)
        return self._orders[name]

    @cached_property
    def positions(self) -> dict[int, int]:
        """Practice → its position, the newest first."""
        return {pk: position for position, pk in enumerate(self.order("-published"))}

    def newest(self, pks: BitMap, most: int) -> list[int]:
        """The newest of some practices."""
        return nsmallest(most, pks, key=self.positions.__getitem__)

    @cached_property
    def newest_stand_out(self) -> bool:
        """Whether some practices were published before others. One query."""
        moments = Practice.objects.published().aggregate(first=Min("published_at"), last=Max("published_at"))
        return moments["first"] != moments["last"]

    @cached_property
    def changes(self) -> list[tuple[int, int]]:
        """Number of the last change and practice, by number, up to `sequence`. One query.

        A practice that changes while this is read is left out: its number is above `sequence`.
        """
        rows = ChangeLogEntry.objects.filter(removed=False, sequence__lte=self.sequence).order_by("sequence")
        return list(rows.values_list("sequence", "practice"))

    # What belongs to the practices --------------------------------------------------------------------------

    @cached_property
    def map_places(self) -> dict[MapPlace, BitMap]:
        """Territories with a point → the practices there. One query."""
        placed = Place.objects.published().filter(latitude__isnull=False).order_by()
        rows = placed.values_list("country", "name", "latitude", "longitude").annotate(pks=PkSet("practice"))
        return merge_sets(
            (MapPlace(country, name, project(latitude, longitude)), pks)
            for country, name, latitude, longitude, pks in rows
        )

    @cached_property
    def public_actors(self) -> dict[str, Actor]:
        """Slug → actor that takes part in a published practice, or in the publication of one; by name.

        One query.
        """
        practices = Participation.objects.published()
        books = Publication.objects.filter(practices__in=Practice.objects.published())
        public = Q(pk__in=practices.values("actor"))
        for part in ("publisher", "funders", "implementers"):
            public |= Q(pk__in=books.values(part))
        rows = sorted(Actor.objects.filter(public), key=lambda row: (sort_key(row.name), row.slug))
        return {row.slug: row for row in rows}

    @cached_property
    def practice_of_lesson(self) -> dict[int, int]:
        """Lesson → practice, by the positions of the practices and the order of their lessons. One query.

        Lessons of a practice that was published after the others were read are left out.
        """
        rows = Lesson.objects.published().order_by("order").values_list("pk", "practice")
        present = (row for row in rows if row[1] in self.positions)
        return dict(sorted(present, key=lambda row: self.positions[row[1]]))

    @cached_property
    def lesson_positions(self) -> dict[int, int]:
        """Lesson → its position in `practice_of_lesson`."""
        return {pk: position for position, pk in enumerate(self.practice_of_lesson)}


class Names(dict):
    """Value → name, looked up when it is first needed."""

    def __init__(self, facet_index: FacetIndex, parameter: str) -> None:
        super().__init__()
        self.facet_index, self.parameter = facet_index, parameter

    def __missing__(self, value: str) -> str:
        self[value] = name = self.facet_index.name(self.parameter, value)
        return name

    @cached_property
    def in_order(self) -> list[str]:
        """The values that practices have, by name."""
        return sorted(self.facet_index.by[self.parameter], key=lambda value: (sort_key(self[value]), value))


def get_facet_index(version: str = "") -> FacetIndex:
    """The facet index of a content version, by default of the current one (one query). Making it takes some
    twenty queries.

    While one thread makes it the others wait: if all made it, each would take as long as all together.
    """
    version = version or content_version()
    with _making:
        return facet_index_of(version)


_making = Lock()
facet_index_of = lru_cache(maxsize=2)(FacetIndex)


def regions_of(country: Country, regions: dict[str, Region]) -> Iterator[str]:
    """The M49 codes of the regions that a country lies in, from the narrowest to the widest."""
    code = country.region_id
    while code:
        yield code
        code = regions[code].parent_id
