"""Reads a page of the site for comparisons in tests."""

import re
from html import unescape

from django.db import connection
from django.test.utils import CaptureQueriesContext

from practices.index.list_items import LIST_ITEMS
from practices.search.indexed_text import TEXTS
from practices.serializers.cache import DOCUMENTS
from practices.site.practice import CONTEXTS


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", "", html)).split())


def get(client, address: str) -> str:
    response = client.get(address)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return response.content.decode()


def headings(page: str) -> list[tuple[int, str]]:
    found = re.findall(r"<h([1-6])[^>]*>(.*?)</h\1>", page, re.DOTALL)
    return [(int(level), plain(html)) for level, html in found]


def links(page: str, beginning: str = "/") -> list[tuple[str, str]]:
    """Return links in the main part whose addresses begin with this text, with their words."""
    main = page[page.index("<main") : page.index("</main>")]
    found = re.findall(r'<a [^>]*?href="([^"]*)"[^>]*>(.*?)</a>', main, re.DOTALL)
    return [(unescape(to), plain(html)) for to, html in found if to.startswith(beginning)]


def counted(page: str) -> list[tuple[str, str]]:
    """Return the words of each link that is followed by a number, and the number."""
    found = re.findall(r'<a [^>]*>([^<]*)</a>[ \u00a0]<span class="count">(\d+)</span>', page)
    return [(unescape(words), number) for words, number in found]


def head_links(page: str) -> list[tuple[str, str]]:
    """Return the canonical address of the page and its JSON alternate; every page also names a feed."""
    no_feed = r'(?! type="application/atom)'
    found = re.findall(rf'<link rel="(canonical|alternate)"{no_feed}[^>]*? href="([^"]+)">', page)
    return [(rel, unescape(to)) for rel, to in found]


def clear_caches() -> None:
    for cache in (LIST_ITEMS, DOCUMENTS, CONTEXTS, TEXTS):
        cache._values.clear()


def queries(client, address: str) -> int:
    """Return the number of queries of a page with the facet index in memory and all other caches empty."""
    client.get(address)
    clear_caches()
    with CaptureQueriesContext(connection) as counted:
        client.get(address)
    return len(counted)


def part(page: str, beginning: str, end: str) -> str:
    return page[(start := page.index(beginning)) : page.index(end, start)]
