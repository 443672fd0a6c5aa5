"""The audit log: logins, workflow transitions, changes of users."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from practices.models import AuditEntry, Practice, User
from practices.values.client_network import network_of

LOGGED_IN, LOGGED_OUT = "logged in", "logged out"


def record_audit_entry(
    action: str,
    person: User | None = None,
    about: str = "",
    comment: str = "",
    request: Any = None,
    practices: Iterable[Practice] = (),
) -> AuditEntry:
    """Add an entry that names the practices it is about. One query."""
    address = remote_address(request) if request else None
    return AuditEntry.objects.create(
        action=action,
        person=person,
        name=person.get_username() if person else "",
        about=about[:250].replace("\0", ""),
        comment=comment,
        address=address,
        network=network_of(address or "") or None,
        practices=[{"key": row.pk, "slug": row.slug, "title": row.title} for row in practices],
    )


def remote_address(request: HttpRequest) -> str | None:
    """Return the IP address of the client, which `portal/request_logging.py` has determined."""
    return request.META.get("REMOTE_ADDR") or None


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Add an entry. Store in the session how the user can recognise it, and when it began, which limits its
    length (models/session.py)."""
    request.session["began"] = timezone.now().isoformat()
    request.session["device"] = request.headers.get("User-Agent", "")[:300]
    request.session["address"] = remote_address(request) or ""
    record_audit_entry(LOGGED_IN, user, str(user), request=request)


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        record_audit_entry(LOGGED_OUT, user, str(user), request=request)
