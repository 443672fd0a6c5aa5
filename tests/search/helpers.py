"""Helpers of the search tests: the slugs of the results, in their order."""

from practices.index.facet_index import get_facet_index
from practices.models import Practice
from practices.search.ranking import rank
from practices.search.results import SearchResult
from practices.search.retrieval import find


def ask(text: str) -> SearchResult:
    return find(text, get_facet_index())


def slugs(answer: SearchResult) -> list[str]:
    """What is found, by the alphabet."""
    rows = Practice.objects.published().filter(pk__in=answer.pks)
    return sorted(rows.values_list("slug", flat=True))


def found(text: str) -> list[str]:
    """The slugs of what is found, by the alphabet."""
    return slugs(ask(text))


def ranked(text: str) -> list[str]:
    """The slugs of what is found, the best first, as the site and the API order them."""
    answer = ask(text)
    names = dict(Practice.objects.values_list("pk", "slug"))
    return [names[key] for key in rank(answer, answer.pks)]


def terms(text: str) -> list[str]:
    """The terms that a question is read into, as they are searched."""
    return [term.text for term in ask(text).query.terms]
