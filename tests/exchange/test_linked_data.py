"""Data in the page of a practice for search engines and shared links."""

import json
import re
from html import unescape

import pytest

from tests.factories import make_practice, make_whole
from tests.html import get, part

pytestmark = pytest.mark.django_db

HOME = "http://testserver"
IN = "?in=country%3DPH%26ordering%3Dtitle"


@pytest.fixture(autouse=True)
def site(settings) -> None:
    settings.SITE_NAME = "Migration shelf"


def linked_data(page: str) -> dict:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1])


def test_search_engines_read_what_it_is_where_when_and_about_what(client):
    make_whole()
    philippines = {"@type": "Country", "name": "Philippines", "identifier": "PH"}
    assert linked_data(get(client, "/practices/a/")) == {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": f"{HOME}/practices/a/",
        "url": f"{HOME}/practices/a/",
        "headline": "Sen Bonds",
        "description": "It saves.",
        "inLanguage": "en",
        "datePublished": "2026-03-09T12:00:00+00:00",
        "dateModified": "2026-04-01T08:00:00+00:00",
        "author": {"@type": "Organization", "name": "Towns"},
        "publisher": {"@type": "Organization", "name": "Migration shelf", "url": f"{HOME}/"},
        "editor": {"@type": "Organization", "name": "Migration shelf"},
        "isBasedOn": {
            "@type": "Book",
            "name": "Seeds",
            "inLanguage": "fr",
            "url": "https://seeds.example/",
            "datePublished": "2015~",
            "publisher": {"@type": "Organization", "name": "Towns", "alternateName": "TO"},
            "funder": [{"@type": "Organization", "name": "European Union", "alternateName": "EU"}],
        },
        "temporalCoverage": "2013/..",
        "spatialCoverage": [
            {
                "@type": "Place",
                "name": "Naga",
                "containedInPlace": philippines,
                "geo": {"@type": "GeoCoordinates", "latitude": 13.625, "longitude": 123.186},
            },
            philippines,
        ],
        "about": [
            {
                "@type": "DefinedTerm",
                "name": "Savings",
                "url": f"{HOME}/themes/savings/",
                "inDefinedTermSet": "JMDI themes",
            },
            {
                "@type": "DefinedTerm",
                "name": "Objective gcm-20",
                "termCode": "GCM 20",
                "inDefinedTermSet": "Global Compact for Migration",
            },
        ],
        "keywords": ["Philippines", "Savings"],
        "citation": [
            {
                "@type": "CreativeWork",
                "name": "Moreno, Notes.",
                "url": "https://notes.example/",
                "datePublished": "2014",
            }
        ],
    }


def test_what_is_not_known_is_left_out_of_the_data(client):
    make_practice("Sen Bonds", slug="a", summary="")
    data = linked_data(get(client, "/practices/a/"))
    assert set(data) == {
        "@context", "@type", "@id", "url", "headline", "inLanguage", "datePublished", "dateModified",
        "author", "publisher",
    }  # fmt: skip
    assert data["author"]["name"] == "Migration shelf"


def test_no_text_can_end_the_data(client):
    title = "</script><!--<script> & \u2028 “x”"
    make_practice(title, slug="a", countries=("PH",))
    page = get(client, "/practices/a/")
    assert linked_data(page)["headline"] == "</script><!--<script> & “x”"
    block = part(page, '<script type="application/ld+json">', "</script>").split(">", 1)[1]
    assert re.findall("[<>&\u2028]", block) == []


def test_a_shared_link_shows_the_title_the_summary_and_the_plain_address(client):
    make_practice("Who & what", slug="a", summary="It *saves* “a lot”.")
    page = get(client, f"/practices/a/{IN}")
    assert {
        name: unescape(text) for name, text in re.findall(r'<meta property="(\S+)" content="(.*?)">', page)
    } == {
        "og:type": "article",
        "og:site_name": "Migration shelf",
        "og:title": "Who & what",
        "og:description": "It saves “a lot”.",
        "og:url": f"{HOME}/practices/a/",
    }
    assert '<meta name="description" content="It saves “a lot”.">' in page
