"""What a list shows, in words: each parameter in force as a chip that can be taken off again."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from practices.listing.filters import PracticeFilter, listed_values

NOT_CHIPS = {"ordering"}
# Chips with a link. Each link repeats the whole query, so their text grows with its square.
MOST_REMOVABLE = 20
LISTS = PracticeFilter.list_parameters()


@dataclass
class Chip:
    parameter: str
    value: str  # PH
    label: str  # Country
    text: str  # Philippines
    without: str  # the query string of the same list without it; empty when nothing is left
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
            items = listed_values(items) if parameter in LISTS else items
            kept.setlist(parameter, [item for item in items if stays(parameter, item)])
    return kept.urlencode()


def chips(filterset: PracticeFilter) -> list[Chip]:
    """The chips of a valid filter set, in the order of its parameters. No query.

    The first `MOST_REMOVABLE` can be removed one by one; the others have an empty `without`.
    """
    found = []
    for parameter, filter_ in filterset.filters.items():
        value = filterset.form.cleaned_data.get(parameter)
        if not value or parameter in NOT_CHIPS:
            continue
        several = isinstance(value, list)
        for item in map(str, value if several else [value]):
            name = filterset.catalogue.name(parameter, item) if several else item
            removable = len(found) < MOST_REMOVABLE
            without = query_string(filterset.data, parameter, item if several else None) if removable else ""
            found.append(Chip(parameter, item, str(filter_.label), name, without, removable))
    return found


def sentence(found: list[Chip]) -> str:
    """The choices in words: “Country: Philippines or Senegal; Theme: Jobs”. Empty when nothing is chosen."""
    parts: dict[str, list[str]] = {}
    for chip in found:
        parts.setdefault(chip.label, []).append(chip.text)
    either = _(" or ")
    return "; ".join(f"{label}: {either.join(texts)}" for label, texts in parts.items())
