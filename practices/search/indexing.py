"""Keeps the index in step with the practices, inside the transaction that changes them.

Only published practices are in it. A save of a practice, of one of its rows, of an actor or of a theme
indexes what it touches at once; inside `batch_reindex()` all changes are gathered and indexed at its end.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from babel import Locale
from django.conf import settings
from django.db import connections, transaction
from django.db.models import F, QuerySet

from practices.index.list_items import list_item_data
from practices.models import Lesson, Practice
from practices.models.change_log import log_changes
from practices.models.search import IndexedLesson, IndexedPractice, VocabularyWord
from practices.models.version import bump_content_version
from practices.search.backends import LESSONS, PRACTICES, engine
from practices.search.tokenizer import stem, words
from practices.serializers.practices import indexed_document
from practices.values.period import Period

# What Markdown adds to a text and nobody searches: footnote marks and the addresses of links.
# Neither part runs over its own beginning, so that the time is linear.
MARKUP = re.compile(r"\[\^[^\[\]]+\]:?|\]\([^)\]]*\)")
AT_ONCE = 300  # rows of a statement
MOST_YEARS = 100
_gathered: ContextVar[set[int] | None] = ContextVar("gathered", default=None)


def texts(practice: Practice) -> dict[str, list[str]]:
    """What is searched and makes the vocabulary, by field. No query after `for_index()`."""
    return {
        "title": [practice.title],
        "names": [text for _kind, _shown, text in names(practice)],
        "summary_and_lessons": [practice.summary, *(lesson.text for lesson in practice.lessons.all())],
        "story_and_sources": [
            *paragraphs(practice.story),
            *(objective.name for objective in practice.objectives.all()),
            *(f"{source.text} {source.url}" for source in practice.sources.all()),
        ],
    }


def names(practice: Practice) -> list[tuple[str, str, str]]:
    """The names a practice is found by: what each is of, what tells it to a reader, and the name."""
    corridors = practice.corridors.all()
    countries = {
        *(place.country for place in practice.places.all()),
        *(end for corridor in corridors for end in (corridor.origin, corridor.destination)),
    }
    themes = {theme for row in practice.themes.all() for theme in (row, row.parent) if theme}
    actors = [str(part.actor) for part in practice.participations.all()]
    return [
        *(("actor", name, name) for name in actors),
        *(("territory", place.name, place.name) for place in practice.places.all()),
        *(
            ("country", country.code, name)
            for country in sorted(countries, key=lambda row: row.code)
            for name in names_of(country.code, country.name)
        ),
        *(("theme", theme.name, theme.name) for theme in sorted(themes, key=lambda row: row.slug)),
    ]


def numbers(practice: Practice) -> list[tuple[str, str, str]]:
    """Names that are asked for only as a whole, as they stand in the index: the codes of objectives, regions
    and years. They are no part of the vocabulary. No query after `for_index()`."""
    objectives = practice.objectives.all()
    return [
        *(("objective", row.title, " ".join(code_words(row.code))) for row in objectives),
        *(("region", code, region_word(code)) for code in sorted(regions(practice))),
        *(("period", practice.period.edtf, year) for year in years(practice.period)),
    ]


def code_words(code: str) -> list[str]:
    """A code as words of the index, from its framework on: sdg-10.c → sdg, sdg10, sdg10xc."""
    framework, _sign, number = code.partition("-")
    parts = [word.folded for word in words(number)]
    return [framework, *(framework + "x".join(parts[:length]) for length in range(1, len(parts) + 1))]


def regions(practice: Practice) -> set[str]:
    """The M49 codes of the regions that a practice's places lie in."""
    codes = set()
    for place in practice.places.all():
        region = place.country.region
        while region:
            codes.add(region.code)
            region = region.parent
    return codes


def region_word(code: str) -> str:
    """A region as one word of the index: words of its name alone (northern, south) would find too much."""
    return f"m49x{code}"


def years(period: Period | None) -> list[str]:
    """Every year of a period; of an open one, the year that is known; of a very long one, both ends."""
    known = [day.year for day in (period.start, period.end) if day] if period else []
    if known and known[-1] - known[0] < MOST_YEARS:
        known = range(known[0], known[-1] + 1)
    return list(map(str, known))


def paragraphs(story: str) -> list[str]:
    return story.split("\n\n")


@lru_cache(maxsize=1_000)
def names_of(code: str, name: str) -> tuple[str, ...]:
    """A country's names in every language that people ask in, each once, by its code and English name."""
    local = (
        Locale.parse(language).territories.get(code, "") for language, _name in settings.CONTENT_LANGUAGES
    )
    return tuple(dict.fromkeys([name, *local]))


def put(practices: QuerySet, changed: bool = True) -> None:
    """Indexes the published practices of a queryset, removes the others from the index, and moves the
    content version. Practices that are neither published nor in the index change nothing.

    Two queries, and some thirty for each AT_ONCE practices that are public or were. Without `changed`,
    harvesters learn nothing new of practices that they know.
    """
    with transaction.atomic(savepoint=False):
        keys = public_pks(practices)
        if not keys:
            return
        bump_content_version()
        for start in range(0, len(keys), AT_ONCE):
            batch = Practice.objects.filter(pk__in=keys[start : start + AT_ONCE])
            rows = list(batch.for_index())
            published = [row for row in rows if row.status == Practice.Status.PUBLISHED]
            for row in published:  # here, since every change of what the public sees passes here
                row.note_public_lessons()
            replace([row.pk for row in rows], published)
            log_changes([row.pk for row in rows], published, changed)


