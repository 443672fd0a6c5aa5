"""Parses a typed text into a `Query`.

All words must match, in any order. `"a phrase"` stays together, `-word` must not match, a prefix matches the
whole word, spelling is corrected, and synonyms match too.
"""

import re
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, field
from itertools import islice

from practices.models.search import VocabularyWord
from practices.search.syntax_tree import And, AndNot, Node, Or, Phrase, phrases
from practices.search.tokenizer import (
    COMMON,
    RIGHTLY_SPELLED,
    STOP_WORDS,
    frequency,
    prefix_forms,
    stems,
    tokenize,
)
from practices.search.vocabulary import Vocabulary

MAX_QUERY_WORDS = 24
MIN_PREFIX_LENGTH = 3
MAX_ACRONYM_LENGTH = 5  # letters of a word in capitals that is not corrected
MIN_LENGTH_AMONG_MANY = 5  # letters of a word, not the last of three or more, that is completed or corrected
MAX_COMPLETIONS = 40
MAX_NAME_LENGTH = 40  # letters of a word that may be a name without its space
FIRST_LETTER = re.compile(r"[a-z] [a-z]$")  # of a word being typed, which is ignored; that of 10.c is not
ITEM = re.compile(r'(-?)(?:["“”„«]([^"“”„«»]*)["“”„«»]?|(\S+))')


@dataclass
class Term:
    """A term of a query."""

    text: str
    exact: Node  # matches its own words
    synonyms: list[Node] = field(default_factory=list)
    is_name: bool = False  # of a country, its people, a region or an objective

    @property
    def node(self) -> Node:
        return Or((self.exact, *self.synonyms))


@dataclass
class Query:
    """A parsed query."""

    terms: list[Term] = field(default_factory=list)
    unwanted: list[Node] = field(default_factory=list)
    corrections: dict[str, str] = field(default_factory=dict)  # folded word as typed → as searched
    prefixes: list[str] = field(default_factory=list)  # words that match only as the beginning of others

    def node(self, terms: Sequence[Term] | None = None) -> Node:
        """Return the tree that matches all terms, by their own words or synonyms, without excluded ones."""
        return self._wanted(And(tuple(term.node for term in (terms or self.terms))))

    def exact_node(self) -> Node:
        """Return the tree that matches the own words of all terms, without excluded ones."""
        return self._wanted(And(tuple(term.exact for term in self.terms)))

    @property
    def has_synonyms(self) -> bool:
        return any(term.synonyms for term in self.terms)

    def _wanted(self, node: Node) -> Node:
        return AndNot(node, tuple(self.unwanted)) if self.unwanted else node


def parse_query(text: str, vocabulary: Vocabulary, uncorrected: Collection[str] = ()) -> Query:
    """Parse a query. Acronyms and the folded words in `uncorrected` are not corrected.

    One query, and one more for each word that is not in the vocabulary.
    """
    query = Query()
    plain: list[str] = []
    acronyms: list[str] = []
    for sign, quoted, bare in ITEM.findall(text):
        found = [token.folded for token in tokenize(quoted or bare)][:MAX_QUERY_WORDS]
        if not found:
            continue
        if sign:
            query.unwanted.append(phrase_node(found, vocabulary.languages))
        elif quoted and len(query.terms) < MAX_QUERY_WORDS:
            query.terms.append(Term(quoted, phrase_node(found, vocabulary.languages)))
        elif not quoted:
            plain += found
            acronyms += found if bare.isupper() and len(bare) <= MAX_ACRONYM_LENGTH else []
    parser = WordParser(vocabulary, plain[:MAX_QUERY_WORDS], {*uncorrected, *acronyms})
    query.terms += parser.terms()
    query.corrections = parser.corrections
    query.prefixes = list(parser.completions)
    return query


def phrase_node(words: Sequence[str], languages: Sequence[str]) -> Node:
    """Return the node that matches consecutive words, by their stems in any of the languages."""
    by_language = [tuple(stems(word, [language])[0] for word in words) for language in languages]
    return Or(tuple(Phrase(each) for each in dict.fromkeys(by_language)))


def complete(prefix: str) -> set[str]:
    """The stems of the most frequent known words that begin with a folded prefix. One query.

    An Arabic prefix also matches after an article or a particle.
    """
    forms = prefix_forms(prefix)
    known = VocabularyWord.objects.order_by("-practices", "word").values_list("word", "stem")
    if len(forms) == 1:
        rows = known.filter(word__startswith=prefix)[:MAX_COMPLETIONS]
    else:  # one comparison for each word of the vocabulary, not one for each form
        containing = known.filter(word__contains=min(forms, key=len))
        rows = islice((row for row in containing if row[0].startswith(forms)), MAX_COMPLETIONS)
    return {stem for _word, stem in rows}


