"""Rules for every public page: nothing unpublished, no cookie, a strict policy, reading only."""

import re
from datetime import date
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client, RequestFactory

from practices.models import Practice
from practices.site import urls
from tests.factories import make_actor, make_country, make_practice, make_publication, make_region, make_theme

pytestmark = pytest.mark.django_db

CANARY = "canary"
RUN = r'<script(?! src=| type="application/ld\+json">)'  # inline, and not mere data
COOKIES = f"sessionid={'s' * 32}; csrftoken={'c' * 32}"
STARTS = [
    "/",
    "/robots.txt",
    "/no/such/page/",
    "/practices/?q=shared",
    "/practices/?country=PH&theme=savings",
    "/practices/?actor=naga&from=2014",
    "/practices/?region=142&objective=gcm-20",
    "/practices/?kind=book",
    "/practices/open-published/?in=q%3Dshared",
    "/countries/XK/",
    "/themes/hidden/",
    "/suggest/?q=shared",
    "/suggest/?q=can",
    "/suggest/?q=shared&format=opensearch",
    "/feed/",
    "/feed/?q=shared",
    "/feed/?country=PH&theme=savings",
    "/feed/?kind=book",
    "/sitemap.xml",
    "/sitemap-practices.xml",
    "/sitemap-countries.xml",
    "/sitemap-themes.xml",
    "/opensearch.xml",
    "/shared/canary-draft/",
    "/practices/shared-title/",
    "/styleguide/",
    "/.well-known/security.txt",
    "/api/v1/",
    "/api/v1/practices/?facets=1",
    "/api/v1/practices/?facets=1&q=shared&page_size=1",
    "/api/v1/practices/?kind=book",
]


def make_everything(word: str, status: str, **fields) -> Practice:
    """A practice with the word in each of its texts, in the same places and with the same themes."""
    make_actor("naga", "local-authorities")
    make_theme("savings", make_theme("remittances"))
    make_country("PH", region=make_region("142", "Asia"))
    said = f"{word} shared"
    practice = make_practice(
        f"{said} title",
        slug=f"{word}-{status}".replace("_", "-"),
        status=status,
        summary=said,
        story=said,
        editors_note=said,
        period="2014",
        activity="running",
        activity_checked_on=date(2026, 1, 1),
        activity_checked_by=said,
        publication=make_publication(
            f"{word}-{status}", title=said, publisher=make_actor(f"{word}-{status}-publisher"), note=said
        ),
        countries=("PH",),
        themes=("savings",),
        objectives=("gcm-20",),
        corridors=("PH-IT",),
        lessons=(said,),
        sources=(said,),
        actors=("naga", f"{word}-{status}-actor"),
        **fields,
    )
    practice.places.update(name=said)
    practice.participations.update(group=said, note=said)
    practice.sources.update(url=f"https://example.org/{word}")
    practice.former_slugs.create(slug=f"{word}-{status}-former".replace("_", "-"))
    return practice


@pytest.fixture
def portal(db) -> None:
    """One published practice between a draft, one in review and one archived that all match like it."""
    make_everything("open", "published")
    for status in ("draft", "in_review", "archived"):
        hidden = make_everything(CANARY, status)
        hidden.themes.add(make_theme("hidden"))
        hidden.places.create(order=2, country=make_country("XK"))


def crawl(client: Client) -> dict:
    """Yield every address reachable by links from STARTS, on pages and in the API, with its response."""
    found, waiting = {}, list(STARTS)
    while waiting:
        address = waiting.pop()
        if address in found:
            continue
        found[address] = response = client.get(address)
        assert len(found) < 1_000, "the crawl does not end"
        text = response.content.decode()
        links = re.findall(r'href="([^"#]*)', text) + re.findall(r'"(http://testserver[^"#]*)', text)
        for link in map(unescape, links):
            link = link.removeprefix("http://testserver") if "://" in link else link
            link = address.split("?")[0] + link if link.startswith("?") else link
            link = link.split("?in=")[0]  # a practice within a list: one of STARTS is enough
            if "format=" in link:  # files: tests/exchange/test_downloads.py looks into each kind
                continue
            if link.startswith("/") and not link.startswith(("/admin/", "/static/")):
                waiting.append(link)
    return found


@pytest.fixture(scope="module")
def crawled() -> dict:
    return {}


@pytest.fixture
def found(request: pytest.FixtureRequest, crawled: dict) -> dict:
    """What a browser with cookies of another site of this host reaches; crawled once for many tests."""
    if not crawled:
        request.getfixturevalue("portal")
        crawled.update(crawl(Client(headers={"cookie": COOKIES})))
    return crawled