def public_pks(practices: QuerySet) -> list[int]:
    """The primary keys of the practices that are published or in the index. Two queries, in a transaction.

    Locks the rows that are not in the index: a concurrent transaction that publishes one of them comes
    either before, and its status is seen here, or after, and it indexes what was saved here.
    """
    indexed = list(practices.filter(indexed__isnull=False).values_list("pk", flat=True))
    others = practices.filter(indexed__isnull=True).select_for_update(of=("self",)).order_by("pk")
    statuses = others.values_list("pk", "status")
    return indexed + [pk for pk, status in statuses if status == Practice.Status.PUBLISHED]


def remove(keys: Iterable[int]) -> None:
    """Removes practices from the index and their words from the vocabulary; moves the content version if
    any was there."""
    with transaction.atomic():
        keys = list(IndexedPractice.objects.filter(practice__in=list(keys)).values_list("pk", flat=True))
        if not keys:
            return
        bump_content_version()
        replace(keys, [])
        log_changes(keys, [])


def replace(keys: list[int], practices: list[Practice]) -> None:
    """Replace the index rows of these keys by those of `practices`. Call `bump_content_version()` first:
    its lock makes writers of the index queue."""
    changes: Counter[tuple[str, str]] = Counter()
    former = IndexedPractice.objects.filter(practice__in=keys)
    for language, held in former.values_list("language", "words"):
        changes.subtract((language, word) for word in held.split())
    remove_lessons(Lesson.objects.filter(practice__in=keys).values_list("pk", flat=True))
    engine().remove(PRACTICES, list(former.values_list("pk", flat=True)))
    former.delete()
    indexed, lessons = [], []
    for practice in practices:
        row = entry(practice)
        indexed.append(row)
        changes.update((row.language, word) for word in row.words.split())
        _summary, *lesson_texts = row.summary_and_lessons.split("\n")
        practice_text = f"{row.title}\n{row.names}"
        lessons += [
            IndexedLesson(lesson=lesson, text=stems, practice_text=practice_text)
            for lesson, stems in zip(practice.lessons.all(), lesson_texts, strict=True)
        ]
    IndexedPractice.objects.bulk_create(indexed, batch_size=AT_ONCE)
    IndexedLesson.objects.bulk_create(lessons, batch_size=AT_ONCE)
    engine().put(PRACTICES, [row.pk for row in indexed])
    engine().put(LESSONS, [row.pk for row in lessons])
    count_words(changes)


def entry(practice: Practice) -> IndexedPractice:
    """A practice's row in the index: its stems, a line for each text of each field, and its words."""
    language = practice.language
    vocabulary: set[str] = set()
    fields = {}
    for name, parts in texts(practice).items():
        lines = [[word.folded for word in words(MARKUP.sub(" ", part))] for part in parts]
        vocabulary.update(*lines)
        fields[name] = "\n".join(" ".join(stem(word, language) for word in line) for line in lines)
    whole, named = numbers(practice), names(practice) or [("", "", "")]  # a line, too
    fields["names"] = "\n".join([*(text for _kind, _shown, text in whole), fields["names"]])
    reasons = [
        *([kind, shown] for kind, shown, _text in (*whole, *named)),
        *(["objective", objective.title] for objective in practice.objectives.all()),
        *(["source", ""] for _source in practice.sources.all()),
    ]
    return IndexedPractice(
        practice=practice,
        language=language,
        words=" ".join(sorted(vocabulary)),
        passages=[
            *([lesson.anchor, lesson.text] for lesson in practice.lessons.all()),
            *(["story", paragraph] for paragraph in paragraphs(practice.story)),
        ],
        card=list_item_data(practice) | {"reasons": reasons},
        document=indexed_document(practice),
        **fields,
    )


def remove_lessons(keys: Iterable[int]) -> None:
    """Takes lessons out of their index, before they change or go."""
    rows = IndexedLesson.objects.filter(lesson__in=keys)
    engine().remove(LESSONS, list(rows.values_list("pk", flat=True)))
    rows.delete()


def count_words(changes: Counter[tuple[str, str]]) -> None:
    """Brings the vocabulary up to date: (language, word) → how many practices more or fewer hold it."""
    by_change: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (language, word), change in sorted(changes.items()):
        if change:
            by_change[language, change].append(word)
    for (language, change), changed_words in by_change.items():
        for start in range(0, len(changed_words), AT_ONCE):
            batch = changed_words[start : start + AT_ONCE]
            held = VocabularyWord.objects.filter(language=language, word__in=batch)
            known = set(held.values_list("word", flat=True)) if change > 0 else set(batch)
            held.update(practices=F("practices") + change)
            VocabularyWord.objects.bulk_create(
                VocabularyWord(language=language, word=word, stem=stem(word, language), practices=change)
                for word in batch
                if word not in known
            )
    if any(change < 0 for _language, change in by_change):
        VocabularyWord.objects.filter(practices__lte=0).delete()


@contextmanager
def batch_reindex() -> Iterator[None]:
    """Index each practice that changes inside the block once, at the end of the transaction."""
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
    """Indexes the practices with these keys, now or at the end of `batch_reindex()`."""
    gathered = _gathered.get()
    if gathered is not None:
        gathered.update(keys)
    else:
        put(Practice.objects.filter(pk__in=list(keys)))


def empty() -> None:
    """Takes everything out of the index and the vocabulary."""
    bump_content_version()
    for rows in (IndexedLesson, IndexedPractice, VocabularyWord):
        rows.objects.all().delete()
    for index in (PRACTICES, LESSONS):
        engine().clear(index)


def emptied(using: str, **kwargs: Any) -> None:
    """After `flush`, which empties the models' tables, the engine's own are emptied too."""
    tables = connections[using].introspection.table_names()
    for index in (PRACTICES, LESSONS):
        if index.name in tables and not IndexedPractice.objects.exists():
            engine().clear(index)