class WordParser:
    """Parses the words of a query outside quotation marks with the vocabulary and the thesaurus."""

    def __init__(self, vocabulary: Vocabulary, words: list[str], uncorrected: Container[str]) -> None:
        self.vocabulary, self.uncorrected = vocabulary, uncorrected
        self.languages, self.thesaurus = vocabulary.languages, vocabulary.thesaurus
        self.corrections: dict[str, str] = {}
        self.completions: dict[str, set[str]] = {}
        if FIRST_LETTER.search(" ".join(words)) and words[-1] not in uncorrected:
            words = words[:-1]
        self.short_allowed = set(words if len(words) < 3 else words[-1:])
        self.last = words[-1] if len(words) > 1 else ""
        known = self.known_stems(words) if words else set()
        self.words = [part for word in words for part in self.interpret(word, known).split()]
        self.only_stop_words = all(word in STOP_WORDS for word in self.words)

    def known_stems(self, words: list[str]) -> set[str]:
        """The stems of these words that practices contain. One query."""
        wanted = {stem for word in words for stem in stems(word, self.languages)}
        return set(VocabularyWord.objects.filter(stem__in=wanted).values_list("stem", flat=True))

    def interpret(self, word: str, known: set[str]) -> str:
        """Return the word to search for: itself if it is known, the name of a country for its code, or a
        correction.
        """
        if word in STOP_WORDS or known.intersection(stems(word, self.languages)):
            return word
        if word in self.vocabulary.country_codes and frequency(word) < COMMON:  # PHL, but not AND or CAN
            return " ".join(self.vocabulary.country_codes[word])
        if word in self.thesaurus.words:
            return word
        if len(word) >= self.shortest_prefix(word):
            completions = complete(word)
            if completions:
                self.completions[word] = completions
                return word
        if (word,) in self.thesaurus or word in self.uncorrected:
            return word
        correction = self.missing_space(word) or self.nearest_word(word)
        if correction:
            self.corrections[word] = correction
        return correction or word

    def missing_space(self, word: str) -> str | None:
        """A name of two words that was typed without its space: “costarica” is “costa rica”."""
        halves = ((word[:place], word[place:]) for place in range(3, min(len(word), MAX_NAME_LENGTH) - 2))
        return next((" ".join(pair) for pair in halves if pair in self.vocabulary.names), None)

    def shortest_prefix(self, word: str) -> int:
        """Return the minimum length of a prefix; less for the last of several words, which is still being
        typed.
        """
        if word == self.last and word not in self.uncorrected:
            return 2
        return MIN_PREFIX_LENGTH if word in self.short_allowed else MIN_LENGTH_AMONG_MANY

    def nearest_word(self, word: str) -> str | None:
        """The known word nearest by Damerau-Levenshtein distance (OSA), if it is near enough.

        Words of four to six letters may differ by one edit; longer ones by two if no language has them
        (“mitigate” is not “motivate”); none in the first letter. Numbers and common words of a language are
        not corrected: “police” is not “policy”. Among equally near words the longest common prefix and suffix
        wins, then the higher document frequency.
        """
        if len(word) < (4 if word in self.short_allowed else MIN_LENGTH_AMONG_MANY) or not word.isalpha():
            return None
        if frequency(word) >= COMMON:
            return None
        from rapidfuzz.distance import OSA, Postfix, Prefix  # slow to import

        most = 1 if len(word) < 7 or frequency(word) >= RIGHTLY_SPELLED else 2
        near = [
            (distance, -Prefix.similarity(word, known) - Postfix.similarity(word, known), -practices, known)
            for known, practices in self.vocabulary.correction_candidates.items()
            if known[0] == word[0] and abs(len(known) - len(word)) <= most
            if known.isalpha() and len(known) > 2
            if (distance := OSA.distance(word, known, score_cutoff=most)) <= most
        ]
        return min(near)[-1] if near else None

    def terms(self) -> list[Term]:
        """The terms in order; the longest run of words that the thesaurus contains is one term."""
        terms, start = [], 0
        while start < len(self.words):
            length = self.thesaurus_run(start)
            run = tuple(self.words[start : start + max(length, 1)])
            if length or self.is_significant(run[0]):
                terms.append(self.term(run, bool(length)))
            start += len(run)
        return terms

    def thesaurus_run(self, start: int) -> int:
        """Return the length of the longest run of words from `start` that the thesaurus contains; 0 for
        none.
        """
        for length in range(min(self.thesaurus.longest, len(self.words) - start), 0, -1):
            run = tuple(self.words[start : start + length])
            if self.completions.keys() & {*run}:
                continue  # “pens” is a prefix of “pension”, though “penser” has its stem
            if any(self.is_significant(word) for word in run) and run in self.thesaurus:
                return length
        return 0

    def is_significant(self, word: str) -> bool:
        return self.only_stop_words or word not in STOP_WORDS

    def term(self, run: tuple[str, ...], with_synonyms: bool) -> Term:
        if run in self.vocabulary.names:  # the south of one place and Africa are not South Africa
            exact = phrase_node(run, self.languages)
        else:
            exact = And(tuple(self.word_node(word) for word in run if self.is_significant(word)))
        members = self.thesaurus.synonyms(run) if with_synonyms else []
        seen = {*phrases(exact)} if len(run) == 1 else set()
        synonyms: list[Node] = []
        for node in (phrase_node(member, self.languages) for member in members):
            if not seen.issuperset(phrases(node)):  # “emigrate” has the stem of “emigrated”
                synonyms.append(node)
                seen.update(phrases(node))
        if len(run) > 1 and run not in self.vocabulary.names:  # each single word may have synonyms too
            parts = [
                self.term((word,), (word,) in self.thesaurus) for word in run if self.is_significant(word)
            ]
            synonyms.append(And(tuple(part.node for part in parts)))
        is_name = not self.vocabulary.names.isdisjoint([run, *members])
        return Term(" ".join(run), exact, synonyms, is_name)

    def word_node(self, word: str) -> Node:
        """Return the node that matches the stems of a word, or of the words that it is a prefix of."""
        found = self.completions.get(word) or stems(word, self.languages)
        return Or(tuple(Phrase((each,)) for each in sorted(found)))
