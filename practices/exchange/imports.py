"""Imports the rows of a sheet into practices: all or none, after a trial, and with undo.

The trial does what the import would do, in a transaction that it rolls back. An import changes a public
practice only in its pending change, so it never publishes anything.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from practices.exchange.name_index import checked_slug, fold_name, show_invisible
from practices.exchange.partial_rows import complete_rows, removal_remarks
from practices.exchange.row_values import RowValues, validation_errors, with_all_fields, without_defaults
from practices.exchange.sheet import MARKS, Line
from practices.history import versions
from practices.history.audit import record_audit_entry
from practices.history.differences import Change, Reader, changes
from practices.history.lesson_numbers import match_lesson_numbers, with_lesson_numbers
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import CHILDREN, FIELDS, LINKS, Snapshot, json_value, take_snapshot
from practices.models import Import, Practice, Revision, User
from practices.models.lessons import MAX_LESSON_NUMBER
from practices.search.indexing import batch_reindex
from practices.values.text import BLANK, typed_slug
from practices.workflow import permissions, transitions

logger = logging.getLogger(__name__)
MAX_TRIES = 20  # for a slug that others take in the same moment


class RolledBack(Exception):
    """Rolls back the transaction after a trial, or because a row has errors."""


@dataclass
class Outcome:
    """What a row does, or would do."""

    number: int
    title: str
    action: str = "same"  # new, changed, same or wrong
    changes: list[Change] = field(default_factory=list)
    errors: list[tuple[str, str, str]] = field(default_factory=list)  # cell, heading, what is wrong
    done: Snapshot | None = None  # what undoing needs
    remarks: list[str] = field(default_factory=list)  # what a person should look at; nothing is wrong


def create_import(name: str, lines: list[Line], person: User, digest: str = "") -> Import:
    """Store the rows of a file until they are imported, at most for a day. Raises PermissionDenied.

    `digest` is the hash of the file, by which `file_remarks` finds the same file.
    """
    require_editor(person)
    Import.objects.filter(
        state=Import.State.TRIED, at__lt=timezone.now() - timezone.timedelta(days=1)
    ).delete()
    return Import.objects.create(
        person=person,
        name=person.get_username(),
        file=name[:200],
        lines=[asdict(line) for line in lines],
        digest=digest,
    )


def file_digest(data: bytes) -> str:
    """The SHA-256 of a file."""
    return sha256(data).hexdigest()


def file_remarks(imported: Import) -> list[str]:
    """Return a remark if the same file was imported before and not undone. One query."""
    same = Import.objects.filter(digest=imported.digest, state=Import.State.DONE).exclude(pk=imported.pk)
    last = same.order_by("-finished_at").first() if imported.digest else None
    if last is None:
        return []
    message = _("The same file was imported on %(day)s by %(person)s, as “%(file)s”.")
    day = date_format(timezone.localtime(last.finished_at), "j F Y")
    return [message % {"day": day, "person": last.name, "file": last.file}]


def require_editor(person: User) -> None:
    if not permissions.is_editor(person):
        raise PermissionDenied


def run_import(imported: Import, person: User, apply: bool) -> Iterator[Outcome]:
    """Yield the outcome of each row. Nothing changes without `apply`, or if a row has errors.

    One transaction lasts from the first outcome to the last, so a caller that stops early changes nothing.
    Raises ValidationError if the file was imported before, or if the portal could not write. About sixty
    queries for each row that changes something.
    """
    require_editor(person)
    run = ImportRun(person, imported.file)
    with explained_failures(imported), suppress(RolledBack), batch_reindex():
        row = Import.objects.select_for_update().get(pk=imported.pk)
        if row.state != Import.State.TRIED:
            raise ValidationError(_("This file has already been imported."))
        outcomes = []
        for line in row.lines:
            outcomes.append(run.import_row(Line(**line)))
            yield outcomes[-1]
        if not apply or any(outcome.action == "wrong" for outcome in outcomes):
            raise RolledBack
        row.done = [outcome.done for outcome in outcomes if outcome.done]
        row.state, row.finished_at = Import.State.DONE, timezone.now()
        row.save()
        made = Practice.objects.filter(pk__in=[done["key"] for done in row.done])
        record_audit_entry("imported", person, f"{row.file}: {len(row.done)}", practices=made)


@contextmanager
def explained_failures(imported: Import) -> Iterator[None]:
    """Convert errors of the database and the disk to a ValidationError that says what to do."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        logger.exception("Import %s failed", imported.pk)
        if is_conflict(error):
            message = _("Someone else saved the same rows at the same time. Nothing was changed. Try again.")
            raise ValidationError(message) from error
        message = _(
            "The changes could not be saved: the disk may be full, or the database is unavailable. "
            "Imports are never saved in part. The list of imports shows whether this one was done "
            "or undone. Tell your administrator."
        )
        raise ValidationError(message) from error


