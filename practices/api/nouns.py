"""The API's doors to what practices name: actors, countries, themes, objectives, publications."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.request import Request

from practices.api.door import JSON, Door
from practices.api.listing import Page, sliced
from practices.api.parameters import PAGING, Asked
from practices.api.schema import fields_of
from practices.index.facet_index import FacetIndex, regions_of
from practices.listing.actor_directory import entries, practices_by_role, publications
from practices.maps.map_view import corridors
from practices.models import Actor, Country, Objective, Practice, Publication, Theme
from practices.search.suggestions import begins
from practices.search.tokenizer import words
from practices.serializers import documents
from practices.values.text import sort_key

Document = dict[str, Any]


@dataclass(frozen=True)
class Noun:
    name: str
    schema: str
    page: str  # the site's own list, if it has one
    rows: Callable[[FacetIndex, Asked], dict[str, Any]]  # by slug or code, in the order of the list
    document: Callable[[FacetIndex, Any], Document]
    more: Callable[[FacetIndex, Any], Document] = lambda facet_index, row: {}  # what one alone says besides
    parameters: tuple[str, ...] = ()
    normalise: Callable[[str], str] = str  # of a key, however its letters are sent


class NounList(Door):
    noun: Noun = None  # as_view() sets it

    @property
    def parameters(self) -> tuple[str, ...]:
        return (*PAGING, "fields", *self.noun.parameters)

    def answer(self, request: Request) -> HttpResponse:
        number, size = self.asked.paging()
        names = self.asked.fields(fields_of(self.noun.schema))
        rows = self.noun.rows(self.facet_index, self.asked)
        self.asked.check()
        if self.noun.page:
            self.links.append((reverse(self.noun.page), "alternate", "text/html"))
        page = Page(self, len(rows), number, size)
        shown = list(rows.values())[page.part]
        return page.answer(
            documents.to_json(sliced(self.noun.document(self.facet_index, row), names)) for row in shown
        )


class NounDetail(Door):
    noun: Noun = None
    parameters = ("fields",)

    def answer(self, request: Request, key: str) -> HttpResponse:
        names = self.asked.fields(fields_of(self.noun.schema))
        self.asked.check()
        row = self.noun.rows(self.facet_index, self.asked).get(self.noun.normalise(key))
        if row is None:
            raise exceptions.NotFound(_("There is nothing with the key “%(key)s”.") % {"key": key})
        document = self.noun.document(self.facet_index, row)
        document |= self.noun.more(self.facet_index, row)
        if self.noun.page:
            self.links.append((document["url"], "alternate", "text/html"))
        return HttpResponse(documents.to_json(sliced(document, names)), content_type=JSON)


# Actors ----------------------------------------------------------------------------------------------------


def actors(facet_index: FacetIndex, asked: Asked) -> dict[str, Actor]:
    """Those that take part in what is published, by name; narrowed by words of the name, type and home
    country. A word finds the names in which it begins a word, as the search box does."""
    types, countries = asked.keys(facet_index, "actor_type"), asked.keys(facet_index, "country")
    begun = [word.folded for word in words(asked.words())]
    return {
        entry.actor.slug: entry.actor
        for entry in entries(facet_index)
        if (not types or (entry.type and entry.type.slug in types))
        and (not countries or entry.actor.country_id in countries)
        and begins(begun, f"{entry.actor.name} {entry.actor.acronym}")
    }


def actor(facet_index: FacetIndex, row: Actor) -> Document:
    kind = next((each for each in facet_index.actor_types.values() if each.pk == row.type_id), None)
    country = facet_index.countries.get(row.country_id)
    above = facet_index.public_actors.values() if row.parent_id else ()
    parent = next((each for each in above if each.pk == row.parent_id), None)
    return {
        **documents.body(row),
        **documents.addresses("actor", row.slug),
        "type": {"slug": kind.slug, "name": kind.name} if kind else None,
        "country": documents.country(country) if country else None,
        "parent": documents.body(parent) if parent else None,
        **practices(facet_index, "actor", row.slug),
    }


def actor_whole(facet_index: FacetIndex, row: Actor) -> Document:
    """Five queries."""
    by_role = {role: keys & facet_index.everything for role, keys in practices_by_role(row).items()}
    slugs = dict(Practice.objects.published().filter(participations__actor=row).values_list("pk", "slug"))
    return {
        "parts": [
            documents.body(each) for each in facet_index.public_actors.values() if each.parent_id == row.pk
        ],
        "roles": [
            {
                "role": role,
                "practices": [slugs[key] for key in facet_index.newest(keys, len(keys)) if key in slugs],
            }
            for role, keys in by_role.items()
        ],
        "publications": [
            {"part": part, "slug": each.slug, "title": each.title}
            for part, rows in publications(row).items()
            for each in rows
        ],
    }


# Reference data --------------------------------------------------------------------------------------------


def countries(facet_index: FacetIndex, asked: Asked) -> dict[str, Country]:
    return dict(sorted(facet_index.countries.items(), key=lambda item: item[1].local_name))


def country(facet_index: FacetIndex, row: Country) -> Document:
    regions = [facet_index.regions[code] for code in regions_of(row, facet_index.regions)]
    return {
        **documents.country(row),
        **documents.addresses("country", row.code),
        "alpha3": row.alpha3,
        "numeric": row.numeric,
        "regions": [{"code": region.code, "name": region.local_name} for region in regions],
        "latitude": float(row.latitude),
        "longitude": float(row.longitude),
        **practices(facet_index, "country", row.code),
    }


def country_whole(facet_index: FacetIndex, row: Country) -> Document:
    """The corridors that practices link, most practices first, and the actors at home there. No query."""
    lines = [
        line
        for line in corridors(facet_index, facet_index.everything)
        if row in (line.origin, line.destination)
    ]
    return {
        "corridors": [
            {"origin": line.origin.code, "destination": line.destination.code, "practice_count": line.count}
            for line in lines
        ],
        "actors": [documents.body(entry.actor) for entry in entries(facet_index, country=row.code)],
    }


def themes(facet_index: FacetIndex, asked: Asked) -> dict[str, Theme]:
    return facet_index.themes


def theme(facet_index: FacetIndex, row: Theme) -> Document:
    return {
        **documents.theme(row),
        **documents.addresses("theme", row.slug),
        "scheme": row.scheme,
        "definition": row.definition,
        "parent": documents.theme(row.parent) if row.parent else None,
        "parts": [documents.theme(each) for each in facet_index.themes.values() if each.parent_id == row.pk],
        **practices(facet_index, "theme", row.slug),
    }


def objectives(facet_index: FacetIndex, asked: Asked) -> dict[str, Objective]:
    return facet_index.objectives


def objective(facet_index: FacetIndex, row: Objective) -> Document:
    """An objective has no page of its own: its practices are."""
    return {
        "code": row.code,
        "name": row.name,
        "framework": row.framework,
        "url": f"{settings.SITE_URL}{reverse('practices')}?{urlencode({'objective': row.code})}",
        "api_url": settings.SITE_URL + reverse("api:objective-detail", args=[row.code]),
        **practices(facet_index, "objective", row.code),
    }


def practices(facet_index: FacetIndex, parameter: str, value: str) -> Document:
    """How many practices have the value, and where they are. An actor of a publication alone has no list."""
    address = f"{settings.SITE_URL}{reverse('api:practice-list')}?{urlencode({parameter: value})}"
    return {
        "practice_count": len(facet_index.having(parameter, value)),
        "practices_url": address if parameter != "actor" or facet_index.having(parameter, value) else None,
    }


def publications_of(facet_index: FacetIndex, asked: Asked) -> dict[str, Publication]:
    """Those of published practices by title. Four queries."""
    first = Practice.objects.published().filter(publication__isnull=False)
    counts = Counter(first.values_list("publication", flat=True))
    rows = Publication.objects.filter(pk__in=counts).select_related("publisher")
    by_title = sorted(
        rows.prefetch_related("funders", "implementers"), key=lambda row: (sort_key(row.title), row.pk)
    )
    found = {row.slug: row for row in by_title}
    for row in found.values():
        row.practice_count = counts[row.pk]
    return found


def publication(facet_index: FacetIndex, row: Publication) -> Document:
    return {
        **documents.publication(row),
        "api_url": settings.SITE_URL + reverse("api:publication-detail", args=[row.slug]),
        "practice_count": row.practice_count,
    }


NOUNS = {
    "actors": Noun("actor", "Actor", "actors", actors, actor, actor_whole, ("q", "actor_type", "country")),
    "countries": Noun(
        "country", "Country", "countries", countries, country, country_whole, normalise=str.upper
    ),
    "themes": Noun("theme", "Theme", "themes", themes, theme),
    "objectives": Noun("objective", "Objective", "", objectives, objective, normalise=str.lower),
    "publications": Noun("publication", "Publication", "", publications_of, publication),
}
