"""What one can narrow a list by, with the exact number of practices behind each choice.

A choice counts the practices that all *other* parameters leave, so choices of one facet can be compared
and added to each other (OR inside a facet, AND across).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _
from pyroaring import BitMap

from practices.listing.filters import PracticeFilter
from practices.models import Practice, Theme
from practices.models.reference import Framework
from practices.values.text import sort_key

NONE = BitMap()
SHOWN_AT_ONCE = 8
MOST_FOLDED = 60


class Choice(NamedTuple):
    """A tuple, as a page unpacks hundreds of them."""

    value: str
    label: str
    count: int
    selected: bool
    parts: Sequence["Choice"] = ()  # the second level of themes


@dataclass
class Group:
    """Choices under a heading of their own: the countries of a region, the objectives of a framework."""

    label: str
    choices: list[Choice]
    rarer: int = 0  # how many more there are, which no page has room for

    @cached_property
    def selected(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.selected]

    @cached_property
    def by_choice(self) -> list[Choice]:
        """Those chosen before the others; a long list only, as a short one is easier to read unmoved."""
        if len(self.choices) <= SHOWN_AT_ONCE or not self.selected:
            return self.choices
        return sorted(self.choices, key=lambda choice: not choice.selected)

    @cached_property
    def first(self) -> list[Choice]:
        """What is shown at once: the choices made, and the first ones of the rest, up to SHOWN_AT_ONCE."""
        return self.by_choice[: max(SHOWN_AT_ONCE, len(self.selected))]

    @property
    def rest(self) -> list[Choice]:
        """What is folded away, up to MOST_FOLDED."""
        return self.by_choice[len(self.first) :][:MOST_FOLDED]

    @property
    def left_out(self) -> int:
        """How many are too rare even for that; the search box finds them by name."""
        return len(self.choices) - len(self.first) - len(self.rest) + self.rarer


@dataclass
class Facet:
    parameter: str
    label: str
    groups: list[Group]

    def __bool__(self) -> bool:
        """Whether there is anything to choose."""
        return any(group.choices for group in self.groups)

    @property
    def choices(self) -> list[Choice]:
        """All choices in a row, parts after their whole."""
        return [part for group in self.groups for choice in group.choices for part in (choice, *choice.parts)]

    @property
    def selected(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.selected]


def counting(others: BitMap, everything: BitMap) -> Callable[[BitMap], int]:
    """Set → how many of `others` it holds. Few are slow to look up in each set, so what is not among them is
    counted then."""
    if len(others) > len(everything) / 2:
        return others.intersection_cardinality
    outside = (everything - others).intersection_cardinality
    return lambda pks: len(pks) - outside(pks)


class Counter:
    """Counts and names the values of one parameter among the practices that all others leave. No query."""

    def __init__(self, filterset: PracticeFilter, parameter: str) -> None:
        self.facet_index, self.parameter = filterset.facet_index, parameter
        self.sets = filterset.facet_index.by[parameter]
        self.names = filterset.facet_index.names(parameter)
        self.chosen = dict.fromkeys(filterset.form.cleaned_data.get(parameter, ()))
        self.count = counting(filterset.without(parameter).pks, filterset.facet_index.everything)

    def choice(self, value: str, parts: Sequence[Choice] = ()) -> Choice:
        count = self.count(self.sets.get(value, NONE))
        return Choice(value, self.names[value], count, value in self.chosen, parts)

    def counted(self, values: Iterable[str]) -> list[tuple[str, int]]:
        """Each value that some practice has, or that is chosen (then perhaps with a 0), with its count."""
        sets, count, chosen = self.sets, self.count, self.chosen
        counts = [(value, count(sets.get(value, NONE))) for value in values]
        return [pair for pair in counts if pair[1] or pair[0] in chosen]

    def choices(self, counted: Iterable[tuple[str, int]]) -> list[Choice]:
        return [Choice(value, self.names[value], count, value in self.chosen) for value, count in counted]

    def offered(self, values: Iterable[str]) -> list[Choice]:
        return self.choices(self.counted(values))

    def by_name(self) -> list[Choice]:
        choices = self.offered(self.names.in_order)
        rare = [self.choice(value) for value in self.chosen if value not in self.sets]
        return sorted([*choices, *rare], key=lambda choice: sort_key(choice.label)) if rare else choices


def facets(filterset: PracticeFilter, most: int | None = None) -> list[Facet]:
    """All facets of a valid filter set; of long lists the `most` frequent choices, else all."""
    makers = (countries, themes, corridors, actor_types, actors, objectives, kinds, activities)
    return [make(filterset, most) if make is actors else make(filterset) for make in makers]


def countries(filterset: PracticeFilter) -> Facet:
    """Countries by name, under their M49 regions (the five continents' level)."""
    counter = Counter(filterset, "country")
    continents = filterset.facet_index.names("continent")
    groups: dict[str, list[Choice]] = {}
    for choice in counter.by_name():
        groups.setdefault(continents[choice.value], []).append(choice)
    return Facet(
        "country", _("Country"), [Group(name, groups[name]) for name in sorted(groups, key=sort_key)]
    )


def themes(filterset: PracticeFilter) -> Facet:
    """The two levels of JMDI's themes, a whole counting the practices of its parts, and the toolbox lens."""
    counter = Counter(filterset, "theme")
    rows = filterset.facet_index.themes.values()
    groups = []
    for scheme in Theme.Scheme:
        choices = []
        for theme in rows:
            if theme.scheme == scheme and not theme.parent:
                parts = counter.offered(row.slug for row in rows if row.parent_id == theme.pk)
                whole = counter.choice(theme.slug, parts)
                if whole.count or whole.selected or parts:
                    choices.append(whole)
        groups.append(Group(str(scheme.label), choices))
    return Facet("theme", _("Theme"), groups)


def corridors(filterset: PracticeFilter) -> Facet:
    """From where to where."""
    return Facet("corridor", _("Corridor"), [Group("", Counter(filterset, "corridor").by_name())])


def actor_types(filterset: PracticeFilter) -> Facet:
    offered = Counter(filterset, "actor_type").offered(filterset.facet_index.actor_types)
    return Facet("actor_type", _("Type of actor"), [Group("", offered)])


def actors(filterset: PracticeFilter, most: int | None = None) -> Facet:
    """Those with most practices first: a collection has many, and most of them once."""
    counter = Counter(filterset, "actor")
    counted = sorted(counter.counted(counter.names.in_order), key=itemgetter(1), reverse=True)
    shown = counted[:most]
    shown += [pair for pair in counted[len(shown) :] if pair[0] in counter.chosen]
    return Facet("actor", _("Actor"), [Group("", counter.choices(shown), len(counted) - len(shown))])


def objectives(filterset: PracticeFilter) -> Facet:
    counter = Counter(filterset, "objective")
    rows = filterset.facet_index.objectives.values()
    groups = [
        Group(str(framework.label), counter.offered(row.code for row in rows if row.framework == framework))
        for framework in Framework
    ]
    return Facet("objective", _("Objective"), groups)


def kinds(filterset: PracticeFilter) -> Facet:
    offered = Counter(filterset, "kind").offered(Practice.Kind.values)
    return Facet("kind", _("Kind"), [Group("", offered)])


def activities(filterset: PracticeFilter) -> Facet:
    offered = Counter(filterset, "activity").offered(Practice.Activity.values)
    return Facet("activity", _("Activity"), [Group("", offered)])


def regions(filterset: PracticeFilter) -> Facet:
    """Regions at every level, each with the countries and regions in it. Only programs are offered them."""
    return Facet("region", _("Region"), [Group("", Counter(filterset, "region").by_name())])


def languages(filterset: PracticeFilter) -> Facet:
    offered = Counter(filterset, "language").offered(dict(settings.CONTENT_LANGUAGES))
    return Facet("language", _("Language"), [Group("", offered)])


@dataclass
class Bar:
    """Some years of the histogram: the practices whose period touches them."""

    first: int
    last: int
    count: int
    height: int  # of the highest, in percent
    selected: bool

    @property
    def label(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first}–{self.last}"


MOST_BARS = 24


def years(filterset: PracticeFilter) -> list[Bar]:
    """The histogram of periods, without the choice of years itself; empty when no period is known.

    From the first year that a period begins or ends in to the last; open ends reach to either side of it.
    """
    facet_index = filterset.facet_index
    others = BitMap.intersection(filterset.without("from", "to").pks, facet_index.dated)
    known = [*facet_index.first_year.items(), *facet_index.last_year.items()]
    marks = [year for year, pks in known if pks.intersect(others)]
    if not marks:
        return []
    first, last = min(marks), max(marks)
    step = -(-(last - first + 1) // MOST_BARS)
    spans = [(start, min(start + step - 1, last)) for start in range(first, last + 1, step)]
    counts = [
        len(others)
        - others.intersection_cardinality(facet_index.ended_before(start))
        - others.intersection_cardinality(facet_index.begun_after(end))
        for start, end in spans
    ]
    values = filterset.form.cleaned_data
    begin, end = values.get("from") or first, values.get("to") or last
    return [
        Bar(start, stop, count, round(100 * count / max(counts)), start <= end and stop >= begin)
        for (start, stop), count in zip(spans, counts, strict=True)
    ]
