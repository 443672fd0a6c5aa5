"""Versions of practices that change because reference data changes.

A deleted theme, a renamed actor or an import of reference data changes public practices, although nobody
saves a practice. Code that changes such data creates `PracticeChanges` first, and calls its `save_versions()`
at the end.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from itertools import islice

from django.db.models import Max

from practices.history import versions
from practices.history.snapshots import Snapshot
from practices.models import Practice, Revision, User
from practices.search.index_rows import searchable_names
from practices.serializers.practices import indexed_document

BATCH_SIZE = 100  # practices in memory


@dataclass(frozen=True)
class Before:
    digest: str
    snapshot: Snapshot | None  # None if the last version of the practice has it already


class PracticeChanges:
    """The state before a change of the practices with these keys, or of all public ones.

    Some 20 queries for each BATCH_SIZE practices. In memory: a digest of each, and the snapshots that no
    version has yet.
    """

    def __init__(self, keys: Collection[int] | None = None, before: bool = True) -> None:
        """Pass `before=False` to save no versions from before the change, if the history is replaced too."""
        self.keys = keys
        self.start = last_version_pk()
        self.before: dict[int, Before] = {}
        for batch in self.batches():
            last = last_versions([row.pk for row in batch])
            for row in batch:
                snapshot = versions.version_snapshot(row)
                known = not before or (row.pk in last and last[row.pk].snapshot == snapshot)
                self.before[row.pk] = Before(digest(row, snapshot), None if known else snapshot)

    def save_versions(self, person: User | None, comment: str) -> list[Practice]:
        """Save a version of each practice that differs, and one of its state before if no version has it.

        A practice that has got a version since this object was created needs no other. Return all that
        differ, also those that became public. Call it in the transaction of the change.
        """
        changed = []
        for batch in self.batches():
            differ, made = [], []
            done = set(since(self.start, batch))
            for row in batch:
                snapshot, before = versions.version_snapshot(row), self.before.get(row.pk)
                if before and before.digest == digest(row, snapshot):
                    continue
                differ.append(row)
                if row.pk in done:
                    continue
                if before and before.snapshot:
                    made.append(versions.new_version(row, before.snapshot, Revision.Action.FOUND, None))
                made.append(versions.new_version(row, snapshot, Revision.Action.CHANGED, person, comment))
            Revision.objects.bulk_create(made)
            changed += differ
        return changed

    def batches(self) -> Iterator[list[Practice]]:
        """Yield the practices as they are now, BATCH_SIZE at a time, by primary key."""
        keys = sorted(self.keys) if self.keys is not None else self.all_public()
        rows = Practice.objects.for_index().prefetch_related("former_slugs", "replaces__former_slugs")
        for some in chunks(keys):
            found = rows.in_bulk(some)
            yield [found[key] for key in some if key in found]

    def all_public(self) -> list[int]:
        """Return the practices that are published now or were at the start."""
        public = Practice.objects.published().values_list("pk", flat=True)
        return sorted({*public, *getattr(self, "before", ())})


def chunks(keys: Iterable[int]) -> Iterator[list[int]]:
    keys = iter(keys)
    while some := list(islice(keys, BATCH_SIZE)):
        yield some


def digest(practice: Practice, snapshot: Snapshot) -> str:
    """Return a digest of a practice's own content; of a published one, also of all that its page and the API
    name.

    The day of its last change is left out. No query after `for_index()`.
    """
    seen: list = [snapshot]
    if practice.status == Practice.Status.PUBLISHED:
        practice.updated_at = None
        seen += [indexed_document(practice), searchable_names(practice)]
    return blake2b(json.dumps(seen, default=str).encode(), digest_size=16).hexdigest()


def last_versions(keys: Collection[int]) -> dict[int, Revision]:
    """Return the last version of each practice. One query."""
    last = Revision.objects.filter(key__in=keys).order_by().values("key").annotate(last=Max("pk"))
    return {row.key: row for row in Revision.objects.filter(pk__in=last.values("last"))}


def last_version_pk() -> int:
    """Return the primary key of the newest version. One query."""
    return Revision.objects.aggregate(last=Max("pk", default=0))["last"]


def since(start: int, practices: Collection[Practice]) -> Iterable[int]:
    """Return the keys of practices with a version after the one with the key `start`. One query."""
    rows = Revision.objects.filter(pk__gt=start, key__in=[row.pk for row in practices])
    return rows.values_list("key", flat=True)
