"""Who owns a practice: the person who finds it under “For me”, and who as a contributor may work on it."""

from collections.abc import Collection

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from practices.history.audit import record_audit_entry
from practices.models import Practice, Revision, User
from practices.models.practice import BY_TITLE
from practices.workflow import permissions

CHANGED = "owner changed"


def may_own() -> QuerySet[User]:
    """The accounts that can own a practice: those that can log in to the admin."""
    return User.objects.filter(is_active=True, is_staff=True).order_by("username")


def owned_by(users: Collection[User]) -> QuerySet[Practice]:
    return Practice.objects.filter(owner__in=[user.pk for user in users]).order_by(*BY_TITLE)


def hand_over(
    practices: Collection[Practice], owner: User | None, person: User, request: HttpRequest | None = None
) -> list[Practice]:
    """Gives practices to another owner, or to nobody; returns those that changed hands.

    A draft of a change changes hands with its practice where both have the same owner. PermissionDenied for
    everybody but editors. Two queries, and one line of the log for each practice.
    """
    if not permissions.is_editor(person):
        raise PermissionDenied
    return give(practices, owner, person, request)


@transaction.atomic
def give(
    practices: Collection[Practice], owner: User | None, person: User, request: HttpRequest | None
) -> list[Practice]:
    """`hand_over` without asking for the right, for the deletion of an account."""
    asked = {row.pk: row.owner_id for row in practices}
    rows = Practice.objects.filter(Q(pk__in=asked) | Q(replaces__in=asked)).select_related("owner")
    changed = [
        row
        for row in rows.order_by("pk")
        if row.owner != owner and (row.pk in asked or row.owner_id == asked[row.replaces_id])
    ]
    Practice.objects.filter(pk__in=[row.pk for row in changed]).update(owner=owner)
    for row in changed:
        message = f"{row.owner or _('nobody')} → {owner or _('nobody')}"
        record_audit_entry(CHANGED, person, f"{row.title} ({row.slug})", message, request, [row])
    return changed


def give_all(users: Collection[User], owner: User | None, person: User, request: HttpRequest | None) -> None:
    """Gives all that some accounts own to another one, also what was deleted and may be restored."""
    give(list(owned_by(users)), owner, person, request)
    Revision.objects.filter(owner__in=[user.pk for user in users]).update(owner=owner)
