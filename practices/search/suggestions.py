"""Suggestions while a person types: names and titles in which each word typed begins a word.

Seven queries at the most: the version of the content, one for each of the four longest words, and two for
practices, if there is room left for them.
"""

from collections.abc import Iterable
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
from practices.search.backends import PRACTICES, engine
from practices.search.indexing import names_of
from practices.search.query_parser import begun_by
from practices.search.syntax_tree import All, Any, Phrase
from practices.search.tokenizer import beginnings, fold, words

MOST = 8
FEWEST_LETTERS = 2
LONGEST_TEXT = 100
MOST_CORRIDORS = 3  # so that a country of many leaves room for the rest
MOST_COMPLETED = 4
# Stems find a little more than beginnings do, so that more titles are read than are shown.
MOST_TITLES = 100


class Kind(TextChoices):
    """What a suggestion leads to, in the order they are shown."""

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
    """What is public and may be meant by a text not yet typed to its end; shorter labels of a kind first."""
    asked = list(dict.fromkeys(word.folded for word in words(text)))
    if sum(map(len, asked)) < FEWEST_LETTERS:
        return []
    facet_index = get_facet_index()
    found: list[Suggestion] = []
    for suggest in (themes, countries, corridors, actors, practices):
        if len(found) < MOST:
            rows = sorted(
                suggest(asked, facet_index), key=lambda row: (len(row.label), fold(row.label), row.url)
            )
            found += rows[:MOST_CORRIDORS] if suggest is corridors else rows
    return found[:MOST]


def themes(asked: list[str], facet_index: FacetIndex) -> Iterable[Suggestion]:
    """A whole is found when a practice has one of its parts, as on its page."""
    names = facet_index.names("theme")
    for slug in facet_index.by["theme"]:
        label = names[slug]
        if begins(asked, label):
            yield Suggestion(Kind.THEME, label, reverse("theme", args=[slug]))


def countries(asked: list[str], facet_index: FacetIndex) -> Iterable[Suggestion]:
    """Those that practices have a place in, or that a corridor begins or ends in."""
    names = facet_index.names("country")
    ends = {end for corridor in facet_index.by["corridor"] for end in corridor.split("-")}
    for code in ends | facet_index.by["country"].keys():
        if begins(asked, every_name(facet_index, code)):
            yield Suggestion(Kind.COUNTRY, names[code], reverse("country", args=[code]))


def corridors(asked: list[str], facet_index: FacetIndex) -> Iterable[Suggestion]:
    """By the names of both ends."""
    names = facet_index.names("corridor")
    for code in facet_index.by["corridor"]:
        if begins(asked, " ".join(every_name(facet_index, end) for end in code.split("-"))):
            yield Suggestion(Kind.CORRIDOR, names[code], reverse("corridor", args=[code]))


def every_name(facet_index: FacetIndex, code: str) -> str:
    """A country's names in every language, and the one shown."""
    return " ".join((facet_index.names("country")[code], *names_of(code, facet_index.countries[code].name)))


def actors(asked: list[str], facet_index: FacetIndex) -> Iterable[Suggestion]:
    """Those that take part in a published practice, by name and acronym."""
    names = facet_index.names("actor")
    for slug in facet_index.by["actor"]:
        label = names[slug]
        if begins(asked, label):
            yield Suggestion(Kind.ACTOR, label, reverse("actor", args=[slug]))


def practices(asked: list[str], facet_index: FacetIndex) -> Iterable[Suggestion]:
    """By title. The engine is asked for the longest words, as they tell the most; all are compared.

    Of words that begin alike it is asked for the most frequent ones (see `begun_by`); of many titles the
    newest are compared.
    """
    telling = []
    for word in sorted(asked, key=len, reverse=True)[:MOST_COMPLETED]:
        stems = begun_by(word)
        if not stems:
            return
        telling.append(Any(tuple(Phrase((stem,)) for stem in sorted(stems))))
    titled = engine().keys(PRACTICES, All(tuple(telling)), ("title",)) & facet_index.everything
    newest = nsmallest(MOST_TITLES, titled, key=facet_index.positions.__getitem__)
    public = Practice.objects.published().filter(pk__in=newest).only("title", "slug")
    rows = public.order_by(Length("title"), *BY_TITLE, "pk")
    for practice in islice((row for row in rows if begins(asked, row.title)), MOST):
        yield Suggestion(Kind.PRACTICE, practice.title, practice.get_absolute_url())


def begins(asked: list[str], label: str) -> bool:
    """Whether each word asked for begins some word of the label, an Arabic one with or without its article
    and particles."""
    known = in_a_row(label)
    return all(any(f" {form}" in known for form in beginnings(word)) for word in asked)


@lru_cache(maxsize=10_000)
def in_a_row(label: str) -> str:
    """The folded words of a label, each after a space."""
    return "".join(f" {word.folded}" for word in words(label))
