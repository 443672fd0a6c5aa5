"""Whether the index is whole and says what the practices say: at once for health, in full for upgrades.

Each function returns what is wrong in a sentence for the log, or an empty text.
"""

from collections.abc import Iterator
from itertools import islice

from practices.models import Lesson, Practice
from practices.models.search import IndexedLesson, IndexedPractice
from practices.search.backends import LESSONS, PRACTICES, IndexDamaged, engine
from practices.search.indexing import MARKUP, entry
from practices.search.syntax_tree import All, Node, Phrase
from practices.search.tokenizer import stem, words

NEWEST = 50  # practices whose title is compared for health
MOST_READ = 2_000  # practices, or lessons, whose index is read whole for health
MOST_STEMS = 8  # of a text that is searched for
AT_ONCE = 100  # practices in memory


def quick_problem() -> str:
    """Compares the counts and the titles of the NEWEST, and searches for texts. Some thirty queries."""
    try:
        return wrong_count() or wrong_title() or lost_text()
    except IndexDamaged as error:
        return f"The index is damaged ({error.__cause__})"


def full_problem() -> str:
    """Compares all texts with the practices, and has the engine check its own rows. Some thirty queries for
    each AT_ONCE practices, and the time of a rebuild."""
    try:
        return quick_problem() or wrong_texts()
    except IndexDamaged as error:
        return f"The index is damaged ({error.__cause__})"


def wrong_count() -> str:
    public = Practice.objects.published()
    lessons = Lesson.objects.filter(practice__in=public)
    for what, index, rows, right in (
        ("practices", PRACTICES, IndexedPractice.objects, public),
        ("lessons", LESSONS, IndexedLesson.objects, lessons),
    ):
        expected, held = right.count(), rows.count()
        known = rows.filter(pk__in=right.values("pk")).count()
        if not expected == held == known == engine().count(index):
            return f"The index holds {known} of {expected} {what}"
        if expected <= MOST_READ and not engine().is_readable(index):
            return f"The index of {what} has lost texts"
    return ""


def wrong_title() -> str:
    rows = IndexedPractice.objects.order_by("-pk").values_list("practice__title", "language", "title")[
        :NEWEST
    ]
    for title, language, held in rows:
        if " ".join(stems(title, language)) != held:
            return "The index holds another title of a practice"
    return ""


def lost_text() -> str:
    """Searches for the titles of the first and the last practice, and for the first and the last lesson."""
    titles = IndexedPractice.objects.values_list("pk", "practice__title", "language")
    lessons = IndexedLesson.objects.values_list("pk", "lesson__text", "lesson__practice__language")
    for index, rows in ((PRACTICES, titles), (LESSONS, lessons)):
        for key, text, language in (*rows.order_by("pk")[:1], *rows.order_by("-pk")[:1]):
            node = all_of(text, language)
            if node and key not in engine().keys(index, node, index.fields[:1]):
                return "The index does not find what it holds"
    return ""


def all_of(text: str, language: str) -> Node | None:
    found = [Phrase((each,)) for each in islice(stems(text, language), MOST_STEMS)]
    return All(tuple(found)) if found else None


def stems(text: str, language: str) -> Iterator[str]:
    return (stem(word.folded, language) for word in words(MARKUP.sub(" ", text)))


def wrong_texts() -> str:
    keys = list(Practice.objects.published().order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(keys), AT_ONCE):
        batch = keys[start : start + AT_ONCE]
        held = IndexedPractice.objects.in_bulk(batch)
        for practice in Practice.objects.filter(pk__in=batch).for_index():
            row, right = held[practice.pk], entry(practice)
            if any(getattr(row, name) != getattr(right, name) for name in PRACTICES.fields):
                return f"The index holds other texts of the practice {practice.slug}"
        lessons = Lesson.objects.filter(practice__in=batch)
        if not engine().is_sound(PRACTICES, batch):
            return "The index of practices is damaged"
        if not engine().is_sound(LESSONS, list(lessons.values_list("pk", flat=True))):
            return "The index of lessons is damaged"
    return ""
