"""Applying a snapshot: a practice and its children get the values of the snapshot."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext as _

from practices.history.lesson_numbers import add_lesson_numbers, match_lesson_numbers
from practices.history.snapshot_values import as_list, save_values, set_values
from practices.history.snapshots import (
    CHILDREN,
    FIELDS,
    KEYS,
    LESSON_NUMBER_FIELDS,
    LINKS,
    Snapshot,
    child_rows,
    json_value,
)
from practices.models import (
    FormerSlug,
    Practice,
)
from practices.search.indexing import batch_reindex


def apply_snapshot(snapshot: Snapshot, practice: Practice | None = None) -> Practice:
    """Make a practice (a new one without `practice`) and its children match a snapshot; return the row.

    One transaction, indexed once. Fields that the snapshot does not name stay as they are, so that a snapshot
    older than a field can be applied; children that are equal keep their rows, and so does a lesson of the
    same number; former addresses are added and never removed. The caller checks the right to set `status`.
    Raises ValidationError, which names what is wrong: `period`, `lessons.3.text`, and every such field at
    once. Some thirty queries, and up to six for each child that is new.
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
        errors[path] = [_("Each row has these fields: %(fields)s.") % {"fields": ", ".join(fields)}]
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
