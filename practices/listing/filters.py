"""The filter sets of the lists of practices and of lessons, for pages, feeds, downloads and the API.

To add a filter:

1. Declare it in `PracticeFilter`. The name of a `ChoicesFilter` is that of the field of `Practice`.
2. Name the path to its values in `VALUES` and, unless they are choices, their rows in `FacetIndex.rows`
   (index/facet_index.py).
3. Describe it in docs/parameters.md and in `components.parameters` of api/openapi.yaml.
4. To count its values, write a facet (listing/facets.py): in `facets()` for the API and the pages, or in
   `API_ONLY`. Without a facet, the forms of the pages drop the filter.

The rest follows: its validation, the API, feeds, downloads, active filters and the lists of lessons.
"""

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any

import django_filters
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from pyroaring import BitMap

from practices.index.facet_index import FacetIndex
from practices.index.list_items import ListItem, list_items
from practices.index.selection import Selection, published
from practices.listing.fields import ValuesField
from practices.listing.filter_types import (
    ChoicesFilter,
    OrderFilter,
    SearchFilter,
    SinceFilter,
    UntilFilter,
    ValuesFilter,
)
from practices.models import Practice
from practices.search.backends import LESSONS, PRACTICES
from practices.search.ranking import rank
from practices.search.results import SearchResult
from practices.search.retrieval import find

ORDERINGS = {
    "relevance": _("Best match"),
    "-published": _("Newest first, then by title"),
    "title": _("Title"),
    "period": _("Earliest period"),
    "-period": _("Latest period"),
}


class ListForm(forms.Form):
    """Cleans the parameters that were sent. Values must exist in the reference data or in what is published.

    It has no fields, and `cleaned_data` no values, of other parameters: copying and cleaning all of them for
    each request takes three times as long as all else that a filter set does.
    """

    def __init__(self, data: QueryDict, facet_index: FacetIndex, **kwargs: Any) -> None:
        self.base_fields = {name: field for name, field in self.base_fields.items() if name in data}
        super().__init__(data, **kwargs)
        for name, field in self.fields.items():
            if type(field) is ValuesField:
                field.is_valid = partial(facet_index.has_value, name)

    def clean(self) -> dict[str, Any]:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and first > last:
            message = _("“From year” (%(first)d) must not be later than “To year” (%(last)d).")
            params = {"first": first, "last": last}
            self.add_error("from", ValidationError(message, code="range_reversed", params=params))
        return self.cleaned_data


