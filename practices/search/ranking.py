"""The best first: the engine finds who may be first, and BM25F puts those in order.

An engine ranks words alone: of “sailors” and its six synonyms each counts by itself, and one that few hold
most of all. Here a term counts once, however many words stand for it.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate, chain, groupby
from math import log

from pyroaring import BitMap

from practices.models import VocabularyWord
from practices.search.backends import PRACTICES, Index, engine
from practices.search.indexed_text import Text, places
from practices.search.query_parser import SYNONYM, Question, Term
from practices.search.syntax_tree import phrases, value
from practices.search.tokenizer import rarity

FIRST = 20  # how many are put in order: a page
MANY = 5_000  # so many are looked for in the title first: fewer are ranked then
SATURATION = 4.0  # k1: a term that stands so often, by weight, counts half of what it could
BY_LENGTH = 0.3  # b: how far what is longer than usual counts less
USUAL_LENGTH = 4_000  # letters; not the mean of those found, by which a filter would change their order
MOST_LOST = 0.57  # of what a question's terms say, in words that nothing has
ENOUGH = 0.1  # of the weight of all terms that are known


def tiers(index: Index, question: Question, keys: BitMap, tie: Callable[[int], int]) -> Iterator[int]:
    """Those of the keys that an index finds for a whole question: the very words before their synonyms, then
    those with all of them in title, names, summary or lessons (of many first in the title, then in title or
    names), then by the engine's own rank. Ranks no more than is asked for: a query or two for each step."""
    seen = BitMap()
    very_words = question.direct()
    depths = range(1 if len(keys) > MANY else len(index.fields) - 1, len(index.fields) + 1)
    steps = [(very_words, index.fields[:depth]) for depth in depths]
    if question.has_synonyms:
        steps.append((question.node(), ()))
    for node, fields in steps:
        if len(seen) >= len(keys):
            return
        rows = (row for row in engine().ranked(index, node, fields) if row[0] in keys and row[0] not in seen)
        for _rank, equals in groupby(rows, key=lambda row: row[1]):
            found = sorted((key for key, _rank in equals), key=tie)
            yield from found
            seen.update(found)


def best_first(question: Question, texts: dict[int, Text], total: int, whole: BitMap) -> list[int]:
    """The keys of some texts: `whole` ones before others, those with the very words of all terms before those
    with synonyms, and then by BM25F among so many practices in all; equals as they came.

    Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond” (2009), 3.6; a term's
    very words and its synonyms are its streams, as fields are. One query for a question of several terms.
    """
    terms = question.terms
    weights = weights_of(terms, total) if len(terms) > 1 and len(texts) > 1 else [1.0] * len(terms)

    def merit(key: int) -> tuple[bool, bool, float]:
        held = occurrences(texts[key])
        length = sum(map(len, texts[key].fields)) / USUAL_LENGTH
        half = SATURATION * (1 - BY_LENGTH + BY_LENGTH * length)
        very_words, score = True, 0.0
        for term, says in zip(terms, weights, strict=True):
            itself = value(term.direct, held)
            often = itself + SYNONYM * sum(value(node, held) for node in term.synonyms)
            very_words &= itself > 0
            score += says * often / (half + often)
        return key not in whole, not very_words, -score

    return sorted(texts, key=merit)


def occurrences(text: Text) -> Callable[[tuple[str, ...]], float]:
    """How often a run of stems stands in a text, each time by the weight of its field."""
    stems = "\n".join(text.fields)
    ends = list(accumulate(len(field) + 1 for field in text.fields))

    def often(run: tuple[str, ...]) -> float:
        return sum(PRACTICES.weights[bisect_right(ends, at)] for at in places(" ".join(run), stems))

    return often


def weights_of(terms: Iterable[Term], total: int) -> list[float]:
    """What each term weighs: as many practices are taken to have it as its commonest word, or half of them if
    it is none of the vocabulary (a code, a year). One query."""
    nodes = [(term.direct, *term.synonyms) for term in terms]
    wanted = {stem for node in chain(*nodes) for run in phrases(node) for stem in run}
    rows = VocabularyWord.objects.filter(stem__in=wanted).order_by("practices")
    known = defaultdict(int, rows.values_list("stem", "practices"))

    def held(run: tuple[str, ...]) -> int:
        return min(known[stem] for stem in run)

    most = [max(value(node, held) for node in each) for each in nodes]
    return [weight(term, count or total / 2, total) for term, count in zip(terms, most, strict=True)]


def weight(term: Term, held: float, total: int) -> float:
    """How much a term says: by how rare it is in everyday language, and among so many practices (BM25's
    inverse document frequency). Of “blockchain identity” the first says more."""
    return rarity(term.text) * log(1 + (total - held + 0.5) / (held + 0.5))


def most_of(question: Question, answers: list[tuple[Term, BitMap]], total: int) -> dict[int, float]:
    """What has most of a question, given the terms that something has and what has them: key → its share.

    Nothing has most of a question when too much of what it says is not known at all, nor when a country or
    its people is not, or when none is known as typed.
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
        says = weight(term, len(keys), total)
        enough += ENOUGH * says
        for key in keys:
            held[key] += says
    return {key: share for key, share in held.items() if share >= enough}
