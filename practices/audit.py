"""The log of the desk: logins, steps of the workflow, changes of accounts, written as they happen."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from practices.models import AuditEntry, Practice, User

LOGGED_IN, LOGGED_OUT, REFUSED = "logged in", "logged out", "login refused"
# How many refused logins within a quarter of an hour close the door, and for whom.
WITHIN = timedelta(minutes=15)
MOST_FOR_A_NAME = 5  # from one address
MOST_FROM_AN_ADDRESS = 30
MOST_FOR_A_NAME_FROM_EVERYWHERE = 100


def note(
    action: str,
    person: User | None = None,
    about: str = "",
    comment: str = "",
    request: Any = None,
    practices: Iterable[Practice] = (),
) -> AuditEntry:
    """Adds a line, which names the practices that it is about. One query."""
    return AuditEntry.objects.create(
        action=action,
        person=person,
        name=person.get_username() if person else "",
        about=about[:250].replace("\0", ""),
        comment=comment,
        address=address_of(request) if request else None,
        practices=[{"key": row.pk, "slug": row.slug, "title": row.title} for row in practices],
    )


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from, as `portal/requests.py` has found out."""
    return request.META.get("REMOTE_ADDR", "")[:45] or None


def lately(action: str) -> QuerySet[AuditEntry]:
    """What a clock that was wrong for a while put into the time to come is not of late either."""
    now = timezone.now()
    return AuditEntry.objects.filter(action=action, at__range=(now - WITHIN, now + WITHIN))


def too_many(username: str, request: HttpRequest, action: str = REFUSED) -> bool:
    """Whether so many were refused of late that the next one is not even looked at. At most three queries."""
    refused = lately(action)
    name = refused.filter(about=username[:250].replace("\0", ""))
    address = address_of(request)
    return (
        name.filter(address=address).count() >= MOST_FOR_A_NAME
        or refused.filter(address=address).count() >= MOST_FROM_AN_ADDRESS
        or name.count() >= MOST_FOR_A_NAME_FROM_EVERYWHERE
    )


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """A line of the log, and in the session what its owner knows it by."""
    request.session["began"] = timezone.now().isoformat()
    request.session["device"] = request.headers.get("User-Agent", "")[:300]
    request.session["address"] = address_of(request) or ""
    note(LOGGED_IN, user, str(user), request=request)


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        note(LOGGED_OUT, user, str(user), request=request)


@receiver(user_login_failed)
def login_refused(credentials: dict, request: HttpRequest | None = None, **kwargs: Any) -> None:
    note(REFUSED, about=str(credentials.get("username", "")), request=request)
