"""The facet index: what is published, as sets of primary keys kept in memory for one content version.

Every list narrows and counts by it: a parameter's value is a set of practices, OR inside a parameter is a
union, AND across is an intersection, and a facet's count is the size of one. At 100,000 practices that takes
under a millisecond where counting in SQL takes 50 to 200 (docs/reference/performance.md).
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from heapq import nsmallest
from itertools import accumulate
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
from practices.models.practice import BY_TITLE
from practices.models.version import content_version
from practices.values.projection import Point, project
from practices.values.text import sort_key

Sets = dict[Any, BitMap]

ORDERS: dict[str, tuple[Any, ...]] = {
    "-published": ("-published_at", *BY_TITLE, "pk"),
    "title": (*BY_TITLE, "pk"),
    "period": (lambda: F("period_start").asc(nulls_last=True), *BY_TITLE, "pk"),
    "-period": (lambda: F("period_start").desc(nulls_last=True), *BY_TITLE, "pk"),
}


class PkList(Aggregate):
    """The primary keys of a group as one string, `1,2,3`: a tenth of the cost of a row for each."""

    function = "GROUP_CONCAT"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple:
        return self.as_sql(compiler, connection, template="STRING_AGG(%(expressions)s::text, ',')", **context)


def pks_by(practices: QuerySet, path: Any) -> Sets:
    """Value at a path (or of an expression) → the practices that have it. One query."""
    value = F(path) if isinstance(path, str) else path
    rows = practices.order_by().values(value=value).values_list("value").annotate(pks=PkList("pk"))
    return {value: BitMap(list(map(int, pks.split(",")))) for value, pks in rows if value is not None}


def by_year(practices: QuerySet, path: str) -> Sets:
    return merged((day.year, pks) for day, pks in pks_by(practices, path).items())


@dataclass(frozen=True)
class Territory:
    """A place where practices happen; the whole country when it has no name."""

    country: str
    name: str
    point: Point  # on the world map


class FacetIndex:
    """Sets of published practices, and the rows that name their values. Never changed once made."""

    def __init__(self, version: str) -> None:
        """Some twenty queries."""
        self.version = version
        # Of the last change that harvesters were told of; read first, so that all up to it is in the sets.
        self.sequence: int = ChangeLogEntry.objects.aggregate(last=Max("sequence", default=0))["last"]
        self.countries = {
            row.code: row for row in sorted(Country.objects.all(), key=lambda row: sort_key(row.name))
        }
        self.regions = {row.code: row for row in Region.objects.all()}
        self.themes = {row.slug: row for row in Theme.objects.select_related("parent")}
        published = Practice.objects.published()
        self.everything = BitMap(published.values_list("pk", flat=True))
        self.by: dict[str, Sets] = self.sets(published)
        # Those whose period is known.
        self.dated = BitMap(published.filter(period__isnull=False).values_list("pk", flat=True))
        self.first_year = by_year(published, "period_start")
        self.last_year = by_year(published, "period_end")
        self.actors = {row.slug: row for row in Actor.objects.only("slug", "name", "acronym")}
        self.actor_types = {row.slug: row for row in ActorType.objects.all()}
        self.objectives = {row.code: row for row in Objective.objects.all()}
        self._orders: dict[str, list[int]] = {}
        self._names: dict[tuple[str, str | None], Names] = {}

    def sets(self, published: QuerySet) -> dict[str, Sets]:
        """Parameter → value → the practices that have it."""
        by = {
            "country": pks_by(published, "places__country"),
            "theme": pks_by(published, "themes__slug"),
            "actor": pks_by(published, "participations__actor__slug"),
            "actor_type": pks_by(published, "participations__actor__type__slug"),
            "objective": pks_by(published, "objectives__code"),
            "corridor": pks_by(
                published.filter(corridors__isnull=False),
                Concat("corridors__origin", Value("-"), "corridors__destination"),
            ),
            "kind": pks_by(published, "kind"),
            "activity": pks_by(published, "activity"),
            "language": pks_by(published, "language"),
        }
        by["region"] = merged(
            (region, pks)
            for code, pks in by["country"].items()
            for region in regions_of(self.countries[code], self.regions)
        )
        by["theme"] = merged(
            (theme.slug, pks)
            for slug, pks in by["theme"].items()
            for theme in (self.themes[slug], self.themes[slug].parent)
            if theme
        )
        # What was published since stands in none, so that a set can be counted by what is outside another.
        return {
            name: {value: kept for value, pks in sets.items() if (kept := pks & self.everything)}
            for name, sets in by.items()
        }

    def has_value(self, parameter: str, value: str) -> bool:
        """Whether a parameter may have the value: it exists in the reference data, or is public."""
        match parameter:
            case "corridor":
                origin, sign, end = value.partition("-")
                return bool(sign) and origin != end and {origin, end} <= self.countries.keys()
            case "actor":
                return value in self.by["actor"] or value in self.public_actors
            case _:
                return value in self.rows(parameter)

    def having(self, parameter: str, value: str) -> BitMap:
        """The practices that have a value; none when no practice has it."""
        return self.by[parameter].get(value) or BitMap()

    def rows(self, parameter: str) -> dict[str, Any]:
        """Value → the row it stands for."""
        return {
            "country": self.countries,
            "region": self.regions,
            "theme": self.themes,
            "actor": self.actors,
            "actor_type": self.actor_types,
            "objective": self.objectives,
        }[parameter]

    def name(self, parameter: str, value: str) -> str:
        """A value in words, in the active language."""
        match parameter:
            case "corridor":
                return " → ".join(self.countries[code].local_name for code in value.split("-"))
            case "continent":  # of a country
                regions = list(regions_of(self.countries[value], self.regions))
                return self.regions[regions[-1]].local_name if regions else ""
            case "kind" | "activity" | "language":
                return str(dict(Practice._meta.get_field(parameter).flatchoices)[value])
            case _:
                return str(self.rows(parameter)[value])

    def names(self, parameter: str) -> "Names":
        """The names of a parameter's values in the active language, each made once."""
        key = parameter, get_language()
        if key not in self._names:
            self._names[key] = Names(self, parameter)
        return self._names[key]

    def since(self, year: int) -> BitMap:
        """Those whose period reaches into the year or later; an open end reaches as far as one likes."""
        return self.dated - self.ended_before(year)

    def until(self, year: int) -> BitMap:
        """Those whose period begins in the year or earlier; so does one with an open beginning."""
        return self.dated - self.begun_after(year)

    def ended_before(self, year: int) -> BitMap:
        years = sorted(self.last_year)
        return self._ended[bisect_left(years, year)]

    def begun_after(self, year: int) -> BitMap:
        years = sorted(self.first_year)
        return self._begun[len(years) - bisect_right(years, year)]

    @cached_property
    def _ended(self) -> list[BitMap]:
        """Those that ended in none of the years, in the first of them, in the first two …"""
        return unions(self.last_year[year] for year in sorted(self.last_year))

    @cached_property
    def _begun(self) -> list[BitMap]:
        """Those that began in none of the years, in the last of them, in the last two …"""
        return unions(self.first_year[year] for year in sorted(self.first_year, reverse=True))

    def order(self, name: str) -> list[int]:
        """The keys of all practices in an order of ORDERS. One query the first time."""
        if name not in self._orders:
            order = [part() if callable(part) else part for part in ORDERS[name]]
            rows = Practice.objects.published().order_by(*order).values_list("pk", flat=True)
            self._orders[name] = list(rows)
        return self._orders[name]

    @cached_property
    def newest_stand_out(self) -> bool:
        """Whether some practices were published before others. One query."""
        moments = Practice.objects.published().aggregate(first=Min("published_at"), last=Max("published_at"))
        return moments["first"] != moments["last"]

    @cached_property
    def changes(self) -> list[tuple[int, int]]:
        """The practices by their last change, up to `sequence`: its number and the key. One query.

        What changes while it is read is left out, as it stands after `sequence` then.
        """
        rows = ChangeLogEntry.objects.filter(removed=False, sequence__lte=self.sequence).order_by("sequence")
        return list(rows.values_list("sequence", "practice"))

    @cached_property
    def places(self) -> dict[int, int]:
        """The keys of all practices, the newest first → their place."""
        return {key: place for place, key in enumerate(self.order("-published"))}

    def newest(self, pks: BitMap, most: int) -> list[int]:
        """The first of some practices, the newest first."""
        return nsmallest(most, pks, key=self.places.__getitem__)

    @cached_property
    def territories(self) -> dict[Territory, BitMap]:
        """Territories with a point → the practices there. One query the first time."""
        placed = Place.objects.published().filter(latitude__isnull=False).order_by()
        rows = placed.values_list("country", "name", "latitude", "longitude").annotate(pks=PkList("practice"))
        return merged(
            (Territory(country, name, project(latitude, longitude)), BitMap(list(map(int, pks.split(",")))))
            for country, name, latitude, longitude, pks in rows
        )

    @cached_property
    def public_actors(self) -> dict[str, Actor]:
        """Slug → actor with a part in a published practice, or in the publication of one. One query."""
        practices = Participation.objects.published()
        books = Publication.objects.filter(practices__in=Practice.objects.published())
        public = Q(pk__in=practices.values("actor"))
        for part in ("publisher", "funders", "implementers"):
            public |= Q(pk__in=books.values(part))
        return {row.slug: row for row in Actor.objects.filter(public)}

    @cached_property
    def practice_of(self) -> dict[int, int]:
        """Key of a lesson → key of its practice, in the order of the practices and of their lessons.

        Read a moment after the practices: what was published in between waits for the next version.
        """
        rows = Lesson.objects.published().order_by("order").values_list("pk", "practice")
        known = (row for row in rows if row[1] in self.places)
        return dict(sorted(known, key=lambda row: self.places[row[1]]))

    @cached_property
    def lessons(self) -> dict[int, int]:
        """The keys of all lessons → their place, practices the newest first."""
        return {key: place for place, key in enumerate(self.practice_of)}


