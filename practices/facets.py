"""What one can narrow a list by, with the exact number of practices behind each choice.

A choice counts the practices that all *other* parameters leave, so choices of one facet can be compared
and added to each other (OR inside a facet, AND across).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db.models import Count, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from practices.filters import PracticeFilter
from practices.models import ActorType, Country, Objective, Practice, Theme
from practices.models.reference import Framework

SHOWN_AT_ONCE = 8


@dataclass
class Choice:
    value: str
    label: str
    count: int
    selected: bool
    parts: list["Choice"] = field(default_factory=list)  # the second level of themes


@dataclass
class Group:
    """Choices under a heading of their own: the countries of a region, the objectives of a framework."""

    label: str
    choices: list[Choice]

    @property
    def first(self) -> list[Choice]:
        """What is shown at once: the choices made, and the first ones of the rest, up to SHOWN_AT_ONCE."""
        return self.by_choice()[: max(SHOWN_AT_ONCE, sum(choice.selected for choice in self.choices))]

    @property
    def rest(self) -> list[Choice]:
        """What is folded away."""
        return self.by_choice()[len(self.first) :]

    def by_choice(self) -> list[Choice]:
        """Those chosen before the others; a long list only, as a short one is easier to read unmoved."""
        if len(self.choices) <= SHOWN_AT_ONCE:
            return self.choices
        return sorted(self.choices, key=lambda choice: not choice.selected)


@dataclass
class Facet:
    parameter: str
    label: str
    groups: list[Group]

    @property
    def choices(self) -> list[Choice]:
        """All choices in a row, parts after their whole."""
        return [part for group in self.groups for choice in group.choices for part in (choice, *choice.parts)]

    @property
    def selected(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.selected]


Counts = dict[str, int]
Chosen = Callable[[str], bool]


def count_by(practices: QuerySet, *paths: str) -> Counts:
    """Key → number of different practices, for the keys at `paths` (the first not null). One query."""
    key = Coalesce(*paths) if len(paths) > 1 else paths[0]
    rows = practices.order_by().values_list(key).annotate(count=Count("pk", distinct=True))
    return {value: count for value, count in rows if value is not None}


def facets(filterset: PracticeFilter) -> list[Facet]:
    """All facets of a valid filter set. The number of queries does not depend on the rows."""
    _ = filterset.qs  # reads the question once, for all facets
    return [
        make(filterset) for make in (countries, themes, corridors, actor_types, objectives, kinds, activities)
    ]


def without(filterset: PracticeFilter, parameter: str) -> tuple[QuerySet, Chosen]:
    """The practices that all parameters but one leave, and which of that one's values are chosen."""
    data = filterset.data.copy()
    chosen = set(filterset.form.cleaned_data[parameter])
    data.pop(parameter, None)
    others = PracticeFilter(data, queryset=Practice.objects.published())
    others.found = filterset.found
    return others.qs, chosen.__contains__


def offered(rows: Iterable, counts: Counts, chosen: Chosen, key: str, label: str = "name") -> list[Choice]:
    """A choice for each row that some practice has or that is chosen (then perhaps with a count of 0)."""
    choices = (
        Choice(value, str(getattr(row, label)), counts.get(value, 0), chosen(value))
        for row in rows
        if (value := getattr(row, key)) is not None
    )
    return [choice for choice in choices if choice.count or choice.selected]


def countries(filterset: PracticeFilter) -> Facet:
    """Countries by name, under their M49 regions (the five continents' level)."""
    practices, chosen = without(filterset, "country")
    counts = count_by(practices, "places__country")
    wanted = {*counts, *filterset.form.cleaned_data["country"]}
    rows = Country.objects.filter(code__in=wanted).select_related("region__parent__parent")
    regions: dict[str, list[Country]] = {}
    for country in sorted(rows, key=lambda country: country.local_name):
        region = country.region
        while region and region.parent:
            region = region.parent
        regions.setdefault(str(region or ""), []).append(country)
    return Facet(
        "country",
        _("Country"),
        [
            Group(name, offered(regions[name], counts, chosen, "code", "local_name"))
            for name in sorted(regions)
        ],
    )


def themes(filterset: PracticeFilter) -> Facet:
    """The two levels of JMDI's themes, a whole counting the practices of its parts, and the toolbox lens."""
    practices, chosen = without(filterset, "theme")
    parts = count_by(practices, "themes__slug")
    wholes = count_by(practices, "themes__parent__slug", "themes__slug")
    rows = list(Theme.objects.select_related("parent"))
    groups = []
    for scheme in Theme.Scheme:
        top = [theme for theme in rows if theme.scheme == scheme and not theme.parent]
        choices = []
        for theme in top:
            below = offered([row for row in rows if row.parent_id == theme.pk], parts, chosen, "slug")
            count = wholes.get(theme.slug, 0)
            if count or below or chosen(theme.slug):
                choices.append(Choice(theme.slug, theme.name, count, chosen(theme.slug), below))
        groups.append(Group(str(scheme.label), choices))
    return Facet("theme", _("Theme"), groups)


def corridors(filterset: PracticeFilter) -> Facet:
    """From where to where."""
    practices, chosen = without(filterset, "corridor")
    rows = (
        practices.order_by()
        .filter(corridors__isnull=False)
        .values_list("corridors__origin", "corridors__destination")
        .annotate(count=Count("pk", distinct=True))
    )
    counts = {f"{origin}-{destination}": count for origin, destination, count in rows}
    codes = dict.fromkeys([*counts, *filterset.form.cleaned_data["corridor"]])
    names = Country.objects.in_bulk({end for code in codes for end in code.split("-")})
    choices = [
        Choice(
            code,
            " → ".join(names[end].local_name for end in code.split("-")),
            counts.get(code, 0),
            chosen(code),
        )
        for code in codes
    ]
    return Facet("corridor", _("Corridor"), [Group("", sorted(choices, key=lambda choice: choice.label))])


def actor_types(filterset: PracticeFilter) -> Facet:
    practices, chosen = without(filterset, "actor_type")
    counts = count_by(practices, "participations__actor__type__slug")
    return Facet(
        "actor_type",
        _("Type of actor"),
        [Group("", offered(ActorType.objects.all(), counts, chosen, "slug"))],
    )


def objectives(filterset: PracticeFilter) -> Facet:
    practices, chosen = without(filterset, "objective")
    counts = count_by(practices, "objectives__code")
    rows = list(Objective.objects.all())
    groups = [
        Group(
            str(framework.label),
            offered([row for row in rows if row.framework == framework], counts, chosen, "code", "title"),
        )
        for framework in Framework
    ]
    return Facet("objective", _("Objective"), groups)


def options(filterset: PracticeFilter, parameter: str, label: str, choices: Iterable) -> Facet:
    """A facet over a closed list kept in a column of the practice itself."""
    practices, chosen = without(filterset, parameter)
    counts = count_by(practices, parameter)
    offers = (Choice(key, str(name), counts.get(key, 0), chosen(key)) for key, name in choices)
    return Facet(parameter, label, [Group("", [offer for offer in offers if offer.count or offer.selected])])


def kinds(filterset: PracticeFilter) -> Facet:
    return options(filterset, "kind", _("Kind"), Practice.Kind.choices)


def activities(filterset: PracticeFilter) -> Facet:
    return options(filterset, "activity", _("Activity"), Practice.Activity.choices)
