"""Highlights of search results: the best passage of each practice, with the query terms marked."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from practices.index.facet_index import FacetIndex
from practices.index.list_items import ListItem
from practices.models import Lesson
from practices.search.index_rows import MARKUP
from practices.search.indexed_text import IndexedText, indexed_texts, positions
from practices.search.query_parser import Query
from practices.search.ranking import SYNONYM_WEIGHT
from practices.search.results import SearchResult
from practices.search.syntax_tree import And, Node, Or, phrases
from practices.search.tokenizer import Token, rarity, stem, tokenize
from practices.values.period import in_words
from practices.values.text import to_html

MAX_WORDS_SHOWN = 24
TAG = re.compile(r"(<[^>]*>)")
SIGNS = re.compile(r"^[ \t]*(?:[-+*>]|\d+[.)])\s+|[*_`]+|\\(?=[^\w\s])", re.MULTILINE)
REASONS = {
    "actor": _("Matches actor: %(name)s"),
    "territory": _("Matches place: %(name)s"),
    "country": _("Matches country: %(name)s"),
    "region": _("Matches region: %(name)s"),
    "theme": _("Matches theme: %(name)s"),
    "objective": _("Matches objective: %(name)s"),
    "period": _("Matches period: %(name)s"),
    "source": _("Matches a source"),
}


@dataclass
class Piece:
    """A part of an original text, not escaped; marked if it matches the query."""

    text: str
    marked: bool


@dataclass
class Passage:
    """An excerpt of a practice, and the anchor on its page that contains it."""

    anchor: str
    pieces: list[Piece]

    @property
    def lesson(self) -> str:
        """The number of the lesson; empty for the story."""
        return self.anchor.removeprefix("lesson-") if self.anchor != "story" else ""

    @property
    def html(self) -> SafeString:
        return marked_html(self.pieces)


@dataclass
class Highlight:
    """Title and summary of a practice with the query terms marked, and its best passage. If none of these
    contains a term, `match_reason` names what does."""

    title: SafeString
    summary: SafeString
    passage: Passage | None
    match_reason: str = ""


class QueryTerms:
    """The stems that highlighting looks for: the phrases of each term and of its synonyms."""

    def __init__(self, query: Query) -> None:
        self.terms = [
            (rarity(term.text), shares(term.exact), list(phrases(Or(tuple(term.synonyms)))))
            for term in query.terms
        ]
        self.phrases = {phrase for _weight, own, synonyms in self.terms for phrase in (*own, *synonyms)}
        self.first_stems = {phrase[0] for phrase in self.phrases}
        self.longest = max(map(len, self.phrases), default=0)

    def best_line(self, lines: str, most: int) -> int | None:
        """The number of the line of stems, among the first `most`, with the highest score; the first of
        equals.

        The score of a term is its rarity, times the share of its words that the line contains, or
        SYNONYM_WEIGHT for a synonym.
        """
        scores: dict[int, float] = defaultdict(float)
        for weight, own, synonyms in self.terms:
            matched: dict[int, float] = defaultdict(float)
            for phrase, share in own.items():
                for line in matching_lines(phrase, lines, most):
                    matched[line] += share
            for phrase in synonyms:
                for line in matching_lines(phrase, lines, most):
                    matched[line] = max(matched[line], SYNONYM_WEIGHT)
            for line, share in matched.items():
                scores[line] += weight * min(share, 1)
        return min(scores, key=lambda line: (-scores[line], line), default=None)

    def hits(self, stems: Sequence[str]) -> dict[int, tuple[str, ...]]:
        """Position in a list of stems → the phrase that it is part of."""
        hits: dict[int, tuple[str, ...]] = {}
        if self.first_stems.isdisjoint(stems):
            return hits
        for start, first in enumerate(stems):
            for length in range(self.longest if first in self.first_stems else 0, 0, -1):
                phrase = tuple(stems[start : start + length])
                if phrase in self.phrases:
                    hits |= dict.fromkeys(range(start, start + len(phrase)), phrase)
                    break
        return hits


def shares(node: Node) -> dict[tuple[str, ...], float]:
    """Each phrase of a term's own words → its share of the term."""
    parts = node.parts if isinstance(node, And) else [node]
    return {phrase: 1 / len(parts) for part in parts for phrase in phrases(part)}


def matching_lines(phrase: tuple[str, ...], lines: str, most: int) -> Iterator[int]:
    """The numbers of the lines of stems, among the first `most`, that contain a phrase."""
    line, before, last = 0, 0, -1
    for position in positions(" ".join(phrase), lines):
        line += lines.count("\n", before, position)
        before = position
        if line >= most:
            return
        if line > last:
            yield line
            last = line


