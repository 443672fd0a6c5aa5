"""The parameters that the API alone reads; those of every list are read by `filters.py`."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, datetime

from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django_filters.utils import translate_validation
from rest_framework import exceptions

from practices.catalogue import Catalogue
from practices.filters import PracticeFilter, unknown, unknown_to

COMMON = ("lang", "format")
PAGING = ("page", "page_size")
PAGE_SIZE, MOST_ON_A_PAGE = 20, 100
SEVERAL = {"country", "region", "theme", "actor", "actor_type", "corridor", "objective"}
SEVERAL |= {"kind", "activity", "language"}
CURSOR = re.compile(r"\d{1,18}", re.ASCII)
MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d))?", re.ASCII)


class Asked:
    """Reads parameters one by one. What is wrong is gathered, and raised at once by `check()`."""

    def __init__(self, data: QueryDict, accepted: Collection[str]) -> None:
        self.data = data
        self.errors: dict[str, list[str]] = {}
        for name in data:
            if name not in accepted:
                names = ", ".join(sorted(accepted))
                self.wrong(
                    name, _("There is no such parameter here. Accepted: %(names)s.") % {"names": names}
                )
            elif name not in SEVERAL and len(data.getlist(name)) > 1:
                self.wrong(name, _("Give it once."))
        self.choice("lang", dict(settings.LANGUAGES))

    def wrong(self, name: str, message: str) -> None:
        self.errors.setdefault(name, []).append(str(message))

    def check(self, filterset: PracticeFilter | None = None) -> None:
        """Raises all that is wrong, with what a filter set finds wrong too."""
        if filterset is not None and not filterset.is_valid():
            for name, messages in translate_validation(filterset.errors).detail.items():
                for message in messages:
                    self.wrong(name, message)
        if self.errors:
            raise exceptions.ValidationError(self.errors)

    # Each gives what is asked for, or what stands for it when nothing or nothing right is.

    def number(self, name: str, default: int, most: int | None = None) -> int:
        text = self.data.get(name, str(default))
        if text.isascii() and text.isdigit() and 1 <= int(text[:19]) <= (most or int(text[:19])):
            return int(text[:19])
        accepted = (
            _("Give a number from 1 to %(most)d.") % {"most": most} if most else _("Give a number from 1.")
        )
        self.wrong(name, accepted)
        return default

    def paging(self) -> tuple[int, int]:
        """The page and how many rows it has."""
        return self.number("page", 1), self.number("page_size", PAGE_SIZE, MOST_ON_A_PAGE)

    def known(self, catalogue: Catalogue, name: str) -> str:
        """A slug or code that the catalogue knows for the parameter; empty when nothing is asked for."""
        value = self.data.get(name, "").strip()
        value = value.upper() if name == "country" else value
        if len(self.data.getlist(name)) > 1:
            self.wrong(name, _("Give it once."))
        elif said := unknown_to(catalogue, name, value):
            self.wrong(name, said)
        return value

    def cursor(self) -> int | None:
        """The place of a change that was read already; 0 for none yet."""
        text = self.data.get("cursor")
        if text is None or CURSOR.fullmatch(text):
            return None if text is None else int(text)
        self.wrong("cursor", _("Give a cursor that an answer named, or 0 to begin."))
        return None

    def not_together(self, names: Iterable[str], others: Iterable[str]) -> None:
        for name in names:
            if name in self.data:
                message = _("It does not go together with %(names)s.")
                self.wrong(name, message % {"names": ", ".join(n for n in others if n in self.data)})

    def flag(self, name: str) -> bool:
        value = self.data.get(name, "0")
        if value not in {"0", "1"}:
            self.wrong(name, _("Give 1 or 0."))
        return value == "1"

    def choice(self, name: str, accepted: Iterable[str]) -> str:
        value = self.data.get(name)
        if value is not None and value not in accepted:
            self.wrong(name, refused(value, accepted))
            return ""
        return value or ""

    def fields(self, accepted: Collection[str]) -> list[str]:
        """The fields to show, in the order of the document; none for all."""
        names = self.data["fields"].split(",") if "fields" in self.data else []
        for name in names:
            if name not in accepted:
                self.wrong("fields", refused(name, accepted))
                break
        return [name for name in accepted if name in names]

    def moment(self, name: str) -> datetime | None:
        """A day, from its beginning in UTC, or a moment; in UTC: PostgreSQL takes no zone beyond 16 hours."""
        text = self.data.get(name)
        if text is None:
            return None
        try:
            found = datetime.fromisoformat(text if MOMENT.fullmatch(text) else "")
        except ValueError:
            self.wrong(name, _("Give a day such as 2026-01-31, or a moment such as 2026-01-31T12:00:00Z."))
            return None
        try:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except OverflowError:  # before the year 1 or after 9999: the next that there is
            return found.replace(tzinfo=UTC)


def refused(value: str, accepted: Iterable[str]) -> str:
    return unknown(value, ", ".join(accepted)).messages[0]
