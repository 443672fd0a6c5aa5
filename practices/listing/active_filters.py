"""What a list shows, in words: each value of a parameter in force, and the list without it."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from practices.listing.fields import split_values
from practices.listing.filters import PracticeFilter

NOT_SHOWN = {"ordering"}
# Active filters with a link. Each link repeats the whole query, so their text grows with its square.
MAX_REMOVABLE = 20
LISTS = PracticeFilter.list_parameters()


@dataclass
class ActiveFilter:
    parameter: str
    value: str  # PH
    label: str  # Country
    text: str  # Philippines
    query_without: str  # the query string of the same list without it; empty when nothing is left
    removable: bool = True  # whether it has a link that removes it


def query_string(data: QueryDict, leave_out: str = "", value: str | None = None) -> str:
    """The parameters in force, without empty ones, without the page and what is no parameter of lists.
    Values that commas separate become a parameter each.

    One parameter may be left out, or one of its values, however its letters were typed.
    """

    def stays(parameter: str, item: str) -> bool:
        if parameter != leave_out:
            return bool(item)
        return value is not None and item.strip().casefold() not in {"", value.casefold()}

    kept = QueryDict(mutable=True)
    for parameter in data:
        if parameter in PracticeFilter.base_filters:
            items = data.getlist(parameter)
            items = split_values(items) if parameter in LISTS else items
            kept.setlist(parameter, [item for item in items if stays(parameter, item)])
    return kept.urlencode()


def get_active_filters(filterset: PracticeFilter) -> list[ActiveFilter]:
    """The active filters of a valid filter set, in the order of its parameters. No query.

    The first `MAX_REMOVABLE` can be removed one by one; the others have an empty `query_without`.
    """
    found = []
    for parameter, filter_ in filterset.filters.items():
        value = filterset.form.cleaned_data.get(parameter)
        if not value or parameter in NOT_SHOWN:
            continue
        several = isinstance(value, list)
        for item in map(str, value if several else [value]):
            name = filterset.facet_index.name(parameter, item) if several else item
            removable = len(found) < MAX_REMOVABLE
            query_without = (
                query_string(filterset.data, parameter, item if several else None) if removable else ""
            )
            found.append(ActiveFilter(parameter, item, str(filter_.label), name, query_without, removable))
    return found


def sentence(found: list[ActiveFilter]) -> str:
    """The choices in words: “Country: Philippines or Senegal; Theme: Jobs”. Empty when nothing is chosen."""
    parts: dict[str, list[str]] = {}
    for item in found:
        parts.setdefault(item.label, []).append(item.text)
    either = _(" or ")
    return "; ".join(f"{label}: {either.join(texts)}" for label, texts in parts.items())
