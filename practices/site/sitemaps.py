"""The sitemap: every page, for search engines."""

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

from practices.index.etags import content_etag
from practices.index.facet_index import get_facet_index
from practices.models import Practice
from practices.models.content_version import content_version

# Always there. Lists and indexes change with the content, words only with a release.
NAMED = ("home", "practices", "lessons", "countries", "themes", "actors", "about", "help", "accessibility")


class Pages(Sitemap):
    """The pages of one URL name, one for each value; without a name the values are URL names.

    Their addresses have the site's own host, whatever the request's host was.
    """

    def __init__(self, values: Any, name: str = "") -> None:
        self.values, self.name = values, name

    def items(self) -> Any:
        return self.values

    def location(self, item: Any) -> str:
        return reverse(self.name, args=[item]) if self.name else reverse(item)

    def get_urls(self, page: int = 1, site: Any = None, protocol: str | None = None) -> list[dict]:
        own = urlsplit(settings.SITE_URL)
        return super().get_urls(page, SimpleNamespace(domain=own.netloc), own.scheme)


class Practices(Pages):
    def location(self, item: Practice) -> str:
        return item.get_absolute_url()

    def lastmod(self, item: Practice) -> datetime:
        return item.updated_at


def sections() -> dict[str, Pages]:
    """Return the sections of the sitemap by name: the values that some published practice has."""
    by = get_facet_index().by
    published = Practice.objects.published().order_by("-published_at", "pk")
    ends = {code for corridor in by["corridor"] for code in corridor.split("-")}
    return {
        "pages": Pages(NAMED),
        "practices": Practices(published.only("slug", "updated_at")),
        "countries": Pages(sorted(ends.union(by["country"])), "country"),
        "corridors": Pages(sorted(by["corridor"]), "corridor"),
        "themes": Pages(sorted(by["theme"]), "theme"),
        "actors": Pages(sorted(by["actor"]), "actor"),
    }


def etag(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    return content_etag(content_version(), settings.SITE_URL)


@require_safe
@condition(etag_func=etag)
def sitemap(request: HttpRequest) -> HttpResponse:
    """Return one file, or an index of one file for each section if one file would be too large."""
    found = sections()
    if sum(Paginator(section.items(), 1).count for section in found.values()) > Sitemap.limit:
        return views.index(request, found, sitemap_url_name="sitemap-section")
    return views.sitemap(request, found)


@require_safe
@condition(etag_func=etag)
def sitemap_section(request: HttpRequest, section: str) -> HttpResponse:
    return views.sitemap(request, sections(), section)
