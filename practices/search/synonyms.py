"""Words that mean the same, in any language: the groups that editors keep, made ready for questions."""

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

from practices.models.synonym import split_words
from practices.search.tokenizer import STEMMERS, stem, stem_all, words

SHORTEST_NOUN = 3  # “pro” and “pros” are not one word
Stems = tuple[str, ...]
Numbers = tuple[int, ...]


@dataclass(frozen=True)
class Thesaurus:
    """The members of each group as folded words, and the groups that hold a member: by its words, and by a
    language and its stems in it where these are others."""

    groups: tuple[tuple[Stems, ...], ...]
    by_words: dict[Stems, Numbers]
    by_stems: dict[tuple[str, Stems], Numbers]
    words: frozenset[str]
    longest: int

    def holding(self, question: Stems) -> Numbers:
        """The groups that hold these folded words, with a plural’s s or without, or else a form of them:
        “cooperativas” are “cooperatives” though “cooperate” has its stem, and “género” is not “generate”,
        whose stem in English is its own in Spanish."""
        *before, last = question
        forms = {last, f"{last}s", last.removesuffix("s")} if len(last) > SHORTEST_NOUN else {last}
        found = {group for form in forms for group in self.by_words.get((*before, form), ())}
        if found:
            return tuple(sorted(found))
        for language in STEMMERS:
            stems = tuple(stem(word, language) for word in question)
            found.update(self.by_stems.get((language, stems), ()), self.by_words.get(stems, ()))
        return tuple(sorted(found))

    def alternatives(self, question: Stems) -> list[Stems]:
        """The other members (folded words) of the groups that hold these folded words; empty if none does."""
        members = (member for group in self.holding(question) for member in self.groups[group])
        return list(dict.fromkeys(member for member in members if member != question))

    def knows(self, question: Stems) -> bool:
        return bool(self.holding(question))


@lru_cache(maxsize=50_000)  # twice as many as a new portal has
def folded(member: str) -> Stems:
    return tuple(word.folded for word in words(member))


@lru_cache(maxsize=2)
def thesaurus(rows: tuple[str, ...]) -> Thesaurus:
    """The groups as editors write them (`Synonym.words`), made ready. They outlive most content versions."""
    groups = [tuple(filter(None, map(folded, split_words(row)))) for row in rows]
    by_words: dict[Stems, Numbers] = defaultdict(tuple)
    for number, group in enumerate(groups):
        for member in dict.fromkeys(group):
            by_words[member] += (number,)
    singles = frozenset(word for member in by_words for word in member)
    by_stems: dict[tuple[str, Stems], Numbers] = defaultdict(tuple)
    for language in STEMMERS:
        others = {word: stemmed for word, stemmed in stem_all(singles, language).items() if stemmed != word}
        for member, numbers in by_words.items():
            if not others.keys().isdisjoint(member):
                by_stems[language, tuple([others.get(word, word) for word in member])] += numbers
    longest = max(map(len, by_words), default=1)
    return Thesaurus(tuple(groups), dict(by_words), dict(by_stems), singles, longest)
