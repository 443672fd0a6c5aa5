"""Suggestions while a person types: names and titles in which each typed word is the beginning of a word.

At most seven queries: the content version, one for each of the four longest words, and two for practices if
they are needed.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest
from itertools import islice

from django.db.models import TextChoices
from django.db.models.functions import Length
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from practices.index.facet_index import FacetIndex, get_facet_index
from practices.models import Practice
from practices.models.practice import BY_TITLE
from practices.search.backends import PRACTICES, backend
from practices.search.index_rows import names_in_all_languages
from practices.search.query_parser import complete
from practices.search.syntax_tree import And, Or, Phrase
from practices.search.tokenizer import fold, prefix_forms, tokenize

MAX_SUGGESTIONS = 8
MIN_LETTERS = 2
MAX_TEXT_LENGTH = 100
MAX_CORRIDORS = 3  # so that a country of many leaves room for the rest
MAX_COMPLETED_WORDS = 4
MAX_TITLES = 100  # read from the database: stems match more titles than are shown


class Kind(TextChoices):
    """The page of a suggestion, in the order of display. Each value is the name of a facet and of a URL."""

    THEME = "theme", _("Theme")
    COUNTRY = "country", _("Country")
    CORRIDOR = "corridor", _("Corridor")
    ACTOR = "actor", _("Actor")
    PRACTICE = "practice", _("Practice")


@dataclass(frozen=True)
class Suggestion:
    kind: Kind
    label: str
    url: str


def suggestions(text: str) -> list[Suggestion]:
    """At most MAX_SUGGESTIONS suggestions for a text whose last word may be incomplete; in each kind the
    shortest label first."""
    prefixes = list(dict.fromkeys(token.folded for token in tokenize(text)))
    if sum(map(len, prefixes)) < MIN_LETTERS:
        return []
    facet_index = get_facet_index()
    found: list[Suggestion] = []
    for suggest in (
        suggest_themes, suggest_countries, suggest_corridors, suggest_actors, suggest_practices
    ):  # fmt: skip
        if len(found) < MAX_SUGGESTIONS:
            rows = sorted(
                suggest(prefixes, facet_index), key=lambda row: (len(row.label), fold(row.label), row.url)
            )
            found += rows[:MAX_CORRIDORS] if suggest is suggest_corridors else rows
    return found[:MAX_SUGGESTIONS]


def suggest_themes(prefixes: list[str], facet_index: FacetIndex) -> Iterator[Suggestion]:
    """Themes of published practices, and the parents of these themes."""
    return suggest_values(Kind.THEME, facet_index.by["theme"], prefixes, facet_index)


def suggest_actors(prefixes: list[str], facet_index: FacetIndex) -> Iterator[Suggestion]:
    """Participants in published practices, by name and acronym."""
    return suggest_values(Kind.ACTOR, facet_index.by["actor"], prefixes, facet_index)


def suggest_countries(prefixes: list[str], facet_index: FacetIndex) -> Iterator[Suggestion]:
    """Countries of a place or a corridor, by their names in all languages."""
    ends = {end for corridor in facet_index.by["corridor"] for end in corridor.split("-")}
    codes = ends | facet_index.by["country"].keys()
    return suggest_values(
        Kind.COUNTRY, codes, prefixes, facet_index, lambda code: names_of_country(facet_index, code)
    )


def suggest_corridors(prefixes: list[str], facet_index: FacetIndex) -> Iterator[Suggestion]:
    """Corridors, by the names of both countries."""

    def names(corridor: str) -> str:
        return " ".join(names_of_country(facet_index, code) for code in corridor.split("-"))

    return suggest_values(Kind.CORRIDOR, facet_index.by["corridor"], prefixes, facet_index, names)


def suggest_values(
    kind: Kind,
    values: Iterable[str],
    prefixes: list[str],
    facet_index: FacetIndex,
    searched_text: Callable[[str], str] | None = None,
) -> Iterator[Suggestion]:
    """The values of a facet whose label, or whose `searched_text(value)`, contains all prefixes."""
    labels = facet_index.names(kind.value)
    for value in values:
        if has_prefixes(searched_text(value) if searched_text else labels[value], prefixes):
            yield Suggestion(kind, labels[value], reverse(kind.value, args=[value]))


def names_of_country(facet_index: FacetIndex, code: str) -> str:
    """The name shown of a country, and its names in all languages."""
    names = names_in_all_languages(code, facet_index.countries[code].name)
    return " ".join((facet_index.names("country")[code], *names))


def suggest_practices(prefixes: list[str], facet_index: FacetIndex) -> Iterator[Suggestion]:
    """Published practices, by title: the newest MAX_TITLES that match the longest prefixes are compared."""
    completions = []
    for prefix in sorted(prefixes, key=len, reverse=True)[:MAX_COMPLETED_WORDS]:
        stems = complete(prefix)
        if not stems:
            return
        completions.append(Or(tuple(Phrase((stem,)) for stem in sorted(stems))))
    matches = backend().matches(PRACTICES, And(tuple(completions)), ("title",)) & facet_index.published
    newest = nsmallest(MAX_TITLES, matches, key=facet_index.positions.__getitem__)
    public = Practice.objects.published().filter(pk__in=newest).only("title", "slug")
    rows = public.order_by(Length("title"), *BY_TITLE, "pk")
    for practice in islice((row for row in rows if has_prefixes(row.title, prefixes)), MAX_SUGGESTIONS):
        yield Suggestion(Kind.PRACTICE, practice.title, practice.get_absolute_url())


def has_prefixes(text: str, prefixes: list[str]) -> bool:
    """Return whether each prefix is the beginning of a word of the text, of an Arabic word with or without
    its article and particles.
    """
    words = spaced_words(text)
    return all(any(f" {form}" in words for form in prefix_forms(prefix)) for prefix in prefixes)


@lru_cache(maxsize=10_000)
def spaced_words(text: str) -> str:
    """The folded words of a text, each after a space."""
    return "".join(f" {token.folded}" for token in tokenize(text))
