"""The one filter set: site, API, and whatever else lists practices read the same parameters here.

`docs/parameters.md` describes each of them; a test holds the two together.
"""

import re
from collections.abc import Iterable
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from practices.models import Actor, ActorType, Country, Objective, Practice, Region, Theme
from practices.models.practice import by_title
from practices.search import Found, find

ORDERINGS = {
    "relevance": _("Best match"),
    "-published": _("Newest first"),
    "title": _("Title"),
    "period": _("Earliest period"),
    "-period": _("Latest period"),
}


class KeysField(forms.Field):
    """One or more keys of a table (codes, slugs); the cleaned value is the list of keys, in order given.

    Raises an error that names the unknown key. One query when there is a value.
    """

    def __init__(self, model: type[Model], key: str, accepted: str, **kwargs: Any) -> None:
        super().__init__(widget=forms.MultipleHiddenInput, **kwargs)
        self.model, self.key, self.accepted = model, key, accepted

    def clean(self, value: Iterable[str] | None) -> list[str]:
        keys = list(dict.fromkeys(self.normalise(item) for item in value or () if item))
        if keys:
            known = self.known(keys)
            for key in keys:
                if key not in known:
                    raise unknown(key, self.accepted)
        return keys

    def normalise(self, item: str) -> str:
        return item.strip().replace("\0", "�")  # PostgreSQL takes no NUL; no key holds the sign for it

    def known(self, keys: list[str]) -> set[str]:
        return set(self.labels(keys))

    def labels(self, keys: list[str]) -> dict[str, str]:
        """Key → the row's name in words, for those that exist. One query."""
        rows = self.model.objects.filter(**{f"{self.key}__in": keys})
        return {getattr(row, self.key): str(row) for row in rows}


class CountryCodesField(KeysField):
    def normalise(self, item: str) -> str:
        return super().normalise(item).upper()


class CorridorsField(CountryCodesField):
    """Corridors as `PH-IT`: two ISO 3166-1 codes, origin first."""

    def known(self, keys: list[str]) -> set[str]:
        pairs = {
            key: match.groups() for key in keys if (match := re.fullmatch(r"([A-Z]{2})-([A-Z]{2})", key))
        }
        codes = super().known([code for pair in pairs.values() for code in pair])
        return {key for key, pair in pairs.items() if codes.issuperset(pair) and pair[0] != pair[1]}


