"""The content version: a token that changes with public content, and only with it.

Everything that is cached is cached for one version, so that no response is stale. The version is a token,
because a counter would return to a former value after a rollback. It contains the time when it was made, so
that feeds can say when the content last changed.
"""

from datetime import UTC, datetime
from functools import cache
from secrets import randbits
from time import time_ns
from typing import Any
from uuid import UUID

from django.db import connections, models, router
from django.db.models.signals import post_delete, post_save
from django.dispatch import Signal, receiver
from django.utils import timezone

from practices.models.practice import child_models

due = Signal()  # sent when a scheduled publication is due


class ContentVersion(models.Model):
    """One row. A transaction that changes it locks it until the end, so that writers of the index queue."""

    token = models.UUIDField()
    next_due = models.DateTimeField(null=True)  # when the next scheduled practice becomes public

    def __str__(self) -> str:
        return str(self.token)


def content_version() -> str:
    """Return the current token; empty if nothing was ever saved. One query.

    Every public response calls this, so it also starts scheduled publications that are due.
    """
    token, is_due = read_version()
    if is_due:
        due.send_robust(ContentVersion)  # readers get a response even if nothing can be written
        token, _is_due = read_version()
    return token


def read_version() -> tuple[str, bool]:
    """The token, and whether a scheduled publication is due.

    Every request calls this: a queryset would take ten times as long.
    """
    connection = connections[router.db_for_read(ContentVersion)]
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("SELECT token, next_due <= %s FROM practices_contentversion", [now])
        token, is_due = cursor.fetchone() or ("", False)
    return str(UUID(str(token))) if token else "", bool(is_due)


def new_token() -> UUID:
    """A UUID of version 7 (RFC 9562): the time in milliseconds, then 74 random bits."""
    moment = time_ns() // 1_000_000
    return UUID(int=moment << 80 | 7 << 76 | randbits(12) << 64 | 0b10 << 62 | randbits(62))


def version_made_at(version: str) -> datetime | None:
    """Return the time of a version; None if nothing was ever saved, or only by an older release."""
    token = UUID(version) if version else None
    if token is None or token.version != 7:
        return None
    return datetime.fromtimestamp((token.int >> 80) / 1000, UTC)


def bump_content_version() -> None:
    """Set a new content version, valid from the commit on. One query."""
    ContentVersion.objects.bulk_create(
        [ContentVersion(pk=1, token=new_token())],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["token"],
    )


def schedule(next_due: datetime | None) -> None:
    """Store when the next scheduled practice becomes public. The version stays. One query."""
    ContentVersion.objects.bulk_create(
        [ContentVersion(pk=1, token=new_token(), next_due=next_due)],
        update_conflicts=True,
        unique_fields=["pk"],
        update_fields=["next_due"],
    )


# Tables that no public page shows, or that are derived from others.
PRIVATE_OR_DERIVED = {
    *("contentversion", "indexedlesson", "indexedpractice", "changelogentry", "vocabularyword"),
    *("user", "user_groups", "user_user_permissions", "revision", "auditentry", "import"),
    "referenceversion",
    *("activeeditor", "session", "secondfactor"),
}


@cache
def indexed_models() -> set[str]:
    """The models of practices, of their rows, and of what only practices show. Indexing changes the version
    if they are public."""
    return {
        *("practice", "practice_themes", "practice_objectives"),
        *(model._meta.model_name for model in child_models().values()),
        *("actor", "publication", "publication_funders", "publication_implementers"),
    }


@receiver([post_save, post_delete])
def content_changed(sender: type[models.Model], **kwargs: Any) -> None:
    """Change the version after a change of a table that readers always see, such as themes.

    `update()` and `bulk_create()` send no signal: after them, call `bump_content_version()`.
    """
    if sender._meta.app_label != "practices":
        return
    if sender._meta.model_name not in PRIVATE_OR_DERIVED | indexed_models():
        bump_content_version()
