"""A practice in the vocabulary of schema.org, as JSON-LD, for search engines and harvesters.

No query after `for_detail()`.
"""

import json
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from practices.exchange.citations import Reference, abstract, apa, html_to_text, keywords
from practices.models import (
    Actor,
    Corridor,
    Image,
    Lesson,
    Objective,
    Participation,
    Place,
    Practice,
    Publication,
    Source,
    Theme,
)
from practices.values.text import to_html

# What could end the element that the data stands in, or begin another one.
UNSAFE = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


def script(practice: Practice) -> SafeString:
    """Return the data as a script block of a page. Browsers do not run it, so the content security policy
    allows it.
    """
    data = json.dumps(article(practice), ensure_ascii=False, separators=(",", ":"))
    return mark_safe(f'<script type="application/ld+json">{data.translate(UNSAFE)}</script>')


def article(practice: Practice) -> dict[str, Any]:
    """Return the page of a practice as an Article, without unknown values."""
    cited = Reference(practice)
    return without_empty(
        {
            "@context": "https://schema.org",
            "@type": "Article",
            "@id": cited.url,
            "url": cited.url,
            "headline": cited.title,
            "description": abstract(practice),
            "inLanguage": practice.language,
            "datePublished": practice.published_at and practice.published_at.isoformat(),
            "dateModified": practice.updated_at.isoformat(),
            "author": {"@type": "Organization", "name": cited.author},
            "publisher": {"@type": "Organization", "name": cited.site, "url": f"{settings.SITE_URL}/"},
            "editor": cited.reteller and {"@type": "Organization", "name": cited.reteller},
            "isBasedOn": practice.publication and book_node(practice.publication),
            "temporalCoverage": practice.period and practice.period.edtf,
            "spatialCoverage": [place_node(row) for row in practice.places.all()],
            "about": [
                *(theme_node(row) for row in practice.themes.all()),
                *(objective_node(row) for row in practice.objectives.all()),
            ],
            "keywords": keywords(practice),
            "citation": [source_node(row) for row in practice.sources.all()],
            "image": [image_node(row) for row in practice.images.all()],
        }
    )


# The names as schema.org’s own context has them (with http), so that nobody need fetch it; and Dublin Core’s.
CONTEXT = {
    "@vocab": "http://schema.org/",
    "dcterms": "http://purl.org/dc/terms/",
    "url": {"@type": "@id"},
}


def practice_node(practice: Practice) -> dict[str, Any]:
    """Return the whole practice for harvesters, with CONTEXT: the article with text, lessons, actors and
    corridors.

    Texts are Markdown. Dublin Core has terms that schema.org lacks.
    """
    described = article(practice)
    del described["@context"]
    about = described.pop("about", []) + [corridor_node(row) for row in practice.corridors.all()]
    return described | without_empty(
        {
            "articleBody": practice.story,
            "about": about,
            "hasPart": [lesson_node(row, described["url"]) for row in practice.lessons.all()],
            "contributor": [role_node(row) for row in practice.participations.all()],
            "dcterms:identifier": practice.slug,
            "dcterms:type": practice.kind,
            "dcterms:temporal": practice.period and practice.period.edtf,
            "dcterms:spatial": [country.code for country in practice.countries],
            "dcterms:provenance": practice.editors_note,
            "dcterms:bibliographicCitation": html_to_text(apa(practice, timezone.localdate())),
        }
    )


def corridor_node(row: Corridor) -> dict[str, Any]:
    origin, destination = (
        {"@type": "Country", "name": country.local_name, "identifier": country.code}
        for country in (row.origin, row.destination)
    )
    return {"@type": "MoveAction", "fromLocation": origin, "toLocation": destination}


def lesson_node(row: Lesson, address: str) -> dict[str, Any]:
    url = f"{address}#{row.anchor}"
    return {"@type": "CreativeWork", "@id": url, "url": url, "position": row.order, "text": row.text}


def role_node(row: Participation) -> dict[str, Any]:
    """Return an actor with its role, as a Role of schema.org."""
    return {"@type": "Role", "roleName": row.role, "contributor": organization_node(row.actor)}


def without_empty(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, "", [])}


def place_node(row: Place) -> dict[str, Any]:
    """A place within its country; the country itself when it is the whole of it."""
    country = {"@type": "Country", "name": row.country.local_name, "identifier": row.country_id}
    point = row.latitude is not None and {
        "@type": "GeoCoordinates",
        "latitude": float(row.latitude),
        "longitude": float(row.longitude),
    }
    if not row.name:
        return country | ({"geo": point} if point else {})
    inside = {"@type": "Place", "name": row.name, "containedInPlace": country}
    return inside | ({"geo": point} if point else {})


def theme_node(row: Theme) -> dict[str, Any]:
    return {
        "@type": "DefinedTerm",
        "name": row.name,
        "url": settings.SITE_URL + reverse("theme", args=[row.slug]),
        "inDefinedTermSet": row.get_scheme_display(),
    }


def objective_node(row: Objective) -> dict[str, Any]:
    return {
        "@type": "DefinedTerm",
        "name": row.name,
        "termCode": row.label,
        "inDefinedTermSet": row.get_framework_display(),
    }


def book_node(row: Publication) -> dict[str, Any]:
    return without_empty(
        {
            "@type": "Book",
            "name": row.title,
            "inLanguage": row.language,
            "url": row.url,
            "datePublished": row.date and row.date.edtf,
            "publisher": organization_node(row.publisher),
            "funder": [organization_node(actor) for actor in row.funders.all()],
        }
    )


def image_node(row: Image) -> dict[str, Any]:
    return without_empty(
        {
            "@type": "ImageObject",
            "url": settings.SITE_URL + row.url,
            "description": row.alt,
            "caption": row.caption,
            "creditText": row.credit,
        }
    )


def organization_node(actor: Actor) -> dict[str, Any]:
    return without_empty({"@type": "Organization", "name": actor.name, "alternateName": actor.acronym})


def source_node(row: Source) -> dict[str, Any]:
    return without_empty(
        {
            "@type": "CreativeWork",
            "name": html_to_text(to_html(row.text)),
            "url": row.url,
            "datePublished": row.date and row.date.edtf,
        }
    )