def test_nothing_of_an_unpublished_practice_can_be_reached(found):
    assert {
        "/practices/", "/practices/open-published/", "/countries/", "/countries/PH/", "/themes/",
        "/themes/savings/", "/api/v1/practices/", "/api/v1/practices/open-published/",
        "/practices/?corridor=PH-IT", "/api/v1/practices/?country=PH",
    } <= set(found)  # fmt: skip
    assert [a for a, response in found.items() if CANARY in response.content.decode().lower()] == []
    assert [a for a, response in found.items() if CANARY in str(response.headers).lower()] == []
    assert {a for a, response in found.items() if response.status_code >= 400} == {
        "/no/such/page/",
        "/shared/canary-draft/",
        "/practices/shared-title/",
        "/feed/?kind=book",
        "/styleguide/",
        "/.well-known/security.txt",
        "/api/v1/practices/?kind=book",
    }


def test_the_words_would_be_found_if_they_were_public(client, portal):
    draft = Practice.objects.get(status="draft")
    draft.status = "published"
    draft.save()
    for address in (
        "/",
        *STARTS[3:7],
        *STARTS[8:16],
        "/sitemap.xml",
        "/practices/shared-title/",
        "/api/v1/practices/?facets=1",
    ):
        assert CANARY in client.get(address).content.decode(), address


def test_the_address_of_an_unpublished_practice_is_not_found(client, portal):
    for status in ("draft", "in-review", "archived"):
        for slug in (f"{CANARY}-{status}", f"{CANARY}-{status}-former"):
            response = client.get(f"/practices/{slug}/")
            assert (slug, response.status_code, response.headers.get("Location")) == (slug, 404, None)
            assert CANARY not in response.content.decode()


def test_the_filters_do_not_count_the_unpublished(client, portal):
    for query in ("country=PH", "q=shared", "actor=naga", "corridor=PH-IT", "objective=gcm-20", "from=2014"):
        assert client.get(f"/api/v1/practices/?{query}").json()["count"] == 1
    for query in ("country=XK", "theme=hidden", f"q={CANARY}"):
        assert client.get(f"/api/v1/practices/?{query}").json()["count"] == 0


def test_an_actor_of_the_unpublished_alone_is_as_unknown_as_any(client, portal):
    answers = [
        client.get("/api/v1/practices/", {"actor": slug}) for slug in (f"{CANARY}-draft-actor", "none")
    ]
    said = [answer.content.decode().replace(f"{CANARY}-draft-actor", "none") for answer in answers]
    assert (answers[0].status_code, said[0]) == (400, said[1])


def test_robots_may_read_all_but_the_desk(client, db):
    response = client.get("/robots.txt")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "User-agent: *\nDisallow: /admin/\n" in response.content.decode()


def test_a_former_address_leads_to_the_present_one_for_good(client, db):
    practice = make_practice(slug="first")
    for slug in ("second", "third"):
        practice.slug = slug
        practice.save()
    for slug in ("first", "second"):
        response = client.get(f"/practices/{slug}/")
        assert (response.status_code, response.headers["Location"]) == (301, "/practices/third/")


def test_a_practice_with_the_former_address_of_another_is_shown(client, db):
    practice = make_practice(slug="first")
    practice.slug = "second"
    practice.save()
    make_practice("The new first", slug="first")
    assert '<h1 lang="en" dir="ltr">The new first</h1>' in client.get("/practices/first/").content.decode()


def test_a_country_code_in_small_letters_leads_to_the_page_for_good(client, db):
    make_country("PH")
    response = client.get("/countries/ph/")
    assert (response.status_code, response.headers["Location"]) == (301, "/countries/PH/")


@pytest.mark.parametrize(
    "address",
    [
        "/practices/none/",
        "/countries/ZZ/",
        "/countries/%00/",
        "/themes/%00/",
        "/practices/%00/",
        "/themes/none/",
        "/none",
        "/practices/?page=9",
    ],
)
def test_what_is_not_there_says_so_and_offers_a_search(client, db, address):
    response = client.get(address, follow=True)
    page = response.content.decode()
    assert response.status_code == 404
    assert "<h1>Page not found</h1>" in page
    assert '<form class="search" action="/practices/" role="search">' in page


