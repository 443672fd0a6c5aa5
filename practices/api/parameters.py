"""The parameters that only the API reads; `practices.listing.filters` reads those of every list."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django_filters.utils import translate_validation
from rest_framework import exceptions

from practices.index.facet_index import FacetIndex
from practices.listing.fields import split_values, unknown_value
from practices.listing.filters import PracticeFilter, clean_values

COMMON = ("lang", "format")
PAGING = ("page", "page_size")
PAGE_SIZE, MAX_PAGE_SIZE = 20, 100
LISTS = PracticeFilter.list_parameters() | {"fields"}  # may repeat, or separate values with commas
# What a client may always send, since it asks for nothing: clients that are generated from the contract send
# every default.
NEUTRAL = {"page": "1", "facets": "0", "ordering": ""}
MAX_UNKNOWN = 20  # unknown parameters that an answer names one by one
MAX_NUMBER_LENGTH = 100  # digits of a number that a message repeats whole
BRACKETS = re.compile(r"([^\[\]]+)(?:\[\w*\])+")
CURSOR = re.compile(r"(\d{1,18})(?:-(\d{1,18}))?", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII)
SPACE_FOR_PLUS = re.compile(r"T[\d:.]+ \d\d:\d\d", re.ASCII)


class Cursor(NamedTuple):
    """A position among all changes. During a first harvest, `began` is the last change before it; the client
    has no copy of practices that left the filters before that.
    """

    after: int
    began: int

    @property
    def text(self) -> str:
        return f"{self.after}-{self.began}" if self.began > self.after else str(self.after)


class QueryParameters:
    """The parameters of a request, read at once. `check()` raises everything that is wrong together.

    A parameter that the view does not accept, or that asks for nothing, has its default.
    """

    def __init__(
        self,
        data: QueryDict,
        accepted: Collection[str],
        formats: Collection[str] = (),
        field_names: Collection[str] = (),
    ) -> None:
        self.data, self.accepted = without_empty(data), accepted
        self.errors: dict[str, list[exceptions.ErrorDetail]] = {}
        self.refuse_unknown([name for name in data if name not in accepted], accepted)
        for name in data:
            if name in accepted and name not in LISTS and len(data.getlist(name)) > 1:
                self.add_error(name, _("Send this parameter once."), "repeated")
        self.choice("lang", dict(settings.LANGUAGES))
        self.format = self.choice("format", formats) if "format" in accepted else ""
        self.page = self.number("page", 1) if "page" in accepted else 1
        self.page_size = PAGE_SIZE
        if "page_size" in accepted:
            self.page_size = self.number("page_size", PAGE_SIZE, MAX_PAGE_SIZE)
        self.fields = self.field_list(field_names) if "fields" in accepted else []
        self.facets = "facets" in accepted and self.flag("facets")
        self.updated_since = self.moment("updated_since") if "updated_since" in accepted else None
        self.cursor = self.read_cursor() if "cursor" in accepted else None

    def add_error(self, name: str, message: Any, code: str) -> None:
        self.errors.setdefault(name, []).append(exceptions.ErrorDetail(str(message), code))

    def refuse_unknown(self, names: list[str], accepted: Collection[str]) -> None:
        """Refuse parameters that do not exist: the first ones by name, the others by their number."""
        listed = {"names": ", ".join(sorted(accepted))}
        for name in names[:MAX_UNKNOWN]:
            message = _("This parameter does not exist. Accepted: %(names)s.") % listed
            brackets = BRACKETS.fullmatch(name)
            if brackets and brackets[1] in accepted:
                several = _("Remove the brackets: repeat %(name)s, or separate its values with commas.")
                once = _("Remove the brackets: send %(name)s once.")
                message = (several if brackets[1] in LISTS else once) % {"name": brackets[1]}
            self.add_error(name, message, "unknown_parameter")
        if rest := names[MAX_UNKNOWN:]:
            message = _("This parameter and %(more)d others do not exist.") % {"more": len(rest) - 1}
            self.add_error(rest[0], message, "unknown_parameter")

    def check(self, filterset: PracticeFilter | None = None) -> None:
        """Raise all errors together, including those of a filter set."""
        if filterset is not None and not filterset.is_valid():
            for name, details in translate_validation(filterset.errors).detail.items():
                self.errors.setdefault(name, []).extend(details)
        if self.errors:
            raise exceptions.ValidationError(self.errors)

    def number(self, name: str, default: int, most: int | None = None) -> int:
        text = self.data.get(name, str(default))
        if text.isascii() and text.isdigit() and 1 <= int(text[:19]) <= (most or int(text[:19])):
            return int(text[:19])
        accepted = (
            _("Enter a number from 1 to %(most)d.") % {"most": most}
            if most
            else _("Enter a number of at least 1.")
        )
        self.add_error(name, accepted, "invalid_number")
        return default

    def keys(self, facet_index: FacetIndex, name: str) -> list[str]:
        """The slugs or codes of a list parameter of the filters."""
        try:
            return clean_values(name, self.data.getlist(name), facet_index)
        except ValidationError as error:
            self.add_error(name, error.messages[0], "unknown_value")
            return []

    def words(self, name: str = "q") -> str:
        """Return a search text; its limits are those of `q`."""
        text, most = self.data.get(name, ""), PracticeFilter.base_filters[name].extra["max_length"]
        if len(text) > most:
            self.add_error(name, _("Send at most %(most)d characters.") % {"most": most}, "too_long")
        elif "\0" in text:
            self.add_error(name, _("Null characters are not allowed."), "invalid_text")
        return text[:most]

    def read_cursor(self) -> Cursor | None:
        """Return the sequence number of the last change that the client has read; 0 for none."""
        text = self.data.get("cursor")
        if text is None:
            return None
        if found := CURSOR.fullmatch(text):
            return Cursor(int(found[1]), int(found[2] or 0))
        self.add_error(
            "cursor",
            _("Send a cursor from an earlier response, or 0 to start from the beginning."),
            "invalid_cursor",
        )
        return None

    def exclude(self, names: Iterable[str], others: Iterable[str]) -> None:
        """Refuse parameters that have a value and cannot be combined with the others."""
        for name in names:
            if name in self.accepted and self.data.get(name, NEUTRAL.get(name)) != NEUTRAL.get(name):
                message = _("This parameter cannot be combined with %(names)s.")
                message %= {"names": ", ".join(n for n in others if n in self.data)}
                self.add_error(name, message, "not_combinable")

    def flag(self, name: str) -> bool:
        value = self.data.get(name, "0")
        if value not in {"0", "1"}:
            self.add_error(name, _("Enter 1 or 0."), "unknown_value")
        return value == "1"

    def choice(self, name: str, accepted: Iterable[str]) -> str:
        value = self.data.get(name)
        if value is not None and value not in accepted:
            self.add_error(name, refused(value, accepted), "unknown_value")
            return ""
        return value or ""

    def field_list(self, accepted: Collection[str]) -> list[str]:
        """The fields to show, in the order of the document; none for all."""
        names = list(split_values(self.data.getlist("fields")))
        for name in names:
            if name not in accepted:
                self.add_error("fields", refused(name, accepted), "unknown_value")
                break
        return [name for name in accepted if name in names]

    def moment(self, name: str) -> datetime | None:
        """Return a time in UTC, from a date (its start) or a date and time. PostgreSQL refuses offsets over
        16 hours.
        """
        text = self.data.get(name)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text if MOMENT.fullmatch(text) else "")
        except ValueError:
            message = _("Enter a date, such as 2026-01-31, or a date and time, such as 2026-01-31T12:00:00Z.")
            if SPACE_FOR_PLUS.search(text):
                message = _("Write the + of a time zone as %2B. In an address, + means a space.")
            self.add_error(name, message, "invalid_moment")
            return None
        try:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except OverflowError:  # before the year 1 or after 9999: the next that there is
            return found.replace(tzinfo=UTC)


def without_empty(data: QueryDict) -> MultiValueDict:
    """Return the parameters without those that are empty or blank."""
    asking = {name: [value for value in values if value.strip()] for name, values in data.lists()}
    return MultiValueDict({name: values for name, values in asking.items() if values})


def refused(value: str, accepted: Iterable[str]) -> str:
    return unknown_value(value, ", ".join(accepted)).messages[0]
