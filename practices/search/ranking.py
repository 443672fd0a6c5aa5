"""The order of search results. To change it, change the constants here, the weights of the fields
(`PRACTICES` and `LESSONS` in `backends/base.py`), or `bm25f()`.

`rank()` works in two steps. The search backend retrieves matches in tiers, each in the order of its own rank.
The first RERANKED practices are then ranked again by BM25F, because a backend ranks each synonym as a word of
its own, and BM25F ranks a term with all its synonyms.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import accumulate, chain, groupby, islice
from math import log

from pyroaring import BitMap

from practices.models import VocabularyWord
from practices.search.backends import PRACTICES, Index, backend
from practices.search.indexed_text import IndexedText, indexed_texts, positions
from practices.search.query_parser import Query, Term
from practices.search.results import SearchResult
from practices.search.syntax_tree import frequency_of, phrases
from practices.search.tokenizer import rarity

RERANKED = 20  # practices: one page
MANY = 5_000  # matches; of more, those with all terms in the title come first, so that fewer are ranked
SYNONYM_WEIGHT = 0.5  # of an occurrence of a synonym
SATURATION = 4.0  # k1 of BM25F: the weighted term frequency with half of the highest score
LENGTH_NORMALISATION = 0.3  # b of BM25F
AVERAGE_LENGTH = 4_000  # characters; not the average of the results, so that filters keep their order


def rank(result: SearchResult, pks: BitMap) -> Iterator[int]:
    """The primary keys of `pks` that match, best first: matches of all terms, then partial matches by their
    score; ties in the order of publication, newest first.

    Ranks no more than is read. Two queries for the first practices, and one or two for each tier.
    """
    facet_index, practices = result.facet_index, result.index is PRACTICES
    newest_first = facet_index.positions if practices else facet_index.lesson_positions
    if not result.query.terms:
        yield from (pk for pk in newest_first if pk in pks)
        return
    candidates = retrieve(result, pks, newest_first)
    if practices:
        first = indexed_texts(list(islice(candidates, RERANKED)), facet_index)
        yield from bm25f(result.query, first, len(newest_first), result.exact_matches)
    yield from candidates


def retrieve(result: SearchResult, pks: BitMap, newest_first: Mapping[int, int]) -> Iterator[int]:
    """The primary keys in the order of the backend, then the others by their score as partial matches."""
    seen = BitMap()
    partial = result.partial_matches
    exact = pks if result.unknown else pks & result.exact_matches
    if len(exact) > RERANKED or result.index is not PRACTICES:  # BM25F ranks all of fewer practices
        for pk in retrieve_in_tiers(result.query, result.index, exact, newest_first):
            seen.add(pk)
            yield pk
    yield from sorted(
        pks - seen, key=lambda pk: (pk in partial, -partial.get(pk, 0), newest_first.get(pk, 0))
    )


def retrieve_in_tiers(
    query: Query, index: Index, pks: BitMap, newest_first: Mapping[int, int]
) -> Iterator[int]:
    """The primary keys of `pks` that match all terms, in tiers: their own words before synonyms, and matches
    in title, names, summary or lessons (of MANY in the title, then in title or names) before all others.

    Inside a tier the rank of the backend decides. Ranks no more than is read: one or two queries a tier.
    """
    seen = BitMap()
    exact = query.exact_node()
    depths = range(1 if len(pks) > MANY else len(index.fields) - 1, len(index.fields) + 1)
    steps = [(exact, index.fields[:depth]) for depth in depths]
    if query.has_synonyms:
        steps.append((query.node(), ()))
    for node, fields in steps:
        if len(seen) >= len(pks):
            return
        rows = (row for row in backend().ranked(index, node, fields) if row[0] in pks and row[0] not in seen)
        for _rank, equals in groupby(rows, key=lambda row: row[1]):
            found = sorted((pk for pk, _rank in equals), key=lambda pk: newest_first.get(pk, 0))
            yield from found
            seen.update(found)


def bm25f(query: Query, texts: dict[int, IndexedText], total: int, exact: BitMap) -> list[int]:
    """The primary keys of `texts`: those in `exact` first, then those with the own words of all terms, then
    by BM25F among `total` practices; ties keep their order.

    Robertson and Zaragoza, “The Probabilistic Relevance Framework: BM25 and Beyond” (2009), 3.6. A term's own
    words and its synonyms are streams, as fields are. One query if there are several terms.
    """
    terms = query.terms
    weights = term_weights(terms, total) if len(terms) > 1 and len(texts) > 1 else [1.0] * len(terms)

    def sort_key(pk: int) -> tuple[bool, bool, float]:
        frequency = phrase_frequencies(texts[pk])
        length = sum(map(len, texts[pk].fields)) / AVERAGE_LENGTH
        half = SATURATION * (1 - LENGTH_NORMALISATION + LENGTH_NORMALISATION * length)
        own_words, score = True, 0.0
        for term, weight in zip(terms, weights, strict=True):
            own = frequency_of(term.exact, frequency)
            synonyms = sum(frequency_of(node, frequency) for node in term.synonyms)
            term_frequency = own + SYNONYM_WEIGHT * synonyms
            own_words &= own > 0
            score += weight * term_frequency / (half + term_frequency)
        return pk not in exact, not own_words, -score

    return sorted(texts, key=sort_key)


def phrase_frequencies(text: IndexedText) -> Callable[[tuple[str, ...]], float]:
    """A function that counts the occurrences of a phrase in a text, each by the weight of its field."""
    stems = "\n".join(text.fields)
    ends = list(accumulate(len(field) + 1 for field in text.fields))

    def frequency(phrase: tuple[str, ...]) -> float:
        return sum(PRACTICES.weights[bisect_right(ends, at)] for at in positions(" ".join(phrase), stems))

    return frequency


def term_weights(terms: Iterable[Term], total: int) -> list[float]:
    """The weight of each term. One query.

    A term has the document frequency of its most frequent word or synonym; half of all practices if the
    vocabulary contains none of them (a code, a year).
    """
    nodes = [(term.exact, *term.synonyms) for term in terms]
    wanted = {stem for node in chain(*nodes) for phrase in phrases(node) for stem in phrase}
    rows = VocabularyWord.objects.filter(stem__in=wanted).order_by("practices")
    known = defaultdict(int, rows.values_list("stem", "practices"))

    def document_frequency(phrase: tuple[str, ...]) -> int:
        return min(known[stem] for stem in phrase)

    most = [max(frequency_of(node, document_frequency) for node in each) for each in nodes]
    return [term_weight(term, count or total / 2, total) for term, count in zip(terms, most, strict=True)]


def term_weight(term: Term, document_frequency: float, total: int) -> float:
    """The weight of a term: its rarity in everyday language, times BM25's inverse document frequency. In
    “blockchain identity” the first has the higher weight."""
    return rarity(term.text) * log(1 + (total - document_frequency + 0.5) / (document_frequency + 0.5))
