"""Snapshots: a practice with everything that belongs to it as one JSON value, and back.

Versions, pending changes of a published practice, imports and exports all use snapshots. A snapshot leaves
out what is derived (the period's bounds, `updated_at`) and what belongs to the workflow.
"""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Prefetch
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
from practices.models.children import MOST_LESSONS
from practices.models.natural_keys import NaturalKeyModel
from practices.models.practice import keep_bounds_and_date
from practices.search.indexing import batch_reindex

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
    for name, model in {
        "places": Place,
        "corridors": Corridor,
        "participations": Participation,
        "sources": Source,
        "lessons": Lesson,
        "images": Image,
    }.items()
}
KEYS = (*FIELDS, *LINKS, *CHILDREN, "former_slugs", *LESSON_NUMBER_FIELDS)
# What many snapshots are read with in few queries: Practice.objects.prefetch_related(*RELATIONS).
RELATIONS = (
    *("publication", *LINKS, "former_slugs", "places", "corridors"),
    Prefetch("participations", Participation.objects.select_related("actor")),
    *("sources", "lessons", "images"),
)
FIRST_YEAR, LAST_YEAR = 1900, 2200  # of moments
MOST_ROWS = 100  # of one kind in a practice
MOST_TOGETHER = 100_000  # characters of all rows of one kind


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


def apply_snapshot(snapshot: Snapshot, practice: Practice | None = None) -> Practice:
    """Makes a practice (a new one without `practice`) and its children match a snapshot; returns the row.

    One transaction, indexed once. Fields that the snapshot does not name stay as they are, so that a snapshot
    older than a field can be applied; children that are equal keep their rows, and so does a lesson
    of the same number; former addresses are added and never removed. The caller checks the right to set
    `status`.
    ValidationError names what is wrong: `period`, `lessons.3.text`, and every such field at once.
    Some thirty queries, and up to six for each child that is new.
    """
    errors: dict[str, list[str]] = {}
    with batch_reindex(), transaction.atomic():
        target = Practice.objects.select_for_update().get(pk=practice.pk) if practice else Practice()
        unknown = snapshot.keys() - set(KEYS)
        errors.update({name: [_("A practice has no such field.")] for name in sorted(unknown)})
        save_values(target, {name: snapshot[name] for name in (*FIELDS, *LINKS) if name in snapshot}, errors)
        add_lesson_numbers(target, snapshot, errors)
        for name in CHILDREN:
            if name in snapshot:
                apply_children(target, name, as_list(name, snapshot[name], errors), errors)
        for slug in as_list("former_slugs", snapshot.get("former_slugs", []), errors):
            add_former_slug(target, slug, errors)
        if errors:
            raise ValidationError(errors)
        target.refresh_from_db(fields=LESSON_NUMBER_FIELDS)  # new lessons have raised it
    return target


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
        errors[name] = [_("“%(value)s” is no list.") % {"value": str(value)[:80]}]
    elif wrong := over_limit(value):
        errors[name] = [wrong]
    else:
        return value
    return []


def over_limit(rows: list) -> str:
    """Return what is wrong with so many rows of one kind, or with so much text in them, or an empty
    string."""
    if len(rows) > MOST_ROWS:
        message = _("There are %(count)d; at most %(most)d are accepted.")
        return message % {"count": len(rows), "most": MOST_ROWS}
    values = chain.from_iterable(row.values() if isinstance(row, dict) else [row] for row in rows)
    length = sum(len(value) for value in values if isinstance(value, str))
    if length > MOST_TOGETHER:
        message = _("They have %(length)d characters together; at most %(most)d are accepted.")
        return message % {"length": length, "most": MOST_TOGETHER}
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
                raise ValidationError(_("“%(value)s” is no text.") % {"value": str(value)[:80]})
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
    """Raise ValidationError for a number instead of a date, and for a moment that `check_moment` refuses."""
    if isinstance(value, int | float):
        raise ValidationError(_("“%(value)s” is not a date.") % {"value": str(value)[:80]})
    if isinstance(field, models.DateTimeField) and value not in field.empty_values:
        check_moment(field.to_python(value))


def check_moment(moment: datetime) -> None:
    """Raise ValidationError outside the years 1900 to 2200: near the years 1 and 9999 UTC has no such
    moment."""
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        message = _("The year %(year)d lies outside the years %(first)d to %(last)d.")
        raise ValidationError(message % {"year": moment.year, "first": FIRST_YEAR, "last": LAST_YEAR})


