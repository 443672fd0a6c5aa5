"""Imports: rows of a sheet written into practices, all or nothing, tried first, and undone whole.

Trying a file does what importing it would do, in a transaction that is taken back. What an import changes of
a public practice it changes in the draft beside it, so nothing goes public by an import.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, models
from django.utils import timezone
from django.utils.translation import gettext as _

from practices import history, roles, workflow
from practices.audit import note
from practices.differences import Change, Reader, changes
from practices.exchange.sheet import Line, normal
from practices.models import Actor, Country, Import, Objective, Practice, Publication, Revision, Theme, User
from practices.records import CHILDREN, LINKS, Record, record, write
from practices.search.index import together

logger = logging.getLogger(__name__)
ALIKE = 75  # of 100: names that are offered where one is not known
NAMED_BY: dict[str, type[models.Model]] = {  # fields that hold a name or key of another row
    "publication": Publication,
    "themes": Theme,
    "objectives": Objective,
    "country": Country,
    "origin": Country,
    "destination": Country,
    "actor": Actor,
}


class NothingDone(Exception):
    """Takes the transaction back: it was a trial, or a row is wrong."""


@dataclass
class Outcome:
    """What a row does, or would do."""

    number: int
    title: str
    action: str = "same"  # new, changed, same or wrong
    changes: list[Change] = field(default_factory=list)
    errors: list[tuple[str, str, str]] = field(default_factory=list)  # cell, heading, what is wrong
    done: Record | None = None  # what undoing needs


def offered(name: str, lines: list[Line], person: User) -> Import:
    """Keeps the rows of a file until they are imported, or until the next day. PermissionDenied."""
    only_editors(person)
    Import.objects.filter(
        state=Import.State.TRIED, at__lt=timezone.now() - timezone.timedelta(days=1)
    ).delete()
    return Import.objects.create(
        person=person, name=person.get_username(), file=name[:200], lines=[asdict(line) for line in lines]
    )


def only_editors(person: User) -> None:
    if not roles.is_editor(person):
        raise PermissionDenied


def take(imported: Import, person: User, for_good: bool) -> Iterator[Outcome]:
    """What each row does, one after the other. Without `for_good`, or when a row is wrong, nothing is done.

    It is one transaction from the first outcome to the last: whoever stops reading has nothing done either.
    ValidationError where it was imported before, or the portal could not write. Some sixty queries for each
    row that changes something.
    """
    only_editors(person)
    run = Run(person, imported.file)
    with stored_or_told(imported), suppress(NothingDone), together():
        row = Import.objects.select_for_update().get(pk=imported.pk)
        if row.state != Import.State.TRIED:
            raise ValidationError(_("This file was imported already."))
        outcomes = []
        for line in row.lines:
            outcomes.append(run.take(Line(**line)))
            yield outcomes[-1]
        if not for_good or any(outcome.action == "wrong" for outcome in outcomes):
            raise NothingDone
        row.done = [outcome.done for outcome in outcomes if outcome.done]
        row.state, row.finished_at = Import.State.DONE, timezone.now()
        row.save()
        note("imported", person, f"{row.file}: {len(row.done)}")


@contextmanager
def stored_or_told(imported: Import) -> Iterator[None]:
    """Raises ValidationError where the store fails, which tells what to do."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        logger.exception("Import %s came to no end", imported.pk)
        said = _(
            "The portal could not write: its disk may be full, or its database cannot be reached. Nothing is "
            "done by halves: the list of imports tells whether this one is done or undone. Tell those who "
            "run the portal."
        )
        raise ValidationError(said) from error