POLICY = {
    "default-src": ["'none'"],
    "base-uri": ["'none'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'none'"],
    "img-src": ["'self'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
}


def test_no_public_answer_sets_a_cookie_or_varies_by_one(found):
    for address, response in found.items():
        assert (address, dict(response.cookies)) == (address, {})
        assert "cookie" not in response.headers.get("Vary", "").lower(), address


def test_every_public_answer_carries_the_strict_policy(found):
    for address, response in found.items():
        directives = (part.split() for part in response.headers["Content-Security-Policy"].split(";"))
        assert (address, {name: values for name, *values in directives}) == (address, POLICY)


def test_no_page_has_anything_inline_or_from_another_host(found):
    for address, response in found.items():
        text = response.content.decode()
        if "html" in response.headers["Content-Type"]:
            assert re.findall(rf"{RUN}|<style|\sstyle=|\son\w+=|javascript:", text) == [], address
            assert (
                re.findall(r'(?:src|<link rel="(?:stylesheet|icon)"[^>]*href)="(?!/static/)', text) == []
            ), address


PAGES = ["/", "/practices/", "/practices/open-published/", "/countries/", "/countries/PH/", "/themes/",
         "/themes/savings/", "/suggest/?q=shared", "/robots.txt", "/feed/?q=shared", "/sitemap.xml",
         "/sitemap-practices.xml", "/opensearch.xml", "/about/", "/help/", "/accessibility/"]  # fmt: skip


def test_head_answers_like_get_without_the_page(client, portal):
    for address in PAGES:
        head, full = client.head(address), client.get(address)
        assert (address, head.status_code, head.content) == (address, 200, b"")
        assert (address, head.headers["Content-Length"]) == (address, str(len(full.content)))


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_pages_are_for_reading_alone(client, portal, method):
    for address in PAGES:
        response = getattr(client, method)(address)
        assert (address, response.status_code, response.headers["Allow"]) == (address, 405, "GET, HEAD")


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("headers", [{}, {"Origin": "https://elsewhere.example"}, {"Cookie": "csrftoken=x"}])
def test_another_method_is_refused_as_such_without_a_token(portal, method, headers):
    asking = Client(enforce_csrf_checks=True)
    for address in PAGES:
        response = getattr(asking, method)(address, headers=headers)
        assert (address, response.status_code, response.headers["Allow"]) == (address, 405, "GET, HEAD")


def test_every_address_of_the_site_only_reads():
    request = RequestFactory().post("/")
    for pattern in urls.urlpatterns:
        values = dict.fromkeys(pattern.pattern.converters or pattern.pattern.regex.groupindex, "x")
        assert (str(pattern.pattern), pattern.callback(request, **values).status_code) == (
            str(pattern.pattern),
            405,
        )


@pytest.mark.parametrize(
    "address", ["/admin/login/", "/admin/password_reset/", "/admin/practices/practice/add/"]
)
def test_a_form_of_the_desk_without_a_token_is_refused(db, address):
    assert Client(enforce_csrf_checks=True).post(address, {"username": "x"}).status_code == 403


@pytest.mark.parametrize("number", ["0_1", "+1", "1.0", "1_", "²"])
@pytest.mark.parametrize("address", ["/practices/", "/lessons/"])
def test_the_number_of_a_page_has_digits_alone(client, portal, address, number):
    assert client.get(address, {"page": "1"}).status_code == 200
    assert client.get(address, {"page": number}).status_code == 404


HOSTILE = "\"><script>alert('1')</script><img src=x onerror=alert(2)>&{{ 7|add:7 }}"


@pytest.mark.parametrize(
    "address", ["/", "/practices/", "/practices/a/", "/countries/PH/", "/themes/savings/"]
)
def test_a_hostile_text_is_shown_and_not_run(client, db, address):
    practice = make_practice(
        HOSTILE, slug="a", summary=HOSTILE, story=HOSTILE, editors_note=HOSTILE, activity_checked_by=HOSTILE,
        activity_checked_on=date(2026, 1, 1), countries=("PH",), themes=("savings",), lessons=(HOSTILE,),
        sources=(HOSTILE,), corridors=("PH-IT",), publication=make_publication(title=HOSTILE),
    )  # fmt: skip
    practice.places.update(name=HOSTILE)
    practice.participations.create(order=1, actor=make_actor("a", name=HOSTILE), group=HOSTILE, note=HOSTILE)
    page = client.get(address).content.decode()
    assert re.findall(rf"{RUN}|<img", page) == []
    assert (
        "&#34;&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&lt;img src=x onerror=alert(2)&gt;" in page
    )
    assert "{{ 7|add:7 }}" in page


class Inputs(HTMLParser):
    """The values of the fields of a page by name."""

    def __init__(self) -> None:
        super().__init__()
        self.values = {}

    def handle_starttag(self, tag: str, attrs: list) -> None:
        if tag == "input":
            self.values[dict(attrs).get("name")] = dict(attrs).get("value")


@pytest.mark.parametrize("q", [HOSTILE, "'\"", "</title><script>", "' OR 1=1 --"])
def test_a_hostile_search_comes_back_as_text(client, db, q):
    make_practice()
    page = client.get("/practices/", {"q": q, "ordering": "title", "x": q}).content.decode()
    inputs = Inputs()
    inputs.feed(page)
    assert inputs.values["q"] == q
    assert re.findall(rf"{RUN}|<img", page) == []