def row_by_key(model: type[models.Model], key: Any) -> models.Model:
    """Return the row with a natural key, present or former. One query, three for a former key.

    ValidationError names the key if there is no such row.
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
        raise ValidationError(_("“%(key)s” is not known here.") % {"key": str(key)[:80]})
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


def add_lesson_numbers(practice: Practice, snapshot: Snapshot, errors: dict) -> None:
    """Add the lesson numbers of a snapshot to those that the practice remembers. At most one query."""
    last = [snapshot.get("last_lesson_number", 0)]
    public = as_list("public_lessons", snapshot.get("public_lessons", []), errors)
    for name, numbers in (("last_lesson_number", last), ("public_lessons", public)):
        if not all(map(is_number, numbers)):
            message = _("“%(value)s” is not a number from 0 to %(most)d.")
            errors[name] = [message % {"value": str(snapshot[name])[:80], "most": MOST_LESSONS}]
            return
    lessons = snapshot.get("lessons")
    rows = lessons if isinstance(lessons, list) else []
    given = [row.get("number") for row in rows if isinstance(row, dict)]
    highest = max(*last, practice.last_lesson_number, *public, *filter(is_number, given))
    ever_public = sorted({*public, *practice.public_lessons})
    if (highest, ever_public) != (practice.last_lesson_number, practice.public_lessons):
        practice.last_lesson_number, practice.public_lessons = highest, ever_public
        stored = Practice.objects.filter(pk=practice.pk)
        stored.update(last_lesson_number=highest, public_lessons=ever_public)


def is_number(value: Any) -> bool:
    return type(value) is int and 0 <= value <= MOST_LESSONS


def match_lesson_numbers(wanted: list, held: list[Snapshot]) -> list:
    """Return the lessons of a snapshot; those without a number have that of an existing lesson with the same
    text.

    Other numbers stay None: the practice then gives a new one. `held` are the existing lessons.
    """
    given = [row.get("number") for row in wanted if isinstance(row, dict)]
    free = [row for row in held if row["number"] not in given]
    found = []
    for row in wanted:
        if isinstance(row, dict) and row.get("number") in (None, ""):
            match = next((other for other in free if other["text"] == row.get("text")), None)
            if match:
                free.remove(match)
            row = row | {"number": match["number"] if match else None}
        found.append(row)
    return found


def with_lesson_numbers(kept: Snapshot, held: list[Snapshot]) -> Snapshot:
    """Return a snapshot that is older than lesson numbers with numbers: those of existing lessons with the
    same text, or else the positions, which were their addresses. Return any other snapshot unchanged."""
    lessons = kept.get("lessons")
    if not isinstance(lessons, list) or not all(isinstance(row, dict) for row in lessons):
        return kept
    if any("number" in row for row in lessons):
        return kept
    found = match_lesson_numbers(lessons, held)
    given = {row["number"] for row in found}
    for position, row in enumerate(found, start=1):
        if row["number"] is None and position not in given:
            row["number"] = position
    return kept | {"lessons": found}


def apply_children(practice: Practice, name: str, wanted: list, errors: dict) -> None:
    """Make the children of a kind match a list: equal ones keep their row, the others are deleted.

    A lesson keeps its row if its number is the same; its text is changed.
    """
    held = child_rows(practice, name)
    if name == "lessons":
        wanted = match_lesson_numbers(wanted, [values for values, _row in held])
    kept: dict[int, models.Model] = {}
    for position, values in enumerate(wanted, start=1):
        match = next((pair for pair in held if same_child(name, pair[0], values)), None)
        if match:
            held.remove(match)
            kept[position] = match[1]
    practice_rows = getattr(practice, name)
    practice_rows.filter(pk__in=[row.pk for _values, row in held]).delete()
    if name != "corridors":
        reorder(practice_rows, kept)
    for position, values in enumerate(wanted, start=1):
        apply_child(practice, name, kept.get(position), position, values, errors)


def same_child(name: str, held: Snapshot, wanted: Any) -> bool:
    if name != "lessons" or not isinstance(wanted, dict):
        return held == wanted
    return held["number"] == wanted.get("number")


def apply_child(
    practice: Practice, name: str, row: models.Model | None, position: int, values: Any, errors: dict
) -> None:
    """Save one row of a list, a new one without `row`; no query if the row has those values."""
    model, fields = CHILDREN[name]
    path = f"{name}.{position}"
    if not isinstance(values, dict) or values.keys() - set(fields):
        errors[path] = [_("A row has these fields: %(fields)s.") % {"fields": ", ".join(fields)}]
        return
    if row and values == {field: json_value(row, field) for field in fields}:
        return
    row = row or model(practice=practice)
    if name != "corridors":
        row.order = position
    before = len(errors)
    set_values(row, values, f"{path}.", errors)
    if len(errors) == before:
        row.save()


def reorder(rows: Any, kept: dict[int, models.Model]) -> None:
    """Give kept rows their new orders. They move aside first, because no two may have the same order."""
    moved = [row for number, row in kept.items() if row.order != number]
    rows.filter(pk__in=[row.pk for row in moved]).move_aside()
    for number, row in kept.items():
        row.order = number
    rows.bulk_update(moved, ["order"])


def add_former_slug(practice: Practice, slug: Any, errors: dict) -> None:
    """Make a former address lead to the practice, unless it leads to another one now."""
    if slug == practice.slug or FormerSlug.objects.filter(slug=slug).exists():
        return
    former, wrong = FormerSlug(practice=practice), {}
    set_values(former, {"slug": slug}, f"former_slugs.{slug}.", wrong)
    errors.update(wrong)
    if not wrong:
        former.save()
