"""Signed links that show a draft to people without an account."""

from datetime import datetime, timedelta

from django.core import signing
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from practices.models import Practice

LINK_LIFETIME = timedelta(days=7)
SALT = "practices.preview"


def link(practice: Practice) -> tuple[str, datetime]:
    """Return the address of a preview and until when it is valid. It shows the current state of the draft."""
    token = signing.dumps(practice.pk, salt=SALT)
    return reverse("preview", args=[token]), timezone.now() + LINK_LIFETIME


def draft_key(token: str) -> int:
    """Return the primary key of the draft that a link shows.

    Raise SignatureExpired for an expired link, and its base class BadSignature for an invalid one.
    """
    return signing.loads(token, salt=SALT, max_age=LINK_LIFETIME)


def previewed(token: str) -> QuerySet[Practice]:
    """Return the draft that a link shows; none if the link is invalid or expired, or the draft is
    published."""
    drafts = Practice.objects.filter(status__in=[Practice.Status.DRAFT, Practice.Status.IN_REVIEW])
    try:
        return drafts.filter(pk=draft_key(token))
    except signing.BadSignature:
        return drafts.none()
