"""Confirmation of deletions: what each deletion changes, with names that users know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.models import Practice, User
from practices.workflow import owners

MAX_NAMED = 20  # practices in a list, which counts the others


@dataclass(frozen=True)
class Named:
    """The name of a row, with its address in the admin."""

    name: str
    url: str = ""
    remark: str = ""


@dataclass
class Question:
    """A row that is to be deleted, and the consequences."""

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
    """Return the first rows by name and the number of the others, as fields of a Question. No query."""
    rows = list(rows)
    return {
        "named": [named(row) for row in rows[:MAX_NAMED]],
        "more": max(len(rows) - MAX_NAMED, 0),
        "public": sum(getattr(row, "status", "") == Practice.Status.PUBLISHED for row in rows),
    }


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=500,
        help_text=gettext_lazy("Your name, the date and this comment are kept in the history."),
    )


class OwnerForm(forms.Form):
    """The new owner of practices: a user or nobody. A choice is required."""

    NOBODY = "nobody"
    owner = forms.ChoiceField(
        label=gettext_lazy("New owner"),
        help_text=gettext_lazy(
            "The new owner finds the practices under “Mine”. Only editors see practices without an owner."
        ),
        error_messages={"required": gettext_lazy("Select a new owner, or “Nobody”.")},
    )

    def __init__(self, *args: Any, leave_out: Iterable[User] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = owners.may_own().exclude(pk__in=[user.pk for user in leave_out])
        names = [(str(user.pk), user.get_username()) for user in accounts]
        self.fields["owner"].choices = [("", "–"), *names, (self.NOBODY, _("Nobody"))]

    def chosen(self) -> User | None:
        """Return the chosen user, or None for nobody. One query."""
        key = self.cleaned_data["owner"]
        return None if key == self.NOBODY else User.objects.get(pk=key)
