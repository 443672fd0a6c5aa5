"""Edit conflicts: the fields that another editor has changed since a form was opened.

A form carries a fingerprint of every field as it was opened (`_seen`). Fingerprints of the row as it is
stored now tell which fields somebody else has changed. Where the submitted value differs from such a field,
both values are a conflict. The page that shows conflicts has the fields of the form, so that choosing is
submitting it again.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.http import QueryDict
from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from practices.history.differences import IN, OUT, SAME, parts

SEEN_FIELD = "_seen"
NUMBERS = "numbers"  # of rows that have permanent ones, by their keys
KEPT_NUMBER = "kept_number"  # what a row that is put back had; set here and never taken from a form
ORDER, THEIRS = "_order-", "theirs"  # the field that answers whose order of rows is kept, and one answer
FormSets = list[BaseInlineFormSet]


@dataclass(frozen=True)
class Offer:
    """One of two versions: the value to submit, its text, and whether it is preselected."""

    value: str
    text: SafeString
    chosen: bool


@dataclass(frozen=True)
class Conflict:
    """A field with two versions. `several`: a list, of which any items may be chosen."""

    name: str  # as the form sends it
    label: str
    offers: list[Offer]
    several: bool = False


# What a form shows --------------------------------------------------------------------------------------


def submitted_value(bound: forms.BoundField) -> str | list[str]:
    """Return what a browser submits for a field that nobody has changed."""
    widget = bound.field.widget
    widget = getattr(widget, "widget", widget)  # without the links that the admin puts around it
    if isinstance(widget, forms.CheckboxInput):
        return "on" if bound.value() else ""
    value = widget.format_value(bound.value())
    if isinstance(widget, forms.Select) and not widget.allow_multiple_selected:
        [value] = value
    return value if isinstance(value, list) else normalise_value("" if value is None else value)


def normalise_value(value: Any) -> str:
    return str(value).replace("\r\n", "\n").strip()


def fingerprint(value: str | list[str]) -> str:
    text = "\n".join(sorted(value)) if isinstance(value, list) else value
    return blake2b(text.encode(), digest_size=6).hexdigest()


def compared_fields(form: forms.ModelForm) -> Iterator[forms.BoundField]:
    """Yield the fields with a value of their own. The order of rows is compared for all rows together."""
    for bound in form:
        passive = isinstance(bound.field.widget, forms.HiddenInput | forms.FileInput)
        if not passive and not (form.prefix and bound.name in {"order", "DELETE"}):
            yield bound


def fingerprints(form: forms.ModelForm, sets: FormSets) -> dict[str, str | list[str]]:
    """Return a fingerprint of each field by its key, and the keys of the rows of each formset in their
    order."""
    found: dict[str, str | list[str]] = {
        bound.name: fingerprint(submitted_value(bound)) for bound in compared_fields(form)
    }
    for rows in sets:
        found[rows.prefix] = [str(row.instance.pk) for row in rows.initial_forms]
        numbers = {str(row.instance.pk): getattr(row.instance, "number", None) for row in rows.initial_forms}
        if any(numbers.values()):
            found[f"{rows.prefix}.{NUMBERS}"] = numbers
        for row in rows.initial_forms:
            for bound in compared_fields(row):
                found[field_key(rows, row, bound)] = fingerprint(submitted_value(bound))
    return found


def field_key(rows: BaseInlineFormSet, row: forms.ModelForm, bound: forms.BoundField) -> str:
    return f"{rows.prefix}.{row.instance.pk}.{bound.name}"


# What is asked ------------------------------------------------------------------------------------------


def find_conflicts(form: forms.ModelForm, sets: FormSets, sent: QueryDict) -> Iterator[Conflict]:
    """Yield the fields that somebody has changed since `sent` was opened and to which `sent` gives another
    value."""
    seen = opened_values(sent)
    if seen == fingerprints(form, sets):
        return
    for bound in compared_fields(form):
        yield from field_conflicts(bound, bound.name, str(bound.label), seen.get(bound.name), sent)
    for rows in sets:
        yield from row_conflicts(rows, seen, sent)


def opened_values(sent: QueryDict) -> dict[str, Any]:
    """Return what the form was opened with; an empty dictionary if it does not say, so that every difference
    is a conflict."""
    try:
        seen = json.loads(sent.get(SEEN_FIELD, ""))
    except ValueError:
        return {}
    return seen if isinstance(seen, dict) else {}


def field_conflicts(
    bound: forms.BoundField, name: str, label: str, before: str | None, sent: QueryDict
) -> Iterator[Conflict]:
    theirs = submitted_value(bound)
    several = isinstance(theirs, list)
    mine = sent.getlist(name) if several else normalise_value(sent.get(name, ""))
    same = set(mine) == set(theirs) if several else mine == theirs
    if same or before == fingerprint(theirs):
        return
    label = capfirst(label)
    if several:
        kept = sorted({*mine, *theirs}, key=lambda value: (len(value), value))  # primary keys as numbers
        offers = [Offer(value, escape(display_value(bound, value)), value in mine) for value in kept]
        yield Conflict(name, label, offers, several=True)
        return
    untouched = before == fingerprint(mine)
    texts = marked_texts(display_value(bound, mine), display_value(bound, theirs))
    yield Conflict(name, label, [Offer(mine, texts[0], not untouched), Offer(theirs, texts[1], untouched)])


def row_conflicts(rows: BaseInlineFormSet, seen: dict, sent: QueryDict) -> Iterator[Conflict]:
    here, title = dict(sent_rows(rows, sent)), rows.model._meta.verbose_name
    stored = {str(row.instance.pk): row for row in rows.initial_forms}
    for place, row in enumerate(stored.values(), start=1):
        number = getattr(row.instance, "number", place)
        name = here.get(str(row.instance.pk))
        if name is None:
            continue  # somebody added it: it stays, as the form sent says nothing of it
        questions = [
            question
            for bound in compared_fields(row)
            for question in field_conflicts(
                bound,
                f"{name}-{bound.name}",
                f"{title} {number}: {bound.label}"
                if len(list(compared_fields(row))) > 1
                else f"{title} {number}",
                seen.get(field_key(rows, row, bound)),
                sent,
            )
        ]
        if questions and sent.get(f"{name}-DELETE"):
            text = "; ".join(
                filter(None, (display_value(bound, submitted_value(bound)) for bound in compared_fields(row)))
            )
            yield removal_conflict(
                f"{name}-DELETE", f"{title} {number}", _("Removed by you"), text, on_first=True
            )
        yield from questions
    for pk, name in here.items():
        if pk not in stored and pk in seen.get(rows.prefix, []) and not sent.get(f"{name}-DELETE"):
            row = rows.empty_form
            values = (
                display_value(bound, normalise_value(sent.get(f"{name}-{bound.name}", "")))
                for bound in compared_fields(row)
            )
            text = "; ".join(filter(None, values))
            yield removal_conflict(
                f"{name}-DELETE", str(title), text, _("Removed in the other version"), on_first=False
            )
    orders = Orders(rows, seen, sent)
    if orders.before not in (orders.mine, orders.theirs) and orders.mine != orders.theirs:
        texts = [
            "; ".join(f"{number}. {stored[pk].instance}" for number, pk in enumerate(order, start=1))
            for order in (orders.mine, orders.theirs)
        ]
        label = _("Order of %(rows)s") % {"rows": rows.model._meta.verbose_name_plural}
        offers = [
            Offer("", escape(texts[0]), True),
            Offer(THEIRS, escape(texts[1]), False),
        ]
        yield Conflict(f"{ORDER}{rows.prefix}", label, offers)


class Orders:
    """The keys of rows that all three know, in the order when the form was opened, as stored, and as
    submitted."""

    def __init__(self, rows: BaseInlineFormSet, seen: dict, sent: QueryDict) -> None:
        here, before = dict(sent_rows(rows, sent)), seen.get(rows.prefix, [])
        stored = [str(row.instance.pk) for row in rows.initial_forms]
        self.theirs = [pk for pk in stored if pk in here and pk in before]
        self.before = [pk for pk in before if pk in self.theirs]
        numbers = {pk: sent.get(f"{here[pk]}-order", "") for pk in self.theirs}
        self.mine = sorted(
            self.theirs, key=lambda pk: int(numbers[pk]) if numbers[pk].isdecimal() else 10_000
        )


def sent_rows(rows: BaseInlineFormSet, sent: QueryDict) -> Iterator[tuple[str, str]]:
    """Yield the key and the name of each stored row in a form: ("17", "lessons-0")."""
    total = sent.get(f"{rows.prefix}-INITIAL_FORMS", "")
    for number in range(min(int(total), rows.absolute_max) if total.isdecimal() else 0):
        name = f"{rows.prefix}-{number}"
        if pk := sent.get(f"{name}-{rows.model._meta.pk.name}"):
            yield pk, name


def removal_conflict(name: str, label: str, mine: str, theirs: str, on_first: bool) -> Conflict:
    values = ("on", "") if on_first else ("", "on")
    offers = [
        Offer(values[0], escape(mine), True),
        Offer(values[1], escape(theirs), False),
    ]
    return Conflict(name, capfirst(label), offers)


def display_value(bound: forms.BoundField, value: str | list[str]) -> str:
    """Return a value as editors know it: the label of a choice, not its key."""
    if isinstance(value, list):
        return ", ".join(display_value(bound, one) for one in value)
    if isinstance(bound.field, forms.ModelChoiceField):
        lookup = bound.field.to_field_name or "pk"
        try:
            return str(bound.field.queryset.filter(**{lookup: value}).first() or value) if value else ""
        except (ValueError, ValidationError):
            return value
    if isinstance(bound.field, forms.ChoiceField):
        return str(dict(bound.field.choices).get(value, value))
    return value


def marked_texts(mine: str, theirs: str) -> list[SafeString]:
    """Return both texts as HTML, with words that only one has in `mark`."""
    found = parts(mine, theirs)
    return [
        format_html_join("", "{}", ((marked_part(kind, text),) for kind, text in found if kind != of_other))
        for of_other in (IN, OUT)
    ]


def marked_part(kind: str, text: str) -> str:
    return text if kind == SAME else format_html("<mark>{}</mark>", text)


# What is settled without asking -------------------------------------------------------------------------


def resolve(sets: FormSets, sent: QueryDict) -> QueryDict:
    """Return the form data that can be saved without a choice: a row that the other editor removed and this
    one kept becomes a new one; the other's order holds if this editor did not move rows."""
    sent, seen = sent.copy(), opened_values(sent)
    for name in [name for name in sent if name.endswith(f"-{KEPT_NUMBER}")]:
        del sent[name]
    for rows in sets:
        here = dict(sent_rows(rows, sent))
        stored = [str(row.instance.pk) for row in rows.initial_forms]
        orders = Orders(rows, seen, sent)
        moved_by_other = orders.mine == orders.before != orders.theirs
        if moved_by_other or sent.get(f"{ORDER}{rows.prefix}") == THEIRS:
            for number, pk in enumerate(stored, start=1):
                if pk in here:
                    sent[f"{here[pk]}-order"] = str(number)
        for pk, name in here.items():
            if pk not in stored:
                numbers = seen.get(f"{rows.prefix}.{NUMBERS}")
                add_again(rows, name, sent, numbers.get(pk) if isinstance(numbers, dict) else None)
    return sent


def add_again(rows: BaseInlineFormSet, name: str, sent: QueryDict, number: Any) -> None:
    """Turn a row that is no longer stored into a new one, unless it was to be removed. A lesson keeps its
    number."""
    total = sent.get(f"{rows.prefix}-TOTAL_FORMS", "0")
    if not sent.get(f"{name}-DELETE"):
        for own in [own for own in sent if own.startswith(f"{name}-")]:
            sent.setlist(f"{rows.prefix}-{total}{own.removeprefix(name)}", sent.getlist(own))
        sent[f"{rows.prefix}-{total}-{rows.model._meta.pk.name}"] = ""
        if number:
            sent[f"{rows.prefix}-{total}-{KEPT_NUMBER}"] = str(number)
        sent[f"{rows.prefix}-TOTAL_FORMS"] = str(int(total) + 1)
    sent[f"{name}-DELETE"] = "on"
