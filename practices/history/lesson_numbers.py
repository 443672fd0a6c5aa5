"""Lesson numbers in snapshots: those that are missing, and those a practice remembers."""

from typing import Any

from django.utils.translation import gettext as _

from practices.history.snapshot_values import as_list
from practices.history.snapshots import Snapshot
from practices.models import (
    Practice,
)
from practices.models.lessons import MAX_LESSON_NUMBER


def add_lesson_numbers(practice: Practice, snapshot: Snapshot, errors: dict) -> None:
    """Add the lesson numbers of a snapshot to those that the practice remembers. At most one query."""
    last = [snapshot.get("last_lesson_number", 0)]
    public = as_list("public_lessons", snapshot.get("public_lessons", []), errors)
    for name, numbers in (("last_lesson_number", last), ("public_lessons", public)):
        if not all(map(is_number, numbers)):
            message = _("Enter a number from 0 to %(most)d instead of “%(value)s”.")
            errors[name] = [message % {"value": str(snapshot[name])[:80], "most": MAX_LESSON_NUMBER}]
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
    return type(value) is int and 0 <= value <= MAX_LESSON_NUMBER


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
