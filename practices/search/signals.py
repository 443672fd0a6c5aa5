"""Which practices to index anew when a row changes or goes: those that it is a part of."""

from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.signals import m2m_changed, post_delete, post_migrate, post_save, pre_delete

from practices.models import (
    Actor,
    ActorType,
    Corridor,
    Country,
    FormerSlug,
    Image,
    Lesson,
    Objective,
    Participation,
    Place,
    Practice,
    Publication,
    Source,
    Theme,
)
from practices.search.indexing import changed, emptied, remove, remove_lessons


def practice_changed(instance: Practice, **kwargs: Any) -> None:
    changed([instance.pk])


def child_changed(instance: Any, **kwargs: Any) -> None:
    changed([instance.practice_id])


def links_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    """Themes or objectives were given to practices, or taken."""
    if reverse and action == "pre_clear":
        link_leaves(instance)
    elif action.startswith("post_"):
        changed(pk_set or () if reverse else [instance.pk])


def actor_changed(instance: Actor, **kwargs: Any) -> None:
    changed(
        {
            *instance.participations.values_list("practice", flat=True),
            *keys_of(publication__in=publications_of(instance)),
        }
    )


def theme_changed(instance: Theme, **kwargs: Any) -> None:
    changed(keys_of(themes__in=[instance.pk, *instance.parts.values_list("pk", flat=True)]))


def named_changed(instance: Any, created: bool, **kwargs: Any) -> None:
    """A row that practices name: what they say of it changes with it."""
    if not created:
        changed({key for path in NAMED_BY[type(instance)] for key in keys_of(**{path: instance})})


def parts_changed(instance: Publication, action: str, **kwargs: Any) -> None:
    """Funders or implementers of a publication."""
    if action.startswith("post_"):
        changed(keys_of(publication=instance))


def keys_of(**conditions: Any) -> set[int]:
    return set(Practice.objects.filter(**conditions).values_list("pk", flat=True))


def publications_of(actor: Actor) -> QuerySet:
    return Publication.objects.filter(Q(publisher=actor) | Q(funders=actor) | Q(implementers=actor))


def link_leaves(instance: Theme | Objective, **kwargs: Any) -> None:
    """Takes a theme or objective off its practices one by one: deleting it would tell nobody."""
    for practice in instance.practices.all():
        getattr(practice, f"{instance._meta.model_name}s").remove(instance)


def actor_leaves(instance: Actor, **kwargs: Any) -> None:
    """The same for an actor and its publications."""
    for publication in publications_of(instance):
        publication.funders.remove(instance)
        publication.implementers.remove(instance)


def practice_leaves(instance: Practice, **kwargs: Any) -> None:
    remove([instance.pk])


def lesson_leaves(instance: Lesson, **kwargs: Any) -> None:
    remove_lessons([instance.pk])


CHILDREN = (Place, Corridor, Participation, Source, Lesson, Image, FormerSlug)
NAMED_BY = {
    ActorType: ["participations__actor__type"],
    Country: ["places__country", "corridors__origin", "corridors__destination"],
    Objective: ["objectives"],
    Publication: ["publication"],
}


def child_deleted(instance: Any, origin: Any, **kwargs: Any) -> None:
    """A row that goes with its whole practice is no change of the practice."""
    if not isinstance(origin, Practice) and getattr(origin, "model", None) is not Practice:
        changed([instance.practice_id])


def connect() -> None:
    """Listens to every change that a practice's words may come from."""
    post_save.connect(practice_changed, Practice)
    pre_delete.connect(practice_leaves, Practice)
    pre_delete.connect(actor_leaves, Actor)
    pre_delete.connect(lesson_leaves, Lesson)
    post_migrate.connect(emptied)
    for model, links in ((Theme, Practice.themes), (Objective, Practice.objectives)):
        pre_delete.connect(link_leaves, model)
        m2m_changed.connect(links_changed, links.through)
    for parts in (Publication.funders, Publication.implementers):
        m2m_changed.connect(parts_changed, parts.through)
    for model in NAMED_BY:
        post_save.connect(named_changed, model)
    post_save.connect(actor_changed, Actor)
    post_save.connect(theme_changed, Theme)
    for model in CHILDREN:
        post_save.connect(child_changed, model)
        post_delete.connect(child_deleted, model)
