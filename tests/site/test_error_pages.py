"""Error pages say what happened and what to do next, and never fail themselves."""

import re
from urllib.parse import quote

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError
from django.test import Client, override_settings
from django.urls import path

from portal.middleware import MAX_URL_BYTES
from portal.urls import handler400, handler404, urlpatterns  # noqa: F401 (a URL configuration has them)
from practices.site import errors
from tests.admin_form import form_of
from tests.factories import make_actor, make_country, make_editor, make_practice, make_theme
from tests.html import headings, links, plain

pytestmark = pytest.mark.django_db


def deny(request):
    raise PermissionDenied


def suspect(request):
    raise SuspiciousOperation


def fail(request):
    raise RuntimeError("a secret of the inside")


urlpatterns = [*urlpatterns, path("denied/", deny), path("suspect/", suspect), path("failed/", fail)]


@pytest.fixture
def practices() -> None:
    make_country("PH", "Philippines")
    make_country("CR", "Costa Rica")
    make_theme("savings", make_theme("remittances"))
    shared = {"countries": ("PH",), "themes": ("savings",)}
    make_practice("Cooperatives in Costa Rica", slug="cooperatives-costa-rica", countries=("CR",))
    make_practice("Bonds for seafarers", slug="bonds", **shared)
    for status in ("draft", "in_review", "archived"):
        make_practice(f"Canary bonds {status}", slug=f"canary-{status}", status=status, **shared)


def lost(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 404
    return response.content.decode()


def offered(client, address: str) -> list[tuple[str, str]]:
    """Return the suggestions of the page."""
    page = lost(client, address)
    part = re.search(r'<section class="way-on".*?</section>', page, re.DOTALL)
    return [] if part is None else re.findall(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', part[0])


COOPERATIVES = ("/practices/cooperatives-costa-rica/", "Cooperatives in Costa Rica")
BONDS = ("/practices/bonds/", "Bonds for seafarers")
SAVINGS, REMITTANCES = ("/themes/savings/", "Savings"), ("/themes/remittances/", "Remittances")
PHILIPPINES, COSTA_RICA = ("/countries/PH/", "Philippines"), ("/countries/CR/", "Costa Rica")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("/practices/cooperative-in-costa-rica/", [COOPERATIVES]),
        ("/practices/coopratives-costa-rica/", [COOPERATIVES]),
        ("/old/site/cooperatives_costa_rica.html", [COOPERATIVES]),
        ("/cooperatives.php", [COOPERATIVES]),
        ("/country/costa-rica", [COSTA_RICA, COOPERATIVES]),
        ("/countries/philippines/", [PHILIPPINES, BONDS]),
        ("/countries/filipinas/", [PHILIPPINES, BONDS]),  # as in other languages
        ("/theme/saving/", [SAVINGS, BONDS]),
        ("/remittances", [REMITTANCES, BONDS]),
        ("/S%C3%81VINGS/", [SAVINGS, BONDS]),
        ("/practices/canary-draft/", []),
        ("/xylophone/quux/", []),
        ("/a/b/", []),
        ("/themes/%00/", []),
        ("/practices/?page=9", []),
        ("/countries/ZZ/", []),
    ],
)
def test_a_page_that_is_not_here_offers_what_the_address_meant(client, practices, address, expected):
    assert offered(client, address) == expected


def test_a_slip_in_an_address_is_mended_and_a_word_like_no_other_is_not(client, practices):
    assert offered(client, "/practices/seafarrers/") == [("/practices/bonds/", "Bonds for seafarers")]
    assert offered(client, "/nope/") == []


def test_of_many_that_may_be_meant_the_best_five_are_offered(client):
    for number in range(7):
        make_practice(
            f"Bonds {number}", slug=f"bonds-{number}", themes=("bond-savings",) if number == 3 else ()
        )
    few = offered(client, "/bonds/")
    assert (len(few), few[0]) == (5, ("/practices/bonds-3/", "Bonds 3"))  # a theme names them, too
    assert offered(client, "/bond/")[0] == ("/themes/bond-savings/", "Bond savings")


def test_it_says_what_to_do_next(client, practices):
    page = lost(client, "/practices/bonds-for-all-seafarers/")
    assert headings(page) == [(1, "Page not found"), (2, "Did you mean this page?")]
    assert links(page) == [
        (BONDS[0], BONDS[1]),
        ("/practices/?q=bonds%20seafarers", "Search for “bonds seafarers”"),
        ("/practices/", "Show all practices"),
        ("/", "Go to the home page"),
    ]
    assert '<form class="search" action="/practices/" role="search">' in page
    assert '<meta name="robots" content="noindex">' in page


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_nothing_unpublished_is_offered(client, practices, status):
    assert "canary" not in plain(lost(client, "/practices/bonds-4/")).lower()
    assert offered(client, "/practices/canary-bonds-seafarers/") == [BONDS]
    assert offered(client, f"/practices/canary-{status}/") == []