# SQLSTATE of PostgreSQL: serialization_failure, deadlock_detected, lock_not_available.
CONFLICTS = {"40001", "40P01", "55P03"}


def is_conflict(error: BaseException) -> bool:
    """Return whether an error comes from a concurrent write, so that trying again helps."""
    state = getattr(error.__cause__, "sqlstate", "")
    locked = "database is locked" in str(error) or "database table is locked" in str(error)
    return isinstance(error, IntegrityError) or state in CONFLICTS or locked


class ImportRun:
    """The state that the rows of an import share: the index of names, and the practices of earlier rows."""

    def __init__(self, person: User, file: str) -> None:
        self.person, self.file = person, file
        self.reader = Reader()
        self.values = RowValues()
        self.seen: dict[str, int] = {}  # slug → row
        self.titles: dict[str, int] = {}  # folded title → row

    @cached_property
    def known_titles(self) -> dict[str, list[str]]:
        """Folded title → the practices that have it, for messages. One query."""
        known: dict[str, list[str]] = {}
        for title, slug, status in Practice.objects.values_list("title", "slug", "status"):
            known.setdefault(fold_name(title), []).append(f"{slug} ({Practice.Status(status).label})")
        return known

    def import_row(self, line: Line) -> Outcome:
        """Write one row, or list its errors."""
        given = {name: value for name, value in line.record.items() if name != "status"}
        errors = {path: list(message) for path, message in line.errors.items()}
        slug = given.pop("slug", "") or ""
        practice = self.practice(slug)
        outcome = Outcome(line.number, given.get("title") or (practice.title if practice else slug))
        outcome.remarks = list(line.remarks)
        if practice and practice.status == Practice.Status.PUBLISHED:
            practice = Practice.objects.filter(replaces=practice).first() or practice
        before = take_snapshot(practice) if practice else {}
        if practice:
            given = complete_rows(line, without_defaults(given), before)
        given = self.values.resolve(given, errors, line.numbers)
        outcome.remarks += self.values.point_remarks(given)
        if practice is None:
            outcome.remarks += self.title_remarks(line.number, given.get("title", ""))
        self.check(line, slug, practice, given, errors)
        if "lessons" in given:
            given["lessons"] = match_lesson_numbers(given["lessons"], before.get("lessons", []))
        outcome.remarks += removal_remarks(line, given, before)
        changed = {name: value for name, value in given.items() if before.get(name, ...) != value}
        if not errors and (changed or not practice):
            self.write(outcome, practice, changed, before, errors)
        if errors:
            self.add_errors(outcome, line, practice, given, errors)
        return outcome

    def practice(self, slug: str) -> Practice | None:
        """Return the practice with a slug, ignoring case, kinds of dashes and invisible characters."""
        slug = slug.strip(BLANK + MARKS)
        if not slug:
            return None
        found = Practice.objects.filter(slug=slug).first()
        return found or Practice.objects.filter(slug__iexact=typed_slug(slug)).first()

    def write(
        self, outcome: Outcome, practice: Practice | None, given: Snapshot, before: Snapshot, errors: dict
    ) -> None:
        try:
            outcome.done, after = self.save(practice, given)
        except ValidationError as error:
            errors.update(error.message_dict if hasattr(error, "error_dict") else {"": error.messages})
            return
        self.seen.setdefault(after["slug"], outcome.number)
        outcome.action = "changed" if practice else "new"
        old = {name: before.get(name, empty_value(name)) for name in given}
        outcome.changes = changes(old, after, self.reader)

    def add_errors(
        self, outcome: Outcome, line: Line, practice: Practice | None, given: Snapshot, errors: dict
    ) -> None:
        """Add the errors of a row to its outcome, in the order of its cells."""
        found = validation_errors(practice, given)
        if line.record.get("slug") and practice is None:  # what it lacks is known of no practice
            found = {path: messages for path, messages in found.items() if path.partition(".")[0] in given}
        for path, messages in found.items():
            if not any(path == other or (other and path.startswith(f"{other}.")) for other in errors):
                errors[path] = messages
        outcome.action = "wrong"
        rows = [  # "__all__" is Django's name for a row as a whole
            (line.cells.get(path) or first_cell(path, line.cells), path.removesuffix("__all__"), message)
            for path, messages in errors.items()
            for message in messages
        ]
        # By column: A before AA. What belongs to no cell stands last. (PostgreSQL keeps no order of keys.)
        outcome.errors = sorted(rows, key=lambda error: (not error[0], len(error[0]), error[0]))

    def title_remarks(self, number: int, title: str) -> list[str]:
        """Add a remark if another practice, stored or in the same file, has the title of a new one."""
        key = fold_name(title)
        if not key:
            return []
        remarks = []
        if known := self.known_titles.get(key):
            message = _("A practice with this title already exists: %(practices)s.")
            remarks.append(message % {"practices": ", ".join(known[:3])})
        if key in self.titles:
            remarks.append(_("Row %(row)d has the same title.") % {"row": self.titles[key]})
        self.titles.setdefault(key, number)
        return remarks

    def check(self, line: Line, slug: str, practice: Practice | None, given: Snapshot, errors: dict) -> None:
        if practice is None:
            self.check_slug(line, slug, given, errors)
        seen_as = (practice.replaces or practice).slug if practice else slug
        if slug and seen_as in self.seen:
            message = _("Rows %(first)d and %(row)d have the same slug. Use one row for each practice.")
            rows = {"first": self.seen[seen_as], "row": line.number}
            errors.setdefault("slug", []).append(message % rows)
        self.seen.setdefault(seen_as, line.number)
        if practice and practice.status == Practice.Status.ARCHIVED:
            errors.setdefault("slug", []).append(_("This practice is withdrawn. Return it to draft first."))
        highest = practice.last_lesson_number if practice else MAX_LESSON_NUMBER
        for position, row in enumerate(given.get("lessons", []), start=1):
            if isinstance(row["number"], int) and row["number"] > highest:
                message = _(
                    "This practice has never had a lesson %(number)d. Leave the cell empty for a new lesson."
                )
                errors[f"lessons.{position}.number"] = [message % {"number": row["number"]}]
        if practice is None and not slug and not given.get("title"):
            errors.setdefault("title", [_("Enter a title for the new practice.")])

    def check_slug(self, line: Line, slug: str, given: Snapshot, errors: dict) -> None:
        """Use the slug of a new practice if its title yields none; otherwise a slug is an error."""
        title = given.get("title") or ""
        try:
            if title and not Practice.slug_stem(title):
                if not slug:
                    raise Practice.no_slug(title)
                given["slug"] = checked_slug(slug)
            elif slug:
                message = _(
                    "There is no practice with the slug “%(slug)s”. Leave the cell empty for a new practice."
                )
                raise ValidationError(message % {"slug": show_invisible(slug)})
        except ValidationError as error:
            errors.setdefault("slug" if "slug" in line.cells else "title", []).extend(error.messages)

    def save(self, practice: Practice | None, given: Snapshot) -> tuple[Snapshot, Snapshot]:
        """Write the values; return what `undo` needs, and the snapshot afterwards."""
        made = "changed"
        if practice is None:
            made = "created"
            practice = create_draft(given)
            practice.owner = self.person
            practice.save()
        else:
            if practice.status == Practice.Status.PUBLISHED:
                made = "prepared"
                practice = transitions.prepare_change(practice, self.person)
            else:
                versions.ensure_first_version(practice)
            before = take_snapshot(practice)
            practice = apply_snapshot(given, practice)
        after = take_snapshot(practice)
        kept = versions.save_version(practice, Revision.Action.IMPORTED, self.person, self.file)
        done = {"key": practice.pk, "title": practice.title, "made": made, "version": kept.pk}
        return done | ({"before": before} if made == "changed" else {}), after


