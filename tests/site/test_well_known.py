"""Addresses for browsers, search engines and security researchers; the style guide."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django.test import override_settings
from django.utils import timezone

from practices.models import Practice
from practices.site import sitemaps
from tests.factories import make_country, make_practice, make_theme
from tests.html import headings

pytestmark = pytest.mark.django_db

HOST = "http://testserver"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
SEARCH = "{http://a9.com/-/spec/opensearch/1.1/}"


@pytest.fixture
def practices() -> None:
    make_country("PH", "Philippines")
    make_theme("savings", make_theme("remittances"))
    make_theme("unused")
    make_country("SN", "Senegal")
    hidden = {"countries": ("XK",), "themes": ("hidden",), "corridors": ("XK-SN",)}
    make_practice("Canary", slug="canary", status="draft", **hidden)
    for day, slug in enumerate(("bonds", "money"), start=1):
        make_practice(
            slug.title(), slug=slug, countries=("PH",), themes=("savings",), corridors=("PH-IT",),
            published_at=datetime(2026, 1, day, tzinfo=UTC),
        )  # fmt: skip


def locations(response) -> list[str]:
    return [found.text for found in ElementTree.fromstring(response.content).iter(f"{MAP}loc")]


PAGES = [
    "/",
    "/practices/",
    "/lessons/",
    "/countries/",
    "/themes/",
    "/actors/",
    "/about/",
    "/help/",
    "/accessibility/",
]


def test_the_site_map_names_every_page_that_is_public_and_no_other(client, practices):
    response = client.get("/sitemap.xml")
    assert response.headers["Content-Type"] == "application/xml"
    found = [location.removeprefix(HOST) for location in locations(response)]
    assert found == [
        *PAGES,
        "/practices/money/",
        "/practices/bonds/",
        "/countries/IT/",
        "/countries/PH/",
        "/corridors/PH-IT/",
        "/themes/remittances/",
        "/themes/savings/",
    ]
    assert {location: client.get(location).status_code for location in found} == dict.fromkeys(found, 200)


def test_a_practice_in_the_site_map_says_when_it_was_last_changed(client, practices):
    Practice.objects.filter(slug="money").update(updated_at=datetime(2026, 3, 4, 23, tzinfo=UTC))
    dated = {
        row.find(f"{MAP}loc").text: row.findtext(f"{MAP}lastmod")
        for row in ElementTree.fromstring(client.get("/sitemap.xml").content)
    }
    today = f"{timezone.now():%Y-%m-%d}"
    assert {to.removeprefix(HOST): day for to, day in dated.items() if day} == {
        "/practices/money/": "2026-03-04",
        "/practices/bonds/": today,
    }


def test_the_site_map_keeps_to_the_sites_own_address(client, practices):
    with override_settings(SITE_URL="https://practices.example"):
        found = locations(client.get("/sitemap.xml", headers={"host": "localhost"}))
    assert {location.split("/")[2] for location in found} == {"practices.example"}


def test_where_a_file_cannot_hold_all_the_site_map_lists_its_parts(client, practices, monkeypatch):
    monkeypatch.setattr(sitemaps.Sitemap, "limit", 13)
    found = locations(client.get("/sitemap.xml"))
    parts = ("pages", "practices", "countries", "corridors", "themes", "actors")
    assert found == [f"{HOST}/sitemap-{part}.xml" for part in parts]
    assert locations(client.get("/sitemap-practices.xml")) == [
        f"{HOST}/practices/money/",
        f"{HOST}/practices/bonds/",
    ]
    assert client.get("/sitemap-drafts.xml").status_code == 404


def test_an_unchanged_site_map_answers_304(client, practices):
    tag = client.get("/sitemap.xml").headers["ETag"]
    for _number in range(2):
        assert client.get("/sitemap.xml", headers={"if-none-match": tag}).status_code == 304
        Practice.objects.filter(slug="canary").update(title="Another")  # which tells nobody
        Practice.objects.get(slug="canary").save()  # a draft, which no map names
    Practice.objects.published().first().save()
    assert client.get("/sitemap.xml", headers={"if-none-match": tag}).status_code == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_site_map_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    for number in range(rows):
        make_practice(countries=(f"Q{number}",), themes=(f"theme-{number}",))
    client.get("/sitemap.xml")
    # the version of the content for the tag and for the map; practices: number, number, rows
    with django_assert_num_queries(5):
        assert len(locations(client.get("/sitemap.xml"))) == len(PAGES) + 3 * rows


def test_robots_may_read_all_but_the_desk_and_learn_of_the_site_map(client):
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content.decode() == (
        "User-agent: *\nDisallow: /admin/\nDisallow: /suggest/\nDisallow: /*?in=\n\nSitemap: http://testserver/sitemap.xml\n"
    )


# The address bar of a browser ---------------------------------------------------------------------------


def test_a_browser_learns_how_to_search_and_to_suggest(client):
    response = client.get("/opensearch.xml")
    assert response.headers["Content-Type"] == "application/opensearchdescription+xml"
    root = ElementTree.fromstring(response.content)
    assert root.tag == f"{SEARCH}OpenSearchDescription"
    texts = {child.tag.removeprefix(SEARCH): child.text for child in root if child.text}
    assert texts == {
        "ShortName": "Useful practices",
        "LongName": "Useful practices",
        "Description": "Practices on migration and local development",
        "Image": f"{HOST}/static/img/icon.svg",
        "Language": "en",
        "InputEncoding": "UTF-8",
        "OutputEncoding": "UTF-8",
    }
    assert [(url.get("type"), url.get("template")) for url in root.iter(f"{SEARCH}Url")] == [
        ("text/html", f"{HOST}/practices/?q={{searchTerms}}"),
        ("application/x-suggestions+json", f"{HOST}/suggest/?format=opensearch&q={{searchTerms}}"),
        ("application/atom+xml", f"{HOST}/feed/?q={{searchTerms}}"),
        ("application/opensearchdescription+xml", f"{HOST}/opensearch.xml"),
    ]


@override_settings(
    SITE_NAME="Prácticas <útiles> & una cosa muy larga sobre migración", CONTACT_EMAIL="a@b.example"
)
def test_the_names_in_it_are_as_short_as_browsers_want_and_shown_as_text(client):
    root = ElementTree.fromstring(client.get("/opensearch.xml").content)
    assert root.findtext(f"{SEARCH}ShortName") == "Prácticas <útil…"
    assert root.findtext(f"{SEARCH}LongName") == "Prácticas <útiles> & una cosa muy larga sobre m…"
    assert root.findtext(f"{SEARCH}Contact") == "a@b.example"


def test_the_addresses_it_names_answer(client, practices):
    root = ElementTree.fromstring(client.get("/opensearch.xml").content)
    for url in root.iter(f"{SEARCH}Url"):
        response = client.get(url.get("template").replace("{searchTerms}", "bonds").removeprefix(HOST))
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith(url.get("type"))


def test_suggestions_come_in_the_form_that_browsers_know(client, practices):
    response = client.get("/suggest/?format=opensearch&q=phil")
    assert response.headers["Content-Type"] == "application/x-suggestions+json"
    assert response.json() == [
        "phil", ["Philippines", "Philippines → Country IT"], ["Country", "Corridor"],
        [f"{HOST}/countries/PH/", f"{HOST}/corridors/PH-IT/"],
    ]  # fmt: skip
    assert client.get("/suggest/?format=opensearch&q=canar").json() == ["canar", [], [], []]
    assert client.get("/suggest/?format=opensearch&q=").json() == ["", [], [], []]


def test_without_a_format_suggestions_are_as_the_search_box_wants_them(client, practices):
    for query in ("q=phil", "q=phil&format=json", "q=phil&format="):
        assert [row["label"] for row in client.get(f"/suggest/?{query}").json()["suggestions"]] == [
            "Philippines",
            "Philippines → Country IT",
        ]


@pytest.mark.parametrize("query", ["format=xml", "format=opensearch&q=" + "b" * 101])
def test_a_wrong_format_or_a_text_too_long_is_refused(client, query):
    response = client.get(f"/suggest/?{query}")
    said = {
        "format=xml": "format: “xml” is not a valid choice. Accepted: json, opensearch.",
    }.get(query, "q has 101 characters. Suggestions accept at most 100.")
    assert (response.status_code, response.json()) == (400, {"error": said})


# Who looks for holes ------------------------------------------------------------------------------------


@override_settings(CONTACT_EMAIL="desk@shelf.example", SITE_URL="https://shelf.example")
def test_a_hole_can_be_reported(client):
    response = client.get("/.well-known/security.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    lines = dict(line.split(": ", 1) for line in response.content.decode().splitlines())
    until = datetime.strptime(lines.pop("Expires"), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=170) < until - timezone.now() < timedelta(days=365)
    assert lines == {
        "Contact": "mailto:desk@shelf.example",
        "Preferred-Languages": "en",
        "Canonical": "https://shelf.example/.well-known/security.txt",
    }


@override_settings(CONTACT_EMAIL="")
def test_without_an_address_to_write_to_there_is_no_such_file(client):
    assert client.get("/.well-known/security.txt").status_code == 404


# Every page ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/practices/", "/about/", "/help/", "/accessibility/", "/nothing/"])
def test_a_page_names_the_search_the_feed_and_the_help_and_its_foot_leads_to_the_words(client, address):
    page = client.get(address).content.decode()
    named = re.findall(r'<link rel="(search|alternate|help)"[^>]* href="([^"]+)">', page)
    assert named[:3] == [("search", "/opensearch.xml"), ("alternate", "/feed/"), ("help", "/help/")]
    foot = page[page.index("<footer") :]
    assert re.findall(r'<a href="([^"]+)"', foot) == [
        "/about/", "/help/", "/accessibility/", "/feed/", "/api/v1/docs/", "/admin/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("address", "current"),
    [
        ("/", []),
        ("/practices/", [("/practices/", "page")]),
        ("/practices/money/", [("/practices/", "true")]),
        ("/countries/PH/", [("/countries/", "true")]),
        ("/lessons/", [("/lessons/", "page")]),
        ("/about/", [("/about/", "page")]),
    ],
)
def test_the_navigation_marks_where_one_is(client, practices, address, current):
    page = client.get(address).content.decode()
    outside = page[: page.index("<main")] + page[page.index("</main>") :]
    assert re.findall(r'<a href="([^"]+)" aria-current="(\w+)"', outside) == current


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("about", "About Useful practices"),
        ("help", "Search help"),
        ("accessibility", "Accessibility statement"),
    ],
)
def test_a_page_of_words_is_there_without_a_query(client, django_assert_num_queries, name, title):
    with django_assert_num_queries(0):
        page = client.get(f"/{name}/").content.decode()
    assert headings(page)[0] == (1, title)


# For those who work on it -------------------------------------------------------------------------------


def test_the_style_guide_is_seen_in_development_alone(client):
    assert client.get("/styleguide/").status_code == 404
    with override_settings(DEBUG=True):
        response = client.get("/styleguide/")
    page = response.content.decode()
    assert response.status_code == 200
    assert [words for level, words in headings(page) if level == 2 and "guide-name" in page][:4] == [
        "Colours: light", "Colours: dark", "Type", "Heading 2: lessons learned 12",
    ]  # fmt: skip
    assert "too low" not in page


def test_no_page_leads_to_the_style_guide(client, practices):
    for address in [*PAGES, "/practices/money/", "/sitemap.xml", "/robots.txt", "/nothing/"]:
        assert "styleguide" not in client.get(address).content.decode(), address
