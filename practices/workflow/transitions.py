"""The workflow of a practice: draft → in review → published → archived, and pending changes of what is
published.

Each transition checks permissions, and stores a comment, the date and a version.
"""

import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.history import versions
from practices.history.audit import record_audit_entry
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import LESSON_NUMBER_FIELDS, split_unknown, take_snapshot
from practices.models import Practice, Revision, User
from practices.models.content_version import schedule
from practices.search.indexing import batch_reindex
from practices.workflow import permissions

Status, Action = Practice.Status, Revision.Action
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    label: Any  # on its page and its button
    start: tuple[str, ...]
    end: str
    action: str
    editors_only: bool = True
    needs_comment: bool = False
    after_saving: Any = ""  # on its button in a form, which saves first


STEPS = {
    "submit": Step(
        gettext_lazy("Submit for review"),
        (Status.DRAFT,),
        Status.IN_REVIEW,
        Action.SUBMITTED,
        editors_only=False,
        after_saving=gettext_lazy("Save and submit for review…"),
    ),
    "send-back": Step(
        gettext_lazy("Return to author"),
        (Status.IN_REVIEW,),
        Status.DRAFT,
        Action.SENT_BACK,
        needs_comment=True,
        after_saving=gettext_lazy("Save and return to author…"),
    ),
    "publish": Step(
        gettext_lazy("Publish"),
        (Status.DRAFT, Status.IN_REVIEW),
        Status.PUBLISHED,
        Action.PUBLISHED,
        after_saving=gettext_lazy("Save and publish…"),
    ),
    "archive": Step(gettext_lazy("Withdraw"), (Status.PUBLISHED,), Status.ARCHIVED, Action.ARCHIVED),
    "reopen": Step(
        gettext_lazy("Return to draft"),
        (Status.PUBLISHED, Status.ARCHIVED),
        Status.DRAFT,
        Action.REOPENED,
    ),
}


def may_take(step: Step, person: User, practice: Practice) -> bool:
    """Return whether the user may take the step now. No query."""
    right = permissions.is_editor(person) if step.editors_only else permissions.may_see(person, practice)
    return right and practice.status in step.start


def open_steps(person: User, practice: Practice) -> dict[str, Step]:
    return {name: step for name, step in STEPS.items() if may_take(step, person, practice)}


def take_step(
    name: str, practice: Practice, person: User, comment: str = "", at: datetime | None = None
) -> Practice:
    """Make a transition and save a version; return the practice (for a published change, the one it
    replaced).

    `at`, with the step `publish`, is a time in the future: until then the practice stays in review. Raises
    PermissionDenied if the user may not take it; ValidationError if another user changed the practice first
    or the comment is missing.
    """
    step = STEPS[name]
    with batch_reindex():
        row = Practice.objects.select_for_update(of=["self"]).select_related("replaces").get(pk=practice.pk)
        if (step.editors_only and not permissions.is_editor(person)) or not permissions.may_see(person, row):
            raise PermissionDenied
        if row.status not in step.start:
            message = _("“%(title)s” now has the status “%(status)s”, so you can no longer do this.")
            raise ValidationError(message % {"title": row, "status": row.get_status_display()})
        if step.needs_comment and not comment.strip():
            raise ValidationError({"comment": _("Explain why, so that the author knows what to do.")})
        versions.ensure_first_version(row)
        if name == "publish" and at and at > timezone.now():
            return schedule_publication(row, person, comment, at)
        if name == "publish":
            return publish(row, person, comment)
        row.status, row.publish_at = step.end, None
        row.save()
        record_step(row, step.action, person, comment)
        set_next_due()
        return row


def record_step(practice: Practice, action: str, person: User | None, comment: str) -> None:
    """Save a version and an audit entry."""
    versions.save_version(practice, action, person, comment)
    about = f"{practice.title} ({practice.slug})"
    record_audit_entry(str(Action(action).value), person, about, comment, practices=[practice])


def schedule_publication(practice: Practice, person: User, comment: str, at: datetime) -> Practice:
    practice.status, practice.publish_at = Status.IN_REVIEW, at
    practice.save()
    day = date_format(timezone.localtime(at), "DATETIME_FORMAT")
    record_step(practice, Action.SCHEDULED, person, f"{day} {timezone.localtime(at):%Z}. {comment}".strip())
    set_next_due()
    return practice


def set_next_due() -> None:
    """Store the time of the next scheduled publication for `content_version()`. Two queries."""
    waiting = Practice.objects.filter(publish_at__isnull=False).order_by("publish_at")
    schedule(waiting.values_list("publish_at", flat=True).first())


