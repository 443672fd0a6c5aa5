"""The directory of actors: who takes part in what is published, by name, and in which part."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Model
from pyroaring import BitMap

from practices.index.facet_index import FacetIndex, PkList, facet_index_of
from practices.models import Actor, ActorType, Participation, Practice, Publication
from practices.values.text import sort_key


@dataclass(frozen=True)
class Entry:
    actor: Actor
    letter: str  # the heading it stands under; figures and signs share one
    type: ActorType | None
    count: int  # of its practices


@lru_cache(maxsize=2)
def entries_of(version: str) -> list[Entry]:
    """All public actors in the order of their names, accents aside."""
    facet_index = facet_index_of(version)
    types = {row.pk: row for row in facet_index.actor_types.values()}
    rows = sorted((sort_key(row.name), row.slug, row) for row in facet_index.public_actors.values())
    return [
        Entry(row, letter_of(name), types.get(row.type_id), len(facet_index.having("actor", slug)))
        for name, slug, row in rows
    ]


def letter_of(name: str) -> str:
    first = next((character for character in name if character.isalnum()), "")
    return first.upper() if first.isalpha() else "0–9"


def entries(facet_index: FacetIndex, actor_type: str = "", country: str = "") -> list[Entry]:
    """The public actors of a type and at home in a country, if these are given."""
    return [
        entry
        for entry in entries_of(facet_index.version)
        if (not actor_type or (entry.type and entry.type.slug == actor_type))
        and (not country or entry.actor.country_id == country)
    ]


def types_of(facet_index: FacetIndex, rows: list[Entry]) -> list[tuple[ActorType, int]]:
    """The types of some actors, in their own order, with their numbers."""
    counts = Counter(entry.type.slug for entry in rows if entry.type)
    return [(row, counts[slug]) for slug, row in facet_index.actor_types.items() if counts[slug]]


def practices_by_role(actor: Actor) -> dict[str, BitMap]:
    """Role → the published practices in which the actor has it, the first roles first. One query."""
    parts = Participation.objects.published().filter(actor=actor).order_by()
    found = dict(parts.values_list("role").annotate(pks=PkList("practice")))
    return {
        role: BitMap(list(map(int, found[role].split(","))))
        for role in Participation.Role.values
        if role in found
    }


PARTS = ("publisher", "funders", "implementers")


def publications(actor: Actor) -> dict[str, list[Model]]:
    """Part → the publications of published practices in which the actor has it. Three queries."""
    public = Publication.objects.filter(practices__in=Practice.objects.published()).distinct()
    found = {
        part: sorted(public.filter(**{part: actor}), key=lambda row: (sort_key(row.title), row.pk))
        for part in PARTS
    }
    return {part: rows for part, rows in found.items() if rows}
