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
from practices.index.facet_index import Catalogue, regions_of
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
    rows: Callable[[Catalogue, Asked], dict[str, Any]]  # by slug or code, in the order of the list
    document: Callable[[Catalogue, Any], Document]
    more: Callable[[Catalogue, Any], Document] = lambda known, row: {}  # what one alone says besides
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
        rows = self.noun.rows(self.known, self.asked)
        self.asked.check()
        if self.noun.page:
            self.links.append((reverse(self.noun.page), "alternate", "text/html"))
        page = Page(self, len(rows), number, size)
        shown = list(rows.values())[page.part]
        return page.answer(
            documents.to_json(sliced(self.noun.document(self.known, row), names)) for row in shown
        )


class NounDetail(Door):
    noun: Noun = None
    parameters = ("fields",)

    def answer(self, request: Request, key: str) -> HttpResponse:
        names = self.asked.fields(fields_of(self.noun.schema))
        self.asked.check()
        row = self.noun.rows(self.known, self.asked).get(self.noun.normalise(key))
        if row is None:
            raise exceptions.NotFound(_("There is nothing named “%(key)s” here.") % {"key": key})
        document = self.noun.document(self.known, row)
        document |= self.noun.more(self.known, row)
        if self.noun.page:
            self.links.append((document["url"], "alternate", "text/html"))
        return HttpResponse(documents.to_json(sliced(document, names)), content_type=JSON)


# Actors ----------------------------------------------------------------------------------------------------


def actors(known: Catalogue, asked: Asked) -> dict[str, Actor]:
    """Those that take part in what is published, by name; narrowed by words of the name, type and home
    country. A word finds the names in which it begins a word, as the search box does."""
    types, countries = asked.keys(known, "actor_type"), asked.keys(known, "country")
    begun = [word.folded for word in words(asked.words())]
    return {
        entry.actor.slug: entry.actor
        for entry in entries(known)
        if (not types or (entry.type and entry.type.slug in types))
        and (not countries or entry.actor.country_id in countries)
        and begins(begun, f"{entry.actor.name} {entry.actor.acronym}")
    }


def actor(known: Catalogue, row: Actor) -> Document:
    kind = next((each for each in known.actor_types.values() if each.pk == row.type_id), None)
    country = known.countries.get(row.country_id)
    above = known.public_actors.values() if row.parent_id else ()
    parent = next((each for each in above if each.pk == row.parent_id), None)
    return {
        **documents.body(row),
        **documents.addresses("actor", row.slug),
        "type": {"slug": kind.slug, "name": kind.name} if kind else None,
        "country": documents.country(country) if country else None,
        "parent": documents.body(parent) if parent else None,
        **practices(known, "actor", row.slug),
    }


def actor_whole(known: Catalogue, row: Actor) -> Document:
    """Five queries."""
    by_role = {role: keys & known.everything for role, keys in practices_by_role(row).items()}
    slugs = dict(Practice.objects.published().filter(participations__actor=row).values_list("pk", "slug"))
    return {
        "parts": [documents.body(each) for each in known.public_actors.values() if each.parent_id == row.pk],
        "roles": [
            {"role": role, "practices": [slugs[key] for key in known.newest(keys, len(keys)) if key in slugs]}
            for role, keys in by_role.items()
        ],
        "publications": [
            {"part": part, "slug": each.slug, "title": each.title}
            for part, rows in publications(row).items()
            for each in rows
        ],
    }


# Reference data --------------------------------------------------------------------------------------------


def countries(known: Catalogue, asked: Asked) -> dict[str, Country]:
    return dict(sorted(known.countries.items(), key=lambda item: item[1].local_name))


def country(known: Catalogue, row: Country) -> Document:
    regions = [known.regions[code] for code in regions_of(row, known.regions)]
    return {
        **documents.country(row),
        **documents.addresses("country", row.code),
        "alpha3": row.alpha3,
        "numeric": row.numeric,
        "regions": [{"code": region.code, "name": region.local_name} for region in regions],
        "latitude": float(row.latitude),
        "longitude": float(row.longitude),
        **practices(known, "country", row.code),
    }


def country_whole(known: Catalogue, row: Country) -> Document:
    """The corridors that practices link, most practices first, and the actors at home there. No query."""
    lines = [line for line in corridors(known, known.everything) if row in (line.origin, line.destination)]
    return {
        "corridors": [
            {"origin": line.origin.code, "destination": line.destination.code, "practice_count": line.count}
            for line in lines
        ],
        "actors": [documents.body(entry.actor) for entry in entries(known, country=row.code)],
    }


def themes(known: Catalogue, asked: Asked) -> dict[str, Theme]:
    return known.themes


def theme(known: Catalogue, row: Theme) -> Document:
    return {
        **documents.theme(row),
        **documents.addresses("theme", row.slug),
        "scheme": row.scheme,
        "definition": row.definition,
        "parent": documents.theme(row.parent) if row.parent else None,
        "parts": [documents.theme(each) for each in known.themes.values() if each.parent_id == row.pk],
        **practices(known, "theme", row.slug),
    }


def objectives(known: Catalogue, asked: Asked) -> dict[str, Objective]:
    return known.objectives


def objective(known: Catalogue, row: Objective) -> Document:
    """An objective has no page of its own: its practices are."""
    return {
        "code": row.code,
        "name": row.name,
        "framework": row.framework,
        "url": f"{settings.SITE_URL}{reverse('practices')}?{urlencode({'objective': row.code})}",
        "api_url": settings.SITE_URL + reverse("api:objective-detail", args=[row.code]),
        **practices(known, "objective", row.code),
    }


def practices(known: Catalogue, parameter: str, value: str) -> Document:
    """How many practices have the value, and where they are. An actor of a publication alone has no list."""
    address = f"{settings.SITE_URL}{reverse('api:practice-list')}?{urlencode({parameter: value})}"
    return {
        "practice_count": len(known.having(parameter, value)),
        "practices_url": address if parameter != "actor" or known.having(parameter, value) else None,
    }


def publications_of(known: Catalogue, asked: Asked) -> dict[str, Publication]:
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


def publication(known: Catalogue, row: Publication) -> Document:
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
