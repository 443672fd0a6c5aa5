"""The one filter set: site, API, and whatever else lists practices read the same parameters here.

`docs/parameters.md` describes each of them; a test holds the two together.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from practices.index.facet_index import FacetIndex, get_facet_index
from practices.index.list_items import ListItem, list_items
from practices.models import Practice
from practices.search import Found, find
from practices.search.backends import LESSONS, PRACTICES

ORDERINGS = {
    "relevance": _("Best match"),
    "-published": _("Newest first, then by title"),
    "title": _("Title"),
    "period": _("Earliest period"),
    "-period": _("Latest period"),
}


OTHER_SEPARATORS = re.compile(r"[;|/+\s]")


def listed_values(values: Iterable[str]) -> Iterator[str]:
    """The values of a list parameter, which may repeat or separate its values with commas; none is empty."""
    for value in values:
        yield from filter(None, map(str.strip, value.split(",")))


def looks_several(value: str, is_known: Callable[[str], bool]) -> bool:
    """Whether a wrong value is several ones with something else than a comma between them."""
    first, *others = OTHER_SEPARATORS.split(value, maxsplit=1)
    return bool(others) and is_known(first)


class KeysField(forms.Field):
    """One or more keys of a table (codes, slugs); the cleaned value is the list of keys, in order given.

    Whether they exist is for the form to say, which knows the facet index.
    """

    widget = forms.MultipleHiddenInput

    def __init__(self, accepted: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.accepted = accepted

    def clean(self, value: Iterable[str] | None) -> list[str]:
        return list(dict.fromkeys(map(self.normalise, listed_values(value or ()))))

    def normalise(self, item: str) -> str:
        return item.replace("\0", "�")  # which no key holds


class CodesField(KeysField):
    """Codes in capital letters, however they are sent."""

    def normalise(self, item: str) -> str:
        return super().normalise(item).upper()


class SmallCodesField(KeysField):
    """Codes in small letters, however they are sent."""

    def normalise(self, item: str) -> str:
        return super().normalise(item).lower()


class OptionsField(forms.MultipleChoiceField):
    """One or more values of a closed list; the error names the value and the list."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Iterable[str] | None) -> list[str]:
        return list(dict.fromkeys(listed_values(super().to_python(value))))

    def validate(self, value: list[str]) -> None:
        for item in value:
            if not self.valid_value(item):
                accepted = ", ".join(str(key) for key, _label in self.choices)
                raise unknown(item, accepted, looks_several(item, self.valid_value))


class YearField(forms.IntegerField):
    """A year in digits of any script alone: Python reads also `2_010`, `+2010` and `2010.0` as numbers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=9999, **kwargs)

    def clean(self, value: str | None) -> int | None:
        digits = (value or "").strip()
        try:
            if digits and not digits.isdecimal():
                raise ValidationError(self.error_messages["invalid"])
            return super().clean(digits)
        except ValidationError:
            raise unknown(value, _("a year, such as 2014")) from None


class OrderingField(forms.ChoiceField):
    def to_python(self, value: str | None) -> str:
        return super().to_python(value).strip()

    def validate(self, value: str) -> None:
        if value and not self.valid_value(value):
            raise unknown(value, ", ".join(ORDERINGS))


def unknown(value: str, accepted: str, several: bool = False) -> ValidationError:
    """The error for a wrong value: names it, at most 60 characters of it, and what is accepted.

    With `several` it says how to send several values.
    """
    message = _("“%(value)s” is not a valid choice. Accepted: %(accepted)s.")
    if several:
        message = _(
            "“%(value)s” is not a valid choice. Accepted: %(accepted)s. To give several values, "
            "separate them with commas or repeat the parameter."
        )
    shown = value if len(value) <= 60 else f"{value[:59]}…"
    return ValidationError(message, code="unknown_value", params={"value": shown, "accepted": accepted})


def wrong_key(facet_index: FacetIndex, name: str, item: str) -> ValidationError:
    """The error for a value, as sent, that the facet index does not know for a parameter."""
    field = PracticeFilter.base_filters[name].field
    several = looks_several(item, lambda first: facet_index.knows(name, field.normalise(first)))
    return unknown(item, field.accepted, several)


def unknown_to(facet_index: FacetIndex, name: str, value: str) -> str:
    """What is to be said of one value of a parameter; empty when there is none, or when it is known."""
    if not value or facet_index.knows(name, value):
        return ""
    return unknown(value, PracticeFilter.base_filters[name].extra["accepted"]).messages[0]


class Parameter(django_filters.Filter):
    """One that is read by a field of ours; which practices a value leaves, the filter set says."""

    def __init__(self, field_class: type[forms.Field], **options: Any) -> None:
        super().__init__(**options)
        self.field_class = field_class


class Fields(dict):
    """A form’s fields that each form shares: nothing of a request is kept in them, and copies are dear."""

    def __deepcopy__(self, memo: dict) -> "Fields":
        return self


class PracticeFilterForm(forms.Form):
    """Has the fields that are asked for alone: an address names two or three of fourteen."""

    facet_index: FacetIndex
    nothing_asked: Mapping[str, Any] = MappingProxyType({})  # the cleaned value of each absent parameter

    def __init__(self, data: QueryDict, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.fields = {name: field for name, field in self.base_fields.items() if name in data}

    def clean(self) -> dict[str, Any]:
        cleaned = {name: copy(value) for name, value in self.nothing_asked.items()} | super().clean()
        for name, field in self.fields.items():
            for key in cleaned.get(name) or () if isinstance(field, KeysField) else ():
                if not self.facet_index.knows(name, key):
                    self.add_error(name, wrong_key(self.facet_index, name, self.as_sent(name, key)))
                    break
        first, last = cleaned.get("from"), cleaned.get("to")
        if first and last and first > last:
            self.add_error(
                "from",
                ValidationError(
                    _("“From year” (%(first)d) must not be later than “To year” (%(last)d)."),
                    code="range_reversed",
                    params={"first": first, "last": last},
                ),
            )
        for name in self.fields:  # errors in the order of the parameters
            if name in self._errors:
                self._errors[name] = self._errors.pop(name)
        return cleaned

    def as_sent(self, name: str, key: str) -> str:
        """The value that was sent for a key, before its letters were changed to the key's."""
        field = self.fields[name]
        items = listed_values(self.data.getlist(name))
        return next(item.replace("\0", "�") for item in items if field.normalise(item) == key)


