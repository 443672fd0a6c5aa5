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


def query_string(data: QueryDict, leave_out: tuple[str, str] | None = None) -> str:
    """The parameters in force, without empty ones and without the page; one value may be left out."""
    kept = QueryDict(mutable=True)
    for parameter in data:
        if parameter != "page":
            values = [v for v in data.getlist(parameter) if v and (parameter, v) != leave_out]
            kept.setlist(parameter, values)
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
                without(filterset.data, parameter, item),
            )
            for item in values
        ]
    return found


def without(data: QueryDict, parameter: str, value: str) -> str:
    """The query string without one value, however its letters were typed."""
    typed = next((v for v in data.getlist(parameter) if v.strip().casefold() == value.casefold()), value)
    return query_string(data, (parameter, typed))


def sentence(found: list[Chip]) -> str:
    """The choices in words: “Country: Philippines or Senegal; Theme: Jobs”. Empty when nothing is chosen."""
    parts: dict[str, list[str]] = {}
    for chip in found:
        parts.setdefault(chip.label, []).append(chip.text)
    either = _(" or ")
    return "; ".join(f"{label}: {either.join(texts)}" for label, texts in parts.items())
