"""The directory of actors of published practices and publications, by name, with their roles."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Model
from pyroaring import BitMap

from practices.index.facet_index import FacetIndex, PkSet
from practices.models import Actor, ActorType, Participation, Practice, Publication
from practices.values.text import sort_key


@dataclass(frozen=True)
class Entry:
    actor: Actor
    letter: str  # the heading above it; digits and signs share one
    type: ActorType | None
    count: int  # of its practices


def entries(facet_index: FacetIndex, country: str = "") -> list[Entry]:
    """The public actors by name, of one country if it is given. No query."""
    return [entry for entry in all_entries(facet_index) if not country or entry.actor.country_id == country]


@lru_cache(maxsize=2)  # as many as there are facet indexes
def all_entries(facet_index: FacetIndex) -> list[Entry]:
    types = {row.pk: row for row in facet_index.actor_types.values()}
    return [
        Entry(
            actor, first_letter(actor.name), types.get(actor.type_id), len(facet_index.having("actor", slug))
        )
        for slug, actor in facet_index.public_actors.items()
    ]


def first_letter(name: str) -> str:
    first = next((character for character in sort_key(name) if character.isalnum()), "")
    return first.upper() if first.isalpha() else "0–9"


def types_of(facet_index: FacetIndex, rows: list[Entry]) -> list[tuple[ActorType, int]]:
    """The types of some actors, in their own order, with their numbers."""
    counts = Counter(entry.type.slug for entry in rows if entry.type)
    return [(row, counts[slug]) for slug, row in facet_index.actor_types.items() if counts[slug]]


def practices_by_role(actor: Actor) -> dict[str, BitMap]:
    """Role → the published practices in which the actor has it, the first roles first. One query."""
    parts = Participation.objects.published().filter(actor=actor).order_by()
    found = dict(parts.values_list("role").annotate(pks=PkSet("practice")))
    return {role: found[role] for role in Participation.Role.values if role in found}


PARTS = ("publisher", "funders", "implementers")


def publications(actor: Actor) -> dict[str, list[Model]]:
    """Part → the publications of published practices in which the actor has it. Three queries."""
    public = Publication.objects.filter(practices__in=Practice.objects.published()).distinct()
    found = {
        part: sorted(public.filter(**{part: actor}), key=lambda row: (sort_key(row.title), row.pk))
        for part in PARTS
    }
    return {part: rows for part, rows in found.items() if rows}