def create_draft(given: Snapshot) -> Practice:
    """Write a new draft with its slug, or with a free one made from its title.

    Tries another slug if somebody uses it at the same moment.
    """
    for attempt in range(1, MAX_TRIES + 1):
        slug = given.get("slug") or Practice.free_slug(given["title"])
        try:
            with transaction.atomic():
                return apply_snapshot(given | {"slug": slug, "status": Practice.Status.DRAFT})
        except (IntegrityError, ValidationError):
            if attempt == MAX_TRIES or not Practice.objects.filter(slug=slug).exists():
                raise
    raise AssertionError("the last attempt returns or raises")


def empty_value(name: str) -> Any:
    if name in CHILDREN or name in LINKS:
        return []
    return None if Practice._meta.get_field(name).null else ""


def first_cell(path: str, cells: dict[str, str]) -> str:
    """Return the cell that stands for a whole child: the one of its first column."""
    found = [cell for name, cell in cells.items() if name.startswith(f"{path}.")]
    return min(found, key=lambda cell: (len(cell), cell), default="")


def errors_first(outcomes: list[Outcome]) -> list[Outcome]:
    """Return the outcomes, rows with errors first, otherwise in the order of the file."""
    return sorted(outcomes, key=lambda outcome: outcome.action != "wrong")


