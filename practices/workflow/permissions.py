"""Permissions in the admin: three groups, which `migrate` creates, and checks for users.

The next `migrate` restores missing permissions of these groups; for other combinations, create your own
group.
"""

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Q, QuerySet

from practices.history.snapshots import CHILDREN
from practices.models import Practice, User

ALL = ("add", "change", "delete", "view")
CHILD_MODELS = tuple(model._meta.model_name for model, _fields in CHILDREN.values())
CONTRIBUTORS = {
    **dict.fromkeys(("practice", *CHILD_MODELS), ALL),
    **dict.fromkeys(("country", "region", "theme", "objective", "publication", "actortype"), ("view",)),
    "actor": ("add", "view"),
}
EDITORS = {
    **CONTRIBUTORS,
    "practice": (*ALL, "publish"),
    **dict.fromkeys(("actor", "publication", "theme", "synonym"), ALL),
}
GROUPS = {
    "Contributors": CONTRIBUTORS,
    "Editors": EDITORS,
    "Administrators": {**EDITORS, "user": ALL, "auditentry": ("view",)},
}


def make_groups(using: str, **kwargs: Any) -> None:
    """Create the groups with their permissions, after `migrate`. Nine queries if nothing is missing."""
    ours = Permission.objects.using(using).filter(content_type__app_label="practices")
    known = {row.codename: row for row in ours}
    for name, rights in GROUPS.items():
        group, _new = Group.objects.using(using).get_or_create(name=name)
        names = (f"{verb}_{model}" for model, verbs in rights.items() for verb in verbs)
        group.permissions.add(*(known[codename] for codename in names if codename in known))


def is_editor(user: User) -> bool:
    """Return whether the user may edit and publish all practices."""
    return user.has_perm("practices.publish_practice")


def seen_by(user: User) -> QuerySet[Practice]:
    """Return the practices that a user sees in the admin: editors all, contributors their own."""
    return Practice.objects.filter(Q() if is_editor(user) else Q(owner=user))


def owns(user: User, practice: Practice) -> bool:
    """Return whether the user owns the practice. Anonymous users own nothing, not even practices without an
    owner.
    """
    return user.pk is not None and practice.owner_id == user.pk


def known_to(user: User) -> QuerySet[Practice]:
    """Return the practices that a user may know of: published ones, and those they see in the admin.
    Suggestions and counts in forms use only these."""
    return Practice.objects.filter(Q(pk__in=Practice.objects.published()) | Q(pk__in=seen_by(user)))


def may_see(user: User, practice: Practice) -> bool:
    return is_editor(user) or owns(user, practice)


def may_change(user: User, practice: Practice) -> bool:
    """Return whether the user may change a practice: authors their own drafts, editors every draft, including
    those in review.
    """
    if practice.status == Practice.Status.IN_REVIEW:
        return is_editor(user)
    return practice.status == Practice.Status.DRAFT and may_see(user, practice)


def may_delete(user: User, practice: Practice) -> bool:
    """Return whether the user may delete a practice: editors all practices, others their own that were never
    public.
    """
    never_public = practice.published_at is None and practice.status == Practice.Status.DRAFT
    return is_editor(user) or (owns(user, practice) and never_public)
