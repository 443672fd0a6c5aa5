"""Search: one interface, two engines.

`find(text, facet_index)` tells which published practices answer a question, and how it was understood;
`Found.in_order()` puts the best first. With `index=LESSONS` it does the same among the lessons.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from django.utils.html import escape
from pyroaring import BitMap

from practices.index.facet_index import FacetIndex
from practices.index.list_items import ListItem
from practices.search.backends import PRACTICES, Index, engine
from practices.search.highlighting import REASONS, Asked, Passage, Why, best_passage, mark
from practices.search.indexed_text import Text, texts
from practices.search.query_parser import Question, read
from practices.search.ranking import FIRST, best_first, most_of, tiers
from practices.search.syntax_tree import Any, Node
from practices.search.tokenizer import words
from practices.search.vocabulary import lexicon
from practices.values.period import in_words

FEW = 10  # practices that have all of three words or more; then those that have most of them follow


@dataclass
class Found:
    """What answers a question, as keys of practices (or of lessons), and how the question was understood."""

    text: str
    keys: BitMap
    question: Question
    facet_index: FacetIndex
    index: Index = PRACTICES
    near: dict[int, float] = field(default_factory=dict)  # what has not all terms, but most → its share
    unknown: list[str] = field(default_factory=list)  # terms that nothing has, left out of the question
    alone: dict[str, int] = field(default_factory=dict)  # if nothing is found: a term → how many have it

    @property
    def no_words(self) -> bool:
        """Whether the question held no word at all, as “!!!” does; then all that is published is kept."""
        return not (self.question.terms or self.question.unwanted)

    @property
    def whole(self) -> BitMap:
        """What has all the terms."""
        return self.keys - BitMap(self.near)

    def passages(self, practices: Collection[int]) -> dict[int, Passage]:
        """Key of a practice → the passage of it that answers best, where there is one. One query for the
        texts that are not kept yet."""
        known = texts(practices, self.facet_index)
        found = {key: best_passage(self.asked, text) for key, text in known.items()}
        return {key: passage for key, passage in found.items() if passage}

    def whys(self, cards: Collection[ListItem]) -> dict[int, Why]:
        """Key of a practice → why it was found. One query for the texts that are not kept yet."""
        known = texts([card.pk for card in cards], self.facet_index)
        found = {}
        for card in cards:
            shown = [mark(escape(text), self.asked, card.language) for text in (card.title, card.summary)]
            text = known.get(card.pk)
            why = found[card.pk] = Why(*shown, best_passage(self.asked, text) if text else None)
            if text and not why.passage and "<mark>" not in "".join(shown):
                why.reason = self.reason(text)
        return found

    def reason(self, text: Text) -> str:
        """What else than its own text a practice was found by. An index made before it held that tells
        nothing."""
        line = self.asked.best_line(text.lines_of_reasons, len(text.reasons or ()))
        if line is None:
            return ""
        kind, name = text.reasons[line]
        if kind in {"country", "region"}:
            name = self.facet_index.names(kind)[name]
        return REASONS[kind] % {"name": in_words(name) if kind == "period" else name}

    @cached_property
    def asked(self) -> Asked:
        return Asked(self.question)

    @property
    def searched(self) -> str:
        """What was searched, if words of it were mended; else empty."""
        return self._replaced(lambda word: self.question.mended[word])

    @property
    def typed(self) -> str:
        """What to ask to have nothing mended: the text as typed, its unknown words in quotation marks."""
        return self._replaced(lambda word: f'"{word}"')

    def _replaced(self, replacement: Callable[[str], str]) -> str:
        text = self.text
        for word in reversed(list(words(self.text))):
            if word.folded in self.question.mended:
                text = text[: word.start] + replacement(word.folded) + text[word.end :]
        return text if self.question.mended else ""

    def in_order(self, keys: BitMap) -> Iterator[int]:
        """Those of the keys that answer the question, the best first; among equals the newest.

        Of practices the first few are ranked by all that they say, the others as the engine does (`ranking`).
        What is not asked for is not ranked. Two queries for the first, and a query or two for each step of
        `tiers`.
        """
        places = self.facet_index.positions if self.index is PRACTICES else self.facet_index.lesson_positions
        if not self.question.terms:
            yield from (key for key in places if key in keys)
            return
        candidates = self.candidates(keys, places)
        if self.index is PRACTICES:
            first = texts(list(islice(candidates, FIRST)), self.facet_index)
            yield from best_first(self.question, first, len(places), self.whole)
        yield from candidates

    def candidates(self, keys: BitMap, places: dict[int, int]) -> Iterator[int]:
        """Those of the keys that have all terms that are known, the engine's best first; then those that have
        most of them, by how much they have."""
        seen = BitMap()
        whole = keys if self.unknown else keys & self.whole
        if len(whole) > FIRST or self.index is not PRACTICES:  # fewer are all put in order by what they say
            for key in tiers(self.index, self.question, whole, lambda key: places.get(key, 0)):
                seen.add(key)
                yield key
        near = self.near
        yield from sorted(keys - seen, key=lambda key: (key in near, -near.get(key, 0), places.get(key, 0)))


def find(text: str, facet_index: FacetIndex, index: Index = PRACTICES) -> Found:
    """What answers `text`; an empty question keeps all that is published.

    When nothing has all the words, or of three and more only few have, what has most of them is found, too. A
    word is mended only if something found has what it was mended to.

    Two queries, and one for each word that is not known; one for each term, when what has most is looked for;
    all of them twice, when mending was in vain.
    """
    known = lexicon(facet_index.version)
    question = read(text, known)
    found = answered(text, question, facet_index, index)
    held = {word for term in found.question.terms for word in term.text.split()} if found.keys else set()
    in_vain = {word for word, meant in question.mended.items() if not held.issuperset(meant.split())}
    return answered(text, read(text, known, in_vain), facet_index, index) if in_vain else found


def answered(text: str, question: Question, facet_index: FacetIndex, index: Index) -> Found:
    public = facet_index.everything if index is PRACTICES else BitMap(facet_index.lesson_positions)

    def answer(node: Node) -> BitMap:
        return engine().keys(index, node) & public

    if not question.terms:
        unwanted = answer(Any(tuple(question.unwanted))) if question.unwanted else BitMap()
        return Found(text, public - unwanted, question, facet_index, index)
    keys = answer(question.node())
    long = sum(len(term.text.split()) for term in question.terms) > 2
    if len(question.terms) == 1 or len(keys) >= (FEW if long else 1):
        unknown = [] if keys or answer(question.terms[0].node) else [question.terms[0].text]
        return Found(text, keys, question, facet_index, index, unknown=unknown)
    answers = [(term, found) for term in question.terms if (found := answer(question.node([term])))]
    near = most_of(question, answers, len(public))
    for key in keys:
        near.pop(key, None)
    known = [term for term, _keys in answers]
    unknown = [term.text for term in question.terms if term not in known]
    if not near:
        alone = {} if keys else {term.text: len(found) for term, found in answers}
        return Found(text, keys, question, facet_index, index, {}, unknown, alone)
    narrowed = replace(question, terms=known)
    return Found(text, keys | BitMap(near), narrowed, facet_index, index, near, unknown)
