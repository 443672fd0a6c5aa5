"""What a list shows, in words: each parameter in force as a chip that can be taken off again."""

from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from practices.filters import KeysFilter, PracticeFilter

NOT_CHIPS = {"ordering"}


@dataclass
class Chip:
    parameter: str
    value: str  # PH
    label: str  # Country
    text: str  # Philippines
    without: str  # the query string of the same list without it; empty when nothing is left


def query_string(data: QueryDict, leave_out: str = "", value: str | None = None) -> str:
    """The parameters in force, without empty ones and without the page.

    One parameter may be left out, or one of its values, however its letters were typed.
    """

    def stays(parameter: str, item: str) -> bool:
        if parameter != leave_out:
            return bool(item)
        return value is not None and item.strip().casefold() not in {"", value.casefold()}

    kept = QueryDict(mutable=True)
    for parameter in data:
        if parameter != "page":
            kept.setlist(parameter, [item for item in data.getlist(parameter) if stays(parameter, item)])
    return kept.urlencode()


def chips(filterset: PracticeFilter, labels: dict[tuple[str, str], str]) -> list[Chip]:
    """The chips of a valid filter set, in the order of its parameters.

    `labels` gives the words of values the caller knows already (those of the facets); for the rest one
    query a parameter finds them.
    """
    found = []
    for parameter, filter_ in filterset.filters.items():
        value = filterset.form.cleaned_data.get(parameter)
        if not value or parameter in NOT_CHIPS:
            continue
        values = [str(item) for item in value] if isinstance(value, list) else [str(value)]
        known = {item: labels[parameter, item] for item in values if (parameter, item) in labels}
        if isinstance(filter_, KeysFilter) and len(known) < len(values):
            known |= filter_.field.labels(values)
        found += [
            Chip(
                parameter,
                item,
                str(filter_.label),
                known.get(item, item),
                query_string(filterset.data, parameter, item if isinstance(value, list) else None),
            )
            for item in values
        ]
    return found


def sentence(found: list[Chip]) -> str:
    """The choices in words: “Country: Philippines or Senegal; Theme: Jobs”. Empty when nothing is chosen."""
    parts: dict[str, list[str]] = {}
    for chip in found:
        parts.setdefault(chip.label, []).append(chip.text)
    either = _(" or ")
    return "; ".join(f"{label}: {either.join(texts)}" for label, texts in parts.items())
