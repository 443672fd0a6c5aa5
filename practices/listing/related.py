"""Other practices that a reader of one may want, and why."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from operator import itemgetter
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pyroaring import BitMap

from practices.index.facet_index import Catalogue
from practices.index.list_items import Card, cards
from practices.models import Practice
from practices.models.search import VocabularyWord
from practices.search.backends import PRACTICES, IndexDamaged, engine
from practices.search.syntax_tree import Any, Phrase

MOST = 4
# What one shared thing is worth: who did it tells more than what it is about.
ACTOR, CORRIDOR, THEME, COUNTRY = 6, 4, 2, 1
DISTINCTIVE_WORDS = 12
NEAR_IN_WORDS = 8
TOLD = ("title", "gist", "body")  # names are shared things of their own


@dataclass
class Related:
    card: Card
    reasons: list[str]


class Shared(NamedTuple):
    """A thing that practices share."""

    worth: int
    keys: BitMap  # who has it
    kind: str
    name: str


def related(practice: Practice, known: Catalogue) -> list[Related]:
    """At most four published practices, the nearest first, never the practice itself; ties: the newest.

    Three queries after `for_detail()`, whatever the number of practices.
    """
    others = known.everything - BitMap([practice.pk])
    things = list(shared(practice, known))
    alike = {key: 2 - place / NEAR_IN_WORDS for place, key in enumerate(near_in_words(practice, others))}
    worth = {
        # Words change the order of few, so the nearest are among those few and the first of all others.
        key: alike.get(key, 0) + sum(thing.worth for thing in things if key in thing.keys)
        for key in {*alike, *sharing_most(things, known, others, MOST + len(alike))}
    }
    nearest = sorted(worth, key=lambda key: (-worth[key], known.places[key]))[:MOST]
    shown = cards(nearest, known)
    found = []
    for key in nearest:
        reasons = dict.fromkeys((thing.kind, thing.name) for thing in things if key in thing.keys)
        if key in alike:
            reasons["words", ""] = None
        if key in shown:
            found.append(Related(shown[key], in_words(list(reasons)[:2])))
    return found


def shared(practice: Practice, known: Catalogue) -> Iterator[Shared]:
    """Each thing that another practice may share, and what that is worth. No query."""
    for part in practice.participations.all():
        keys = known.having("actor", part.actor.slug)
        yield Shared(ACTOR, keys, "actor", part.actor.acronym or part.actor.name)
    for row in practice.corridors.all():
        keys = known.having("corridor", f"{row.origin_id}-{row.destination_id}")
        yield Shared(CORRIDOR, keys, "corridor", str(row))
    for theme in practice.themes.all():
        yield Shared(THEME, known.having("theme", theme.slug), "theme", theme.name)
    for country in practice.countries:
        yield Shared(COUNTRY, known.having("country", country.code), "country", country.local_name)


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
            text = _("similar in its words")
    return text % {"names": ", ".join(names)}


def sharing_most(things: list[Shared], known: Catalogue, others: BitMap, most: int) -> list[int]:
    """The first of `others` by what they share, without words."""
    levels = {0: others}  # worth → the practices that share as much
    for thing in things:
        raised: dict[int, BitMap] = {}
        for worth, keys in levels.items():
            raised[worth] = raised.get(worth, BitMap()) | keys - thing.keys
            raised[worth + thing.worth] = raised.get(worth + thing.worth, BitMap()) | keys & thing.keys
        levels = {worth: keys for worth, keys in raised.items() if keys}
    found: list[int] = []
    for worth in sorted(levels.keys() - {0}, reverse=True):
        found += known.newest(levels[worth], most - len(found))
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
    ranked = (key for key, _rank in engine().ranked(PRACTICES, node, TOLD))
    try:
        return list(islice((key for key in ranked if key in others), NEAR_IN_WORDS))
    except IndexDamaged:  # health says so; the page of a practice does without
        return []
