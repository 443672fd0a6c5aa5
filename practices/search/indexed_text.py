"""What the index holds of a practice, as ranking and highlights read it; kept in memory for a version."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from practices.index.facet_index import FacetIndex
from practices.models import Practice
from practices.search.backends import PRACTICES
from practices.values.versioned_cache import VersionedCache

COLUMNS = ("language", *PRACTICES.fields, "passages", "card__reasons")
BOUNDS = ("", " ", "\n")  # around a stem
TEXTS = VersionedCache(500)  # some 15 kB each


class Text(NamedTuple):
    """A practice in stems parted by spaces, a passage a line; see `IndexedPractice`."""

    language: str
    title: str
    names: str
    summary_and_lessons: str
    story_and_sources: str
    passages: list[tuple[str, str]]
    reasons: list[tuple[str, str]] | None  # kind and name of each line of names, objectives and sources

    @property
    def fields(self) -> tuple[str, ...]:
        """As `engines.PRACTICES` names and weighs them."""
        return self.title, self.names, self.summary_and_lessons, self.story_and_sources

    @property
    def lines_of_passages(self) -> str:
        """Lessons and paragraphs, a line each, then objectives and sources."""
        _summary, end, lessons = self.summary_and_lessons.partition("\n")
        return f"{lessons}\n{self.story_and_sources}" if end else self.story_and_sources

    @property
    def lines_of_reasons(self) -> str:
        """Names, objectives and sources, a line each."""
        story = sum(anchor == "story" for anchor, _text in self.passages)
        return "\n".join([self.names, *self.story_and_sources.split("\n")[story:]])


def texts(practices: Collection[int], facet_index: FacetIndex) -> dict[int, Text]:
    """Key → text, of those that are published. One query for those that are not kept yet."""
    return TEXTS.get_many(facet_index.version, practices, fetched)


def fetched(practices: Collection[int]) -> dict[int, Text]:
    rows = Practice.objects.published().filter(pk__in=practices, indexed__isnull=False)
    columns = rows.values_list("pk", *(f"indexed__{name}" for name in COLUMNS))
    return {key: Text(*row) for key, *row in columns}


def places(run: str, text: str) -> Iterator[int]:
    """Where a run of whole stems begins in a text of stems."""
    position = text.find(run)
    while position >= 0:
        end = position + len(run)
        if text[position - 1 : position] in BOUNDS and text[end : end + 1] in BOUNDS:
            yield position
        position = text.find(run, end)
