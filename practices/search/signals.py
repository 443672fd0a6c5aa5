"""Signal receivers that index practices again when a row changes that their index rows contain."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save, pre_delete

from practices.models import (
    Actor,
    ActorType,
    Country,
    Lesson,
    Objective,
    Practice,
    Publication,
    Theme,
)
from practices.models.practice import child_models
from practices.search.indexing import clear_after_flush, reindex, remove_lessons, remove_practices

# Models whose rows practices refer to, with the lookups from a practice to them.
REFERENCES: dict[type[Model], tuple[str, ...]] = {
    Actor: (
        "participations__actor", "publication__publisher",
        "publication__funders", "publication__implementers",
    ),
    ActorType: ("participations__actor__type",),
    Country: ("places__country", "corridors__origin", "corridors__destination"),
    Objective: ("objectives",),
    Publication: ("publication",),
    Theme: ("themes", "themes__parent"),
}  # fmt: skip


def referring_practices(instance: Model) -> set[int]:
    """The primary keys of the practices that refer to a row. One query."""
    first, *others = (
        Practice.objects.filter(**{lookup: instance}).order_by().values_list("pk", flat=True)
        for lookup in REFERENCES[type(instance)]
    )
    return set(first.union(*others))


def practice_saved(instance: Practice, **kwargs: Any) -> None:
    reindex([instance.pk])


def practice_deleting(instance: Practice, **kwargs: Any) -> None:
    remove_practices([instance.pk])


def child_saved(instance: Any, **kwargs: Any) -> None:
    reindex([instance.practice_id])


def child_deleted(instance: Any, origin: Any, **kwargs: Any) -> None:
    """A child that is deleted with its practice does not change the practice."""
    if not isinstance(origin, Practice) and getattr(origin, "model", None) is not Practice:
        reindex([instance.practice_id])


def lesson_deleting(instance: Lesson, **kwargs: Any) -> None:
    remove_lessons([instance.pk])


def reference_saved(instance: Model, created: bool, **kwargs: Any) -> None:
    if not created:
        reindex(referring_practices(instance))


def reference_deleting(instance: Model, **kwargs: Any) -> None:
    """Remember the practices that refer to a row; after its deletion they can no longer be found."""
    instance._referring_practices = referring_practices(instance)


def reference_deleted(instance: Model, **kwargs: Any) -> None:
    reindex(instance._referring_practices)


def practice_links_changed(
    instance: Practice | Theme | Objective, action: str, reverse: bool, pk_set: Iterable[int], **kwargs: Any
) -> None:
    """Practices got or lost themes or objectives."""
    if not reverse:
        practices = [instance.pk]
    elif action == "pre_clear":
        return reference_deleting(instance)
    else:
        practices = instance._referring_practices if action == "post_clear" else pk_set
    if action.startswith("post_"):
        reindex(practices)


def publication_links_changed(instance: Publication, action: str, **kwargs: Any) -> None:
    """A publication got or lost funders or implementers."""
    if action.startswith("post_"):
        reindex(referring_practices(instance))


def connect() -> None:
    """Connect the receivers. `ready()` of the app calls this."""
    post_migrate.connect(clear_after_flush)
    post_save.connect(practice_saved, Practice)
    pre_delete.connect(practice_deleting, Practice)
    pre_delete.connect(lesson_deleting, Lesson)
    for model in child_models().values():
        post_save.connect(child_saved, model)
        post_delete.connect(child_deleted, model)
    for model in REFERENCES:
        post_save.connect(reference_saved, model)
    for model in (Actor, Objective, Theme):  # those that can be deleted while practices refer to them
        pre_delete.connect(reference_deleting, model)
        post_delete.connect(reference_deleted, model)
    for links in (Practice.themes, Practice.objectives):
        m2m_changed.connect(practice_links_changed, links.through)
    for links in (Publication.funders, Publication.implementers):
        m2m_changed.connect(publication_links_changed, links.through)