class Names(dict):
    """Value → name, looked up when first asked for."""

    def __init__(self, facet_index: FacetIndex, parameter: str) -> None:
        super().__init__()
        self.facet_index, self.parameter = facet_index, parameter

    def __missing__(self, value: str) -> str:
        self[value] = name = self.facet_index.name(self.parameter, value)
        return name

    @cached_property
    def in_order(self) -> list[str]:
        """The values that some practice has, by their names."""
        return sorted(self.facet_index.by[self.parameter], key=lambda value: (sort_key(self[value]), value))


def get_facet_index(version: str = "") -> FacetIndex:
    """The facet index of a version that was just read, else of the one in force. One query; after a change
    some twenty.

    While one thread makes it anew the others wait for it: together they would take as long each.
    """
    version = version or content_version()
    with _making:
        return facet_index_of(version)


_making = Lock()
facet_index_of = lru_cache(maxsize=2)(FacetIndex)


def unions(sets: Iterable[BitMap]) -> list[BitMap]:
    """Nothing, the first set, the first two together …"""
    return list(accumulate(sets, BitMap.__or__, initial=BitMap()))


def merged(pairs: Iterable[tuple[Any, BitMap]]) -> Sets:
    sets: Sets = {}
    for value, pks in pairs:
        sets[value] = sets.get(value, BitMap()) | pks
    return sets


def regions_of(country: Country, regions: dict[str, Region]) -> Iterator[str]:
    """The M49 codes of the regions a country lies in, from the narrowest to the widest."""
    code = country.region_id
    while code:
        yield code
        code = regions[code].parent_id
