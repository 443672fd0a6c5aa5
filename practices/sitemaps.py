"""The site map: every page there is, for search engines."""

from datetime import datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap, views
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import condition, require_safe

from practices.catalogue import Catalogue, catalogue
from practices.models import Practice


class Pages(Sitemap):
    """Addresses of the site's own name, however it was asked."""

    def __init__(self, known: Catalogue) -> None:
        self.known = known

    def get_urls(self, page: int = 1, site: Any = None, protocol: str | None = None) -> list[dict]:
        own = urlsplit(settings.SITE_URL)
        return super().get_urls(page, SimpleNamespace(domain=own.netloc), own.scheme)


class NamedPages(Pages):
    """Those that are always there. Lists and indexes change with the content, words only with a release."""

    def items(self) -> list[str]:
        return [
            "home",
            "practices",
            "lessons",
            "countries",
            "themes",
            "actors",
            "about",
            "help",
            "accessibility",
        ]

    def location(self, item: str) -> str:
        return reverse(item)


class Practices(Pages):
    """One query."""

    def items(self) -> list[Practice]:
        rows = Practice.objects.published().order_by("-published_at", "pk")
        return rows.only("slug", "updated_at")

    def lastmod(self, item: Practice) -> datetime:
        return item.updated_at


class Values(Pages):
    """A page for each value of a parameter that some published practice has."""

    def __init__(self, known: Catalogue, parameter: str) -> None:
        super().__init__(known)
        self.parameter = parameter

    def items(self) -> list[str]:
        return sorted(self.known.by[self.parameter])

    def location(self, item: str) -> str:
        return reverse(self.parameter, args=[item])


class Countries(Values):
    """Those that practices happen in, and those at the ends of corridors."""

    def items(self) -> list[str]:
        ends = {code for corridor in self.known.by["corridor"] for code in corridor.split("-")}
        return sorted(ends.union(self.known.by["country"]))


def sections() -> dict[str, Pages]:
    """The parts of the site map by their names."""
    known = catalogue()
    return {
        "pages": NamedPages(known),
        "practices": Practices(known),
        "countries": Countries(known, "country"),
        "corridors": Values(known, "corridor"),
        "themes": Values(known, "theme"),
        "actors": Values(known, "actor"),
    }


def etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    return f'"{catalogue().version}"'


@require_safe
@condition(etag_func=etag)
def sitemap(request: HttpRequest) -> HttpResponse:
    """All in one file; a list of files, one a section, where there is more than a file may hold."""
    found = sections()
    if sum(Paginator(section.items(), 1).count for section in found.values()) > Sitemap.limit:
        return views.index(request, found, sitemap_url_name="sitemap-section")
    return views.sitemap(request, found)


@require_safe
@condition(etag_func=etag)
def sitemap_section(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, sections(), section)
