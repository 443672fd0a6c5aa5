"""Cards: what a list shows of a practice, read from the index in one query for any number of rows."""

from collections.abc import Collection
from dataclasses import dataclass

from django.utils.translation import get_language

from practices.index.facet_index import Catalogue
from practices.index.urls_cache import address
from practices.models import Practice
from practices.values.period import in_words
from practices.values.versioned_cache import Shelf


@dataclass(frozen=True)
class Card:
    pk: int
    slug: str
    url: str
    title: str
    summary: str
    language: str
    kind: str  # in words; empty for a plain practice
    period: str  # in words; empty when it is not known
    countries: list[str]  # names
    themes: list[tuple[str, str]]  # address and name


CARDS = Shelf(2_000)


def cards(keys: Collection[int], known: Catalogue) -> dict[int, Card]:
    """Key → card, of those that are published, in the active language. One query for those not kept yet."""
    return CARDS.gather((known.version, get_language()), keys, lambda missing: made(missing, known))


def made(keys: Collection[int], known: Catalogue) -> dict[int, Card]:
    rows = Practice.objects.published().filter(pk__in=keys, indexed__isnull=False)
    kinds, countries, themes = map(known.names, ("kind", "country", "theme"))

    def card(key: int, kept: dict) -> Card:
        return Card(
            pk=key,
            slug=kept["slug"],
            url=address("practice", kept["slug"]),
            title=kept["title"],
            summary=kept["summary"],
            language=kept["language"],
            kind="" if kept["kind"] == Practice.Kind.PRACTICE else kinds[kept["kind"]],
            period=in_words(kept["period"]) if kept["period"] else "",
            # A row may be a moment younger than the catalogue, and name what that does not hold yet.
            countries=[countries[code] for code in kept["countries"] if code in known.countries],
            themes=[
                (address("theme", slug), themes[slug]) for slug in kept["themes"] if slug in known.themes
            ],
        )

    return {key: card(key, kept) for key, kept in rows.values_list("pk", "indexed__card")}


def keep(practice: Practice) -> dict:
    """What the index keeps of a practice for its card: nothing that depends on a language."""
    return {
        "slug": practice.slug,
        "title": practice.title,
        "summary": practice.summary,
        "language": practice.language,
        "kind": practice.kind,
        "period": practice.period.edtf if practice.period else None,
        "countries": [country.code for country in practice.countries],
        "themes": [theme.slug for theme in practice.themes.all()],
    }
