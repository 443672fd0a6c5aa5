"""Owners of practices: users who find them under “Mine” and may edit them as contributors."""

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
    """Return the users that can own a practice: those that can log in to the admin."""
    return User.objects.filter(is_active=True, is_staff=True).order_by("username")


def owned_by(users: Collection[User]) -> QuerySet[Practice]:
    return Practice.objects.filter(owner__in=[user.pk for user in users]).order_by(*BY_TITLE)


def set_owner(
    practices: Collection[Practice], owner: User | None, person: User, request: HttpRequest | None = None
) -> list[Practice]:
    """Give practices to another owner or to nobody; return those that changed.

    A pending change follows its practice if both have the same owner. Raises PermissionDenied for all but
    editors. Two queries, and one audit entry for each practice.
    """
    if not permissions.is_editor(person):
        raise PermissionDenied
    return give(practices, owner, person, request)


@transaction.atomic
def give(
    practices: Collection[Practice], owner: User | None, person: User, request: HttpRequest | None
) -> list[Practice]:
    """Give practices to another owner without a check of permissions, for the deletion of a user."""
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
    """Give everything that some users own to another one, including deleted practices, which may be
    restored.
    """
    give(list(owned_by(users)), owner, person, request)
    Revision.objects.filter(owner__in=[user.pk for user in users]).update(owner=owner)
