"""Search: which published practices or lessons match a text. `ranking.rank()` puts them in order."""

from collections import defaultdict
from dataclasses import replace

from pyroaring import BitMap

from practices.index.facet_index import FacetIndex
from practices.search.backends import PRACTICES, Index, backend
from practices.search.query_parser import Query, Term, parse_query
from practices.search.ranking import term_weight
from practices.search.results import SearchResult
from practices.search.syntax_tree import Node, Or
from practices.search.tokenizer import rarity
from practices.search.vocabulary import get_vocabulary

FEW = 10  # matches of all of three words or more; partial matches then follow them
# Of a query's squared rarity, in terms that nothing matches. With more there are no partial matches.
MAX_UNKNOWN_SHARE = 0.57
LEAST_MATCHED = 0.1  # of the weight of the known terms, in a partial match


def find(text: str, facet_index: FacetIndex, index: Index = PRACTICES) -> SearchResult:
    """The practices (or lessons) that match `text`; an empty text matches all that is published.

    If nothing matches all words, or few practices match all of three or more, those that match most of them
    are found too. A word is corrected only if something found contains the correction.

    Two queries, and one for each unknown word; one for each term if partial matches are needed; twice as many
    if a correction was in vain.
    """
    vocabulary = get_vocabulary(facet_index.version)
    query = parse_query(text, vocabulary)
    result = match(text, query, facet_index, index)
    matched = {word for term in result.query.terms for word in term.text.split()} if result.pks else set()
    in_vain = {
        word for word, correction in query.corrections.items() if not matched.issuperset(correction.split())
    }
    if in_vain:
        return match(text, parse_query(text, vocabulary, in_vain), facet_index, index)
    return result


def match(text: str, query: Query, facet_index: FacetIndex, index: Index) -> SearchResult:
    """Return the rows that match all terms of a parsed query, or most of them."""
    published = facet_index.published if index is PRACTICES else BitMap(facet_index.lesson_positions)

    def matches(node: Node) -> BitMap:
        return backend().matches(index, node) & published

    if not query.terms:
        unwanted = matches(Or(tuple(query.unwanted))) if query.unwanted else BitMap()
        return SearchResult(text, published - unwanted, query, facet_index, index)
    pks = matches(query.node())
    is_long = sum(len(term.text.split()) for term in query.terms) > 2
    if len(query.terms) == 1 or len(pks) >= (FEW if is_long else 1):
        unknown = [] if pks or matches(query.terms[0].node) else [query.terms[0].text]
        return SearchResult(text, pks, query, facet_index, index, unknown=unknown)
    known = [(term, found) for term in query.terms if (found := matches(query.node([term])))]
    known_terms = [term for term, _found in known]
    unknown = [term.text for term in query.terms if term not in known_terms]
    partial = partial_matches(query, known, len(published))
    for pk in pks:
        partial.pop(pk, None)
    if not partial:
        per_term = {} if pks else {term.text: len(found) for term, found in known}
        return SearchResult(text, pks, query, facet_index, index, {}, unknown, per_term)
    narrowed = replace(query, terms=known_terms)
    return SearchResult(text, pks | BitMap(partial), narrowed, facet_index, index, partial, unknown)


def partial_matches(query: Query, known: list[tuple[Term, BitMap]], total: int) -> dict[int, float]:
    """Return primary key → score of the rows that match most terms of a query, given the matches of its known
    terms.

    Empty if too much of the query is unknown, or a country or its people is, or all known terms are
    corrections.
    """
    terms = [term for term, _pks in known]
    unknown = [term for term in query.terms if term not in terms]
    lost = sum(rarity(term.text) ** 2 for term in unknown)
    if any(term.is_name for term in unknown) or lost > MAX_UNKNOWN_SHARE * sum(
        rarity(term.text) ** 2 for term in query.terms
    ):
        return {}
    if all(term.text in query.corrections.values() for term in terms):
        return {}
    scores: dict[int, float] = defaultdict(float)
    least = 0.0
    for term, pks in known:
        weight = term_weight(term, len(pks), total)
        least += LEAST_MATCHED * weight
        for pk in pks:
            scores[pk] += weight
    return {pk: score for pk, score in scores.items() if score >= least}