class OptionsField(forms.MultipleChoiceField):
    """One or more values of a closed list; the error names the value and the list."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Iterable[str] | None) -> list[str]:
        return list(dict.fromkeys(item for item in super().to_python(value) if item))

    def validate(self, value: list[str]) -> None:
        for item in value:
            if not self.valid_value(item):
                raise unknown(item, ", ".join(str(key) for key, _label in self.choices))

    def labels(self, keys: list[str]) -> dict[str, str]:
        return {str(key): str(label) for key, label in self.choices}


class YearField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=9999, **kwargs)

    def clean(self, value: str | None) -> int | None:
        try:
            return super().clean(value)
        except ValidationError:
            raise unknown(str(value), _("a year such as 2014, from 1 to 9999")) from None


class OrderingField(forms.ChoiceField):
    def validate(self, value: str) -> None:
        if value and not self.valid_value(value):
            raise unknown(value, ", ".join(ORDERINGS))


def unknown(value: str, accepted: str) -> ValidationError:
    """The error for a wrong value: names it, at most 60 characters of it, and what is accepted."""
    return ValidationError(
        _("“%(value)s” is not known here. Accepted: %(accepted)s."),
        code="unknown",
        params={"value": value if len(value) <= 60 else f"{value[:59]}…", "accepted": accepted},
    )


class KeysFilter(django_filters.Filter):
    """Practices with any of the keys at `path`: OR inside the parameter, and no row twice."""

    field_class = KeysField

    def __init__(self, *paths: str, label: str, **kwargs: Any) -> None:
        super().__init__(label=label, **kwargs)
        self.paths = paths

    def filter(self, queryset: QuerySet, value: list[str]) -> QuerySet:
        if not value:
            return queryset
        wanted = Q()
        for path in self.paths:
            wanted |= Q(**{f"{path}__in": value})
        return queryset.filter(pk__in=Practice.objects.filter(wanted).values("pk"))


class CountryCodesFilter(KeysFilter):
    field_class = CountryCodesField


class OptionsFilter(KeysFilter):
    field_class = OptionsField


class CorridorsFilter(KeysFilter):
    field_class = CorridorsField

    def filter(self, queryset: QuerySet, value: list[str]) -> QuerySet:
        if not value:
            return queryset
        wanted = Q()
        for corridor in value:
            origin, destination = corridor.split("-")
            wanted |= Q(corridors__origin=origin, corridors__destination=destination)
        return queryset.filter(pk__in=Practice.objects.filter(wanted).values("pk"))


class FromYearFilter(django_filters.Filter):
    """Practices whose period reaches into the year or later; an open end reaches as far as one likes."""

    field_class = YearField

    def filter(self, queryset: QuerySet, value: int | None) -> QuerySet:
        if value is None:
            return queryset
        known = queryset.filter(period__isnull=False)
        return known.filter(Q(period_end__isnull=True) | Q(period_end__gte=date(value, 1, 1)))


class ToYearFilter(django_filters.Filter):
    """Practices whose period begins in the year or earlier."""

    field_class = YearField

    def filter(self, queryset: QuerySet, value: int | None) -> QuerySet:
        if value is None:
            return queryset
        known = queryset.filter(period__isnull=False)
        return known.filter(Q(period_start__isnull=True) | Q(period_start__lte=date(value, 12, 31)))


class OrderingFilter(django_filters.Filter):
    """The order of the rows; without one, the best match for a search and the newest for a list.

    Ties fall to the title and then to the row's number, so that no page repeats or skips a row.
    """

    field_class = OrderingField

    def filter(self, queryset: QuerySet, value: str) -> QuerySet:
        found = self.parent.found
        match value or ("relevance" if found else "-published"):
            case "relevance" if found:
                return found.in_order(queryset, "-published_at", by_title(), "pk")
            case "title":
                return queryset.order_by(by_title(), "pk")
            case "period":
                return queryset.order_by(F("period_start").asc(nulls_last=True), by_title(), "pk")
            case "-period":
                return queryset.order_by(F("period_start").desc(nulls_last=True), by_title(), "pk")
            case _:
                return queryset.order_by("-published_at", by_title(), "pk")


class PracticeFilterForm(forms.Form):
    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and first > last:
            self.add_error(
                "from",
                _("The range begins in %(first)d, after its end in %(last)d.")
                % {"first": first, "last": last},
            )
        return cleaned


class PracticeFilter(django_filters.FilterSet):
    """Filters and orders a queryset of practices by the parameters of an address.

    OR inside one parameter, AND across. The filters narrow; `ordering` comes last.
    """

    q = django_filters.CharFilter(method="search", label=_("Search"), max_length=500)
    country = CountryCodesFilter(
        "places__country", model=Country, key="code", label=_("Country"),
        accepted=_("ISO 3166-1 alpha-2 codes such as PH"),
    )  # fmt: skip
    region = KeysFilter(
        "places__country__region",
        "places__country__region__parent",
        "places__country__region__parent__parent",
        model=Region, key="code", label=_("Region"), accepted=_("UN M49 codes such as 035"),
    )  # fmt: skip
    theme = KeysFilter(
        "themes__slug", "themes__parent__slug", model=Theme, key="slug", label=_("Theme"),
        accepted=_("slugs of themes such as migrant-remittances"),
    )  # fmt: skip
    actor = KeysFilter(
        "participations__actor__slug", model=Actor, key="slug", label=_("Actor"),
        accepted=_("slugs of actors such as atikha"),
    )  # fmt: skip
    actor_type = KeysFilter(
        "participations__actor__type__slug", model=ActorType, key="slug", label=_("Type of actor"),
        accepted=_("slugs of actor types such as local-authorities"),
    )  # fmt: skip
    corridor = CorridorsFilter(
        model=Country, key="code", label=_("Corridor"),
        accepted=_("origin and destination as two ISO 3166-1 codes such as PH-IT"),
    )  # fmt: skip
    objective = KeysFilter(
        "objectives__code", model=Objective, key="code", label=_("Objective"),
        accepted=_("codes of objectives such as gcm-20 or sdg-10.7"),
    )  # fmt: skip
    kind = OptionsFilter("kind", choices=Practice.Kind.choices, label=_("Kind"))
    activity = OptionsFilter("activity", choices=Practice.Activity.choices, label=_("Activity"))
    language = OptionsFilter("language", choices=settings.CONTENT_LANGUAGES, label=_("Language"))

    # `from` is a word of Python's own, so these are entered by name.
    locals()["from"] = FromYearFilter(label=_("From year"))
    locals()["to"] = ToYearFilter(label=_("To year"))
    ordering = OrderingFilter(label=_("Order"), choices=list(ORDERINGS.items()))

    class Meta:
        model = Practice
        form = PracticeFilterForm
        fields: list[str] = []

    found: Found | None = None  # once `q` was read: what it found, and how it was understood

    def search(self, queryset: QuerySet, name: str, value: str) -> QuerySet:
        if self.found is None:
            self.found = find(queryset, value)
            return self.found.practices
        return queryset.filter(pk__in=self.found.practices.order_by().values("pk"))
