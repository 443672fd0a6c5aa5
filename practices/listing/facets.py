"""The values that a list can be filtered by, each with its number of practices.

The number next to a value counts the practices that all *other* parameters leave, so that readers can compare
the values of a facet and select several. To add a facet, write a function for it and name it in `facets()`,
or in `API_ONLY`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings

from practices.listing.filters import PracticeFilter
from practices.models import Practice, Theme
from practices.models.reference import Framework
from practices.values.text import sort_key

MAX_SHOWN = 8  # choices of a group that are shown at once, besides those that are selected
MAX_FOLDED = 60  # choices of a group in the fold below them
MAX_BARS = 24


class Choice(NamedTuple):
    """A value of a facet. It is a tuple because a page reads hundreds of them."""

    value: str
    label: str
    count: int
    selected: bool
    parts: Sequence["Choice"] = ()  # the second level of themes


@dataclass
class Group:
    """Choices below one heading: the countries of a continent, the objectives of a framework."""

    label: str
    choices: list[Choice]
    omitted: int = 0  # choices that are not even in `choices`
    first: list[Choice] = field(init=False)
    rest: list[Choice] = field(init=False)  # folded
    left_out: int = field(init=False)  # choices that are too rare even for the fold

    def __post_init__(self) -> None:
        selected = sum(choice.selected for choice in self.choices)
        ordered = self.choices
        if selected and len(ordered) > MAX_SHOWN:  # a short list is easier to read in its own order
            ordered = sorted(ordered, key=lambda choice: not choice.selected)
        shown = max(MAX_SHOWN, selected)
        self.first, self.rest = ordered[:shown], ordered[shown : shown + MAX_FOLDED]
        self.left_out = len(ordered) - len(self.first) - len(self.rest) + self.omitted


@dataclass
class Facet:
    parameter: str
    label: str
    groups: list[Group]

    def __bool__(self) -> bool:
        """Return whether it has any choice."""
        return any(group.choices for group in self.groups)

    @property
    def choices(self) -> list[Choice]:
        """All choices in one list; sub-values follow their parent."""
        return [part for group in self.groups for choice in group.choices for part in (choice, *choice.parts)]

    @property
    def selected(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.selected]


class FacetBuilder:
    """Counts and names the values of one parameter of a valid filter set. No query."""

    def __init__(self, filterset: PracticeFilter, parameter: str) -> None:
        self.parameter, self.label = parameter, str(filterset.filters[parameter].label)
        self.sets = filterset.facet_index.by[parameter]
        self.names = filterset.facet_index.names(parameter)
        self.selected = filterset.form.cleaned_data.get(parameter, ())
        self.others = filterset.without(parameter).pks

    def count(self, value: str) -> int:
        return self.others.intersection_cardinality(self.sets[value]) if value in self.sets else 0

    def counts(self, values: Iterable[str]) -> list[tuple[str, int]]:
        """Each value with its number, without values that no practice has and that are not selected."""
        counts = [(value, self.count(value)) for value in values]
        return [(value, count) for value, count in counts if count or value in self.selected]

    def choice(self, value: str, count: int, parts: Sequence[Choice] = ()) -> Choice:
        return Choice(value, self.names[value], count, value in self.selected, parts)

    def choices(self, values: Iterable[str]) -> list[Choice]:
        return [self.choice(value, count) for value, count in self.counts(values)]

    def by_name(self) -> list[Choice]:
        without_practice = [value for value in self.selected if value not in self.sets]
        choices = self.choices([*self.names.in_order, *without_practice])
        return sorted(choices, key=lambda choice: sort_key(choice.label)) if without_practice else choices

    def facet(self, *groups: Group) -> Facet:
        return Facet(self.parameter, self.label, list(groups))


def facets(filterset: PracticeFilter, max_actors: int | None = None) -> list[Facet]:
    """All facets of a valid filter set that pages show."""
    return [
        countries(filterset),
        themes(filterset),
        corridors(filterset),
        actor_types(filterset),
        actors(filterset, max_actors),
        objectives(filterset),
        kinds(filterset),
        activities(filterset),
    ]


def countries(filterset: PracticeFilter) -> Facet:
    """Countries by name, grouped by continent."""
    facet = FacetBuilder(filterset, "country")
    continents = filterset.facet_index.names("continent")
    groups: dict[str, list[Choice]] = {}
    for choice in facet.by_name():
        groups.setdefault(continents[choice.value], []).append(choice)
    return facet.facet(*(Group(name, groups[name]) for name in sorted(groups, key=sort_key)))


def themes(filterset: PracticeFilter) -> Facet:
    """The two levels of themes, grouped by scheme. A theme counts the practices of its parts."""
    facet = FacetBuilder(filterset, "theme")
    rows = filterset.facet_index.themes.values()
    groups = []
    for scheme in Theme.Scheme:
        choices = []
        for theme in rows:
            if theme.scheme == scheme and not theme.parent:
                parts = facet.choices(part.slug for part in rows if part.parent_id == theme.pk)
                whole = facet.choice(theme.slug, facet.count(theme.slug), parts)
                if whole.count or whole.selected or parts:
                    choices.append(whole)
        groups.append(Group(str(scheme.label), choices))
    return facet.facet(*groups)


def corridors(filterset: PracticeFilter) -> Facet:
    facet = FacetBuilder(filterset, "corridor")
    return facet.facet(Group("", facet.by_name()))


def actor_types(filterset: PracticeFilter) -> Facet:
    facet = FacetBuilder(filterset, "actor_type")
    return facet.facet(Group("", facet.choices(filterset.facet_index.actor_types)))


def actors(filterset: PracticeFilter, max_actors: int | None = None) -> Facet:
    """Actors with most practices first, at most so many and those that are selected."""
    facet = FacetBuilder(filterset, "actor")
    counts = sorted(facet.counts(facet.names.in_order), key=itemgetter(1), reverse=True)
    shown = counts[:max_actors]
    shown += [pair for pair in counts[len(shown) :] if pair[0] in facet.selected]
    return facet.facet(Group("", [facet.choice(*pair) for pair in shown], omitted=len(counts) - len(shown)))


def objectives(filterset: PracticeFilter) -> Facet:
    facet = FacetBuilder(filterset, "objective")
    rows = filterset.facet_index.objectives.values()
    return facet.facet(
        *(
            Group(str(framework.label), facet.choices(row.code for row in rows if row.framework == framework))
            for framework in Framework
        )
    )


def kinds(filterset: PracticeFilter) -> Facet:
    facet = FacetBuilder(filterset, "kind")
    return facet.facet(Group("", facet.choices(Practice.Kind.values)))


def activities(filterset: PracticeFilter) -> Facet:
    facet = FacetBuilder(filterset, "activity")
    return facet.facet(Group("", facet.choices(Practice.Activity.values)))


def regions(filterset: PracticeFilter) -> Facet:
    """Regions of every level, each with what lies in it."""
    facet = FacetBuilder(filterset, "region")
    return facet.facet(Group("", facet.by_name()))


def languages(filterset: PracticeFilter) -> Facet:
    """The languages of the content."""
    facet = FacetBuilder(filterset, "language")
    return facet.facet(Group("", facet.choices(dict(settings.CONTENT_LANGUAGES))))


# Facets that only the API has, by parameter. The forms of the pages send such a filter as a hidden field.
API_ONLY: dict[str, Callable[[PracticeFilter], Facet]] = {"region": regions, "language": languages}


@dataclass
class Bar:
    """Some years of the histogram, with the practices whose period touches them."""

    first: int
    last: int
    count: int
    height: int  # in percent of the highest
    selected: bool

    @property
    def label(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


def years(filterset: PracticeFilter) -> list[Bar]:
    """The histogram of periods, independent of the selected years; empty if no period is known.

    It reaches from the first year in which a period begins or ends to the last; open ends reach beyond both.
    """
    facet_index = filterset.facet_index
    others = filterset.without("from", "to").pks & facet_index.dated
    begun = Counter({year: len(pks & others) for year, pks in facet_index.first_year.items()})
    ended = Counter({year: len(pks & others) for year, pks in facet_index.last_year.items()})
    found = [year for year, count in (*begun.items(), *ended.items()) if count]
    if not found:
        return []
    first, last = min(found), max(found)
    step = -(-(last - first + 1) // MAX_BARS)
    selected = filterset.form.cleaned_data
    since, until = selected.get("from") or first, selected.get("to") or last
    spans = [(start, min(start + step - 1, last)) for start in range(first, last + 1, step)]
    counts = [
        len(others)
        - sum(count for year, count in ended.items() if year < start)
        - sum(count for year, count in begun.items() if year > end)
        for start, end in spans
    ]
    return [
        Bar(start, end, count, round(100 * count / max(counts)), start <= until and end >= since)
        for (start, end), count in zip(spans, counts, strict=True)
    ]
