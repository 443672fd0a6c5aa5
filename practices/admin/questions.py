"""Questions before something is deleted: what it changes, in names that people know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from practices.models import Practice

MOST_NAMED = 20  # practices in a list; of the others, their number


@dataclass(frozen=True)
class Named:
    """A row by its name, with its address at the desk."""

    name: str
    url: str = ""
    remark: str = ""


@dataclass
class Question:
    """One row that is to be deleted."""

    about: Named
    says: list[str] = field(default_factory=list)  # what happens, a sentence each
    heading: str = ""
    named: list[Named] = field(default_factory=list)
    more: int = 0  # how many are not named
    public: int = 0  # how many practices of all are public
    refused: list[Named] = field(default_factory=list)  # what forbids it


def named(row: Model) -> Named:
    try:
        url = reverse(f"admin:practices_{row._meta.model_name}_change", args=[row.pk])
    except NoReverseMatch:
        url = ""
    remark = str(row.get_status_display()) if isinstance(row, Practice) else str(row._meta.verbose_name)
    if isinstance(row, Practice) and row.replaces_id:
        remark += ", " + _("change of a public practice")
    return Named(str(row), url, remark)


def listed(rows: Iterable[Model]) -> dict[str, Any]:
    """The first of some rows by name, and how many more there are: fields of a Question. No query."""
    rows = list(rows)
    return {
        "named": [named(row) for row in rows[:MOST_NAMED]],
        "more": max(len(rows) - MOST_NAMED, 0),
        "public": sum(getattr(row, "status", "") == Practice.Status.PUBLISHED for row in rows),
    }
