"""Other practices that a reader of one may want, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyroaring import BitMap

from practices.index.facet_index import FacetIndex
from practices.index.list_items import ListItem, list_items
from practices.models import Practice
from practices.models.search import VocabularyWord
from practices.search.backends import PRACTICES, IndexDamaged, engine
from practices.search.syntax_tree import Any, Phrase

MOST = 4
# What one shared thing is worth: who did it tells more than what it is about.
ACTOR, CORRIDOR, THEME, COUNTRY = 6, 4, 2, 1
DISTINCTIVE_WORDS = 12
NEAR_IN_WORDS = 8
TOLD = ("title", "summary_and_lessons", "story_and_sources")  # names are shared things of their own


@dataclass
class Related:
    card: ListItem
    reasons: list[str]


class Shared(NamedTuple):
    """A thing that practices share."""

    worth: int
    pks: BitMap  # who has it
    kind: str
    name: str


def related(practice: Practice, facet_index: FacetIndex) -> list[Related]:
    """At most four published practices, the nearest first, never the practice itself; ties: the newest.

    Three queries after `for_detail()`, whatever the number of practices.
    """
    others = facet_index.everything - BitMap([practice.pk])
    things = list(shared(practice, facet_index))
    alike = {pk: 2 - place / NEAR_IN_WORDS for place, pk in enumerate(near_in_words(practice, others))}
    worth = {
        # Words change the order of few, so the nearest are among those few and the first of all others.
        pk: alike.get(pk, 0) + sum(thing.worth for thing in things if pk in thing.pks)
        for pk in {*alike, *sharing_most(things, facet_index, others, MOST + len(alike))}
    }
    nearest = sorted(worth, key=lambda pk: (-worth[pk], facet_index.places[pk]))[:MOST]
    shown = list_items(nearest, facet_index)
    found = []
    for pk in nearest:
        reasons = dict.fromkeys((thing.kind, thing.name) for thing in things if pk in thing.pks)
        if pk in alike:
            reasons["words", ""] = None
        if pk in shown:
            found.append(Related(shown[pk], in_words(list(reasons)[:2])))
    return found


def shared(practice: Practice, facet_index: FacetIndex) -> Iterator[Shared]:
    """Each thing that another practice may share, and what that is worth. No query."""
    for part in practice.participations.all():
        pks = facet_index.having("actor", part.actor.slug)
        yield Shared(ACTOR, pks, "actor", part.actor.acronym or part.actor.name)
    for row in practice.corridors.all():
        pks = facet_index.having("corridor", f"{row.origin_id}-{row.destination_id}")
        yield Shared(CORRIDOR, pks, "corridor", str(row))
    for theme in practice.themes.all():
        yield Shared(THEME, facet_index.having("theme", theme.slug), "theme", theme.name)
    for country in practice.countries:
        yield Shared(COUNTRY, facet_index.having("country", country.code), "country", country.local_name)


def in_words(things: list[tuple[str, str]]) -> list[str]:
    """Reasons from kinds and names, those of a kind together: “same themes: Jobs, Return”."""
    return [reason(kind, [name for _kind, name in some]) for kind, some in groupby(things, itemgetter(0))]


def reason(kind: str, names: list[str]) -> str:
    n = len(names)
    match kind:
        case "actor":
            text = ngettext("same actor: %(names)s", "same actors: %(names)s", n)
        case "corridor":
            text = ngettext("same corridor: %(names)s", "same corridors: %(names)s", n)
        case "theme":
            text = ngettext("same theme: %(names)s", "same themes: %(names)s", n)
        case "country":
            text = ngettext("same country: %(names)s", "same countries: %(names)s", n)
        case _:
            text = _("similar text")
    return text % {"names": ", ".join(names)}


def sharing_most(things: list[Shared], facet_index: FacetIndex, others: BitMap, most: int) -> list[int]:
    """The first of `others` by what they share, without words."""
    levels = {0: others}  # worth → the practices that share as much
    for thing in things:
        raised: dict[int, BitMap] = {}
        for worth, pks in levels.items():
            raised[worth] = raised.get(worth, BitMap()) | pks - thing.pks
            raised[worth + thing.worth] = raised.get(worth + thing.worth, BitMap()) | pks & thing.pks
        levels = {worth: pks for worth, pks in raised.items() if pks}
    found: list[int] = []
    for worth in sorted(levels.keys() - {0}, reverse=True):
        found += facet_index.newest(levels[worth], most - len(found))
    return found


def near_in_words(practice: Practice, others: BitMap) -> list[int]:
    """Those of `others` that hold most of its rarest shared words, by the engine's rank. Two queries."""
    indexed = getattr(practice, "indexed", None)
    if indexed is None:
        return []
    own = practice.status == Practice.Status.PUBLISHED  # whether it is counted itself
    known = VocabularyWord.objects.filter(
        language=indexed.language, word__in=indexed.words.split(), practices__gt=own
    )
    stems = known.order_by("practices", "word").values_list("stem", flat=True)[:DISTINCTIVE_WORDS]
    node = Any(tuple(Phrase((stem,)) for stem in dict.fromkeys(stems)))
    if not node.parts:
        return []
    ranked = (pk for pk, _rank in engine().ranked(PRACTICES, node, TOLD))
    try:
        return list(islice((pk for pk in ranked if pk in others), NEAR_IN_WORDS))
    except IndexDamaged:  # health says so; the page of a practice does without
        return []
