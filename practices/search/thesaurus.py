"""Words that mean the same, in any language: the groups that editors keep, made ready for questions."""

from dataclasses import dataclass
from functools import lru_cache

from practices.models.synonym import split_words
from practices.search.words import STEMMERS, stem, words

Stems = tuple[str, ...]


@dataclass(frozen=True)
class Thesaurus:
    """Every member by its stems in each language, and the members of each group as folded words."""

    groups: tuple[tuple[Stems, ...], ...]
    by_stems: dict[Stems, frozenset[int]]
    words: frozenset[str]
    longest: int

    def alternatives(self, question: Stems) -> list[Stems]:
        """The other members (folded words) of the groups that hold these folded words; empty if none does."""
        found = [self.by_stems.get(key, frozenset()) for key in keys(question)]
        members = [member for group in sorted(frozenset().union(*found)) for member in self.groups[group]]
        return list(dict.fromkeys(member for member in members if member != question))

    def knows(self, question: Stems) -> bool:
        return any(key in self.by_stems for key in keys(question))


def keys(member: Stems) -> set[Stems]:
    """A member's stems in each language we stem."""
    return {tuple(stem(word, language) for word in member) for language in STEMMERS}


@lru_cache(maxsize=2)
def thesaurus(rows: tuple[str, ...]) -> Thesaurus:
    """The groups as editors write them (`Synonym.words`), made ready. They outlive most content versions."""
    groups, by_stems = [], {}
    for number, row in enumerate(rows):
        members = [tuple(word.folded for word in words(text)) for text in split_words(row)]
        groups.append(tuple(member for member in members if member))
        for member in groups[-1]:
            for key in keys(member):
                by_stems[key] = by_stems.get(key, frozenset()) | {number}
    singles = frozenset(word for group in groups for member in group for word in member)
    longest = max((len(member) for group in groups for member in group), default=1)
    return Thesaurus(tuple(groups), by_stems, singles, longest)
