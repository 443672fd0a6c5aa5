"""Checks of the index against the practices: a quick one for health checks, a full one for upgrades.

Each function returns a sentence for the log that says what is wrong, or an empty text.
"""

from collections.abc import Iterator
from itertools import islice

from practices.models import Lesson, Practice
from practices.models.search import IndexedLesson, IndexedPractice
from practices.search.backends import LESSONS, PRACTICES, IndexDamaged, backend
from practices.search.index_rows import MARKUP, index_row
from practices.search.syntax_tree import And, Phrase
from practices.search.tokenizer import stem, tokenize

NEWEST = 50  # practices whose titles the quick check compares
MAX_ROWS_READ = 2_000  # practices or lessons, up to which the quick check reads all rows of the backend
MAX_STEMS = 8  # of a text that is searched for
BATCH_SIZE = 100  # practices in memory


def quick_problem() -> str:
    """Compare the counts and the titles of the NEWEST practices, and search for texts. Thirty queries."""
    try:
        return wrong_count() or wrong_title() or unfindable_text()
    except IndexDamaged as error:
        return f"The index is damaged ({error.__cause__})"


def full_problem() -> str:
    """Compare all index rows, and have the backend check its rows. Some thirty queries for each BATCH_SIZE
    practices, and the time of a rebuild."""
    try:
        return quick_problem() or wrong_row()
    except IndexDamaged as error:
        return f"The index is damaged ({error.__cause__})"


def wrong_count() -> str:
    public = Practice.objects.published()
    lessons = Lesson.objects.filter(practice__in=public)
    for what, index, rows, right in (
        ("practices", PRACTICES, IndexedPractice.objects, public),
        ("lessons", LESSONS, IndexedLesson.objects, lessons),
    ):
        expected, indexed = right.count(), rows.count()
        known = rows.filter(pk__in=right.values("pk")).count()
        if not expected == indexed == known == backend().count(index):
            return f"The index holds {known} of {expected} {what}"
        if expected <= MAX_ROWS_READ and not backend().is_readable(index):
            return f"The index of {what} has lost texts"
    return ""


def wrong_title() -> str:
    rows = IndexedPractice.objects.order_by("-pk").values_list("practice__title", "language", "title")
    for title, language, indexed in rows[:NEWEST]:
        if " ".join(text_stems(title, language)) != indexed:
            return "The index holds another title of a practice"
    return ""


def unfindable_text() -> str:
    """Search for the titles of the first and the last practice, and for the first and the last lesson."""
    titles = IndexedPractice.objects.values_list("pk", "practice__title", "language")
    lessons = IndexedLesson.objects.values_list("pk", "lesson__text", "lesson__practice__language")
    for index, rows in ((PRACTICES, titles), (LESSONS, lessons)):
        for pk, text, language in (*rows.order_by("pk")[:1], *rows.order_by("-pk")[:1]):
            words = tuple(Phrase((each,)) for each in islice(text_stems(text, language), MAX_STEMS))
            if words and pk not in backend().matches(index, And(words), index.fields[:1]):
                return "The index does not find what it holds"
    return ""


def text_stems(text: str, language: str) -> Iterator[str]:
    return (stem(token.folded, language) for token in tokenize(MARKUP.sub(" ", text)))


def wrong_row() -> str:
    """Compare every column of the stored index rows with what this release would store, so that `bootstrap`
    rebuilds the index after an upgrade that adds, for example, a field to `PracticeSummarySerializer`."""
    columns = [field.attname for field in IndexedPractice._meta.concrete_fields]
    pks = list(Practice.objects.published().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH_SIZE):
        batch = pks[start : start + BATCH_SIZE]
        indexed = IndexedPractice.objects.in_bulk(batch)
        for practice in Practice.objects.filter(pk__in=batch).for_index():
            row, right = indexed[practice.pk], index_row(practice)
            wrong = [name for name in columns if getattr(row, name) != getattr(right, name)]
            if wrong:
                return f"The index row of the practice {practice.slug} is outdated: {', '.join(wrong)}"
        lessons = Lesson.objects.filter(practice__in=batch)
        if not backend().is_intact(PRACTICES, batch):
            return "The index of practices is damaged"
        if not backend().is_intact(LESSONS, list(lessons.values_list("pk", flat=True))):
            return "The index of lessons is damaged"
    return ""
