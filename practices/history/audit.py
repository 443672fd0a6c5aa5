"""The audit log: logins, steps of the workflow, changes of users."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from practices.models import AuditEntry, Practice, User
from practices.models.user import folded_name
from practices.values.client_network import network_of

LOGGED_IN, LOGGED_OUT, REFUSED = "logged in", "logged out", "login refused"
# How many attempts that were refused within a quarter of an hour stop the next ones, and whose.
WITHIN = timedelta(minutes=15)
MOST_FOR_A_NAME = 5  # from one network
MOST_FROM_A_NETWORK = 30  # for all names together
MOST_FROM_EVERYWHERE = 100  # for one name
KNOWN = timedelta(days=30)  # so long a network counts as one from which its owner comes


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


def recent_entries(action: str) -> QuerySet[AuditEntry]:
    """Return the entries of an action in the last 15 minutes. Entries with future timestamps, from a wrong
    clock, do not count."""
    now = timezone.now()
    return AuditEntry.objects.filter(action=action, at__range=(now - WITHIN, now + WITHIN))


def attempt_name(name: str) -> str:
    """Return the name under which attempts are counted, the same in any case, so that variants have no limits
    of their own."""
    return folded_name(name[:250])[:250].replace("\0", "")


def too_many_attempts(
    name: str,
    request: HttpRequest,
    action: str = REFUSED,
    everywhere: int = MOST_FROM_EVERYWHERE,
    proof: str = LOGGED_IN,
) -> bool:
    """Whether so many attempts were refused lately that the next one is not looked at. At most four queries.

    The limit of a name `everywhere` leaves out the networks where its owner has given the `proof` in the last
    thirty days: so nobody elsewhere can shut the owner out, and from each of these networks five attempts for
    the name are the limit as before.
    """
    refused = recent_entries(action)
    of_name = refused.filter(about=attempt_name(name))
    network = network_of(remote_address(request) or "") or None
    if of_name.filter(network=network).count() >= MOST_FOR_A_NAME:
        return True
    if refused.filter(network=network).count() >= MOST_FROM_A_NETWORK:
        return True
    return of_name.count() >= everywhere and not is_known(name, network, proof)


def is_known(name: str, network: str | None, proof: str) -> bool:
    """Return whether the owner of a name has logged in from a network in the last thirty days. One query."""
    given = AuditEntry.objects.filter(action=proof, about__iexact=name, at__gte=timezone.now() - KNOWN)
    return network is not None and given.filter(network=network).exists()


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Adds an entry, and stores in the session how its user can recognise it."""
    request.session["began"] = timezone.now().isoformat()
    request.session["device"] = request.headers.get("User-Agent", "")[:300]
    request.session["address"] = remote_address(request) or ""
    record_audit_entry(LOGGED_IN, user, str(user), request=request)


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user:
        record_audit_entry(LOGGED_OUT, user, str(user), request=request)


@receiver(user_login_failed)
def login_refused(credentials: dict, request: HttpRequest | None = None, **kwargs: Any) -> None:
    record_audit_entry(REFUSED, about=attempt_name(str(credentials.get("username", ""))), request=request)
