"""Limits for failed logins, wrong codes and password resets, which count entries of the audit log."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_login_failed
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from practices.history.audit import LOGGED_IN, record_audit_entry, remote_address
from practices.models import AuditEntry
from practices.models.user import folded_name
from practices.values.client_network import network_of

LOGIN_REFUSED = "login refused"
ATTEMPT_WINDOW = timedelta(minutes=15)
# Attempts in this window after which further ones are refused:
MAX_PER_NAME_AND_NETWORK = 5
MAX_PER_NETWORK = 30  # for all names together
MAX_PER_NAME = 100  # from all networks together
KNOWN_NETWORK_PERIOD = timedelta(days=30)  # since the last success of a user from a network


def too_many_attempts(
    name: str,
    request: HttpRequest,
    action: str = LOGIN_REFUSED,
    max_per_name: int = MAX_PER_NAME,
    success: str = LOGGED_IN,
) -> bool:
    """Return whether to refuse an attempt unread because of recent ones. At most four queries.

    `action` and `success` are actions of audit entries: the attempts that count, and what makes a network
    known. `max_per_name` does not apply in known networks, so that nobody elsewhere can lock the user out.
    """
    attempts = recent_entries(action)
    of_name = attempts.filter(about=attempt_name(name))
    network = network_of(remote_address(request) or "") or None
    if of_name.filter(network=network).count() >= MAX_PER_NAME_AND_NETWORK:
        return True
    if attempts.filter(network=network).count() >= MAX_PER_NETWORK:
        return True
    return of_name.count() >= max_per_name and not is_known_network(name, network, success)


def recent_entries(action: str) -> QuerySet[AuditEntry]:
    """Return the entries of an action in the window. Entries later than that from now, which a wrong clock
    made, do not count."""
    now = timezone.now()
    return AuditEntry.objects.filter(action=action, at__range=(now - ATTEMPT_WINDOW, now + ATTEMPT_WINDOW))


def attempt_name(name: str) -> str:
    """Return the name under which attempts are counted, the same in any case, so that variants have no limits
    of their own."""
    return folded_name(name[:250])[:250].replace("\0", "")


def is_known_network(name: str, network: str | None, success: str) -> bool:
    """Return whether a user had success from a network in KNOWN_NETWORK_PERIOD. One query."""
    since = timezone.now() - KNOWN_NETWORK_PERIOD
    entries = AuditEntry.objects.filter(action=success, about__iexact=name, at__gte=since)
    return network is not None and entries.filter(network=network).exists()


def window_minutes() -> int:
    """Return the length of the window in minutes, for messages."""
    return ATTEMPT_WINDOW // timedelta(minutes=1)


def too_many_message() -> str:
    return _("Too many attempts. Try again in %(minutes)d minutes.") % {"minutes": window_minutes()}


@receiver(user_login_failed)
def record_refused_login(credentials: dict, request: HttpRequest | None = None, **kwargs: Any) -> None:
    name = attempt_name(str(credentials.get("username", "")))
    record_audit_entry(LOGIN_REFUSED, about=name, request=request)