HOSTILE = [
    "/\"><script>alert(1)</script>/x", "/x/'%20OR%201=1--/", "/x/%F0%9F%91%A9/", "/x/%ff%fe%00/",
    "/x/../../etc/passwd", "/x/" + "bonds-" * 400, "/x/" + "/".join("abcdefg"), "/x/" + "%22" * 50,
    "/x/bonds%20-seafarers", "/x/{{7*7}}/",
    "/x/%E2%80%AEbonds", "/x/bonds%0d%0aSet-Cookie:a=b", "/x/*bonds*/", "/x/title:bonds/", "/x/NEAR(bonds)/",
    "/x/%ED%A0%80bonds", "/x/٣٣/", "//evil.example/bonds/", "/x/bonds?" + "a=1&" * 200,
]  # fmt: skip


@pytest.mark.parametrize("address", HOSTILE)
def test_no_address_breaks_the_page(client, practices, address):
    response = client.get(address if "%" in address else quote(address, safe="/?=&"))
    page = response.content.decode()
    assert response.status_code == 404
    assert headings(page)[0] == (1, "Page not found")
    assert re.findall(r"<script(?! src=)|<img|href=\"(?!/|#|\?)", page) == []
    assert set(offered(client, address)) <= {BONDS, COOPERATIVES}


def test_an_address_without_words_asks_nothing(client, practices, django_assert_num_queries):
    client.get("/practices/")
    for address in ("/a/b/", "/practices/?page=0", "/---/"):
        # the lists themselves ask for the version of the content
        with django_assert_num_queries(1 if "?" in address else 0):
            assert offered(client, address) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_no_more_than_a_handful_of_queries(client, django_assert_num_queries, rows):
    for number in range(rows):
        make_practice(f"Bonds {number}", countries=("PH",), themes=(f"theme-{number}",))
    lost(client, "/practices/alpha-beta/")
    # the version of the content, the practice, a former address, whether it was public; the version; which
    # words are known, three that may begin others; all words, each of the four
    with django_assert_num_queries(4 + 1 + 4 + 5):
        assert offered(client, "/practices/alpha-beta-bonds-savings-gamma-town/") == []
    # the same; which words are known; all words; their texts; their rows
    with django_assert_num_queries(4 + 1 + 4):
        assert len(offered(client, "/practices/all-bonds/")) == rows


@pytest.mark.parametrize("error", [DatabaseError, IndexError])
def test_what_fails_while_it_helps_leaves_the_page_standing_and_is_written_down(
    client, practices, monkeypatch, caplog, error
):
    def broken() -> None:
        raise error

    monkeypatch.setattr(errors, "get_facet_index", broken)
    assert headings(lost(client, "/bonds/")) == [(1, "Page not found")]
    assert [row.exc_info[0] for row in caplog.records if row.exc_info] == [error]


def test_an_actors_name_finds_its_practices(client):
    make_actor("atikha", name="Atikha Overseas")
    make_practice("Bonds", slug="bonds", actors=("atikha",))
    assert offered(client, "/actors/atikha-overseas/") == [("/practices/bonds/", "Bonds")]


GONE_STALE, UNPROVEN = "This form has expired", "The origin of this form could not be verified"
HEADERS = "Allow the headers Origin and Referer for https://practices.example"


