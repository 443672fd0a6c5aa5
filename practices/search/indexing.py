"""Updates of the index, in the transaction that changes the practices.

Only published practices are indexed. Signals (`signals.py`) call `reindex()` for each change; inside
`batch_reindex()` each practice is indexed once, at the end.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import connections, transaction
from django.db.models import F, QuerySet

from practices.models import Lesson, Practice
from practices.models.change_log import log_changes
from practices.models.content_version import bump_content_version
from practices.models.search import IndexedLesson, IndexedPractice, VocabularyWord
from practices.search.backends import LESSONS, PRACTICES, backend
from practices.search.index_rows import index_row, index_rows_of_lessons
from practices.search.tokenizer import stem

BATCH_SIZE = 300  # rows of a statement
_batch: ContextVar[set[int] | None] = ContextVar("batch", default=None)


@contextmanager
def batch_reindex() -> Iterator[None]:
    """Index each practice that changes inside the block once, at the end, all in one transaction."""
    if _batch.get() is not None:
        yield
        return
    token = _batch.set(set())
    try:
        with transaction.atomic():
            yield
            index_practices(Practice.objects.filter(pk__in=_batch.get()))
    finally:
        _batch.reset(token)


def reindex(pks: Iterable[int]) -> None:
    """Index the practices with these primary keys, now or at the end of `batch_reindex()`."""
    batch = _batch.get()
    if batch is not None:
        batch.update(pks)
    else:
        index_practices(Practice.objects.filter(pk__in=list(pks)))


def index_practices(practices: QuerySet, changed: bool = True) -> None:
    """Index the published practices of a queryset, remove the others from the index, and bump the content
    version. Practices that are neither published nor in the index change nothing.

    With `changed=False` the change log gets only what it lacks. Two queries, and some thirty for each
    BATCH_SIZE practices that are or were public.
    """
    with transaction.atomic(savepoint=False):
        pks = public_pks(practices)
        if not pks:
            return
        bump_content_version()
        for start in range(0, len(pks), BATCH_SIZE):
            rows = Practice.objects.filter(pk__in=pks[start : start + BATCH_SIZE])
            batch = list(rows.for_index().order_by("pk"))  # the order of the change log
            published = [row for row in batch if row.status == Practice.Status.PUBLISHED]
            for row in published:  # here, because every change of public content runs this
                row.note_public_lessons()
            replace_rows([row.pk for row in batch], published)
            log_changes([row.pk for row in batch], published, changed)


def public_pks(practices: QuerySet) -> list[int]:
    """The primary keys of the practices that are published or in the index. Two queries, in a transaction.

    Locks the rows that are not in the index: a concurrent transaction that publishes one of them commits
    either before, and this one sees the status, or after, and indexes what this one saved.
    """
    indexed = list(practices.filter(indexed__isnull=False).values_list("pk", flat=True))
    others = practices.filter(indexed__isnull=True).select_for_update(of=("self",)).order_by("pk")
    statuses = others.values_list("pk", "status")
    return sorted([*indexed, *(pk for pk, status in statuses if status == Practice.Status.PUBLISHED)])


def remove_practices(pks: Iterable[int]) -> None:
    """Remove practices from the index; bump the content version if it contained any of them."""
    with transaction.atomic():
        indexed = IndexedPractice.objects.filter(practice__in=list(pks))
        indexed_pks = list(indexed.order_by("pk").values_list("pk", flat=True))
        if not indexed_pks:
            return
        bump_content_version()
        replace_rows(indexed_pks, [])
        log_changes(indexed_pks, [])


def replace_rows(pks: list[int], practices: list[Practice]) -> None:
    """Replace the index rows of these primary keys by those of `practices`. Call `bump_content_version()`
    first: its lock makes writers of the index queue."""
    changes: Counter[tuple[str, str]] = Counter()
    former = IndexedPractice.objects.filter(practice__in=pks)
    for language, words in former.values_list("language", "words"):
        changes.subtract((language, word) for word in words.split())
    remove_lessons(Lesson.objects.filter(practice__in=pks).values_list("pk", flat=True))
    backend().remove(PRACTICES, list(former.values_list("pk", flat=True)))
    former.delete()
    rows = [index_row(practice) for practice in practices]
    for row in rows:
        changes.update((row.language, word) for word in row.words.split())
    lessons = [lesson for row in rows for lesson in index_rows_of_lessons(row)]
    IndexedPractice.objects.bulk_create(rows, batch_size=BATCH_SIZE)
    IndexedLesson.objects.bulk_create(lessons, batch_size=BATCH_SIZE)
    backend().add(PRACTICES, [row.pk for row in rows])
    backend().add(LESSONS, [lesson.pk for lesson in lessons])
    update_document_frequencies(changes)


def remove_lessons(pks: Iterable[int]) -> None:
    """Remove lessons from their index. Call it before they change or are deleted."""
    rows = IndexedLesson.objects.filter(lesson__in=pks)
    backend().remove(LESSONS, list(rows.values_list("pk", flat=True)))
    rows.delete()


def update_document_frequencies(changes: Counter[tuple[str, str]]) -> None:
    """Update the vocabulary: (language, word) → how many practices more or fewer contain it."""
    by_change: dict[tuple[str, int], list[str]] = defaultdict(list)
    for (language, word), change in sorted(changes.items()):
        if change:
            by_change[language, change].append(word)
    for (language, change), words in by_change.items():
        for start in range(0, len(words), BATCH_SIZE):
            batch = words[start : start + BATCH_SIZE]
            rows = VocabularyWord.objects.filter(language=language, word__in=batch)
            known = set(rows.values_list("word", flat=True)) if change > 0 else set(batch)
            rows.update(practices=F("practices") + change)
            VocabularyWord.objects.bulk_create(
                VocabularyWord(language=language, word=word, stem=stem(word, language), practices=change)
                for word in batch
                if word not in known
            )
    if any(change < 0 for _language, change in by_change):
        VocabularyWord.objects.filter(practices__lte=0).delete()


def clear_index() -> None:
    """Remove everything from the index and the vocabulary."""
    bump_content_version()
    for model in (IndexedLesson, IndexedPractice, VocabularyWord):
        model.objects.all().delete()
    for index in (PRACTICES, LESSONS):
        backend().clear(index)


def clear_after_flush(using: str, **kwargs: Any) -> None:
    """Clear the tables of the search backend after `flush`, which empties only those of the models."""
    tables = connections[using].introspection.table_names()
    for index in (PRACTICES, LESSONS):
        if index.name in tables and not IndexedPractice.objects.exists():
            backend().clear(index)
