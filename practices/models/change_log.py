"""The change log that API clients synchronise by: each slug that was ever public, with its last change."""

from collections.abc import Collection, Iterable

from django.db import models
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from practices.models.practice import Practice


class ChangeLogEntry(models.Model):
    """A slug that was ever public. Each change of its practice gives it the next free `sequence` number."""

    slug = models.SlugField(max_length=100, unique=True)
    practice = models.ForeignKey(Practice, models.SET_NULL, null=True, related_name="change_log_entries")
    sequence = models.PositiveBigIntegerField(unique=True)
    changed_at = models.DateTimeField()
    removed = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("change log entry")
        verbose_name_plural = _("change log")

    def __str__(self) -> str:
        return self.slug


def log_changes(pks: Collection[int], published: Iterable[Practice], changed: bool = True) -> None:
    """Record that practices changed: those in `published`, and the others of `pks` as removed.

    With `changed=False` only differences from the log are recorded. Call `bump_content_version()` first: its
    lock makes the order of the sequence the order of the commits, so that a client that has read up to a
    number has missed nothing below it. Three queries.
    """
    by_slug = {practice.slug: practice for practice in published}
    known = ChangeLogEntry.objects.filter(Q(practice__in=pks) | Q(slug__in=by_slug))
    entries = {entry.slug: entry for entry in known}
    updated = [entry for slug, entry in entries.items() if slug not in by_slug and not entry.removed]
    for slug, practice in by_slug.items():
        entry = entries.get(slug) or ChangeLogEntry(slug=slug, removed=True)
        if changed or entry.removed or entry.practice_id != practice.pk:
            entry.practice = practice
            updated.append(entry)
    last = ChangeLogEntry.objects.aggregate(last=Max("sequence", default=0))["last"]
    now = timezone.now()
    for number, entry in enumerate(updated, start=last + 1):
        entry.sequence, entry.changed_at, entry.removed = number, now, entry.slug not in by_slug
        entry.pk = None
    ChangeLogEntry.objects.bulk_create(
        updated,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["practice", "sequence", "changed_at", "removed"],
    )
