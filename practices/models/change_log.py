"""What harvesters go by: each slug that was ever public, and the place of its last change among all."""

from collections.abc import Collection, Iterable

from django.db import models
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from practices.models.practice import Practice


class PublicSlug(models.Model):
    """A slug that was ever public. Its sequence grows with each change, and no two have the same."""

    slug = models.SlugField(max_length=100, unique=True)
    practice = models.ForeignKey(Practice, models.SET_NULL, null=True, related_name="public_slugs")
    sequence = models.PositiveBigIntegerField(unique=True)
    changed_at = models.DateTimeField()
    gone = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("public address")
        verbose_name_plural = _("public addresses")

    def __str__(self) -> str:
        return self.slug


def log_changes(keys: Collection[int], published: Iterable[Practice], changed: bool = True) -> None:
    """Record that practices changed: those published among them, and the others as gone.

    With `changed=False` only differences from the rows are recorded. Call `bump_content_version()` first: its
    lock makes the order of the sequence the order of the commits, so that a client that has read up to a
    number has missed nothing below it. Three queries.
    """
    by_slug = {row.slug: row for row in published}
    mentioned = PublicSlug.objects.filter(Q(practice__in=keys) | Q(slug__in=by_slug))
    rows = {row.slug: row for row in mentioned}
    moved = [row for slug, row in rows.items() if slug not in by_slug and not row.gone]
    for slug, practice in by_slug.items():
        row = rows.get(slug) or PublicSlug(slug=slug, gone=True)
        if changed or row.gone or row.practice_id != practice.pk:
            row.practice = practice
            moved.append(row)
    sequence = PublicSlug.objects.aggregate(last=Max("sequence", default=0))["last"]
    now = timezone.now()
    for number, row in enumerate(moved, start=sequence + 1):
        row.sequence, row.changed_at, row.gone = number, now, row.slug not in by_slug
        row.pk = None
    PublicSlug.objects.bulk_create(
        moved,
        update_conflicts=True,
        unique_fields=["slug"],
        update_fields=["practice", "sequence", "changed_at", "gone"],
    )
