"""Pages of actors: organisations, groups and people."""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from pyroaring import BitMap

from practices.index.facet_index import get_facet_index
from practices.index.list_items import list_items
from practices.listing.actor_directory import entries, practices_by_role, publications, types_of
from practices.listing.fields import unknown_value
from practices.listing.filters import PracticeFilter
from practices.maps.corridor_lines import corridors
from practices.models import Participation
from practices.values.text import sort_key

ACTORS_PER_PAGE = 500  # if there are more, a page shows those of one letter
MAX_CARDS = 20  # of one role
PARAMETERS = ("actor_type", "country")


@require_safe
def actor_list(request: HttpRequest) -> HttpResponse:
    """Return the actors of published content by name, filtered by type and country."""
    facet_index = get_facet_index()
    asked = {name: request.GET.get(name, "").strip() for name in PARAMETERS}
    asked["country"] = asked["country"].upper()
    errors = {
        name: unknown_value(value, PracticeFilter.base_filters[name].extra["accepted"]).messages
        for name, value in asked.items()
        if value and not facet_index.has_value(name, value)
    }
    asked |= dict.fromkeys(errors, "")
    of_country = entries(facet_index, asked["country"])
    type_ = facet_index.actor_types.get(asked["actor_type"])
    rows = [entry for entry in of_country if not type_ or entry.type == type_]
    letters = list(dict.fromkeys(entry.letter for entry in rows))
    letter = request.GET.get("letter", "")
    if len(rows) <= ACTORS_PER_PAGE:
        letter = ""
    elif letter not in letters:
        letter = letters[0]
    context = {
        "errors": errors,
        "labels": {name: PracticeFilter.base_filters[name].label for name in PARAMETERS},
        "query": urlencode({name: value for name, value in asked.items() if value}),
        "count": len(rows),
        "types": types_of(facet_index, of_country),
        "everyone": len(of_country),
        "type": type_,
        "country": facet_index.countries.get(asked["country"]),
        "letters": letters,
        "letter": letter,
        "rows": [entry for entry in rows if letter in ("", entry.letter)],
        "names": facet_index.names("country"),
    }
    return render(request, "actor_list.html", context)


@require_safe
def actor(request: HttpRequest, slug: str) -> HttpResponse:
    """Return the page of an actor of published content: practices by role, corridors, publications."""
    facet_index = get_facet_index()
    actors = facet_index.public_actors
    if slug not in actors:
        raise Http404(_("No published practice has the actor “%(slug)s”.") % {"slug": slug})
    found = actors[slug]
    by_role = practices_by_role(found)
    pks = BitMap.union(BitMap(), *by_role.values())
    shown = {
        role: facet_index.newest(pks & facet_index.published, MAX_CARDS) for role, pks in by_role.items()
    }
    rows = list_items({key for some in shown.values() for key in some}, facet_index)
    roles = dict(Participation.Role.choices)
    context = {
        "actor": found,
        "type": next((row for row in facet_index.actor_types.values() if row.pk == found.type_id), None),
        "country": facet_index.countries.get(found.country_id),
        "parent": next((row for row in actors.values() if row.pk == found.parent_id), None),
        "parts": sorted(
            (row for row in actors.values() if row.parent_id == found.pk),
            key=lambda row: (sort_key(row.name), row.pk),
        ),
        "roles": [
            (roles[role], len(by_role[role]), [rows[key] for key in some if key in rows])
            for role, some in shown.items()
        ],
        "count": len(pks),
        "lines": corridors(facet_index, pks),
        "publications": publications(found),
    }
    return render(request, "actor.html", context)
