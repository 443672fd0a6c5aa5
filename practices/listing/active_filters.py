"""The active filters of a list in words, each with the query string of the list without it."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from practices.listing.fields import split_values
from practices.listing.filters import PracticeFilter

NOT_SHOWN = {"ordering"}
MAX_REMOVABLE = 20  # Each link to remove a filter repeats the query, so their length grows with its square.
LISTS = PracticeFilter.list_parameters()


@dataclass
class ActiveFilter:
    parameter: str
    value: str  # PH
    label: str  # Country
    text: str  # Philippines
    query_without: str  # of the same list without it; empty if nothing is left, or if it is not removable
    removable: bool = True  # whether the page has a link to remove it


def query_string(data: QueryDict, leave_out: str = "", value: str | None = None) -> str:
    """The parameters of the filter set that are not empty, with each value in a parameter of its own.

    `leave_out` leaves out a parameter, or with `value` one value of it, in upper or lower case.
    """
    kept = QueryDict(mutable=True)
    for parameter in data:
        if parameter in PracticeFilter.base_filters:
            items = data.getlist(parameter)
            items = list(split_values(items)) if parameter in LISTS else items
            if parameter == leave_out:
                removed = value.casefold() if value is not None else None
                items = [item for item in items if removed and item.casefold() != removed]
            kept.setlist(parameter, filter(None, items))
    return kept.urlencode()


def get_active_filters(filterset: PracticeFilter) -> list[ActiveFilter]:
    """The active filters of a valid filter set, in the order of its parameters. No query.

    Only the first `MAX_REMOVABLE` are removable.
    """
    found = []
    for parameter, filter_ in filterset.filters.items():
        value = filterset.form.cleaned_data.get(parameter)
        if not value or parameter in NOT_SHOWN:
            continue
        is_list = parameter in LISTS
        for item in map(str, value if is_list else [value]):
            name = filterset.facet_index.name(parameter, item) if is_list else item
            active = ActiveFilter(parameter, item, str(filter_.label), name, "", len(found) < MAX_REMOVABLE)
            if active.removable:
                active.query_without = query_string(filterset.data, parameter, item if is_list else None)
            found.append(active)
    return found


def sentence(found: list[ActiveFilter]) -> str:
    """The active filters in words: “Country: Philippines or Senegal; Theme: Jobs”. Empty without any."""
    parts: dict[str, list[str]] = {}
    for item in found:
        parts.setdefault(item.label, []).append(item.text)
    either = _(" or ")
    return "; ".join(f"{label}: {either.join(texts)}" for label, texts in parts.items())