@pytest.mark.parametrize(
    ("headers", "token", "title", "said", "allow"),
    [
        ({}, "right", UNPROVEN, "Your browser did not send the headers Origin and Referer", HEADERS),
        ({"Referer": "https://evil.example/a"}, "right", UNPROVEN, "names another site than", HEADERS),
        ({"Referer": "http://practices.example/a"}, "right", UNPROVEN, "names another site than", HEADERS),
        ({"Referer": "https:evil"}, "right", UNPROVEN, "names another site than", HEADERS),
        ({"Origin": "null"}, "right", UNPROVEN, "Origin is “null”, not https://practices.example", HEADERS),
        ({"Origin": "https://proxy.example"}, "right", UNPROVEN, "is “https://proxy.example”", HEADERS),
        (
            {"Origin": "https://practices.example"},
            "wrong",
            GONE_STALE,
            "The form was open for too long",
            "Allow cookies",
        ),
        (
            {"Origin": "https://practices.example"},
            "",
            GONE_STALE,
            "The form was open for too long",
            "Allow cookies",
        ),
        (
            {"Origin": "https://practices.example"},
            None,
            GONE_STALE,
            "did not send this site’s cookie",
            "Allow cookies",
        ),
        ({"Sec-Fetch-Site": "same-origin"}, "wrong", UNPROVEN, "did not send the headers", HEADERS),
    ],
)
def test_a_form_that_is_not_taken_says_which_check_failed_and_keeps_what_was_typed(
    db, settings, headers, token, title, said, allow
):
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://practices.example", ["practices.example"]
    settings.CSRF_TRUSTED_ORIGINS = [settings.SITE_URL]
    client = Client(enforce_csrf_checks=True, headers={"host": "practices.example"})
    client.force_login(make_editor())
    page = "/admin/practices/actor/add/"
    right = form_of(client.get(page, secure=True), "actor_form")["csrfmiddlewaretoken"]
    if token is None:
        del client.cookies["csrftoken"]
    given = {"right": right, "wrong": "a" * 64}.get(token, "")
    data = {"name": "Typed with <care>", "csrfmiddlewaretoken": given}
    answer = client.post(page, data, secure=True, headers=headers)
    shown = answer.content.decode()
    assert (answer.status_code, headings(shown)) == (403, [(1, title)])
    assert said in shown
    assert allow in shown
    if headers.get("Origin") == "https://proxy.example":  # which may as well be another site
        assert "Typed with" not in shown
    else:
        assert form_of(answer, "again")["name"] == "Typed with <care>"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Origin": "null"},
        {"Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {},
    ],
)
def test_a_form_of_another_site_is_not_given_back(db, headers):
    client = Client(enforce_csrf_checks=True)
    client.force_login(make_editor())
    client.get("/admin/practices/actor/add/")
    for token in ("", "a" * 64):
        data = {"name": "Words of others", "csrfmiddlewaretoken": token}
        answer = client.post("/admin/practices/actor/add/", data, headers=headers)
        assert answer.status_code == 403
        assert "Words of others" not in answer.content.decode()


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("address", "status", "title", "way_on"),
    [
        ("/suspect/", 400, "This request is not valid", "/practices/"),
        ("/denied/", 403, "You do not have permission to open this page", "/admin/"),
    ],
)
def test_a_refusal_says_why_and_what_to_do_next(
    client, address, status, title, way_on, django_assert_num_queries
):
    with django_assert_num_queries(0):
        response = client.get(address)
    page = response.content.decode()
    assert (response.status_code, headings(page)) == (status, [(1, title)])
    assert way_on in [to for to, _words in links(page)]
    assert dict(response.cookies) == {}


def test_a_name_the_site_does_not_have_is_refused_in_its_own_look(client):
    response = client.get("/", headers={"host": "evil.example"})
    assert response.status_code == 400
    assert headings(response.content.decode()) == [(1, "This request is not valid")]
    assert "evil" not in response.content.decode()


def test_a_stale_form_says_how_to_save_what_was_typed():
    response = Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a", "password": "b"})
    page = response.content.decode()
    assert (response.status_code, headings(page)) == (403, [(1, "This form has expired")])
    assert len(re.findall("<li>", page[page.index('<ol class="way-on') : page.index("</ol>")])) == 3


@pytest.mark.urls(__name__)
def test_a_failure_has_the_sites_look_asks_nothing_and_tells_no_secret(django_assert_num_queries):
    client = Client(raise_request_exception=False)
    with django_assert_num_queries(0):
        response = client.get("/failed/")
    page = response.content.decode()
    assert (response.status_code, headings(page)) == (500, [(1, "Something went wrong on our server")])
    assert links(page) == [("/", "Go to the home page")]
    assert "secret" not in page
    sheet = re.findall(r'<link rel="stylesheet" href="([^"]+)">', page)
    assert sheet == ["/static/css/site.css"]
    response = client.get(sheet[0])
    assert (response.status_code, b":root" in b"".join(response.streaming_content)) == (200, True)
    response.close()


@pytest.mark.urls(__name__)
def test_a_failure_shows_its_page_even_where_static_files_were_never_collected(tmp_path):
    storages = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        response = Client(raise_request_exception=False).get("/about/")
        assert (response.status_code, "Something went wrong on our server" in response.content.decode()) == (
            500,
            True,
        )


@pytest.mark.parametrize("address", ["/practices/?q=", "/nothing/?q=", "/feed/?q=", "/"])
def test_an_address_that_is_too_long_is_refused_with_its_length_and_the_limit(client, address):
    most = address + "a" * (MAX_URL_BYTES - len(address))
    assert client.get(most).status_code != 414
    response = client.get(most + "a")
    page = response.content.decode()
    assert (response.status_code, response.headers["Cache-Control"]) == (414, "private, no-store")
    assert headings(page) == [(1, "The address is too long")]
    assert "has 8001 characters. The maximum is 8000." in plain(page)


@pytest.mark.parametrize("letter", ["é", '"', "日"])
def test_the_length_of_an_address_is_that_of_its_encoded_form(client, letter):
    """A header repeats it in this form."""
    encoded = quote(letter)
    assert client.get(f"/about/?q={letter * (7_900 // len(encoded))}").status_code == 200
    assert client.get(f"/about/?q={letter * (8_001 // len(encoded))}").status_code == 414
