"""A practice as a JSON document, as the API and its files give it: plain functions, one for each noun."""

import json
from collections.abc import Collection
from datetime import date
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import get_language, override

from practices.models import (
    Actor,
    Corridor,
    Country,
    Image,
    Lesson,
    Objective,
    Participation,
    Place,
    Practice,
    Publication,
    Theme,
)
from practices.values.period import Period
from practices.values.text import to_html
from practices.values.versioned_cache import VersionedCache


def addresses(noun: str, key: str) -> dict[str, str]:
    """The page of a row and its address in the API."""
    pages = {"url": reverse(noun, args=[key]), "api_url": reverse(f"api:{noun}-detail", args=[key])}
    return {name: settings.SITE_URL + page for name, page in pages.items()}


def country(row: Country) -> dict[str, str]:
    return {"code": row.code, "name": row.local_name}


def place(row: Place) -> dict[str, Any]:
    return {
        "name": row.name,
        "country": row.country_id,
        "latitude": None if row.latitude is None else float(row.latitude),
        "longitude": None if row.longitude is None else float(row.longitude),
    }


def corridor(row: Corridor) -> dict[str, str]:
    return {"origin": row.origin_id, "destination": row.destination_id}


def period(value: Period | None) -> dict[str, Any] | None:
    if value is None:
        return None
    return {
        "text": value.text,
        "edtf": value.edtf,
        "start": value.start,
        "end": value.end,
        "ongoing": value.ongoing,
    }


def theme(row: Theme) -> dict[str, str]:
    return {"slug": row.slug, "name": row.name}


def objective(row: Objective, practice: Practice) -> dict[str, Any]:
    return {
        "code": row.code,
        "name": row.name,
        "assigned_by_editors": practice.assigned_by_editors(row),
    }


def participation(row: Participation) -> dict[str, Any]:
    return {
        "slug": row.actor.slug,
        "name": row.actor.name,
        "acronym": row.actor.acronym,
        "type": row.actor.type.slug if row.actor.type else None,
        "role": row.role,
        "group": row.group,
        "note": row.note,
    }


def lesson(row: Lesson, address: str) -> dict[str, Any]:
    return {
        "number": row.number,
        "order": row.order,
        "url": f"{address}#{row.anchor}",
        "markdown": row.text,
        "html": to_html(row.text, row.anchor),
    }


def image(row: Image) -> dict[str, Any]:
    sizes = [{"url": settings.SITE_URL + url, "width": width} for url, width in row.sizes]
    words = {"alt": row.alt, "caption": row.caption, "credit": row.credit}
    return {
        "url": settings.SITE_URL + row.url,
        "width": row.width,
        "height": row.height,
        **words,
        "sizes": sizes,
    }


def body(row: Actor) -> dict[str, str]:
    return {"slug": row.slug, "name": row.name, "acronym": row.acronym}


def publication(row: Publication | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "slug": row.slug,
        "title": row.title,
        "publisher": body(row.publisher),
        "funders": [body(actor) for actor in row.funders.all()],
        "implementers": [body(actor) for actor in row.implementers.all()],
        "url": row.url,
        "language": row.language,
        "date": row.date.edtf if row.date else None,
    }


def summary(practice: Practice) -> dict[str, Any]:
    """A practice in a list: all but its story and lessons. No query after `for_api()`."""
    return indexed(practice) | {"changed_at": practice.changed_at}


def indexed(practice: Practice, site: str | None = None) -> dict[str, Any]:
    """What the index keeps of a practice for lists: all but the moment it changed, which comes after."""
    site = settings.SITE_URL if site is None else site
    return {
        "slug": practice.slug,
        "url": site + practice.get_absolute_url(),
        "api_url": site + reverse("api:practice-detail", args=[practice.slug]),
        "title": practice.title,
        "kind": practice.kind,
        "summary": practice.summary,
        "language": practice.language,
        "available_languages": [practice.language],
        "countries": [country(row) for row in practice.countries],
        "places": [place(row) for row in practice.places.all()],
        "corridors": [corridor(row) for row in practice.corridors.all()],
        "period": period(practice.period),
        "activity": practice.activity,
        "activity_checked_on": practice.activity_checked_on,
        "activity_checked_by": practice.activity_checked_by,
        "themes": [theme(row) for row in practice.themes.all()],
        "objectives": [objective(row, practice) for row in practice.objectives.all()],
        "actors": [participation(row) for row in practice.participations.all()],
        "sources": [
            {"text": row.text, "url": row.url, "date": row.date.edtf if row.date else None}
            for row in practice.sources.all()
        ],
        "publication": publication(practice.publication),
        "published_at": practice.published_at,
        "updated_at": practice.updated_at,
    }


def whole(practice: Practice) -> dict[str, Any]:
    """A practice with its story, lessons and images. No query after `whole()`."""
    document = summary(practice)
    return document | {
        "story": {"markdown": practice.story, "html": to_html(practice.story, "story")},
        "lessons": [lesson(row, document["url"]) for row in practice.lessons.all()],
        "images": [image(row) for row in practice.images.all()],
        "editors_note": practice.editors_note,
    }


# The list's documents are kept as JSON in the index. An address in them begins with a NUL instead of the
# site's own, which may change; no text of a practice can begin so.
NO_SITE = "\0"
BEGINS = json.dumps(NO_SITE)[:-1]


def to_json(document: Any) -> str:
    return json.dumps(document, default=iso, ensure_ascii=False, separators=(",", ":"))


def iso(day: date) -> str:
    """A day, or a moment."""
    return day.isoformat().replace("+00:00", "Z")


def kept(row: Practice) -> str:
    """What the index keeps of a practice for lists in the site's first language."""
    with override(settings.LANGUAGE_CODE):
        return to_json(indexed(row, NO_SITE))


def with_site(text: str) -> str:
    return text.replace(BEGINS, json.dumps(settings.SITE_URL)[:-1])


DOCUMENTS = VersionedCache(2_000)


def listed(keys: Collection[int], version: str) -> dict[int, tuple[str, str]]:
    """Key → slug and document of a list as JSON, of those that are published.

    One query for those that are not kept yet; thirteen in another language than the site's first.
    """
    return DOCUMENTS.get_many((version, get_language(), settings.SITE_URL), keys, documents)


def documents(keys: Collection[int]) -> dict[int, tuple[str, str]]:
    published = Practice.objects.published()
    if get_language() == settings.LANGUAGE_CODE:
        rows = published.filter(pk__in=keys, indexed__isnull=False).with_changed_at()
        found = rows.values_list("pk", "slug", "indexed__document", "changed_at")
        return {
            key: (slug, f'{with_site(text)[:-1]},"changed_at":{to_json(moment)}}}')
            for key, slug, text, moment in found
        }
    made = published.for_api().in_bulk(keys)
    return {key: (row.slug, to_json(summary(row))) for key, row in made.items()}
