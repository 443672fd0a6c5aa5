"""Filters of django-filter that narrow a `Selection`."""

from copy import copy

import django_filters

from practices.index.selection import Selection
from practices.listing.fields import ChoicesField, OrderingField, ValuesField, YearField


class ListFilter(django_filters.Filter):
    """A filter of a selection. Its copies are shallow, since each request copies every filter of the list."""

    def __deepcopy__(self, memo: dict) -> "ListFilter":
        return copy(self)


class SearchFilter(ListFilter, django_filters.CharFilter):
    """Practices that the search of the filter set finds."""

    def filter(self, selection: Selection, text: str) -> Selection:
        return selection.intersect(self.parent.found_practices) if text else selection


class ValuesFilter(ListFilter):
    """Practices that have any of the values of the parameter."""

    field_class = ValuesField

    def filter(self, selection: Selection, values: list[str]) -> Selection:
        return selection.having_any(self.field_name, values) if values else selection


class ChoicesFilter(ValuesFilter):
    """The same for the choices of a field of Practice."""

    field_class = ChoicesField


class SinceFilter(ListFilter):
    """Practices whose period reaches into the year or a later one."""

    field_class = YearField

    def filter(self, selection: Selection, year: int | None) -> Selection:
        return selection.intersect(selection.facet_index.since(year)) if year else selection


class UntilFilter(ListFilter):
    """Practices whose period begins in the year or an earlier one."""

    field_class = YearField

    def filter(self, selection: Selection, year: int | None) -> Selection:
        return selection.intersect(selection.facet_index.until(year)) if year else selection


class OrderFilter(ListFilter):
    """The order of the list, which excludes no practice. `PracticeFilter.in_order()` applies it."""

    field_class = OrderingField

    def filter(self, selection: Selection, value: str) -> Selection:
        return selection
