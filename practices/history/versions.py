"""The versions of a practice: saved with each change, and restored."""

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from practices.history.lesson_numbers import with_lesson_numbers
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import (
    LESSON_NUMBER_FIELDS,
    Snapshot,
    json_value,
    split_unknown,
    take_snapshot,
)
from practices.models import FormerSlug, Practice, Revision, User

Action = Revision.Action
MAX_COMMENT_LENGTH = 2_000  # characters
# Fields that neither a restored version nor a published change sets: address, status and dates.
NOT_RESTORED = {"slug", "status", "created_at", "published_at", "former_slugs", *LESSON_NUMBER_FIELDS}


def save_version(practice: Practice, action: str, person: User | None, comment: str = "") -> Revision:
    """Save a version of the practice as it is now; call it in the transaction that changes it. Fifteen
    queries, two or three after a prefetch of RELATIONS.

    A form that changes nothing saves no version. The version of a pending change has the address of its
    practice.
    """
    made = version_snapshot(practice)
    last = versions_of(practice.pk).first()
    if last and action == Action.CHANGED and not comment and equals_stored(last.snapshot, made):
        return last
    version = new_version(practice, made, action, person, comment)
    version.save()
    return version


def version_snapshot(practice: Practice) -> Snapshot:
    """Return the snapshot that a version stores: a pending change has the address of its practice."""
    made = take_snapshot(practice)
    if practice.replaces:
        live = practice.replaces
        made |= {name: json_value(live, name) for name in NOT_RESTORED - {"status", "former_slugs"}}
        made["former_slugs"] = sorted(row.slug for row in live.former_slugs.all())
    return made


def new_version(
    practice: Practice, made: Snapshot, action: str, person: User | None, comment: str = ""
) -> Revision:
    """Return a version that is not saved yet. No query."""
    return Revision(
        key=practice.pk,
        slug=made["slug"],
        action=action,
        comment=comment,
        snapshot=made,
        owner_id=practice.owner_id,
        person=person,
        name=person.get_username() if person else "",
    )


def equals_stored(kept: Snapshot, made: Snapshot) -> bool:
    """Return whether a stored snapshot equals a new one; the stored one may be older than a field."""
    return made | with_lesson_numbers(kept, made["lessons"]) == made


def ensure_first_version(practice: Practice, stored: Snapshot | None = None) -> None:
    """Save the state before the first change of a practice without versions. Usually one query.

    `stored`: its snapshot before the change, if it is known.
    """
    if not versions_of(practice.pk).exists():
        new_version(practice, stored or version_snapshot(practice), Action.FOUND, None).save()


def versions_of(key: int) -> QuerySet[Revision]:
    """Return the versions of a practice, the newest first."""
    return Revision.objects.filter(key=key)


def deleted_practices() -> QuerySet[Revision]:
    """Return the last version of each deleted practice that was not restored, the latest first."""
    there = Practice.objects.filter(pk=OuterRef("key"))
    later = Revision.objects.filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
    gone = Revision.objects.filter(action=Action.DELETED)
    return gone.exclude(Exists(there)).exclude(Exists(later))


def restorable_content(kept: Snapshot, lessons: list[Snapshot] | None = None) -> Snapshot:
    """Return the part of a snapshot that restoring gives to a practice.

    It leaves out address, status and dates, and fields that practices no longer have.

    `lessons` are those that the practice has now: they number a snapshot from before lessons had numbers.
    """
    found = {name: value for name, value in split_unknown(kept)[0].items() if name not in NOT_RESTORED}
    return with_lesson_numbers(found, lessons or [])


def restore_deleted(revision: Revision) -> Practice:
    """Restore a deleted practice as a draft, with its history and dates, under its address if that is free.
    Call it in a transaction.

    Raises ValidationError, which names rows that it refers to and that were deleted since.
    """
    if not deleted_practices().filter(pk=revision.pk).exists():
        raise ValidationError(_("This practice has already been restored."))
    kept, _unknown = split_unknown(revision.snapshot)
    slug, number = kept["slug"], 2
    former = FormerSlug.objects.values_list("slug", flat=True)
    taken = former.union(Practice.objects.values_list("slug", flat=True))
    while kept["slug"] in taken:
        kept["slug"], number = f"{slug[:96]}-{number}", number + 1
    practice = apply_snapshot(kept | {"status": Practice.Status.DRAFT})
    practice.owner = owner_at(revision)
    Practice.objects.filter(pk=practice.pk).update(owner=practice.owner)
    versions_of(revision.key).update(key=practice.pk)
    return practice


def owner_at(revision: Revision) -> User | None:
    """Return the owner of a practice at the time of a version. One more query if the version does not say.

    Versions of earlier releases do not: then it is the user who saved the first version.
    """
    if revision.owner:
        return revision.owner
    first = versions_of(revision.key).select_related("person").last()
    return first.person if first and first.action in {Action.CREATED, Action.IMPORTED} else None
