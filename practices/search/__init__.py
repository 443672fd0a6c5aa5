"""Search: one interface, two engines.

`find(practices, text)` narrows a queryset of practices to those that answer the question and says how it
was understood; `Found.in_order()` puts the best first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db.models import Case, Q, QuerySet, When

from practices.models import Practice
from practices.search.engines import FIELDS, Any, engine
from practices.search.highlight import Asked, best_passage
from practices.search.question import Question, read
from practices.search.words import words

MOST_PARTIAL = 1_000


@dataclass
class Found:
    """The practices that answer a question, and how the question was understood."""

    text: str
    practices: QuerySet
    question: Question
    partial: bool = False  # nothing has all the terms; these have most of them

    def passages(self, practices: Iterable[Practice]) -> list[Practice]:
        """Gives each practice its best `passage`, or None. No query after `with_passages()`."""
        asked = Asked.by(self.question)
        found = list(practices)
        for practice in found:
            practice.passage = best_passage(practice, asked)
        return found

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

    def in_order(self, practices: QuerySet, *ties: object) -> QuerySet:
        """The best first: the very words before their synonyms, then by where they stand (title, names,
        summary and lessons, story), then by the engine's own rank."""
        if not self.question.terms:
            return practices.order_by(*ties)
        asked = self.question.direct() or self.question.node()
        tiers = [
            When(Q(pk__in=engine().matching(asked, FIELDS[: depth + 1])), then=depth)
            for depth in range(len(FIELDS))
        ]
        terms = self.question.terms
        node = Any(tuple(term.node for term in terms)) if self.partial else self.question.node()
        ranked = engine().ranked(practices, node)
        return ranked.order_by(Case(*tiers, default=len(FIELDS)), "rank", *ties)


def find(practices: QuerySet, text: str) -> Found:
    """Narrows `practices` to those that answer `text`; an empty question keeps them all.

    When no practice has all the words, those that have most of them (at least half) are found instead.
    """
    question = read(text)
    if not question.terms:
        if question.unwanted:
            practices = practices.exclude(pk__in=engine().matching(Any(tuple(question.unwanted))))
        return Found(text, practices, question)
    found = practices.model.objects.filter(pk__in=engine().matching(question.node()))
    if len(question.terms) > 1 and not found.exists():
        return most_of(practices, text, question)
    return Found(text, practices.filter(pk__in=engine().matching(question.node())), question)


def most_of(practices: QuerySet, text: str, question: Question) -> Found:
    """Those that have the most terms of a question that nothing answers whole. One query a term."""
    model = practices.model
    answers = [(term, engine().matching(question.node([term]))) for term in question.terms]
    holders = [
        (term, set(model.objects.filter(pk__in=answer).values_list("pk", flat=True)))
        for term, answer in answers
    ]
    held: dict[int, int] = {}
    for _term, keys in holders:
        for key in keys:
            held[key] = held.get(key, 0) + 1
    most = max(held.values(), default=0)
    if most * 2 < len(question.terms):
        return Found(text, practices.none(), question)
    best = sorted(key for key, count in held.items() if count == most)[:MOST_PARTIAL]
    used = [term for term, keys in holders if keys.intersection(best)]
    narrowed = Question(terms=used, unwanted=question.unwanted, mended=question.mended)
    return Found(text, practices.filter(pk__in=best), narrowed, partial=True)
