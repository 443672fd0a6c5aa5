"""Why a practice was found: its best passage, with the words that were asked for marked."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from practices.models import Lesson
from practices.search.indexed_text import Text, places
from practices.search.indexing import MARKUP
from practices.search.query_parser import SYNONYM, Question
from practices.search.syntax_tree import All, Node, phrases
from practices.search.tokenizer import Word, rarity, stem, words
from practices.values.text import to_html

AROUND = 24  # words shown
TAG = re.compile(r"(<[^>]*>)")
SIGNS = re.compile(r"^[ \t]*(?:[-+*>]|\d+[.)])\s+|[*_`]+|\\(?=[^\w\s])", re.MULTILINE)


@dataclass
class Piece:
    """A run of a passage's original text, marked when it was asked for. Not escaped: the page does that."""

    text: str
    marked: bool


@dataclass
class Passage:
    """A part of a practice, and the anchor on its page where it stands."""

    anchor: str
    pieces: list[Piece]

    @property
    def lesson(self) -> str:
        """The number of the lesson it stands in; empty for the story."""
        return self.anchor.removeprefix("lesson-") if self.anchor != "story" else ""

    @property
    def html(self) -> SafeString:
        return html_of(self.pieces)


class Asked:
    """What to look for of a question: the runs of stems of each term, its very words and its synonyms."""

    def __init__(self, question: Question) -> None:
        self.terms = [
            (rarity(term.text), shares(term.direct), [run for node in term.synonyms for run in phrases(node)])
            for term in question.terms
        ]
        self.runs = {run for _says, own, others in self.terms for run in (*own, *others)}
        self.firsts = {run[0] for run in self.runs}
        self.longest = max(map(len, self.runs), default=0)

    def best_line(self, lines: str, most: int) -> int | None:
        """The number of the line of stems that says most of the question, of the first `most`; of equals the
        first. A term counts by how rare it is in everyday language, by as many of its words as are there, or
        half for a synonym."""
        worths: dict[int, float] = defaultdict(float)
        for says, own, others in self.terms:
            held: dict[int, float] = defaultdict(float)
            for run, share in own.items():
                for line in holding(run, lines, most):
                    held[line] += share
            for run in others:
                for line in holding(run, lines, most):
                    held[line] = max(held[line], SYNONYM)
            for line, share in held.items():
                worths[line] += says * min(share, 1)
        return min(worths, key=lambda line: (-worths[line], line), default=None)

    def hits(self, stems: Sequence[str]) -> dict[int, tuple[str, ...]]:
        """Places in a text's stems → the run that each of them is a part of."""
        hits: dict[int, tuple[str, ...]] = {}
        if self.firsts.isdisjoint(stems):
            return hits
        for start, first in enumerate(stems):
            for length in range(self.longest if first in self.firsts else 0, 0, -1):
                run = tuple(stems[start : start + length])
                if run in self.runs:
                    hits |= dict.fromkeys(range(start, start + len(run)), run)
                    break
        return hits


def shares(direct: Node) -> dict[tuple[str, ...], float]:
    """Each run of a term's very words → which part of the term it is."""
    parts = direct.parts if isinstance(direct, All) else [direct]
    return {run: 1 / len(parts) for part in parts for run in phrases(part)}


def holding(run: tuple[str, ...], lines: str, most: int) -> Iterator[int]:
    """The numbers of the lines of stems that hold a run, of the first `most`."""
    line, before, last = 0, 0, -1
    for position in places(" ".join(run), lines):
        line += lines.count("\n", before, position)
        before = position
        if line >= most:
            return
        if line > last:
            yield line
            last = line


@dataclass
class Why:
    """Why a practice was found, for its card: title and summary with what was asked for marked, and the best
    passage; without any of these, what else it was found by."""

    title: SafeString
    summary: SafeString
    passage: Passage | None
    reason: str = ""


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


def best_passage(asked: Asked, text: Text) -> Passage | None:
    """The lesson or paragraph that holds most of what was asked for; a lesson wins a tie, as does the
    earlier one. None when only title, names or summary hold it.

    Looks for it in the stems of the index, and reads the original of that one alone.
    """
    line = asked.best_line(text.lines_of_passages, len(text.passages))
    if line is None:
        return None
    anchor, original = text.passages[line]
    plain = SIGNS.sub("", MARKUP.sub("", original)).replace("[", "").replace("\n", " ")
    found, stems = cut_up(plain, text.language)
    hits = asked.hits(stems)
    return Passage(anchor, pieces(plain, found, hits)) if hits else None


def pieces(text: str, found: list[Word], hits: dict[int, tuple[str, ...]]) -> list[Piece]:
    """The part of a text that holds most of what was asked for, cut at words, in pieces marked or not."""
    starts = [max(0, place - AROUND // 3) for place in sorted(hits)]
    first = max(starts, key=lambda start: len({hits.get(i) for i in range(start, start + AROUND)}))
    last = min(len(found), first + AROUND) - 1
    start = 0 if first == 0 else found[first].start
    end = len(text) if last == len(found) - 1 else found[last].end
    shown = [found[i] for i in range(first, last + 1) if i in hits]
    before = [Piece("… ", False)] if start else []
    after = [Piece(" …", False)] if end < len(text) else []
    return [*before, *cut(text, shown, start, end), *after]


def cut(text: str, hits: list[Word], start: int, end: int) -> list[Piece]:
    """A part of a text in pieces: the hits marked, what is between them not."""
    found, position = [], start
    for word in hits:
        found += [Piece(text[position : word.start], False), Piece(text[word.start : word.end], True)]
        position = word.end
    found.append(Piece(text[position:end], False))
    return [piece for piece in found if piece.text]


def mark(html: str, asked: Asked, language: str) -> SafeString:
    """Safe HTML with `mark` around what was asked for, in its text alone."""
    parts = TAG.split(html)
    for number in range(0, len(parts), 2):
        text = unescape(parts[number])
        found, stems = kept(text, language)
        if hits := [found[i] for i in sorted(asked.hits(stems))]:
            parts[number] = html_of(cut(text, hits, 0, len(text)))
    return mark_safe("".join(parts))


def cut_up(text: str, language: str) -> tuple[list[Word], list[str]]:
    """The words of a text, and the stem of each."""
    found = list(words(text))
    return found, [stem(word.folded, language) for word in found]


kept = lru_cache(maxsize=1_000)(cut_up)  # the same titles and summaries come with many searches; 5 kB a text


def html_of(shown: list[Piece]) -> SafeString:
    """Pieces escaped, with `mark` around what was asked for."""
    return mark_safe(
        "".join(
            f"<mark>{escape(piece.text)}</mark>" if piece.marked else escape(piece.text) for piece in shown
        )
    )


def lesson_texts(lessons: Iterable[Lesson], asked: Asked | None) -> dict[int, SafeString]:
    """Each lesson as safe HTML; after a search with what was asked for marked."""
    texts = {lesson.pk: to_html(lesson.text, f"l{lesson.pk}") for lesson in lessons}
    if asked:
        languages = {lesson.pk: lesson.practice.language for lesson in lessons}
        texts = {key: mark(html, asked, languages[key]) for key, html in texts.items()}
    return texts
