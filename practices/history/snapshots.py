"""Snapshots: a practice with everything that belongs to it as one JSON value, and back.

Versions, pending changes of a published practice, imports and exports all use snapshots. A snapshot leaves
out what is derived (the period's bounds, `updated_at`) and what belongs to the workflow.
"""

from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Prefetch

from practices.models import FormerSlug, Participation, Practice
from practices.models.natural_keys import NaturalKeyModel
from practices.models.practice import child_models

Snapshot = dict[str, Any]
# What a practice remembers of its lessons' numbers: applying a snapshot adds to it and never removes.
LESSON_NUMBER_FIELDS = ("last_lesson_number", "public_lessons")
DERIVED = ("title_sort", "period_start", "period_end", "updated_at")
OF_THE_WORKFLOW = ("owner", "publish_at", "replaces")


def field_names(model: type[models.Model], *left_out: str) -> tuple[str, ...]:
    """Return the names of a model's own columns in the order of the model, without the primary key."""
    return tuple(field.name for field in model._meta.concrete_fields if field.name not in {"id", *left_out})


# A new field of a practice or of its children is part of snapshots, versions, imports and sheets.
FIELDS = field_names(Practice, *DERIVED, *OF_THE_WORKFLOW, *LESSON_NUMBER_FIELDS)
LINKS = tuple(field.name for field in Practice._meta.many_to_many)
CHILDREN: dict[str, tuple[type[models.Model], tuple[str, ...]]] = {
    name: (model, field_names(model, "practice", "order"))
    for name, model in child_models().items()
    if model is not FormerSlug  # a list of slugs in the snapshot
}
KEYS = (*FIELDS, *LINKS, *CHILDREN, "former_slugs", *LESSON_NUMBER_FIELDS)
# What many snapshots are read with in few queries: Practice.objects.prefetch_related(*RELATIONS).
RELATIONS = (
    *("publication", *LINKS, "former_slugs", *(name for name in CHILDREN if name != "participations")),
    Prefetch("participations", Participation.objects.select_related("actor")),
)


def take_snapshot(practice: Practice) -> Snapshot:
    """Return the whole practice: fields, links and children by their natural keys, in a stable order.

    Ten queries and one for each country and actor; none after a prefetch of RELATIONS.
    """
    return {
        **{name: json_value(practice, name) for name in FIELDS},
        **{name: sorted(row.key for row in getattr(practice, name).all()) for name in LINKS},
        **{name: [row for row, _child in child_rows(practice, name)] for name in CHILDREN},
        "former_slugs": sorted(row.slug for row in practice.former_slugs.all()),
        "last_lesson_number": practice.last_lesson_number,
        "public_lessons": practice.once_public_lessons,
    }


def split_unknown(snapshot: Snapshot) -> tuple[Snapshot, list[str]]:
    """Return the snapshot without fields that practices no longer have, and the names of such fields, for
    example `cost` and `places.region`."""
    known, unknown = {}, [name for name in snapshot if name not in KEYS]
    for name, value in snapshot.items():
        if name in CHILDREN:
            fields = CHILDREN[name][1]
            found = dict.fromkeys(field for row in value for field in row if field not in fields)
            unknown += [f"{name}.{field}" for field in found]
            value = [{field: row[field] for field in row if field in fields} for row in value]
        if name in KEYS:
            known[name] = value
    return known, unknown


def json_value(row: models.Model, name: str) -> Any:
    """Return a field's value for JSON: text, number or None; a row of another table by its natural key."""
    field = row._meta.get_field(name)
    by_code = (
        field.is_relation and field.target_field.name == field.related_model.KEY
    )  # it need not be loaded
    value = getattr(row, field.attname if by_code else name)
    if value is None or isinstance(value, str) or name in ("number", *LESSON_NUMBER_FIELDS):
        return value
    if isinstance(value, NaturalKeyModel):
        return value.key
    return float(value) if isinstance(value, Decimal) else row._meta.get_field(name).value_to_string(row)


def child_rows(practice: Practice, name: str) -> list[tuple[Snapshot, models.Model]]:
    """Return the children of a kind as snapshots, each with its row, in their order (corridors: by code)."""
    _model, fields = CHILDREN[name]
    rows = [
        ({field: json_value(row, field) for field in fields}, row) for row in getattr(practice, name).all()
    ]
    return sorted(rows, key=lambda pair: tuple(pair[0].values())) if name == "corridors" else rows
