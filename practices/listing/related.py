"""Related practices, with the reasons."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest
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
from practices.search.backends import PRACTICES, IndexDamaged, backend
from practices.search.syntax_tree import Or, Phrase

MAX_RELATED = 4
MAX_REASONS = 2
# The score of one shared value: who did it says more than what it is about.
WEIGHTS = {"actor": 6, "corridor": 4, "theme": 2, "country": 1}
DISTINCTIVE_WORDS = 12
MAX_SIMILAR = 8
COMPARED_COLUMNS = ("title", "summary_and_lessons", "story_and_sources")  # names are shared values


@dataclass
class Related:
    item: ListItem
    reasons: list[str]


class SharedValue(NamedTuple):
    """A value of a practice that others can share."""

    kind: str
    name: str
    pks: BitMap  # the practices that have it


def related(practice: Practice, facet_index: FacetIndex) -> list[Related]:
    """Return at most four published practices that share most with this one; ties are in order of
    publication, newest first.

    Three queries after `for_detail()`, whatever the number of practices.
    """
    others = facet_index.published - BitMap([practice.pk])
    values = list(shared_values(practice, facet_index))
    similar = similar_in_words(practice, others)
    scores = Counter({pk: 2 - place / MAX_SIMILAR for place, pk in enumerate(similar)})
    for value in values:
        for pk in value.pks & others:
            scores[pk] += WEIGHTS[value.kind]
    best = nsmallest(MAX_RELATED, scores, key=lambda pk: (-scores[pk], facet_index.positions[pk]))
    items = list_items(best, facet_index)
    found = []
    for pk in best:
        reasons = dict.fromkeys((value.kind, value.name) for value in values if pk in value.pks)
        if pk in similar:
            reasons["words", ""] = None
        if pk in items:
            found.append(Related(items[pk], reason_texts(list(reasons)[:MAX_REASONS])))
    return found


def shared_values(practice: Practice, facet_index: FacetIndex) -> Iterator[SharedValue]:
    """Yield the values that others can share with a practice, the strongest kinds first. No query."""
    for part in practice.participations.all():
        pks = facet_index.having("actor", part.actor.slug)
        yield SharedValue("actor", part.actor.acronym or part.actor.name, pks)
    for row in practice.corridors.all():
        pks = facet_index.having("corridor", f"{row.origin_id}-{row.destination_id}")
        yield SharedValue("corridor", str(row), pks)
    for theme in practice.themes.all():
        yield SharedValue("theme", theme.name, facet_index.having("theme", theme.slug))
    for country in practice.countries:
        yield SharedValue("country", country.local_name, facet_index.having("country", country.code))


def reason_texts(things: list[tuple[str, str]]) -> list[str]:
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


def similar_in_words(practice: Practice, others: BitMap) -> list[int]:
    """Return those of `others` that contain most of the practice's rarest shared words, by rank. Two
    queries.
    """
    indexed = getattr(practice, "indexed", None)
    if indexed is None:
        return []
    own = practice.status == Practice.Status.PUBLISHED  # whether it is counted itself
    known = VocabularyWord.objects.filter(
        language=indexed.language, word__in=indexed.words.split(), practices__gt=own
    )
    stems = known.order_by("practices", "word").values_list("stem", flat=True)[:DISTINCTIVE_WORDS]
    node = Or(tuple(Phrase((stem,)) for stem in dict.fromkeys(stems)))
    if not node.parts:
        return []
    ranked = (pk for pk, _rank in backend().ranked(PRACTICES, node, COMPARED_COLUMNS))
    try:
        return list(islice((pk for pk in ranked if pk in others), MAX_SIMILAR))
    except IndexDamaged:  # health says so; the page of a practice does without
        return []