class Run:
    """Holds what the rows of one import share: the names that are known, and the practices named so far."""

    def __init__(self, person: User, file: str) -> None:
        self.person, self.file = person, file
        self.reader = Reader()
        self.seen: dict[str, int] = {}

    @cached_property
    def keys(self) -> dict[type[models.Model], dict[str, str]]:
        """For each table, its rows' keys by key, name and short form, in small letters."""
        known: dict[type[models.Model], dict[str, str]] = {}
        for model in set(NAMED_BY.values()):
            names = known[model] = {}
            for row in model._default_manager.all():
                key = row.key
                spellings = (
                    getattr(row, "title", ""),
                    getattr(row, "name", ""),
                    getattr(row, "acronym", ""),
                    str(row),
                )
                for spelling in filter(None, spellings):
                    names.setdefault(spelling.casefold(), key)
                names[key.casefold()] = key
        return known

    def take(self, line: Line) -> Outcome:
        """Writes one row, if nothing is wrong with it."""
        given = dict(line.record)
        errors = {path: list(said) for path, said in line.errors.items()}
        slug = given.pop("slug", "") or ""
        practice = Practice.objects.filter(slug=slug).first() if slug else None
        outcome = Outcome(line.number, given.get("title") or (practice.title if practice else slug))
        given = self.resolved(given, errors)
        if practice and practice.status == Practice.Status.PUBLISHED:
            practice = Practice.objects.filter(replaces=practice).first() or practice
        self.check(line, slug, practice, given, errors)
        given.pop("status", None)
        before = record(practice) if practice else {}
        given = {name: value for name, value in given.items() if before.get(name, ...) != value}
        if not errors and (given or not practice):
            try:
                outcome.done, after = self.written(practice, slug, given)
                outcome.action = "changed" if practice else "new"
                outcome.changes = changes(
                    {name: before.get(name, empty(name)) for name in given}, after, self.reader
                )
            except ValidationError as error:
                errors.update(error.message_dict if hasattr(error, "error_dict") else {"": error.messages})
        if errors:
            outcome.action = "wrong"
            outcome.errors = [
                (line.cells.get(path, cell_near(path, line.cells)), path, message)
                for path, messages in errors.items()
                for message in messages
            ]
        return outcome

    def check(self, line: Line, slug: str, practice: Practice | None, given: Record, errors: dict) -> None:
        if slug and practice is None:
            said = _("No practice has the slug “%(slug)s”. Leave it empty for a new one.")
            errors.setdefault("slug", []).append(said % {"slug": slug})
        if slug and slug in self.seen:
            said = _("Row %(row)d is about the same practice.")
            errors.setdefault("slug", []).append(said % {"row": self.seen[slug]})
        self.seen[slug] = line.number
        if practice and practice.status == Practice.Status.ARCHIVED:
            errors.setdefault("slug", []).append(
                _("This practice is archived. Take it back to a draft first.")
            )
        if practice is None and not slug and not given.get("title"):
            errors.setdefault("title", [_("A new practice needs a title.")])

    def resolved(self, given: Record, errors: dict) -> Record:
        """The values as a record has them, other rows by their keys whatever they were called by."""
        made = normal(Practice, {name: value for name, value in given.items() if not isinstance(value, list)})
        if made.get("publication"):
            made["publication"] = self.key("publication", made["publication"], "publication", errors)
        for name in LINKS:
            if name in given:
                made[name] = sorted({self.key(name, item, name, errors) for item in given[name]})
        for name, (model, _fields) in CHILDREN.items():
            if name in given:
                made[name] = [
                    self.child(name, number, normal(model, whole(name, row)), errors)
                    for number, row in enumerate(given[name], start=1)
                ]
        if "corridors" in made:
            made["corridors"].sort(key=lambda row: tuple(row.values()))
        return made

    def child(self, name: str, number: int, row: Record, errors: dict) -> Record:
        for column in row.keys() & NAMED_BY.keys():
            path = name if name == "corridors" else f"{name}.{number}.{column}"
            row[column] = self.key(column, row[column] or "", path, errors)
        return row

    def key(self, column: str, called: str, path: str, errors: dict) -> str:
        """The key of the row that is called so; what is not known is told with what is spelled like it."""
        names = self.keys[NAMED_BY[column]]
        if called.casefold() in names:
            return names[called.casefold()]
        from rapidfuzz.process import extract  # seldom needed, and the library is slow to import

        alike = extract(called.casefold(), list(names), limit=3, score_cutoff=ALIKE) if called else []
        near = dict.fromkeys(names[name] for name, _score, _place in alike)
        said = _("“%(value)s” is not known here.") % {"value": called[:80]}
        if near:
            said += " " + _("Did you mean %(names)s?") % {"names": ", ".join(near)}
        elif column == "actor":
            said += " " + _("Add the actor at the desk first.")
        errors.setdefault(path, []).append(said)
        return called

    def written(self, practice: Practice | None, slug: str, given: Record) -> tuple[Record, Record]:
        """Writes what is given; returns what undoing needs, and the record after."""
        made = "changed"
        if practice is None:
            made = "created"
            slug = Practice.free_slug(given["title"])
            practice = write(given | {"slug": slug, "status": Practice.Status.DRAFT})
            practice.owner = self.person
            practice.save()
        else:
            if practice.status == Practice.Status.PUBLISHED:
                made = "prepared"
                practice = workflow.prepare_change(practice, self.person)
            else:
                history.first_kept(practice)
            before = record(practice)
            practice = write(given, practice)
        after = record(practice)
        kept = history.keep(practice, Revision.Action.IMPORTED, self.person, self.file)
        done = {"key": practice.pk, "title": practice.title, "made": made, "version": kept.pk}
        return done | ({"before": before} if made == "changed" else {}), after


def whole(name: str, row: Record) -> Record:
    """A child with all its fields; those that the sheet has no column for are empty."""
    model, fields = CHILDREN[name]
    return {column: row.get(column, model._meta.get_field(column).get_default()) for column in fields}


def empty(name: str) -> Any:
    if name in CHILDREN or name in LINKS:
        return []
    return None if Practice._meta.get_field(name).null else ""


def cell_near(path: str, cells: dict[str, str]) -> str:
    """The cell of a row of children as a whole: that of its first column."""
    return next((cell for name, cell in cells.items() if name.startswith(f"{path}.")), "")


def undo(imported: Import, person: User) -> None:
    """Takes back all that an import did: what it made goes, what it changed is as it was before.

    ValidationError names every practice that somebody changed meanwhile, or says that the portal could not
    write; then nothing is undone.
    """
    only_editors(person)
    with stored_or_told(imported), together():
        row = Import.objects.select_for_update().get(pk=imported.pk)
        if row.state != Import.State.DONE:
            raise ValidationError(_("There is nothing to undo."))
        practices = Practice.objects.select_for_update(of=["self"]).in_bulk(
            [done["key"] for done in row.done]
        )
        versions = Revision.objects.in_bulk([done["version"] for done in row.done])
        moved = [done["title"] for done in row.done if not untouched(done, practices, versions)]
        if moved:
            said = _("Changed since this import: %(titles)s. Nothing was undone.")
            raise ValidationError(said % {"titles": ", ".join(moved)})
        for done in reversed(row.done):
            practice = practices[done["key"]]
            if done["made"] == "changed":
                history.keep(write(done["before"], practice), Revision.Action.RESTORED, person, row.file)
            else:
                workflow.delete([practice], person)
        row.state, row.finished_at = Import.State.UNDONE, timezone.now()
        row.save()
        note("import undone", person, f"{row.file}: {len(row.done)}")


def untouched(done: Record, practices: dict, versions: dict) -> bool:
    """Whether a practice still has the state and the content that the import gave it."""
    practice, kept = practices.get(done["key"]), versions.get(done["version"])
    if practice is None or kept is None or practice.status not in {"draft", "in_review"}:
        return False
    return history.content(record(practice)) == history.content(kept.record)
