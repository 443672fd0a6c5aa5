"""Search: one interface, two engines.

`find(text, catalogue)` tells which published practices answer a question, and how it was understood;
`Found.in_order()` puts the best first. With `index=LESSONS` it does the same among the lessons.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from math import log

from django.utils.html import escape
from pyroaring import BitMap

from practices.cards import Card
from practices.catalogue import Catalogue
from practices.models import Practice
from practices.period import in_words
from practices.search.engines import PRACTICES, Any, Index, Node, engine
from practices.search.highlight import REASONS, Asked, Passage, Why, best_passage, mark
from practices.search.lexicon import lexicon
from practices.search.question import Question, Term, read
from practices.search.words import rarity, words
from practices.shelf import Shelf

FEW = 5  # practices that have all of three words or more; then those that have most of them follow
MOST_LOST = 0.6  # of what a question's terms say, in words that nothing has
ENOUGH = 0.1  # of the weight of all terms that are known
TEXTS = Shelf(500)  # some 15 kB each


def texts(practices: Collection[int]) -> dict[int, list[Any]]:
    """Key of a practice → its language, its stems and passages in the index, and what else may tell why."""
    rows = Practice.objects.published().filter(pk__in=practices, indexed__isnull=False)
    stems = ("indexed__gist", "indexed__body", "indexed__passages", "indexed__names")
    columns = ("language", *stems, "indexed__card__reasons")
    return {key: row for key, *row in rows.values_list("pk", *columns)}


@dataclass
class Found:
    """What answers a question, as keys of practices (or of lessons), and how the question was understood."""

    text: str
    keys: BitMap
    question: Question
    catalogue: Catalogue
    index: Index = PRACTICES
    near: dict[int, float] = field(default_factory=dict)  # what has not all terms, but most → its share
    unknown: list[str] = field(default_factory=list)  # terms that nothing has, left out of the question
    alone: dict[str, int] = field(default_factory=dict)  # if nothing is found: a term → how many have it

    @property
    def whole(self) -> BitMap:
        """What has all the terms."""
        return self.keys - BitMap(self.near)

    def passages(self, practices: Collection[int]) -> dict[int, Passage]:
        """Key of a practice → the passage of it that answers best, where there is one. One query for the
        texts that are not kept yet."""
        known = TEXTS.gather(self.catalogue.version, practices, texts)
        found = {key: best_passage(self.asked, *row[:4]) for key, row in known.items()}
        return {key: passage for key, passage in found.items() if passage}

    def whys(self, cards: Collection[Card]) -> dict[int, Why]:
        """Key of a practice → why it was found. One query for the texts that are not kept yet."""
        known = TEXTS.gather(self.catalogue.version, [card.pk for card in cards], texts)
        found = {}
        for card in cards:
            shown = [mark(escape(text), self.asked, card.language) for text in (card.title, card.summary)]
            row = known.get(card.pk)
            why = found[card.pk] = Why(*shown, best_passage(self.asked, *row[:4]) if row else None)
            if row and not why.passage and "<mark>" not in "".join(shown):
                why.reason = self.reason(*row[2:])
        return found

    def reason(self, body: str, passages: list, names: str, reasons: list | None) -> str:
        """What else than its own text a practice was found by. An index made before it held that tells
        nothing."""
        story = sum(anchor == "story" for anchor, _text in passages)
        lines = "\n".join([names, *body.split("\n")[story:]])
        worths = self.asked.worths(lines, len(reasons or ()))
        if not worths:
            return ""
        kind, name = reasons[min(worths, key=lambda line: (-worths[line], line))]
        if kind in {"country", "region"}:
            name = self.catalogue.names(kind)[name]
        return REASONS[kind] % {"name": in_words(name) if kind == "period" else name}

    @cached_property
    def asked(self) -> Asked:
        return Asked.by(self.question)

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
        """Those of the keys that answer the question, the best first: the very words before their synonyms,
        then by where they stand (title, names, summary and lessons, story), then by the engine's own rank;
        among equals the newest. Then those that have most of the words, by how much they have. What is not
        asked for is not ranked: a query or two for each place."""
        places = self.catalogue.places if self.index is PRACTICES else self.catalogue.lessons
        if not self.question.terms:
            yield from (key for key in places if key in keys)
            return
        seen = BitMap()
        whole = (
            keys if self.unknown else keys & self.whole
        )  # without the unknown terms, some may have the rest
        for key in ranked(self.index, self.question, whole, places.__getitem__):
            seen.add(key)
            yield key
        if rest := keys - seen:
            node = Any(tuple(term.node for term in self.question.terms))
            ranks = {key: rank for key, rank in engine().ranked(self.index, node) if key in rest}
            yield from sorted(ranks, key=lambda key: (-self.near.get(key, 0), ranks[key], places[key]))


def ranked(index: Index, question: Question, keys: BitMap, tie: Callable[[int], int]) -> Iterator[int]:
    """Those of the keys that an index finds for a whole question, the best first."""
    seen = BitMap()
    very_words = question.direct()
    steps = [(very_words, index.fields[: depth + 1]) for depth in range(len(index.fields))]
    if very_words is None:
        steps = [(question.node(), fields) for _node, fields in steps]
    elif question.has_synonyms:
        steps.append((question.node(), ()))
    for node, fields in steps:
        if len(seen) >= len(keys):
            return
        rows = (row for row in engine().ranked(index, node, fields) if row[0] in keys and row[0] not in seen)
        for _rank, equals in groupby(rows, key=lambda row: row[1]):
            found = sorted((key for key, _rank in equals), key=tie)
            yield from found
            seen.update(found)


def find(text: str, catalogue: Catalogue, index: Index = PRACTICES) -> Found:
    """What answers `text`; an empty question keeps all that is published.

    When nothing has all the words, or of three and more only few have, what has most of them is found, too. A
    word is mended only if something found has what it was mended to.
    """
    known = lexicon(catalogue.version)
    question = read(text, known)
    found = answered(text, question, catalogue, index)
    held = {word for term in found.question.terms for word in term.text.split()} if found.keys else set()
    in_vain = {word for word, meant in question.mended.items() if meant not in held}
    return answered(text, read(text, known, in_vain), catalogue, index) if in_vain else found


def answered(text: str, question: Question, catalogue: Catalogue, index: Index) -> Found:
    public = catalogue.everything if index is PRACTICES else BitMap(catalogue.lessons)

    def answer(node: Node) -> BitMap:
        return engine().keys(index, node) & public

    if not question.terms:
        unwanted = answer(Any(tuple(question.unwanted))) if question.unwanted else BitMap()
        return Found(text, public - unwanted, question, catalogue, index)
    keys = answer(question.node())
    long = sum(len(term.text.split()) for term in question.terms) > 2
    if len(question.terms) == 1 or len(keys) >= (FEW if long else 1):
        return Found(text, keys, question, catalogue, index)
    answers = [(term, found) for term in question.terms if (found := answer(question.node([term])))]
    near = most_of(question, answers, len(public))
    for key in keys:
        near.pop(key, None)
    known = [term for term, _keys in answers]
    unknown = [term.text for term in question.terms if term not in known]
    if not near:
        alone = {} if keys else {term.text: len(found) for term, found in answers}
        return Found(text, keys, question, catalogue, index, {}, [] if keys else unknown, alone)
    narrowed = replace(question, terms=known)
    return Found(text, keys | BitMap(near), narrowed, catalogue, index, near, unknown)


def most_of(question: Question, answers: list[tuple[Term, BitMap]], total: int) -> dict[int, float]:
    """What has most of a question, given the terms that something has and what has them: key → its share.

    A term counts by how rare it is among so many (BM25's inverse document frequency) and in everyday
    language: of “blockchain identity” the first says more. Nothing has most of a question when too much of
    what it says is not known at all, nor when a country or its people is not, or when none is known as typed.
    """
    known = [term for term, _keys in answers]
    unknown = [term for term in question.terms if term not in known]
    lost = sum(rarity(term.text) ** 2 for term in unknown)
    if any(term.is_name for term in unknown) or lost > MOST_LOST * sum(
        rarity(term.text) ** 2 for term in question.terms
    ):
        return {}
    if all(term.text in question.mended.values() for term in known):
        return {}
    held: dict[int, float] = defaultdict(float)
    enough = 0.0
    for term, keys in answers:
        weight = rarity(term.text) * log(1 + (total - len(keys) + 0.5) / (len(keys) + 0.5))
        enough += ENOUGH * weight
        for key in keys:
            held[key] += weight
    return {key: weight for key, weight in held.items() if weight >= enough}
