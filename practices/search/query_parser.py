"""What a person typed, read into what the engine is asked.

All words, in any order: `"a phrase"` stays together, `-word` must not be there, a word's beginning finds
the whole word, a misspelt word is mended, and words that mean the same are found after the word itself.
"""

import re
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field
from itertools import islice

from practices.models.search import VocabularyWord
from practices.search.syntax_tree import All, Any, Node, Phrase, Without, phrases
from practices.search.tokenizer import (
    COMMON,
    RIGHTLY_SPELLED,
    STOP_WORDS,
    beginnings,
    frequency,
    stems,
    words,
)
from practices.search.vocabulary import Lexicon

MOST_WORDS = 24
SHORTEST_BEGINNING = 3
LONGEST_ACRONYM = 5  # letters of a word in capitals that is not mended
SHORTEST_AMONG_MANY = 5  # letters of a word, not the last of three or more, that is completed or mended
MOST_COMPLETIONS = 40
LONGEST_NAME = 40  # letters of a name that is looked for in a word
SYNONYM = 0.5  # what a word that means the same is worth of the very word
FIRST_LETTER = re.compile(r"[a-z] [a-z]$")  # being typed, it says nothing yet; that of 10.c does
ITEM = re.compile(r'(-?)(?:["“”„«]([^"“”„«»]*)["“”„«»]?|(\S+))')


@dataclass
class Term:
    """One thing asked for: the node of the very words, and those of words that mean the same."""

    text: str
    direct: Node
    synonyms: list[Node] = field(default_factory=list)
    is_name: bool = False  # of a country, its people, a region or an objective

    @property
    def node(self) -> Node:
        return Any((self.direct, *self.synonyms))


@dataclass
class Question:
    """A question read: its terms, what must not be there, and which words were mended."""

    terms: list[Term] = field(default_factory=list)
    unwanted: list[Node] = field(default_factory=list)
    mended: dict[str, str] = field(default_factory=dict)  # as typed (folded) → as searched
    begun: list[str] = field(default_factory=list)  # of these only words that begin so are known

    def node(self, terms: Sequence[Term] | None = None) -> Node:
        """What has all the terms (their very words or others that mean the same) and nothing unwanted."""
        return self._without(All(tuple(term.node for term in (terms or self.terms))))

    def direct(self) -> Node:
        """What has the very words of all terms."""
        return self._without(All(tuple(term.direct for term in self.terms)))

    @property
    def has_synonyms(self) -> bool:
        return any(term.synonyms for term in self.terms)

    def _without(self, node: Node) -> Node:
        return Without(node, tuple(self.unwanted)) if self.unwanted else node


def read(text: str, known: Lexicon, as_typed: Collection[str] = ()) -> Question:
    """Reads a question; the folded words in `as_typed` are not mended, nor are acronyms. One query, and one
    more for each word that is not known."""
    question = Question()
    plain: list[str] = []
    acronyms: list[str] = []
    for sign, quoted, bare in ITEM.findall(text):
        found = [word.folded for word in words(quoted or bare)][:MOST_WORDS]
        if not found:
            continue
        if sign:
            question.unwanted.append(phrase(found, known.languages))
        elif quoted and len(question.terms) < MOST_WORDS:
            question.terms.append(Term(quoted, phrase(found, known.languages)))
        elif not quoted:
            plain += found
            acronyms += found if bare.isupper() and len(bare) <= LONGEST_ACRONYM else []
    reader = Reader(known, plain[:MOST_WORDS], {*as_typed, *acronyms})
    question.terms += reader.terms()
    question.mended = reader.mended
    question.begun = list(reader.completions)
    return question


def phrase(found: Sequence[str], languages: Sequence[str]) -> Node:
    """The words one after the other, in the stems of any language."""
    by_language = [tuple(stems(word, [language])[0] for word in found) for language in languages]
    return Any(tuple(Phrase(each) for each in dict.fromkeys(by_language)))


def begun_by(word: str) -> set[str]:
    """The stems of the known words that a folded word begins, of the most frequent ones; an Arabic word also
    begins those that have an article or a particle before it. One query."""
    forms = beginnings(word)
    known = VocabularyWord.objects.order_by("-practices", "word").values_list("word", "stem")
    if len(forms) == 1:
        found = known.filter(word__startswith=word)[:MOST_COMPLETIONS]
    else:  # one comparison for each word of the vocabulary, and not one for each form
        held = known.filter(word__contains=min(forms, key=len))
        found = islice((row for row in held if row[0].startswith(forms)), MOST_COMPLETIONS)
    return {stem for _word, stem in found}


