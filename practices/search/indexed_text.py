"""The index rows of practices as ranking and highlighting read them, cached by content version."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from practices.index.facet_index import FacetIndex
from practices.models import Practice
from practices.search.backends import PRACTICES
from practices.values.versioned_cache import VersionedCache

READ_COLUMNS = ("language", *PRACTICES.fields, "passages", "card__reasons")
BOUNDARIES = ("", " ", "\n")  # around a stem
TEXTS = VersionedCache(500)  # some 15 kB each


class IndexedText(NamedTuple):
    """A practice as stems separated by spaces, one passage a line; see `IndexedPractice`."""

    language: str
    title: str
    names: str
    summary_and_lessons: str
    story_and_sources: str
    passages: list[tuple[str, str]]  # anchor and original text
    reasons: list[tuple[str, str]] | None  # kind and name of each line of `reason_lines`; None in old indexes

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of `PRACTICES`."""
        return self.title, self.names, self.summary_and_lessons, self.story_and_sources

    @property
    def passage_lines(self) -> str:
        """Lessons and paragraphs, then objectives and sources, one a line."""
        _summary, newline, lessons = self.summary_and_lessons.partition("\n")
        return f"{lessons}\n{self.story_and_sources}" if newline else self.story_and_sources

    @property
    def reason_lines(self) -> str:
        """Names, objectives and sources, one a line."""
        paragraphs = sum(anchor == "story" for anchor, _text in self.passages)
        return "\n".join([self.names, *self.story_and_sources.split("\n")[paragraphs:]])


def indexed_texts(pks: Collection[int], facet_index: FacetIndex) -> dict[int, IndexedText]:
    """Primary key → text, of published practices. One query for those that are not cached."""
    return TEXTS.get_many(facet_index.version, pks, fetch_texts)


def fetch_texts(pks: Collection[int]) -> dict[int, IndexedText]:
    rows = Practice.objects.published().filter(pk__in=pks, indexed__isnull=False)
    columns = rows.values_list("pk", *(f"indexed__{name}" for name in READ_COLUMNS))
    return {pk: IndexedText(*row) for pk, *row in columns}


def positions(phrase: str, text: str) -> Iterator[int]:
    """Yield the positions where whole stems, separated by spaces, begin in a text of stems."""
    position = text.find(phrase)
    while position >= 0:
        end = position + len(phrase)
        if text[position - 1 : position] in BOUNDARIES and text[end : end + 1] in BOUNDARIES:
            yield position
        position = text.find(phrase, end)
