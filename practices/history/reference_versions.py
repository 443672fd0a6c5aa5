"""Versions of themes, actors, publications and other rows that practices refer to, and restoring them.

A change or deletion of such a row changes published practices at once. So each saves a version of the row and
of every practice that changes, with an entry of the audit log that names them. Both can be undone.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from itertools import chain

from django.db import models
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from practices.history.audit import record_audit_entry
from practices.history.public_changes import PracticeChanges
from practices.history.snapshot_values import save_values
from practices.history.snapshots import Snapshot, json_value
from practices.models import (
    Actor,
    ActorType,
    Country,
    Objective,
    Practice,
    Publication,
    ReferenceVersion,
    Region,
    Synonym,
    Theme,
    User,
)
from practices.models.practice import BY_TITLE
from practices.search.indexing import batch_reindex

Action = ReferenceVersion.Action
# How practices refer to a row, as lookups from Practice.
USED_BY: dict[type[models.Model], tuple[str, ...]] = {
    Theme: ("themes", "themes__parent"),
    Actor: (
        "participations__actor",
        "publication__publisher",
        "publication__funders",
        "publication__implementers",
    ),
    Publication: ("publication",),
    Objective: ("objectives",),
    ActorType: ("participations__actor__type",),
    Country: ("places__country", "corridors__origin", "corridors__destination"),
    Region: ("places__country__region",),
    Synonym: (),
}
# Links that go silently with a row: the field that holds them, and the field of ReferenceVersion.links.
LINKED: dict[type[models.Model], tuple[tuple[type[models.Model], str], ...]] = {
    Theme: ((Practice, "themes"),),
    Objective: ((Practice, "objectives"),),
    Actor: ((Publication, "funders"), (Publication, "implementers")),
}
# Countries and regions have codes for primary keys, and no person can change them.
KINDS = {model._meta.model_name: model for model in USED_BY if model not in {Country, Region}}


def columns(model: type[models.Model]) -> list[models.Field]:
    fields = chain(model._meta.concrete_fields, model._meta.many_to_many)
    return [field for field in fields if not isinstance(field, models.AutoField)]


def row_snapshot(row: models.Model) -> Snapshot:
    """Return the columns of a row, other rows by natural key. One query for each row that it refers to."""
    return {
        field.name: sorted(other.key for other in getattr(row, field.name).all())
        if field.many_to_many
        else json_value(row, field.name)
        for field in columns(type(row))
    }


def practices_using(row: models.Model) -> set[int]:
    """Return the primary keys of practices that show a row, also drafts. At most four queries."""
    return {
        key
        for path in USED_BY[type(row)]
        for key in Practice.objects.filter(**{path: row.pk}).values_list("pk", flat=True)
    }


def protecting_rows(row: models.Model) -> list[models.Model]:
    """Return the rows that prevent the deletion of a row: practices, publications, parts. At most three
    queries."""
    found: list[models.Model] = []
    if isinstance(row, Actor):
        found += Practice.objects.filter(pk__in=row.participations.values("practice")).order_by(*BY_TITLE)
        found += [*row.publications.all(), *row.parts.all()]
    elif isinstance(row, Publication):
        found += row.practices.order_by(*BY_TITLE)
    elif isinstance(row, Theme):
        found += row.parts.all()
    return found


# Versions --------------------------------------------------------------------------------------------------


def versions_of_row(row: models.Model) -> QuerySet[ReferenceVersion]:
    """Return the versions of a row, the newest first."""
    return ReferenceVersion.objects.filter(kind=row._meta.model_name, key=row.pk)


def save_row_version(
    row: models.Model, action: str, person: User | None, comment: str = "", links: Snapshot | None = None
) -> ReferenceVersion:
    """Save a version of a row as it is stored. Two queries, and one for each row that it refers to."""
    return ReferenceVersion.objects.create(
        kind=row._meta.model_name,
        key=row.pk,
        title=str(row)[:400],
        action=action,
        comment=comment,
        snapshot=row_snapshot(row),
        links=links or {},
        person=person,
        name=person.get_username() if person else "",
    )


def save_system_version(
    kind: str, key: int, title: str, snapshot: Snapshot, action: str, comment: str = ""
) -> None:
    """Save a version that no user made, of a row that is not at hand. One query."""
    fields = {"kind": kind, "key": key, "title": title[:400], "action": action, "comment": comment}
    ReferenceVersion.objects.create(**fields, snapshot=snapshot)


class RowChange:
    """The change of a stored row: create it before the change, call `save_versions()` in the same transaction
    after it.

    Some 30 queries for the first 100 practices that use the row, before and after.
    """

    def __init__(self, row: models.Model, keys: Collection[int] = ()) -> None:
        """Create the change. `keys`: practices that will use the row but do not yet."""
        self.stored = type(row)._default_manager.get(pk=row.pk)
        self.snapshot, self.title = row_snapshot(self.stored), str(self.stored)
        self.watch = PracticeChanges({*practices_using(self.stored), *keys})

    def save_versions(
        self, person: User | None, request: HttpRequest | None = None, action: str = Action.CHANGED
    ) -> list[Practice]:
        """Save versions of the row and of practices that changed, with an audit entry that names them."""
        row = type(self.stored)._default_manager.get(pk=self.stored.pk)
        if row_snapshot(row) == self.snapshot:
            return []
        self.keep_before()
        what, title = row._meta.verbose_name, str(row)
        message = {"what": what, "old": self.title, "new": title}
        if title == self.title:
            comment = _("The %(what)s “%(old)s” was changed.") % message
        else:
            comment = _("The %(what)s “%(old)s” was renamed to “%(new)s”.") % message
        comment = " ".join([comment, *describe_moves(row, self.snapshot, row_snapshot(row))])
        save_row_version(row, action, person, comment)
        changed = self.watch.save_versions(person, comment)
        record_audit_entry(
            f"{row._meta.model_name} {Action(action).value}", person, title, comment, request, changed
        )
        return changed

    def keep_before(self) -> None:
        last = versions_of_row(self.stored).first()
        if last is None or last.snapshot != self.snapshot:
            save_system_version(
                self.stored._meta.model_name, self.stored.pk, self.title, self.snapshot, Action.FOUND
            )


def describe_moves(row: models.Model, before: Snapshot, after: Snapshot) -> list[str]:
    """Return sentences about a changed slug or parent."""
    return [
        _("The %(field)s changed from “%(old)s” to “%(new)s”.")
        % {
            "field": _("slug") if name == "slug" else _("parent"),
            "old": before[name] or _("none"),
            "new": after[name] or _("none"),
        }
        for name in ("slug", "parent")
        if name in after and before[name] != after[name]
    ]


class ReferenceTables:
    """The rows of all tables that practices refer to, before a change of many. Some ten queries."""

    def __init__(self) -> None:
        self.before = dict(self.snapshots())

    def snapshots(self) -> Iterator[tuple[tuple[str, int], tuple[str, Snapshot]]]:
        """Yield the table and primary key of each row, with its name and columns."""
        for kind, model in KINDS.items():
            single = [field.name for field in model._meta.fields if field.is_relation]
            several = [field.name for field in model._meta.many_to_many]
            for row in model._default_manager.select_related(*single).prefetch_related(*several):
                yield (kind, row.pk), (str(row), row_snapshot(row))

    def save_versions(self, comment: str) -> bool:
        """Save versions of the changed rows, from before and after the change; return whether any changed.

        Three queries for each changed row.
        """
        now = dict(self.snapshots())
        for key, (title, line) in now.items():
            old_title, old = self.before.get(key, (title, line))
            if old == line:
                continue
            kind, pk = key
            last = ReferenceVersion.objects.filter(kind=kind, key=pk).first()
            if last is None or last.snapshot != old:
                save_system_version(kind, pk, old_title, old, Action.FOUND)
            save_system_version(kind, pk, title, line, Action.CHANGED, comment)
        return now != self.before


@contextmanager
def recorded_changes(action: str, about: str) -> Iterator[list[Practice]]:
    """Save versions of everything that a command changes, with an entry of the audit log.

    Yields a list: the command adds the practices that it deletes, which have versions of their own. Some 20
    queries for each 100 published practices, before and after.
    """
    gone: list[Practice] = []
    watch, tables = PracticeChanges(), ReferenceTables()
    yield gone
    comment = f"{action.capitalize()}: {about}"
    rows_differ = tables.save_versions(comment)
    changed = [*gone, *watch.save_versions(None, comment)]
    if changed or rows_differ:
        record_audit_entry(action, None, about, practices=changed)


# Deleting and undoing --------------------------------------------------------------------------------------


def delete_rows(
    rows: Collection[models.Model], person: User | None, request: HttpRequest | None = None
) -> list[Practice]:
    """Delete rows, each with a version that can restore it with its links; return the changed practices.

    Raises ProtectedError and deletes nothing if something else refers to one. For each row some 40 queries,
    and more for each 100 practices.
    """
    changed = []
    with batch_reindex():
        for row in rows:
            watch, title = PracticeChanges(practices_using(row)), str(row)
            save_row_version(row, Action.DELETED, person, links=links_to(row))
            row.delete()
            comment = _("The %(what)s “%(title)s” was deleted.") % {
                "what": row._meta.verbose_name,
                "title": title,
            }
            left = watch.save_versions(person, comment)
            record_audit_entry(f"{row._meta.model_name} deleted", person, title, comment, request, left)
            changed += left
    return changed


def links_to(row: models.Model) -> Snapshot:
    """Return the links that a deletion removes: field → primary key and slug of each row. One query a
    field."""
    return {
        name: [list(pair) for pair in model.objects.filter(**{name: row.pk}).values_list("pk", "slug")]
        for model, name in LINKED.get(type(row), ())
    }


def deleted_rows(model: type[models.Model]) -> QuerySet[ReferenceVersion]:
    """Return the last version of each deleted row of a table that was not restored, the latest first."""
    mine = ReferenceVersion.objects.filter(kind=model._meta.model_name)
    last = mine.order_by().values("key").annotate(last=Max("pk")).values("last")
    there = model._default_manager.filter(pk=OuterRef("key"))
    return mine.filter(pk__in=last, action=Action.DELETED).exclude(Exists(there))


def restore_row(
    version: ReferenceVersion, person: User | None, request: HttpRequest | None = None
) -> tuple[models.Model, list[Practice]]:
    """Restore a row from a version, a deleted row also with its links; return it and the changed practices.

    Raises ValidationError if, for example, another row has its name now, or a row that it refers to was
    deleted.
    """
    model = KINDS[version.kind]
    with batch_reindex():
        row = model._default_manager.select_for_update().filter(pk=version.key).first()
        unknown = unknown_fields(version)
        snapshot = {name: value for name, value in version.snapshot.items() if name not in unknown}
        if row is not None:
            change = RowChange(row)
            save_values(row, snapshot, {})
            return row, change.save_versions(person, request, Action.RESTORED)
        row = model(pk=version.key)
        save_values(row, snapshot, {})
        return row, restore_links(row, version, person, request)


def unknown_fields(version: ReferenceVersion) -> list[str]:
    """The names of fields of a version that its table no longer has; restoring leaves them out."""
    names = {field.name for field in columns(KINDS[version.kind])}
    return [name for name in version.snapshot if name not in names]


def restore_links(
    row: models.Model, version: ReferenceVersion, person: User | None, request: HttpRequest | None
) -> list[Practice]:
    """Give a restored row its links again, where the other rows still exist."""
    others = {
        name: list(model.objects.filter(remaining_rows(model, version.links.get(name, []))))
        for model, name in LINKED.get(type(row), ())
    }
    rows = list(chain.from_iterable(others.values()))
    publications = [other.pk for other in rows if isinstance(other, Publication)]
    shown_in = Practice.objects.filter(publication__in=publications).values_list("pk", flat=True)
    watch = PracticeChanges({*shown_in, *(other.pk for other in rows if isinstance(other, Practice))})
    for name, found in others.items():
        for other in found:
            getattr(other, name).add(row)
    comment = _("The %(what)s “%(title)s” was restored.") % {
        "what": row._meta.verbose_name,
        "title": str(row),
    }
    save_row_version(row, Action.RESTORED, person)
    changed = watch.save_versions(person, comment)
    record_audit_entry(f"{row._meta.model_name} restored", person, str(row), comment, request, changed)
    return changed


def remaining_rows(model: type[models.Model], pairs: list[list]) -> Q:
    """Return a condition for the linked rows: by primary key, or by slug if they were deleted and
    restored."""
    known = dict(pairs)
    there = set(model.objects.filter(pk__in=known).values_list("pk", flat=True))
    return Q(pk__in=there) | Q(slug__in=[slug for key, slug in known.items() if key not in there])