def undo(imported: Import, person: User, apply: bool = True) -> list[tuple[str, str]]:
    """Undo an import: delete what it created and restore what it changed.

    Returns the title of each practice and what the import did with it (`made`). Without `apply` it rolls
    back.

    Raises ValidationError, which names the practices that somebody changed since the import, or says that the
    portal could not write; then nothing is undone.
    """
    require_editor(person)
    with explained_failures(imported), suppress(RolledBack), batch_reindex():
        row = Import.objects.select_for_update().get(pk=imported.pk)
        if row.state != Import.State.DONE:
            raise ValidationError(_("There is nothing to undo."))
        practices = Practice.objects.select_for_update(of=["self"]).in_bulk(
            [done["key"] for done in row.done]
        )
        imported_as = Revision.objects.in_bulk([done["version"] for done in row.done])
        last = {done["key"]: done for done in row.done}  # an earlier change is no longer the content
        moved = [done["title"] for done in last.values() if not is_as_imported(done, practices, imported_as)]
        if moved:
            message = _(
                "Nothing was undone, because these practices have been changed since this import: %(titles)s."
            )
            raise ValidationError(message % {"titles": ", ".join(moved)})
        undone = [(done["title"], done["made"]) for done in row.done]
        for done in reversed(row.done):
            practice = practices[done["key"]]
            if done["made"] == "changed":
                before = with_lesson_numbers(done["before"], take_snapshot(practice)["lessons"])
                versions.save_version(
                    apply_snapshot(before, practice), Revision.Action.RESTORED, person, row.file
                )
            else:
                transitions.delete_practices([practice], person)
        row.state, row.finished_at = Import.State.UNDONE, timezone.now()
        row.save()
        record_audit_entry("import undone", person, f"{row.file}: {len(row.done)}")
        if not apply:
            raise RolledBack
    return undone


def is_as_imported(done: Snapshot, practices: dict, imported_as: dict) -> bool:
    """Return whether a practice still has the state and the content that the import gave it."""
    practice, kept = practices.get(done["key"]), imported_as.get(done["version"])
    if practice is None or kept is None or practice.status not in {"draft", "in_review"}:
        return False
    now = take_snapshot(practice)
    then = versions.restorable_content(kept.snapshot, now["lessons"])
    return versions.restorable_content(now) == with_new_fields(then)


def with_new_fields(content: Snapshot) -> Snapshot:
    """Return stored content with the defaults of fields and kinds of rows that were added to the models
    later.

    Without them, no import from before an upgrade that adds a field could be undone.
    """
    empty = Practice()
    defaults = {name: json_value(empty, name) for name in FIELDS if name not in versions.NOT_RESTORED}
    defaults |= {name: [] for name in (*LINKS, *CHILDREN)}
    rows = {name: [with_all_fields(name, row) for row in content.get(name, [])] for name in CHILDREN}
    return defaults | content | rows