class PracticeFilter(django_filters.FilterSet):
    """Practices by the parameters of an address: OR between values of one parameter, AND across parameters.

    `.qs` is a `Selection`. Without a `queryset` it begins with all published practices. Only the search runs
    queries after `get_facet_index()`.
    """

    q = SearchFilter(label=_("Search"), max_length=500)
    country = ValuesFilter(
        label=_("Country"), accepted=_("ISO 3166-1 alpha-2 codes, such as PH"), normalise=str.upper
    )
    region = ValuesFilter(label=_("Region"), accepted=_("UN M49 codes, such as 035"))
    theme = ValuesFilter(label=_("Theme"), accepted=_("slugs of themes, such as migrant-remittances"))
    actor = ValuesFilter(label=_("Actor"), accepted=_("slugs of actors, such as atikha"))
    actor_type = ValuesFilter(
        label=_("Type of actor"), accepted=_("slugs of actor types, such as local-authorities")
    )
    corridor = ValuesFilter(
        label=_("Corridor"),
        accepted=_("origin and destination as two ISO 3166-1 alpha-2 codes, such as PH-IT"),
        normalise=str.upper,
    )
    objective = ValuesFilter(
        label=_("Objective"),
        accepted=_("codes of objectives, such as gcm-20 or sdg-10.7"),
        normalise=str.lower,
    )
    kind = ChoicesFilter(label=_("Kind"), choices=Practice.Kind.choices)
    activity = ChoicesFilter(label=_("Activity"), choices=Practice.Activity.choices)
    language = ChoicesFilter(label=_("Language"), choices=settings.CONTENT_LANGUAGES)
    from_ = SinceFilter(label=_("From year"))  # the parameter `from`, see get_filters()
    to = UntilFilter(label=_("To year"))
    ordering = OrderFilter(label=_("Order"), choices=list(ORDERINGS.items()))

    search_index = PRACTICES  # what `q` searches
    _form_class: type[forms.Form] | None = None

    class Meta:
        form = ListForm

    def __init__(self, data: QueryDict, queryset: Selection | None = None, **kwargs: Any) -> None:
        super().__init__(data, published() if queryset is None else queryset, **kwargs)

    @classmethod
    def get_filters(cls) -> dict[str, django_filters.Filter]:
        """The filters by parameter. `from` is no name for an attribute, so it is declared as `from_`."""
        return {name.removesuffix("_"): filter_ for name, filter_ in super().get_filters().items()}

    def get_form_class(self) -> Callable[..., forms.Form]:
        """The form class, made once for a filter set class, with the facet index that has its values."""
        form_class = vars(type(self)).get("_form_class")
        if form_class is None:
            form_class = type(self)._form_class = super().get_form_class()
        return partial(form_class, facet_index=self.facet_index)

    def filter_queryset(self, queryset: Selection, leave_out: tuple[str, ...] = ()) -> Selection:
        """Narrow the selection by all parameters, or by all but some."""
        for name, value in self.form.cleaned_data.items():
            if name not in leave_out:
                queryset = self.filters[name].filter(queryset, value)
        return queryset

    def without(self, *leave_out: str) -> Selection:
        """Return the list without some of its parameters."""
        return self.filter_queryset(self.queryset, leave_out)

    @property
    def facet_index(self) -> FacetIndex:
        return self.queryset.facet_index

    # The search ---------------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> SearchResult | None:
        """The result of the search for `q` and its interpretation; None without `q`."""
        text = self.form.cleaned_data.get("q")
        return find(text, self.facet_index, self.search_index) if text else None

    @property
    def found_practices(self) -> BitMap:
        return self.found.pks

    # The rows of the list, by primary key -------------------------------------------------------------------

    @property
    def row_pks(self) -> BitMap:
        return self.qs.pks

    def count(self) -> int:
        return len(self.row_pks)

    def exact_count(self) -> int:
        """Return the number of rows that contain all words of `q`; the others contain most of them."""
        return len(self.row_pks & self.found.exact_matches)

    @property
    def order(self) -> str:
        """A key of ORDERINGS. Only a search can be ordered by relevance."""
        order = self.form.cleaned_data.get("ordering") or "relevance"
        return order if self.found or order != "relevance" else "-published"

    def in_order(self) -> Iterator[int]:
        """Return an iterator of the primary keys; only rows that are read are ranked.

        Equal rows are ordered by date, title and primary key, so that no page repeats or skips a row.
        """
        pks = self.row_pks
        if self.order == "relevance":
            return rank(self.found, pks)
        return (pk for pk in self.facet_index.order(self.order) if pk in pks)

    def page(self, start: int, stop: int | None) -> list[int]:
        return list(islice(self.in_order(), start, stop))

    def list_items(self, pks: list[int]) -> dict[int, ListItem]:
        return list_items(pks, self.facet_index)

    # Wrong values -------------------------------------------------------------------------------------------

    @classmethod
    def list_parameters(cls) -> set[str]:
        """The parameters that take several values."""
        return {name for name, filter_ in cls.base_filters.items() if isinstance(filter_, ValuesFilter)}

    def without_errors(self) -> "PracticeFilter":
        """Return the filter set without the values that have errors; itself if it is valid. No query.

        Years in the wrong order are both left out, as either may be the wrong one.
        """
        if self.is_valid():
            return self
        data = self.data.copy()
        for name in self.errors:
            data.setlist(name, self.accepted_values(name))
        if self.form.has_error("from", "range_reversed"):
            del data["to"]
        accepted = type(self)(data, self.queryset)
        if not accepted.is_valid():
            raise AssertionError(f"still refused: {accepted.errors.as_text()}")
        return accepted

    def accepted_values(self, name: str) -> list[str]:
        """The values of a parameter with errors that can be used: none if it takes only one."""
        field = self.form.fields[name]
        return field.split(self.data.getlist(name))[0] if isinstance(field, ValuesField) else []

    def count_refused(self, name: str) -> int:
        """Return how many values of a parameter with errors `without_errors()` leaves out."""
        if name == "from" and self.form.has_error("from", "range_reversed"):
            return 2  # both years
        field = self.form.fields[name]
        return len(field.split(self.data.getlist(name))[1]) if isinstance(field, ValuesField) else 1


class LessonFilter(PracticeFilter):
    """Lessons by the same parameters: `q` searches the lessons, all else filters by their practices.

    `.qs` is the selection of their practices; the rows are the lessons.
    """

    search_index = LESSONS

    @cached_property
    def found_practices(self) -> BitMap:
        practice_of = self.facet_index.practice_of_lesson
        return BitMap([practice_of[pk] for pk in self.found.pks])

    @cached_property
    def row_pks(self) -> BitMap:
        """The lessons that `q` finds, of the practices that all parameters leave."""
        lessons = self.found.pks if self.found else self.facet_index.lesson_positions
        practices, practice_of = self.qs, self.facet_index.practice_of_lesson
        return BitMap([pk for pk in lessons if practice_of[pk] in practices])

    def in_order(self) -> Iterator[int]:
        if self.order == "relevance":
            return rank(self.found, self.row_pks)
        places = {pk: place for place, pk in enumerate(self.facet_index.order(self.order))}
        practice_of, lessons = self.facet_index.practice_of_lesson, self.facet_index.lesson_positions
        # A practice may have been deleted after the facet index read its lessons.
        present = (pk for pk in self.row_pks if practice_of[pk] in places)
        return iter(sorted(present, key=lambda pk: (places[practice_of[pk]], lessons[pk])))


def clean_values(parameter: str, values: Iterable[str], facet_index: FacetIndex) -> list[str]:
    """Return the values of one list parameter, for lists that are not selections of practices.

    Raises ValidationError for a wrong value.
    """
    field = copy(PracticeFilter.base_filters[parameter].field)
    field.is_valid = partial(facet_index.has_value, parameter)
    return field.clean(values)


@dataclass
class Results:
    """The rows of a list for a paginator: counted in memory, fetched page by page.

    `fetch` returns the rows of some primary keys. It must begin at `published()`, so that only published rows
    are shown, whatever the facet index holds.
    """

    filterset: PracticeFilter
    fetch: Callable[[list[int]], dict[int, Any]]

    def count(self) -> int:
        return self.filterset.count()

    def __getitem__(self, part: slice) -> list[Any]:
        pks = self.filterset.page(part.start or 0, part.stop)
        rows = self.fetch(pks)
        return [rows[pk] for pk in pks if pk in rows]
