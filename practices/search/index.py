"""Keeps the index in step with the practices, inside the transaction that changes them.

Only published practices are in it. A save of a practice, of one of its rows, of an actor or of a theme
indexes what it touches at once; inside `together()` all changes are gathered and indexed at its end.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from babel import Locale
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_delete

from practices.models import Actor, Corridor, Lesson, Participation, Place, Practice, Source, Theme
from practices.models.search import IndexedPractice, VocabularyWord
from practices.search.engines import FIELDS, engine
from practices.search.words import stem, words

# What Markdown adds to a text and nobody searches: footnote marks and the addresses of links.
MARKUP = re.compile(r"\[\^[^\]]+\]:?|\]\([^)]*\)")
RELATIONS = (
    "places__country",
    "corridors__origin",
    "corridors__destination",
    "themes__parent",
    "participations__actor",
    "lessons",
    "sources",
)
_gathered: ContextVar[set[int] | None] = ContextVar("gathered", default=None)


def texts(practice: Practice) -> dict[str, list[str]]:
    """What is searched, by field. No query after a prefetch of RELATIONS."""
    corridors = practice.corridors.all()
    countries = {
        *(place.country for place in practice.places.all()),
        *(end for corridor in corridors for end in (corridor.origin, corridor.destination)),
    }
    themes = {theme for row in practice.themes.all() for theme in (row, row.parent) if theme}
    return {
        "title": [practice.title],
        "names": [
            *(str(part.actor) for part in practice.participations.all()),
            *(place.name for place in practice.places.all()),
            *(name for country in sorted(countries, key=lambda row: row.code) for name in names_of(country)),
            *(theme.name for theme in sorted(themes, key=lambda row: row.slug)),
        ],
        "gist": [practice.summary, *(lesson.text for lesson in practice.lessons.all())],
        "body": [practice.story, *(f"{source.text} {source.url}" for source in practice.sources.all())],
    }


def names_of(country: Any) -> list[str]:
    """A country's names in every language that people ask in; each once."""
    local = (
        Locale.parse(code).territories.get(country.code, "") for code, _name in settings.CONTENT_LANGUAGES
    )
    return list(dict.fromkeys([country.name, *local]))


def put(practices: Any) -> None:
    """Indexes the published ones of a queryset of practices, and takes the others out.

    Nine queries a call and some six a practice.
    """
    with transaction.atomic():
        engine().alone()
        rows = list(practices.prefetch_related(*RELATIONS))
        published = [row for row in rows if row.status == Practice.Status.PUBLISHED]
        remove([row.pk for row in rows])
        for practice in published:
            _put_one(practice)


def _put_one(practice: Practice) -> None:
    language = practice.language
    fields: dict[str, list[str]] = {}
    vocabulary: set[str] = set()
    for name, parts in texts(practice).items():
        found = [word.folded for part in parts for word in words(MARKUP.sub(" ", part))]
        fields[name] = [stem(word, language) for word in found]
        vocabulary.update(found)
    engine().put(practice.pk, {name: fields[name] for name in FIELDS})
    IndexedPractice.objects.create(practice=practice, language=language, words=" ".join(sorted(vocabulary)))
    known = VocabularyWord.objects.filter(language=language, word__in=vocabulary)
    new = vocabulary - set(known.values_list("word", flat=True))
    known.update(practices=F("practices") + 1)
    VocabularyWord.objects.bulk_create(
        VocabularyWord(language=language, word=word, stem=stem(word, language), practices=1)
        for word in sorted(new)
    )


def remove(practices: list[int]) -> None:
    """Takes practices out of the index and their words out of the vocabulary."""
    engine().alone()
    rows = IndexedPractice.objects.filter(practice__in=practices)
    for row in rows:
        held = VocabularyWord.objects.filter(language=row.language, word__in=row.words.split())
        held.filter(practices__lte=1).delete()
        held.update(practices=F("practices") - 1)
    rows.delete()
    engine().remove(practices)


@contextmanager
def together() -> Iterator[None]:
    """Gathers the practices changed inside, and indexes each once at the end, in one transaction."""
    if _gathered.get() is not None:
        yield
        return
    token = _gathered.set(set())
    try:
        with transaction.atomic():
            yield
            put(Practice.objects.filter(pk__in=_gathered.get()))
    finally:
        _gathered.reset(token)


def changed(keys: Any) -> None:
    """Indexes the practices with these keys, now or at the end of `together()`."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.update(keys)
    else:
        put(Practice.objects.filter(pk__in=list(keys)))


def practice_changed(instance: Practice, **kwargs: Any) -> None:
    changed([instance.pk])


def child_changed(instance: Any, **kwargs: Any) -> None:
    changed([instance.practice_id])


def themes_changed(instance: Any, action: str, reverse: bool, pk_set: set[int] | None, **kwargs: Any) -> None:
    if reverse and action == "pre_clear":
        theme_leaves(instance)
    elif action.startswith("post_"):
        changed(pk_set or () if reverse else [instance.pk])


def actor_changed(instance: Actor, **kwargs: Any) -> None:
    changed(instance.participations.values_list("practice", flat=True))


def theme_changed(instance: Theme, **kwargs: Any) -> None:
    parts = [instance.pk, *instance.parts.values_list("pk", flat=True)]
    changed(Practice.objects.filter(themes__in=parts).values_list("pk", flat=True))


def theme_leaves(instance: Theme, **kwargs: Any) -> None:
    """Takes a theme off its practices one by one: deleting it would tell nobody."""
    for practice in instance.practices.all():
        practice.themes.remove(instance)


def practice_leaves(instance: Practice, **kwargs: Any) -> None:
    remove([instance.pk])


CHILDREN = (Place, Corridor, Participation, Source, Lesson)


def child_deleted(instance: Any, origin: Any, **kwargs: Any) -> None:
    """A row that goes with its whole practice is no change of the practice."""
    if not isinstance(origin, Practice) and getattr(origin, "model", None) is not Practice:
        changed([instance.practice_id])


def connect() -> None:
    """Listens to every change that a practice's words may come from."""
    post_save.connect(practice_changed, Practice)
    pre_delete.connect(practice_leaves, Practice)
    pre_delete.connect(theme_leaves, Theme)
    m2m_changed.connect(themes_changed, Practice.themes.through)
    post_save.connect(actor_changed, Actor)
    post_save.connect(theme_changed, Theme)
    for model in CHILDREN:
        post_save.connect(child_changed, model)
        post_delete.connect(child_deleted, model)
