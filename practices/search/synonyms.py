"""The thesaurus: the editors' groups of synonyms, prepared for queries."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from practices.models.synonym import split_words
from practices.search.tokenizer import STEMMERS, stem, stem_all, tokenize

MIN_NOUN_LENGTH = 3  # “pro” and “pros” are not one word
Words = tuple[str, ...]
Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Thesaurus:
    """Groups of synonyms. Each member is a tuple of folded words."""

    groups: tuple[tuple[Words, ...], ...]
    by_words: dict[Words, Numbers]  # member → numbers of its groups
    by_stems: dict[
        tuple[str, Words], Numbers
    ]  # language and stems of a member, if these differ from its words
    words: frozenset[str]  # of all members
    longest: int  # words of the longest member

    def groups_with(self, words: Words) -> Numbers:
        """The numbers of the groups that contain these folded words, with or without the s of a plural, or
        else the same stems.

        Stems come second: “cooperativas” are “cooperatives” though “cooperate” has its stem, and “género” is
        not “generate”, whose stem in English is its own in Spanish.
        """
        *before, last = words
        forms = {last, f"{last}s", last.removesuffix("s")} if len(last) > MIN_NOUN_LENGTH else {last}
        numbers = {number for form in forms for number in self.by_words.get((*before, form), ())}
        if numbers:
            return tuple(sorted(numbers))
        for language in STEMMERS:
            stems = tuple(stem(word, language) for word in words)
            numbers.update(self.by_stems.get((language, stems), ()), self.by_words.get(stems, ()))
        return tuple(sorted(numbers))

    def synonyms(self, words: Words) -> list[Words]:
        """The other members of the groups that contain these folded words."""
        members = (member for number in self.groups_with(words) for member in self.groups[number])
        return list(dict.fromkeys(member for member in members if member != words))

    def __contains__(self, words: Words) -> bool:
        return bool(self.groups_with(words))


@lru_cache(maxsize=50_000)  # twice as many as a new portal has
def folded_words(member: str) -> Words:
    return tuple(token.folded for token in tokenize(member))


@lru_cache(maxsize=2)
def build_thesaurus(rows: tuple[str, ...]) -> Thesaurus:
    """A thesaurus of groups as editors write them (`Synonym.words`). Most content versions share it."""
    groups = [tuple(filter(None, map(folded_words, split_words(row)))) for row in rows]
    by_words: dict[Words, Numbers] = defaultdict(tuple)
    for number, group in enumerate(groups):
        for member in dict.fromkeys(group):
            by_words[member] += (number,)
    words = frozenset(word for member in by_words for word in member)
    by_stems: dict[tuple[str, Words], Numbers] = defaultdict(tuple)
    for language in STEMMERS:
        stems = {word: stemmed for word, stemmed in stem_all(words, language).items() if stemmed != word}
        for member, numbers in by_words.items():
            if not stems.keys().isdisjoint(member):
                by_stems[language, tuple([stems.get(word, word) for word in member])] += numbers
    longest = max(map(len, by_words), default=1)
    return Thesaurus(tuple(groups), dict(by_words), dict(by_stems), words, longest)