class Reader:
    """Reads the plain words of a question against the vocabulary and the thesaurus."""

    def __init__(self, lexicon: Lexicon, plain: list[str], as_typed: Container[str]) -> None:
        self.lexicon, self.as_typed = lexicon, as_typed
        self.languages, self.thesaurus = lexicon.languages, lexicon.thesaurus
        self.mended: dict[str, str] = {}
        self.completions: dict[str, set[str]] = {}
        if FIRST_LETTER.search(" ".join(plain)) and plain[-1] not in as_typed:
            plain = plain[:-1]
        self.eager = set(plain if len(plain) < 3 else plain[-1:])
        self.last = plain[-1] if len(plain) > 1 else ""
        known = self.known_stems(plain) if plain else set()
        self.plain = [meant for word in plain for meant in self.look_at(word, known).split()]
        self.only_stop_words = all(word in STOP_WORDS for word in self.plain)

    def known_stems(self, plain: list[str]) -> set[str]:
        """The stems of the words that the collection holds. One query."""
        wanted = {each for word in plain for each in stems(word, self.languages)}
        return set(VocabularyWord.objects.filter(stem__in=wanted).values_list("stem", flat=True))

    def look_at(self, word: str, known: set[str]) -> str:
        """The word itself when something is known of it, else what it was likely meant to be: a country by
        its code, a word rightly spelled."""
        if word in STOP_WORDS or known.intersection(stems(word, self.languages)):
            return word
        if word in self.lexicon.codes and frequency(word) < COMMON:  # PHL, but not AND or CAN
            return " ".join(self.lexicon.codes[word])
        if word in self.thesaurus.words:
            return word
        if len(word) >= self.shortest_beginning(word):
            completions = begun_by(word)
            if completions:
                self.completions[word] = completions
                return word
        if self.thesaurus.knows((word,)):
            return word
        meant = None if word in self.as_typed else self.run_together(word) or self.correction(word)
        if meant:
            self.mended[word] = meant
        return meant or word

    def run_together(self, word: str) -> str | None:
        """A name of two words that was typed without its space: “costarica” is “costa rica”."""
        halves = ((word[:place], word[place:]) for place in range(3, min(len(word), LONGEST_NAME) - 2))
        return next((" ".join(pair) for pair in halves if pair in self.lexicon.wholes), None)

    def shortest_beginning(self, word: str) -> int:
        """How many letters a word must have to be completed; the last of several is still being typed."""
        if word == self.last and word not in self.as_typed:
            return 2
        return SHORTEST_BEGINNING if word in self.eager else SHORTEST_AMONG_MANY

    def correction(self, word: str) -> str | None:
        """The known word nearest by Damerau-Levenshtein (OSA), if near enough to be sure.

        One slip in words of four to six letters, two in longer ones that no language has (“mitigate” is not
        “motivate”), none in the first letter; numbers and words that are common in a language are never
        mended: “police” is not “policy”. Among the nearest, the one whose beginning and end are most alike,
        then the most frequent.
        """
        if len(word) < (4 if word in self.eager else SHORTEST_AMONG_MANY) or not word.isalpha():
            return None
        if frequency(word) >= COMMON:
            return None
        from rapidfuzz.distance import OSA, Postfix, Prefix  # slow to import

        most = 1 if len(word) < 7 or frequency(word) >= RIGHTLY_SPELLED else 2
        near = [
            (distance, -Prefix.similarity(word, known) - Postfix.similarity(word, known), -practices, known)
            for known, practices in self.lexicon.vocabulary.items()
            if known[0] == word[0] and abs(len(known) - len(word)) <= most
            if known.isalpha() and len(known) > 2
            if (distance := OSA.distance(word, known, score_cutoff=most)) <= most
        ]
        return min(near)[-1] if near else None

    def terms(self) -> list[Term]:
        """The words one after the other; the longest run that the thesaurus knows counts as one term."""
        found, start = [], 0
        while start < len(self.plain):
            length = self.known_run(start)
            run = tuple(self.plain[start : start + max(length, 1)])
            if length or self.matters(run[0]):
                found.append(self.term(run, bool(length)))
            start += len(run)
        return found

    def known_run(self, start: int) -> int:
        """How many words from here on are a member of the thesaurus; 0 for none. The longest wins."""
        for length in range(min(self.thesaurus.longest, len(self.plain) - start), 0, -1):
            run = tuple(self.plain[start : start + length])
            if self.completions.keys() & {*run}:
                continue  # “pens” begins “pension”, though “penser” has its stem
            if any(self.matters(word) for word in run) and self.thesaurus.knows(run):
                return length
        return 0

    def matters(self, word: str) -> bool:
        return self.only_stop_words or word not in STOP_WORDS

    def term(self, run: tuple[str, ...], with_synonyms: bool) -> Term:
        if run in self.lexicon.wholes:  # the south of one place and Africa are not South Africa
            direct = phrase(run, self.languages)
        else:
            direct = All(tuple(self.word(word) for word in run if self.matters(word)))
        members = self.thesaurus.alternatives(run) if with_synonyms else []
        seen = {*phrases(direct)} if len(run) == 1 else set()
        synonyms: list[Node] = []
        for node in (phrase(member, self.languages) for member in members):
            if not seen.issuperset(phrases(node)):  # “emigrate” says no more than “emigrated”
                synonyms.append(node)
                seen.update(phrases(node))
        if len(run) > 1 and run not in self.lexicon.wholes:  # each word by itself may have others, too
            parts = [self.term((word,), self.thesaurus.knows((word,))) for word in run if self.matters(word)]
            synonyms.append(All(tuple(part.node for part in parts)))
        is_name = not self.lexicon.wholes.isdisjoint([run, *members])
        return Term(" ".join(run), direct, synonyms, is_name)

    def word(self, word: str) -> Node:
        """A word in its stems, or in those of the words it begins."""
        found = self.completions.get(word) or stems(word, self.languages)
        return Any(tuple(Phrase((each,)) for each in sorted(found)))
