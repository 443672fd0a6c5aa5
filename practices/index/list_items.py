"""List items: what a list shows of a practice. One query for any number of rows."""

from collections.abc import Collection
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language

from practices.index.facet_index import FacetIndex
from practices.models import Practice
from practices.values.period import in_words
from practices.values.versioned_cache import VersionedCache


@dataclass(frozen=True)
class ListItem:
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


LIST_ITEMS = VersionedCache(2_000)


def list_items(pks: Collection[int], facet_index: FacetIndex) -> dict[int, ListItem]:
    """Primary key → list item of each published practice, in the active language. At most one query."""
    return LIST_ITEMS.get_many(
        (facet_index.version, get_language()), pks, lambda missing: fetch_list_items(missing, facet_index)
    )


def fetch_list_items(pks: Collection[int], facet_index: FacetIndex) -> dict[int, ListItem]:
    rows = Practice.objects.published().filter(pk__in=pks, indexed__isnull=False)
    kinds, countries, themes = map(facet_index.names, ("kind", "country", "theme"))

    def list_item(pk: int, data: dict) -> ListItem:
        return ListItem(
            pk=pk,
            slug=data["slug"],
            url=reverse("practice", args=[data["slug"]]),
            title=data["title"],
            summary=data["summary"],
            language=data["language"],
            kind="" if data["kind"] == Practice.Kind.PRACTICE else kinds[data["kind"]],
            period=in_words(data["period"]) if data["period"] else "",
            # A row may be newer than the facet index and name what the index does not hold yet.
            countries=[countries[code] for code in data["countries"] if code in facet_index.countries],
            themes=[
                (reverse("theme", args=[slug]), themes[slug])
                for slug in data["themes"]
                if slug in facet_index.themes
            ],
        )

    return {pk: list_item(pk, data) for pk, data in rows.values_list("pk", "indexed__card")}


def list_item_data(practice: Practice) -> dict:
    """Return the data that the index stores for a list item; independent of the interface language."""
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