class PracticeFilter(django_filters.FilterSet):
    """Which practices the parameters of an address ask for, and in which order.

    OR inside one parameter, AND across; `ordering` narrows nothing. What is found is a set of keys of
    published practices; `Results` fetches their rows. One query for the facet index, and those of the search.
    """

    q = Parameter(forms.CharField, label=_("Search"), max_length=500)
    country = Parameter(CodesField, label=_("Country"), accepted=_("ISO 3166-1 alpha-2 codes, such as PH"))
    region = Parameter(KeysField, label=_("Region"), accepted=_("UN M49 codes, such as 035"))
    theme = Parameter(KeysField, label=_("Theme"), accepted=_("slugs of themes, such as migrant-remittances"))
    actor = Parameter(KeysField, label=_("Actor"), accepted=_("slugs of actors, such as atikha"))
    actor_type = Parameter(
        KeysField, label=_("Type of actor"), accepted=_("slugs of actor types, such as local-authorities")
    )
    corridor = Parameter(
        CodesField,
        label=_("Corridor"),
        accepted=_("origin and destination as two ISO 3166-1 alpha-2 codes, such as PH-IT"),
    )
    objective = Parameter(
        SmallCodesField, label=_("Objective"), accepted=_("codes of objectives, such as gcm-20 or sdg-10.7")
    )
    kind = Parameter(OptionsField, choices=Practice.Kind.choices, label=_("Kind"))
    activity = Parameter(OptionsField, choices=Practice.Activity.choices, label=_("Activity"))
    language = Parameter(OptionsField, choices=settings.CONTENT_LANGUAGES, label=_("Language"))

    # `from` is a word of Python's own, so these are entered by name.
    locals()["from"] = Parameter(YearField, label=_("From year"))
    locals()["to"] = Parameter(YearField, label=_("To year"))
    ordering = Parameter(OrderingField, label=_("Order"), choices=list(ORDERINGS.items()))

    index = PRACTICES  # what `q` is asked of

    @classmethod
    def list_parameters(cls) -> set[str]:
        """The parameters that take several values."""
        return {
            name
            for name, each in cls.base_filters.items()
            if issubclass(each.field_class, KeysField | OptionsField)
        }

    class Meta:
        model = Practice
        form = PracticeFilterForm
        fields: list[str] = []

    def __init__(self, data: QueryDict | None = None, facet_index: FacetIndex | None = None) -> None:
        """Not FilterSet’s own, which copies every filter for each request: ours hold nothing of one."""
        self.is_bound, self.form_prefix = True, None
        self.data = data if data is not None else QueryDict()
        self.filters = self.base_filters
        self.facet_index = facet_index or get_facet_index()
        self.form.facet_index = self.facet_index

    def get_form_class(self) -> type[forms.Form]:
        """Made once: the filters are the same for every request. Other threads see it when it is complete."""
        form_class = vars(type(self)).get("_form_class")
        if form_class is None:
            form_class = super().get_form_class()
            form_class.base_fields = Fields(form_class.base_fields)
            values = {name: field.clean(None) for name, field in form_class.base_fields.items()}
            form_class.nothing_asked = MappingProxyType(values)
            type(self)._form_class = form_class
        return form_class

    def without_errors(self) -> "PracticeFilter":
        """The same question without the values that have errors; itself when all are accepted. No query.

        Years in the wrong order are both left out, as either may be the wrong one.
        """
        if self.is_valid():
            return self
        data = self.data.copy()
        reversed_years = self.form.has_error("from", "range_reversed")
        for name in [*self.form.errors, *(["to"] if reversed_years else [])]:
            data.setlist(name, self.accepted_values(name))
        accepted = type(self)(data, self.facet_index)
        if not accepted.is_valid():
            raise AssertionError(f"still refused: {accepted.form.errors.as_text()}")
        return accepted

    def accepted_values(self, name: str) -> list[str]:
        """The values of a refused parameter that can be used: none, where it takes one value."""
        field, values = self.form.base_fields[name], list(listed_values(self.data.getlist(name)))
        if isinstance(field, KeysField):
            return [value for value in values if self.facet_index.knows(name, field.normalise(value))]
        if isinstance(field, OptionsField):
            return [value for value in values if field.valid_value(value)]
        return []

    def count_refused(self, name: str) -> int:
        """How many values of a parameter with errors `without_errors()` leaves out."""
        if name == "from" and self.form.has_error("from", "range_reversed"):
            return 2  # both years
        if name not in self.list_parameters():
            return 1
        return len(list(listed_values(self.data.getlist(name)))) - len(self.accepted_values(name))

    @cached_property
    def found(self) -> Found | None:
        """What `q` finds and how it was understood; None without one."""
        text = self.form.cleaned_data.get("q")
        return find(text, self.facet_index, self.index) if text else None

    @cached_property
    def sets(self) -> dict[str, BitMap]:
        """What each parameter in force leaves by itself."""
        values = self.form.cleaned_data.items()
        return {name: self.having(name, value) for name, value in values if value and name != "ordering"}

    def having(self, name: str, value: Any) -> BitMap:
        """The practices that have any of a parameter's values."""
        match name:
            case "q":
                return self.found.keys
            case "from":
                return self.facet_index.since(value)
            case "to":
                return self.facet_index.until(value)
            case _:
                sets = self.facet_index.by[name]
                return BitMap.union(BitMap(), *(sets[one] for one in value if one in sets))

    def pks(self, *leave_out: str) -> BitMap:
        """The practices that all parameters leave, or all but some."""
        sets = (pks for name, pks in self.sets.items() if name not in leave_out)
        return BitMap.intersection(self.facet_index.everything, *sets)

    def count(self) -> int:
        return len(self.pks())

    def whole(self) -> int:
        """How many of the practices have all that `q` asks for; the others have most of it."""
        return len(self.pks() & self.found.whole)

    def list_items(self, pks: list[int]) -> dict[int, ListItem]:
        return list_items(pks, self.facet_index)

    @property
    def order(self) -> str:
        """The order in force; the best match is an order of a search alone."""
        asked = self.form.cleaned_data["ordering"] or "relevance"
        return asked if self.found or asked != "relevance" else "-published"

    def in_order(self) -> Iterator[int]:
        """The keys, one after the other; what is not asked for is not ranked.

        Ties fall to the newest, the title and the row's number, so that no page repeats or skips a row.
        """
        pks = self.pks()
        if self.order == "relevance":
            return self.found.in_order(pks)
        return (key for key in self.facet_index.order(self.order) if key in pks)

    def page(self, start: int, stop: int | None) -> list[int]:
        return list(islice(self.in_order(), start, stop))


