"""Who may do what at the desk: three groups, made by every migrate, and the questions that are asked of them.

What a group lacks comes back with the next migrate; for another mixture make a group of your own.
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
    """After a migrate: the groups with all their permissions. Nine queries when nothing is missing."""
    ours = Permission.objects.using(using).filter(content_type__app_label="practices")
    known = {row.codename: row for row in ours}
    for name, rights in GROUPS.items():
        group, _new = Group.objects.using(using).get_or_create(name=name)
        names = (f"{verb}_{model}" for model, verbs in rights.items() for verb in verbs)
        group.permissions.add(*(known[codename] for codename in names if codename in known))


def is_editor(user: User) -> bool:
    """Whether they work on everybody's practices, and publish."""
    return user.has_perm("practices.publish_practice")


def seen_by(user: User) -> QuerySet[Practice]:
    """The practices that a person finds at the desk: an editor all, a contributor their own."""
    return Practice.objects.filter(Q() if is_editor(user) else Q(owner=user))


def owns(user: User, practice: Practice) -> bool:
    """Whether it is theirs. Somebody without an account owns nothing, and not what has no owner either."""
    return user.pk is not None and practice.owner_id == user.pk


def known_to(user: User) -> QuerySet[Practice]:
    """The practices that a person may learn of: what is published, and what they find in the admin. What the
    admin offers or counts while somebody types is taken from these."""
    return Practice.objects.filter(Q(pk__in=Practice.objects.published()) | Q(pk__in=seen_by(user)))


def may_see(user: User, practice: Practice) -> bool:
    return is_editor(user) or owns(user, practice)


def may_change(user: User, practice: Practice) -> bool:
    """Own drafts; for editors every draft, also in review. What is public is changed through a draft."""
    if practice.status == Practice.Status.IN_REVIEW:
        return is_editor(user)
    return practice.status == Practice.Status.DRAFT and may_see(user, practice)


def may_delete(user: User, practice: Practice) -> bool:
    """Editors everything; others what is their own and never was public."""
    never_public = practice.published_at is None and practice.status == Practice.Status.DRAFT
    return is_editor(user) or (owns(user, practice) and never_public)
