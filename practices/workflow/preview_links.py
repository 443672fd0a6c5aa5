"""Signed links that show a draft to people without an account."""

from datetime import datetime, timedelta

from django.core import signing
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from practices.models import Practice

LASTS = timedelta(days=7)
SALT = "practices.preview"


def link(practice: Practice) -> tuple[str, datetime]:
    """Return the address of a preview and until when it is valid. Everybody who has it sees the draft as it
    then is."""
    token = signing.dumps(practice.pk, salt=SALT)
    return reverse("preview", args=[token]), timezone.now() + LASTS


def previewed(token: str) -> QuerySet[Practice]:
    """Return the draft that a link shows; none if the link is invalid or expired, or the draft is
    published."""
    drafts = Practice.objects.filter(status__in=[Practice.Status.DRAFT, Practice.Status.IN_REVIEW])
    try:
        return drafts.filter(pk=signing.loads(token, salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return drafts.none()
