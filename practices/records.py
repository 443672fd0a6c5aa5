"""A practice and all that belongs to it as one plain value, and back.

History, restoring, drafts beside a published practice, imports and their undoing all read and write records:
whoever adds a field to a practice or to one of its children adds its name here, and all of them know it.
What a record leaves out is derived (the period's bounds, `updated_at`) or is a step of the workflow.
"""

from collections.abc import Collection
from decimal import Decimal
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Prefetch
from django.utils.translation import gettext as _

from practices.models import (
    Corridor,
    FormerSlug,
    Image,
    Lesson,
    Participation,
    Place,
    Practice,
    ReferenceVersion,
    Source,
)
from practices.models.keys import Keyed
from practices.models.practice import keep_bounds_and_date
from practices.search.index import together

Record = dict[str, Any]

FIELDS = (
    *("title", "slug", "kind", "status", "language", "summary", "period"),
    *("activity", "activity_checked_on", "activity_checked_by", "story", "editors_note"),
    *("publication", "created_at", "published_at"),
)
LINKS = ("themes", "objectives")
CHILDREN: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    "places": (Place, ("name", "country", "latitude", "longitude")),
    "corridors": (Corridor, ("origin", "destination")),
    "participations": (Participation, ("actor", "role", "group", "note")),
    "sources": (Source, ("text", "url", "date")),
    "lessons": (Lesson, ("text",)),
    "images": (Image, ("file", "width", "height", "alt", "caption", "credit")),
}
KEYS = (*FIELDS, *LINKS, *CHILDREN, "former_slugs")
# What many records are read with in few queries: Practice.objects.prefetch_related(*RELATIONS).
RELATIONS = (
    *("publication", *LINKS, "former_slugs", "places", "corridors"),
    Prefetch("participations", Participation.objects.select_related("actor")),
    *("sources", "lessons", "images"),
)
OUT_OF_THE_WAY = 10_000
MOST_ROWS = 100  # of one kind in a practice
MOST_TOGETHER = 100_000  # characters of all rows of one kind


def record(practice: Practice) -> Record:
    """The whole of a practice: fields, links and children by their natural keys, in a stable order.

    Ten queries and one for each country and actor; none after a prefetch of RELATIONS.
    """
    return {
        **{name: plain(practice, name) for name in FIELDS},
        **{name: sorted(row.key for row in getattr(practice, name).all()) for name in LINKS},
        **{name: [row for row, _child in rows_of(practice, name)] for name in CHILDREN},
        "former_slugs": sorted(row.slug for row in practice.former_slugs.all()),
    }


def plain(row: models.Model, name: str) -> Any:
    """A field's value for JSON: text, number or None; a row of another table by its natural key."""
    field = row._meta.get_field(name)
    by_code = (
        field.is_relation and field.target_field.name == field.related_model.KEY
    )  # it need not be loaded
    value = getattr(row, field.attname if by_code else name)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, Keyed):
        return value.key
    return float(value) if isinstance(value, Decimal) else row._meta.get_field(name).value_to_string(row)


def rows_of(practice: Practice, name: str) -> list[tuple[Record, models.Model]]:
    """The children of a kind as records, each with its row, in their order (corridors: by code)."""
    _model, fields = CHILDREN[name]
    rows = [({field: plain(row, field) for field in fields}, row) for row in getattr(practice, name).all()]
    return sorted(rows, key=lambda pair: tuple(pair[0].values())) if name == "corridors" else rows


def write(record: Record, practice: Practice | None = None) -> Practice:
    """Makes a practice (a new one without `practice`) and its children match a record; returns the row.

    All or nothing, in one transaction; indexed once. What the record does not name stays as it is, so that a
    record older than a field can be written; children that are equal keep their rows; former addresses are
    added and never taken away. Whoever calls it answers for the right to set `status`.
    ValidationError names what is wrong: `period`, `lessons.3.text`, and every such field at once.
    Some thirty queries, and up to six for each child that is new.
    """
    errors: dict[str, list[str]] = {}
    with together(), transaction.atomic():
        target = Practice.objects.select_for_update().get(pk=practice.pk) if practice else Practice()
        unknown = record.keys() - set(KEYS)
        errors.update({name: [_("A practice has no such field.")] for name in sorted(unknown)})
        store(target, {name: record[name] for name in (*FIELDS, *LINKS) if name in record}, errors)
        for name in CHILDREN:
            if name in record:
                write_children(target, name, as_list(name, record[name], errors), errors)
        for slug in as_list("former_slugs", record.get("former_slugs", []), errors):
            keep_address(target, slug, errors)
        if errors:
            raise ValidationError(errors)
    return target


def store(row: models.Model, values: Record, errors: dict) -> None:
    """Saves a row with the values of a record, links to several other rows too, if nothing is wrong."""
    several = [field.name for field in row._meta.many_to_many if field.name in values]
    fill(row, {name: value for name, value in values.items() if name not in several}, "", errors)
    links = {name: linked(type(row), name, values[name], errors) for name in several}
    if errors:
        raise ValidationError(errors)
    row.save()
    for name, rows in links.items():
        getattr(row, name).set(rows)


