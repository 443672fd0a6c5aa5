"""Conversion of snapshot values to the fields of a row: limits, keys of other rows, validation."""

from collections.abc import Collection
from datetime import datetime
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from practices.history.snapshots import (
    Snapshot,
)
from practices.models import (
    Practice,
    ReferenceVersion,
)
from practices.models.practice import keep_bounds_and_date

FIRST_YEAR, LAST_YEAR = 1900, 2200  # of moments
MAX_ROWS = 100  # of one kind in a practice
MAX_TOTAL_LENGTH = 100_000  # characters of all rows of one kind


def save_values(row: models.Model, values: Snapshot, errors: dict) -> None:
    """Save a row with the values of a snapshot, including many-to-many links, if there are no errors."""
    several = [field.name for field in row._meta.many_to_many if field.name in values]
    set_values(row, {name: value for name, value in values.items() if name not in several}, "", errors)
    links = {name: rows_by_keys(type(row), name, values[name], errors) for name in several}
    if errors:
        raise ValidationError(errors)
    row.save()
    for name, rows in links.items():
        getattr(row, name).set(rows)


def as_list(name: str, value: Any, errors: dict) -> list:
    if not isinstance(value, list):
        errors[name] = [_("“%(value)s” is not a list.") % {"value": str(value)[:80]}]
    elif wrong := over_limit(value):
        errors[name] = [wrong]
    else:
        return value
    return []


def over_limit(rows: list) -> str:
    """Return the error for too many rows of a kind or too much text in them, or an empty string."""
    if len(rows) > MAX_ROWS:
        message = _("There are %(count)d entries. The maximum is %(most)d.")
        return message % {"count": len(rows), "most": MAX_ROWS}
    values = chain.from_iterable(row.values() if isinstance(row, dict) else [row] for row in rows)
    length = sum(len(value) for value in values if isinstance(value, str))
    if length > MAX_TOTAL_LENGTH:
        message = _("The entries have %(length)d characters in total. The maximum is %(most)d.")
        return message % {"length": length, "most": MAX_TOTAL_LENGTH}
    return ""


def set_values(
    row: models.Model, values: Any, path: str, errors: dict, leave_out: Collection[str] = ()
) -> None:
    """Give a row the values of a snapshot and validate it; collect errors under `path` + field.

    Fields in `leave_out` are not validated.
    """
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        field = row._meta.get_field(name)
        try:
            if isinstance(value, dict | list) or (isinstance(value, str) and "\0" in value):
                raise ValidationError(_("“%(value)s” is not text.") % {"value": str(value)[:80]})
            if field.is_relation and value is not None:
                value = row_by_key(field.related_model, value)
            if isinstance(field, models.DateField):  # a moment too
                check_date(field, value)
            # As text, a number has no more decimals than it shows.
            setattr(row, name, str(value) if isinstance(value, float) else value)
        except ValidationError as error:
            found[name] = error.messages
    for check in (row.clean_fields, row.full_clean):
        try:
            check(exclude={*found, *leave_out})
        except ValidationError as error:
            found.update(error.message_dict)
        if isinstance(row, Practice) and "period" not in found:
            keep_bounds_and_date(row)  # which the rules of the table ask for
    errors.update({f"{path}{name}".removesuffix(".__all__"): message for name, message in found.items()})


def check_date(field: models.DateField, value: Any) -> None:
    """Raise ValidationError for a number instead of a date, and for a time that `check_moment` refuses."""
    if isinstance(value, int | float):
        raise ValidationError(_("“%(value)s” is not a date.") % {"value": str(value)[:80]})
    if isinstance(field, models.DateTimeField) and value not in field.empty_values:
        check_moment(field.to_python(value))


def check_moment(moment: datetime) -> None:
    """Raise ValidationError outside the years 1900 to 2200: near the years 1 and 9999 some times do not exist
    in UTC.
    """
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        message = _("Enter a year from %(first)d to %(last)d instead of %(year)d.")
        raise ValidationError(message % {"year": moment.year, "first": FIRST_YEAR, "last": LAST_YEAR})


def row_by_key(model: type[models.Model], key: Any) -> models.Model:
    """Return the row with a natural key, present or former. One query, three for a former key.

    Raises ValidationError, which names the key if there is no such row.
    """
    try:
        return model._default_manager.get_by_natural_key(str(key))
    except model.DoesNotExist:
        pass
    former = ReferenceVersion.objects.filter(
        kind=model._meta.model_name, **{f"snapshot__{model.KEY}": str(key)}
    )
    row = model._default_manager.filter(pk__in=list(former.values_list("key", flat=True)[:1])).first()
    if row is None:
        raise ValidationError(_("“%(key)s” was not found.") % {"key": str(key)[:80]})
    return row


def rows_by_keys(model: type[models.Model], name: str, keys: Any, errors: dict) -> list[models.Model]:
    """Return the rows that a snapshot names for a many-to-many field; collect errors."""
    others = model._meta.get_field(name).related_model
    rows = []
    for key in as_list(name, keys, errors):
        try:
            rows.append(row_by_key(others, key))
        except ValidationError as error:
            errors.setdefault(name, []).extend(error.messages)
    return rows