def get_highlights(result: SearchResult, items: Collection[ListItem]) -> dict[int, Highlight]:
    """Primary key → highlight. One query for the texts that are not cached."""
    terms = QueryTerms(result.query)
    texts = indexed_texts([item.pk for item in items], result.facet_index)
    found = {}
    for item in items:
        title, summary = (mark(escape(text), terms, item.language) for text in (item.title, item.summary))
        text = texts.get(item.pk)
        highlight = Highlight(title, summary, best_passage(terms, text) if text else None)
        if text and not highlight.passage and "<mark>" not in title + summary:
            highlight.match_reason = match_reason(terms, text, result.facet_index)
        found[item.pk] = highlight
    return found


def best_passages(result: SearchResult, pks: Collection[int]) -> dict[int, Passage]:
    """Primary key → best passage, where there is one. One query for the texts that are not cached."""
    terms = QueryTerms(result.query)
    passages = {pk: best_passage(terms, text) for pk, text in indexed_texts(pks, result.facet_index).items()}
    return {pk: passage for pk, passage in passages.items() if passage}


def best_passage(terms: QueryTerms, text: IndexedText) -> Passage | None:
    """The lesson or paragraph that matches the query best; of equals a lesson, then the first. None if only
    title, names or summary match.

    Searches the indexed stems; only the original text of the best passage is tokenized.
    """
    line = terms.best_line(text.passage_lines, len(text.passages))
    if line is None:
        return None
    anchor, original = text.passages[line]
    plain = SIGNS.sub("", MARKUP.sub("", original)).replace("[", "").replace("\n", " ")
    tokens, stems = tokens_and_stems(plain, text.language)
    hits = terms.hits(stems)
    return Passage(anchor, excerpt(plain, tokens, hits)) if hits else None


def match_reason(terms: QueryTerms, text: IndexedText, facet_index: FacetIndex) -> str:
    """Return what else matches, in words: an actor, a place, a theme … Empty if nothing does, or if the index
    row has no reasons because it is older than they are.
    """
    line = terms.best_line(text.reason_lines, len(text.reasons or ()))
    if line is None:
        return ""
    kind, name = text.reasons[line]
    if kind in {"country", "region"}:
        name = facet_index.names(kind)[name]
    return REASONS[kind] % {"name": in_words(name) if kind == "period" else name}


def excerpt(text: str, tokens: list[Token], hits: dict[int, tuple[str, ...]]) -> list[Piece]:
    """The MAX_WORDS_SHOWN words of a text that contain most of the phrases, in pieces."""
    starts = [max(0, position - MAX_WORDS_SHOWN // 3) for position in sorted(hits)]
    first = max(starts, key=lambda start: len({hits.get(i) for i in range(start, start + MAX_WORDS_SHOWN)}))
    last = min(len(tokens), first + MAX_WORDS_SHOWN) - 1
    start = 0 if first == 0 else tokens[first].start
    end = len(text) if last == len(tokens) - 1 else tokens[last].end
    marked = [tokens[i] for i in range(first, last + 1) if i in hits]
    before = [Piece("… ", False)] if start else []
    after = [Piece(" …", False)] if end < len(text) else []
    return [*before, *split_at(text, marked, start, end), *after]


def split_at(text: str, marked: list[Token], start: int, end: int) -> list[Piece]:
    """Return part of a text in pieces: tokens marked, the text between them not."""
    pieces, position = [], start
    for token in marked:
        pieces += [Piece(text[position : token.start], False), Piece(text[token.start : token.end], True)]
        position = token.end
    pieces.append(Piece(text[position:end], False))
    return [piece for piece in pieces if piece.text]


def mark(html: str, terms: QueryTerms, language: str) -> SafeString:
    """Safe HTML with `mark` around the query terms in its text, not in its tags."""
    parts = TAG.split(html)
    for number in range(0, len(parts), 2):
        text = unescape(parts[number])
        tokens, stems = cached_tokens_and_stems(text, language)
        if marked := [tokens[i] for i in sorted(terms.hits(stems))]:
            parts[number] = marked_html(split_at(text, marked, 0, len(text)))
    return mark_safe("".join(parts))


def tokens_and_stems(text: str, language: str) -> tuple[list[Token], list[str]]:
    """The tokens of a text, and the stem of each."""
    tokens = list(tokenize(text))
    return tokens, [stem(token.folded, language) for token in tokens]


# Many searches return the same titles and summaries. 5 kB a text.
cached_tokens_and_stems = lru_cache(maxsize=1_000)(tokens_and_stems)


def marked_html(pieces: list[Piece]) -> SafeString:
    """Escaped pieces, with `mark` around marked ones."""
    texts = ((piece.marked, escape(piece.text)) for piece in pieces)
    return mark_safe("".join(f"<mark>{text}</mark>" if marked else text for marked, text in texts))


def lesson_texts(lessons: Iterable[Lesson], result: SearchResult | None) -> dict[int, SafeString]:
    """Primary key → lesson as safe HTML, after a search with the query terms marked."""
    texts = {lesson.pk: to_html(lesson.text, f"l{lesson.pk}") for lesson in lessons}
    if result:
        terms = QueryTerms(result.query)
        languages = {lesson.pk: lesson.practice.language for lesson in lessons}
        texts = {pk: mark(html, terms, languages[pk]) for pk, html in texts.items()}
    return texts