class LessonFilter(PracticeFilter):
    """Lessons by the same parameters: `q` is asked of the lessons themselves, all else of their practices."""

    index = LESSONS

    def having(self, name: str, value: Any) -> BitMap:
        if name != "q":
            return super().having(name, value)
        practice_of = self.facet_index.practice_of
        return BitMap([practice_of[key] for key in self.found.keys])

    @cached_property
    def lessons(self) -> BitMap:
        """The keys of the lessons that all parameters leave."""
        asked = self.found.keys if self.found else BitMap(self.facet_index.lessons)
        practices, practice_of = self.pks(), self.facet_index.practice_of
        return BitMap([key for key in asked if practice_of[key] in practices])

    def count(self) -> int:
        return len(self.lessons)

    def whole(self) -> int:
        return len(self.lessons & self.found.whole)

    def in_order(self) -> Iterator[int]:
        if self.order == "relevance":
            return self.found.in_order(self.lessons)
        places = {key: place for place, key in enumerate(self.facet_index.order(self.order))}
        practice_of, lessons = self.facet_index.practice_of, self.facet_index.lessons
        # Those that were not deleted since they were read.
        still_there = (key for key in self.lessons if practice_of[key] in places)
        return iter(sorted(still_there, key=lambda key: (places[practice_of[key]], lessons[key])))


@dataclass
class Results:
    """The rows of a list for a paginator: counted in memory, fetched slice by slice.

    `fetch` gives the rows of some keys and begins at `published()`: whatever the facet index holds, nothing
    else is shown.
    """

    filterset: PracticeFilter
    fetch: Callable[[list[int]], dict[int, Any]]

    def count(self) -> int:
        return self.filterset.count()

    def __getitem__(self, part: slice) -> list[Any]:
        pks = self.filterset.page(part.start or 0, part.stop)
        found = self.fetch(pks)
        return [found[key] for key in pks if key in found]