def as_list(name: str, value: Any, errors: dict) -> list:
    if not isinstance(value, list):
        errors[name] = [_("“%(value)s” is no list.") % {"value": str(value)[:80]}]
    elif wrong := too_much(value):
        errors[name] = [wrong]
    else:
        return value
    return []


def too_much(rows: list) -> str:
    """What is wrong with so many rows of one kind, or with so much text in them; empty if nothing is."""
    if len(rows) > MOST_ROWS:
        said = _("There are %(count)d; at most %(most)d are accepted.")
        return said % {"count": len(rows), "most": MOST_ROWS}
    values = chain.from_iterable(row.values() if isinstance(row, dict) else [row] for row in rows)
    length = sum(len(value) for value in values if isinstance(value, str))
    if length > MOST_TOGETHER:
        said = _("They have %(length)d characters together; at most %(most)d are accepted.")
        return said % {"length": length, "most": MOST_TOGETHER}
    return ""


def fill(row: models.Model, values: Any, path: str, errors: dict, leave_out: Collection[str] = ()) -> None:
    """Gives a row the values of a record and checks it whole; collects what is wrong under `path` + field.

    Fields in `leave_out` are not checked.
    """
    found: dict[str, list[str]] = {}
    for name, value in values.items():
        field = row._meta.get_field(name)
        try:
            if isinstance(value, dict | list) or (isinstance(value, str) and "\0" in value):
                raise ValidationError(_("“%(value)s” is no text.") % {"value": str(value)[:80]})
            if field.is_relation and value is not None:
                value = known(field.related_model, value)
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
    errors.update({f"{path}{name}".removesuffix(".__all__"): said for name, said in found.items()})


def known(model: type[models.Model], key: Any) -> models.Model:
    """The row with a natural key, now or before it got another one. One query, three for a former key.

    ValidationError names the key when there is no such row.
    """
    try:
        return model._default_manager.get_by_natural_key(str(key))
    except model.DoesNotExist:
        pass
    former = ReferenceVersion.objects.filter(
        kind=model._meta.model_name, **{f"record__{model.KEY}": str(key)}
    )
    row = model._default_manager.filter(pk__in=list(former.values_list("key", flat=True)[:1])).first()
    if row is None:
        raise ValidationError(_("“%(key)s” is not known here.") % {"key": str(key)[:80]})
    return row


def linked(model: type[models.Model], name: str, keys: Any, errors: dict) -> list[models.Model]:
    """The rows that a record names for a field with several values; collects what is wrong."""
    others = model._meta.get_field(name).related_model
    rows = []
    for key in as_list(name, keys, errors):
        try:
            rows.append(known(others, key))
        except ValidationError as error:
            errors.setdefault(name, []).extend(error.messages)
    return rows


def write_children(practice: Practice, name: str, wanted: list, errors: dict) -> None:
    """Makes the children of a kind match a list of records: equal ones keep their row, the others go."""
    model, fields = CHILDREN[name]
    held = rows_of(practice, name)
    kept: dict[int, models.Model] = {}
    for number, values in enumerate(wanted, start=1):
        match = next((pair for pair in held if pair[0] == values), None)
        if match:
            held.remove(match)
            kept[number] = match[1]
    practice_rows = getattr(practice, name)
    practice_rows.filter(pk__in=[row.pk for _values, row in held]).delete()
    if model is not Corridor:
        reorder(practice_rows, kept)
    for number, values in enumerate(wanted, start=1):
        if number in kept:
            continue
        path = f"{name}.{number}"
        if not isinstance(values, dict) or values.keys() - set(fields):
            errors[path] = [_("A row has these fields: %(fields)s.") % {"fields": ", ".join(fields)}]
            continue
        row = model(practice=practice)
        if model is not Corridor:
            row.order = number
        before = len(errors)
        fill(row, values, f"{path}.", errors)
        if len(errors) == before:
            row.save()


def reorder(rows: Any, kept: dict[int, models.Model]) -> None:
    """Gives rows that are kept their new numbers, by way of numbers that no row has."""
    moved = [row for number, row in kept.items() if row.order != number]
    rows.filter(pk__in=[row.pk for row in moved]).update(order=F("order") + OUT_OF_THE_WAY)
    for number, row in kept.items():
        row.order = number
    rows.bulk_update(moved, ["order"])


def keep_address(practice: Practice, slug: Any, errors: dict) -> None:
    """Has a former address lead to the practice, unless it leads to another one meanwhile."""
    if slug == practice.slug or FormerSlug.objects.filter(slug=slug).exists():
        return
    former, wrong = FormerSlug(practice=practice), {}
    fill(former, {"slug": slug}, f"former_slugs.{slug}.", wrong)
    errors.update(wrong)
    if not wrong:
        former.save()
