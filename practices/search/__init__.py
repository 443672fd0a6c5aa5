"""Search: one interface, two engines.

`find(text, catalogue)` tells which published practices answer a question, and how it was understood;
`Found.in_order()` puts the best first. With `index=LESSONS` it does the same among the lessons.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.utils.html import escape
from pyroaring import BitMap

from practices.cards import Card
from practices.catalogue import Catalogue
from practices.models import Practice
from practices.period import in_words
from practices.search.engines import PRACTICES, Any, Index, Node, engine
from practices.search.highlight import REASONS, Asked, Passage, Why, best_passage, mark
from practices.search.lexicon import lexicon
from practices.search.question import Question, read
from practices.search.words import words
from practices.shelf import Shelf

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
    partial: bool = False  # nothing has all the terms; these have most of them

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
        if kind == "country":
            name = self.catalogue.names("country")[name]
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
        among equals the newest. What is not asked for is not ranked: a query or two for each place."""
        places = self.catalogue.places if self.index is PRACTICES else self.catalogue.lessons
        if not self.question.terms:
            return (key for key in places if key in keys)
        return ranked(self.index, self.question, self.partial, keys, places.__getitem__)


def ranked(
    index: Index, question: Question, partial: bool, keys: BitMap, tie: Callable[[int], int]
) -> Iterator[int]:
    """Those of the keys that an index finds for a question, the best first."""
    seen = BitMap()
    very_words = question.direct()
    steps = [(very_words, index.fields[: depth + 1]) for depth in range(len(index.fields))]
    if very_words is None:
        steps = [(question.node(), fields) for _node, fields in steps]
    elif question.has_synonyms:
        steps.append((question.node(), ()))
    if partial:
        steps.append((Any(tuple(term.node for term in question.terms)), ()))
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

    When nothing has all the words, those that have most of them (at least half) are found instead. A word is
    mended only if something found has what it was mended to.
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
    if keys or len(question.terms) == 1:
        return Found(text, keys, question, catalogue, index)
    narrowed, keys = most_of(question, answer)
    return Found(text, keys, narrowed, catalogue, index, partial=bool(keys))


def most_of(question: Question, answer: Callable[[Node], BitMap]) -> tuple[Question, BitMap]:
    """What has the most terms of a question that nothing answers whole, and those terms. One query a term."""
    answers = [(term, answer(question.node([term]))) for term in question.terms]
    held: list[BitMap] = []  # those that have at least one term, at least two …
    for _term, keys in answers:
        held.append(BitMap())
        for count in range(len(held) - 1, 0, -1):
            held[count] |= held[count - 1] & keys
        held[0] |= keys
    most = max((count for count, keys in enumerate(held, start=1) if keys), default=0)
    if most * 2 < len(question.terms):
        return question, BitMap()
    best = held[most - 1] if most else BitMap()
    used = [term for term, keys in answers if keys & best]
    return Question(terms=used, unwanted=question.unwanted, mended=question.mended), best
