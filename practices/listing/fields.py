"""Form fields for the parameters of lists: what a value may be, and the error for a wrong one."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

OTHER_SEPARATORS = re.compile(r"[;|/+\s]")
MAX_SHOWN = 60  # characters of a wrong value that its error repeats


def split_values(values: Iterable[str]) -> Iterator[str]:
    """The values of a list parameter, which repeats or separates its values with commas; none is empty."""
    for value in values:
        yield from filter(None, map(str.strip, value.split(",")))


def unknown_value(value: str, accepted: str, several: bool = False) -> ValidationError:
    """The error for a wrong value. With `several` it also says how to send several values."""
    message = _("“%(value)s” is not a valid choice. Accepted: %(accepted)s.")
    if several:
        message = _(
            "“%(value)s” is not a valid choice. Accepted: %(accepted)s. To give several values, "
            "separate them with commas or repeat the parameter."
        )
    shown = value.replace("\0", "�")
    shown = shown if len(shown) <= MAX_SHOWN else f"{shown[: MAX_SHOWN - 1]}…"
    return ValidationError(message, code="unknown_value", params={"value": shown, "accepted": accepted})


class ValuesField(forms.Field):
    """One or more values of a parameter; the cleaned value is a list without repeats, in the order sent.

    `accepted` describes the values in errors. `normalise` converts a value as it was sent. `is_valid` is set
    by the form, which has the facet index.
    """

    widget = forms.MultipleHiddenInput
    is_valid: Callable[[str], bool]

    def __init__(self, accepted: str, normalise: Callable[[str], str] = str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.accepted, self.normalise = accepted, normalise

    def split(self, values: Iterable[str] | None) -> tuple[list[str], list[str]]:
        """The accepted values as they were sent, and the others."""
        accepted, wrong = [], []
        for value in split_values(values or ()):
            (accepted if self.is_valid(self.normalise(value)) else wrong).append(value)
        return accepted, wrong

    def clean(self, values: Iterable[str] | None) -> list[str]:
        accepted, wrong = self.split(values)
        if wrong:
            first, *others = OTHER_SEPARATORS.split(wrong[0], maxsplit=1)
            several = bool(others) and self.is_valid(self.normalise(first))
            raise unknown_value(wrong[0], self.accepted, several)
        return list(dict.fromkeys(map(self.normalise, accepted)))


class ChoicesField(ValuesField):
    """One or more values of a closed list."""

    def __init__(self, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        self.choices = dict(choices)
        super().__init__(accepted=", ".join(self.choices), **kwargs)

    def is_valid(self, value: str) -> bool:
        return value in self.choices


class YearField(forms.IntegerField):
    """A year in digits of any script. Python would also read `2_010`, `+2010` and `2010.0` as numbers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=9999, **kwargs)

    def clean(self, value: str | None) -> int | None:
        digits = (value or "").strip()
        try:
            if digits and not digits.isdecimal():
                raise ValidationError(self.error_messages["invalid"])
            return super().clean(digits)
        except ValidationError:
            raise unknown_value(value, _("a year, such as 2014")) from None


class OrderingField(forms.ChoiceField):
    """The name of an order; empty for the default one."""

    def to_python(self, value: str | None) -> str:
        return super().to_python(value).strip()

    def validate(self, value: str) -> None:
        if value and not self.valid_value(value):
            raise unknown_value(value, ", ".join(key for key, _label in self.choices))
