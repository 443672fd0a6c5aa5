"""The result of a search before it is ranked or highlighted."""

from collections.abc import Callable
from dataclasses import dataclass, field

from pyroaring import BitMap

from practices.index.facet_index import FacetIndex
from practices.search.backends import PRACTICES, Index
from practices.search.query_parser import Query
from practices.search.tokenizer import tokenize


@dataclass
class SearchResult:
    """The primary keys of the practices (or lessons) that match, and how the query was understood."""

    text: str
    pks: BitMap
    query: Query
    facet_index: FacetIndex
    index: Index = PRACTICES
    partial_matches: dict[int, float] = field(default_factory=dict)  # match most terms → their score
    unknown: list[str] = field(default_factory=list)  # terms that nothing matches, which were left out
    matches_per_term: dict[str, int] = field(default_factory=dict)  # only if nothing matches all of them

    @property
    def no_words(self) -> bool:
        """Whether the text contained no word, such as “!!!”. All that is published then matches."""
        return not (self.query.terms or self.query.unwanted)

    @property
    def exact_matches(self) -> BitMap:
        """The primary keys of the rows that match all terms."""
        return self.pks - BitMap(self.partial_matches)

    @property
    def corrected_text(self) -> str:
        """The text with its corrections; empty if nothing was corrected."""
        return self._replace_corrected(lambda word: self.query.corrections[word])

    @property
    def uncorrected_text(self) -> str:
        """The text with corrected words in quotation marks, which searches for them as typed; else empty."""
        return self._replace_corrected(lambda word: f'"{word}"')

    def _replace_corrected(self, replacement: Callable[[str], str]) -> str:
        text = self.text
        for token in reversed(list(tokenize(text))):
            if token.folded in self.query.corrections:
                text = text[: token.start] + replacement(token.folded) + text[token.end :]
        return text if self.query.corrections else ""
