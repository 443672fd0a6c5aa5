"""Parses the texts of cells into values of fields; accepts what the form of a practice accepts."""

import re
from functools import lru_cache
from typing import Any

from babel import Locale
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import override

from practices.exchange.name_index import LANGUAGES, fold_name, show_invisible
from practices.history.snapshots import Snapshot, json_value
from practices.models.fields import PeriodField
from practices.values.coordinates import parse_degrees, parse_pair
from practices.values.period import AMBIGUOUS, IMPOSSIBLE, PeriodError
from practices.values.period_parsing import parse_period

DAY_WITH_DOT = re.compile(r"^([0-9]{1,2})\.(?= [^0-9])")  # 1. November
WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MIDNIGHT = re.compile(r"(?<=[0-9])[ T]0?0:00(?::00(?:\.0+)?)?Z?")  # what programs add to a day
POINT = ("latitude", "longitude")
BETWEEN_ENDS = ("→", "->", ">", " – ", " — ", " - ", "–", "—", "-")  # of a corridor, the clearest first
Errors = dict[str, list[str]]


def parse_values(model: type[models.Model], values: Snapshot) -> tuple[Snapshot, Errors]:
    """Return the values of a snapshot from texts of cells, and the errors of each field.

    Periods become EDTF, days ISO 8601, choices their keys, numbers numbers. An empty text becomes None if the
    field may be null, else the default of the field.
    """
    row, made, errors = model(), dict(values), {}
    if set(POINT) <= values.keys():
        made |= split_point(values["latitude"], values["longitude"], errors)
    for name, value in made.items():
        column = model._meta.get_field(name)
        if isinstance(value, str) and name not in errors:
            try:
                value = parse_value(column, value)
            except (ValueError, ValidationError, PeriodError) as error:
                errors[name] = error.messages if isinstance(error, ValidationError) else [str(error)]
                continue
        made[name] = value
        if not column.is_relation and value is not None and name not in errors:
            made[name] = normalise(row, column, value)
    return made, errors


def normalise(row: models.Model, column: models.Field, value: Any) -> Any:
    """Return a value as in a snapshot; unreadable ones are unchanged, and the validation of the row reports
    them.
    """
    try:
        setattr(row, column.name, column.to_python(value))
        return json_value(row, column.name)
    except Exception:  # a number’s, a picture’s own error
        return value


def parse_value(column: models.Field, text: str) -> Any:
    """Return the value of one text. Raises ValueError, ValidationError or PeriodError."""
    if text == "":
        if column.null:
            return None
        return column.get_default() if not column.blank and column.has_default() else ""
    if column.is_relation:
        return text
    if column.choices:
        return parse_choice(column, text)
    if isinstance(column, PeriodField):
        period = parse_period(MIDNIGHT.sub("", text))
        return period and period.edtf
    if isinstance(column, models.DateField):
        return parse_day(text)
    if isinstance(column, models.URLField):
        return parse_url(column, text)
    if column.name in POINT:
        return str(parse_degrees(text, column.name))
    return text


def parse_url(column: models.Field, text: str) -> str:
    """Return the URL, with https:// if it has no scheme. Raises ValueError."""
    try:
        found = forms.URLField(assume_scheme="https").to_python(text)
        column.run_validators(found)
    except ValidationError:
        message = _("Enter a web address, such as https://www.example.org/page, instead of “%(value)s”.")
        raise ValueError(message % {"value": show_invisible(text)}) from None
    return found


# Choices ---------------------------------------------------------------------------------------------------


def parse_choice(column: models.Field, text: str) -> str:
    """The key of a choice by its key or its label, in any language of the interface."""
    keys = choice_keys(column)
    if fold_name(text) in keys:
        return keys[fold_name(text)]
    labels = ", ".join(str(label) for _key, label in column.flatchoices)
    message = _("“%(value)s” is not one of these: %(labels)s.")
    raise ValueError(message % {"value": show_invisible(text), "labels": labels})


@lru_cache(maxsize=100)
def choice_keys(column: models.Field) -> dict[str, str]:
    found = {fold_name(str(key)): str(key) for key, _label in column.flatchoices}
    for code, _name in settings.LANGUAGES:
        with override(code):
            for key, label in column.flatchoices:
                found.setdefault(fold_name(str(label)), str(key))
    if column.name == "language":
        for code in LANGUAGES:
            for key in set(found.values()):
                found.setdefault(fold_name(Locale.parse(code).languages.get(key, key)), key)
    return found


# Days ------------------------------------------------------------------------------------------------------


def parse_day(text: str) -> str:
    """A day as ISO 8601, from 2026-11-01, 01.11.2026, 1 Nov 2026, November 1, 2026 and so on."""
    bare = DAY_WITH_DOT.sub(r"\1", MIDNIGHT.sub("", text))
    try:
        period = parse_period(bare)
    except PeriodError as error:
        if error.reason in (AMBIGUOUS, IMPOSSIBLE):
            raise
        period = None
    if period is None or not WHOLE_DAY.fullmatch(period.edtf):
        message = _("Enter a date, such as 2026-11-01 or 1 November 2026, instead of “%(value)s”.")
        raise ValueError(message % {"value": show_invisible(text)})
    return period.edtf


# Points and corridors --------------------------------------------------------------------------------------


def split_point(latitude: Any, longitude: Any, errors: Errors) -> Snapshot:
    """Latitude and longitude if one cell holds both, as in “47.01, 28.86”; otherwise an empty dict."""
    texts = {"latitude": latitude, "longitude": longitude}
    for name, text in texts.items():
        pair = parse_pair(text) if isinstance(text, str) else None
        if pair is None:
            continue
        found = {"latitude": str(pair[0]), "longitude": str(pair[1])}
        other = "longitude" if name == "latitude" else "latitude"
        if not is_same_coordinate(texts[other], other, text, found[other]):
            message = _(
                "“%(value)s” is a latitude and a longitude, but the cell for %(other)s contains “%(text)s”."
            )
            named = {"value": text, "other": _(other), "text": show_invisible(str(texts[other]))}
            errors[name] = [message % named]
            return {}
        return found
    return {}


def is_same_coordinate(text: Any, axis: str, pair: str, wanted: str) -> bool:
    """Return whether the other cell of a point is empty or has the same value."""
    if text in ("", None, pair):
        return True
    try:
        return str(parse_degrees(str(text), axis)) == wanted
    except ValueError:
        return False


def split_corridor(text: str) -> Snapshot:
    """The ends of a corridor: PH-IT, PH → IT, Philippines – Italy."""
    sign = next((sign for sign in BETWEEN_ENDS if sign in text), "-")
    origin, _sign, destination = text.partition(sign)
    return {"origin": origin.strip(), "destination": destination.strip()}