def publish_scheduled(**kwargs: Any) -> list[Practice]:
    """Publish practices that are due, each in its own transaction; return them.

    A practice that cannot be published stays in review without a date, and the audit log says why.
    """
    published = []
    with transaction.atomic():
        due = Practice.objects.select_for_update(of=["self"]).filter(publish_at__lte=timezone.now())
        for practice in due.order_by("publish_at", "pk"):
            order = versions.versions_of(practice.pk).filter(action=Action.SCHEDULED).first()
            person = order.person if order else None
            try:
                published.append(publish(practice, person, order.comment if order else ""))
            except ValidationError as error:
                logger.warning("%s was not published: %s", practice.slug, error.messages)
                Practice.objects.filter(pk=practice.pk).update(publish_at=None)
                about = f"{practice.title} ({practice.slug})"
                record_audit_entry(
                    "not published", person, about, " ".join(error.messages), practices=[practice]
                )
        set_next_due()
    return published


def publish(practice: Practice, person: User | None, comment: str) -> Practice:
    """Publish without a check of permissions: for `take_step` and for scheduled practices.

    A pending change replaces the public version. `import_booklet`, `import_all` and fixtures do not call this
    function; every published practice passes `search.indexing.index_practices()`.
    """
    with batch_reindex(), transaction.atomic():
        row = apply_pending_change(practice) if practice.replaces else practice
        row.status, row.publish_at = Status.PUBLISHED, None
        row.full_clean(exclude=["published_at"])
        row.save()
        record_step(row, Action.PUBLISHED, person, comment)
        set_next_due()
        return row


def apply_pending_change(draft: Practice) -> Practice:
    """Return the practice with the content of its pending change, including children. The change is deleted,
    and its versions become those of the practice. Address and dates stay."""
    live = Practice.objects.select_for_update().get(pk=draft.replaces_id)
    made = take_snapshot(draft)
    made = versions.restorable_content(made) | {"last_lesson_number": made["last_lesson_number"]}
    versions.versions_of(draft.pk).update(key=live.pk)
    draft.delete()
    return apply_snapshot(made, live)


def prepare_change(practice: Practice, person: User) -> Practice:
    """Return the pending change of a published practice: the existing one, or else a copy. Raises
    PermissionDenied.
    """
    if not permissions.may_see(person, practice):
        raise PermissionDenied
    with batch_reindex():
        live = Practice.objects.select_for_update().get(pk=practice.pk)
        beside = Practice.objects.filter(replaces=live).first()
        if beside:
            return beside
        if live.status != Status.PUBLISHED:
            raise ValidationError(_("You can only change a published practice through a pending change."))
        versions.ensure_first_version(live)
        own = {"slug": f"{live.slug[:78]}-change-{live.pk}", "status": Status.DRAFT}
        own["last_lesson_number"] = live.last_lesson_number
        draft = apply_snapshot(versions.restorable_content(take_snapshot(live)) | own)
        draft.owner, draft.replaces = person, live
        draft.save()
        record_step(draft, Action.PREPARED, person, "")
        return draft


def restore_practice(revision: Revision, person: User, comment: str = "") -> Practice:
    """Restore a version as a draft: of a deleted practice, or of a published one as its pending change.

    Raises PermissionDenied; ValidationError if the version refers to deleted rows or the practice is
    archived.
    """
    with batch_reindex():
        practice = Practice.objects.filter(pk=revision.key).first()
        if practice is None:
            if not permissions.is_editor(person):
                raise PermissionDenied
            practice = versions.restore_deleted(revision)
        else:
            if practice.status == Status.PUBLISHED:
                practice = prepare_change(practice, person)
            if not permissions.may_change(person, practice):
                raise PermissionDenied
            versions.ensure_first_version(practice)
            lessons = take_snapshot(practice)["lessons"]
            practice = apply_snapshot(versions.restorable_content(revision.snapshot, lessons), practice)
        if unknown := split_unknown(revision.snapshot)[1]:
            message = _("Not restored, because practices no longer have these fields: %(fields)s.")
            comment = f"{comment} {message % {'fields': ', '.join(unknown)}}".strip()
        record_step(practice, Action.RESTORED, person, comment)
        return practice


def delete_practices(practices: Collection[Practice], person: User, comment: str = "") -> None:
    """Delete practices and their pending changes; a version of each can be restored."""
    with batch_reindex():
        beside = Practice.objects.filter(replaces__in=[row.pk for row in practices])
        rows = {row.pk: row for row in (*beside, *practices)}
        for row in rows.values():  # a draft before what it would replace
            if not permissions.may_delete(person, row):
                raise PermissionDenied
            row.refresh_from_db(fields=LESSON_NUMBER_FIELDS)  # the draft of its change may have raised it
            versions.ensure_first_version(row)
            record_step(row, Action.DISCARDED if row.replaces_id else Action.DELETED, person, comment)
            if row.replaces_id:
                versions.versions_of(row.pk).update(key=row.replaces_id)
                live = Practice.objects.filter(pk=row.replaces_id)
                numbers = Greatest("last_lesson_number", row.last_lesson_number)
                live.update(last_lesson_number=numbers)  # which the draft's preview may have shown
            Practice.objects.get(pk=row.pk).delete()
        set_next_due()
