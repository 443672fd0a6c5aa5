"""HTTP behaviour: conditional requests, caches, methods, links, other origins, limits."""

import re

import pytest
from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import path

from portal.urls import handler400, handler404, handler500, urlpatterns  # noqa: F401
from practices.api.links import MAX_LINK_HEADER_LENGTH
from practices.models import Practice
from tests.factories import make_actor, make_country, make_practice, make_publication

pytestmark = pytest.mark.django_db

LIST = "/api/v1/practices/"


def fail(request):
    raise RuntimeError("a secret of the inside")


urlpatterns = [path("api/v1/failed/", fail), *urlpatterns]


@pytest.fixture
def addresses() -> list[str]:
    """One address of each door."""
    make_actor("naga", name="City of Naga")
    make_practice(
        slug="a", countries=("PH",), actors=("naga",), themes=("savings",), objectives=("sdg-10.7",),
        lessons=("Ask.",), publication=make_publication("book"),
    )  # fmt: skip
    nouns = ["actors/naga/", "countries/PH/", "themes/savings/", "objectives/sdg-10.7/", "publications/book/"]
    rest = ["practices/", "practices/a/", "practices/?cursor=0", "lessons/", "lessons/a/1/", "removed/"]
    lists = sorted({noun.split("/")[0] + "/" for noun in nouns})
    return [f"/api/v1/{name}" for name in ["", *rest, *nouns, *lists, "schema/"]]


def test_an_answer_is_new_until_it_changes_and_then_only_once(client, addresses):
    for address in addresses:
        first = client.get(address)
        assert (address, first.status_code) == (address, 200)
        assert first.headers["Cache-Control"].startswith("public, max-age=0, ")
        known = {"if-none-match": first.headers["ETag"]}
        dated = {"if-modified-since": first.headers["Last-Modified"]}
        for headers in (known, {"if-none-match": f"W/{first.headers['ETag']}"}, dated):
            again = client.get(address, headers=headers)
            assert (address, again.status_code, again.content) == (address, 304, b"")
            assert again.headers["ETag"] == first.headers["ETag"]
        assert client.get(address, headers={"if-none-match": '"another"'}).status_code == 200
        Practice.objects.get().save()
        after = client.get(address, headers=known)
        assert (address, after.status_code) == (address, 200)
        assert after.headers["ETag"] != first.headers["ETag"]


def test_an_entity_tag_is_that_of_its_address_and_format(client, addresses):
    tags = [client.get(address).headers["ETag"] for address in [*addresses, f"{LIST}?format=csv"]]
    tags.append(client.get(LIST, headers={"accept": "text/csv"}).headers["ETag"])
    assert len(set(tags)) == len(tags)


def test_an_unchanged_answer_costs_one_query(client, addresses, django_assert_num_queries):
    for address in addresses:
        known = {"if-none-match": client.get(address).headers["ETag"]}
        # the version
        with django_assert_num_queries(1):
            assert client.get(address, headers=known).status_code == 304


@pytest.mark.parametrize("status", [400, 404, 410])
def test_an_error_is_told_anew_each_time(client, addresses, status):
    Practice.objects.filter(slug="a").get().delete()
    address = {400: f"{LIST}?kind=book", 404: f"{LIST}b/", 410: f"{LIST}a/"}[status]
    response = client.get(address)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
    assert "Last-Modified" not in response.headers
    known = {"if-none-match": response.headers.get("ETag", '"none"')}
    assert client.get(address, headers=known).status_code == status


def test_head_says_what_get_says_without_a_word(client, addresses):
    for address in addresses:
        get, head = client.get(address), client.head(address)
        assert (address, head.status_code, head.content) == (address, 200, b"")
        assert head.headers["ETag"] == get.headers["ETag"]
        assert head.headers["Link"] == get.headers["Link"]


def test_any_page_may_read_and_ask_beforehand(client, addresses):
    for address in addresses:
        response = client.options(
            address, headers={"origin": "https://elsewhere.example", "access-control-request-method": "GET"}
        )
        assert (address, response.status_code, response.content) == (address, 204, b"")
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
        allowed = set(response.headers["Access-Control-Allow-Headers"].lower().split(", "))
        assert allowed >= {"if-none-match", "content-type", "x-requested-with", "authorization"}
    for response in (client.get(LIST), client.get(f"{LIST}?kind=book"), client.get("/api/v1/nothing/")):
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Access-Control-Allow-Credentials" not in response.headers
    assert "Access-Control-Allow-Origin" not in client.get("/practices/").headers
    assert "Access-Control-Allow-Origin" not in client.options("/practices/").headers


@pytest.mark.parametrize("origin", [{}, {"origin": "https://elsewhere.example"}])
def test_feed_suggestions_and_citations_may_be_read_by_any_page(client, addresses, origin):
    for address, status in {
        "/feed/": 200,
        "/feed/?kind=book": 400,
        "/suggest/?q=sav": 200,
        "/practices/a/cite.bib": 200,
        "/practices/a/cite.ris": 200,
        "/practices/nothing/cite.ris": 404,
    }.items():
        response = client.get(address, headers=origin)
        assert (address, response.status_code) == (address, status)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert response.cookies == {}
        asked = client.options(address, headers=origin | {"access-control-request-method": "GET"})
        assert (address, asked.status_code, asked.content) == (address, 204, b"")
        assert "Content-Type" in asked.headers["Access-Control-Allow-Headers"]


def test_credentials_change_nothing(client, addresses):
    plain = client.get(LIST)
    known = client.get(LIST, headers={"authorization": "Bearer secret", "x-requested-with": "fetch"})
    assert (known.status_code, known.content) == (200, plain.content)
    exposed = plain.headers["Access-Control-Expose-Headers"]
    assert {"Content-Disposition", "ETag", "Link"} <= set(exposed.split(", "))


def links(response) -> dict[tuple[str, str], str]:
    """Relation and media type → address."""
    found = re.findall(r'<([^>]+)>; rel="([^"]+)"; type="([^"]+)"', response.headers["Link"])
    return {(relation, kind): address.removeprefix("http://testserver") for address, relation, kind in found}


def test_a_list_links_its_pages_and_the_same_for_readers_in_other_formats(client):
    make_country("PH")
    for number in range(3):
        make_practice(f"Title {number}", countries=("PH",))
    found = links(client.get(f"{LIST}?page_size=1&page=2&country=PH&ordering=title"))
    query = "country=PH&ordering=title"
    assert found[("first", "application/json")] == f"{LIST}?{query}&page_size=1"
    assert found[("prev", "application/json")] == f"{LIST}?{query}&page_size=1"
    assert found[("next", "application/json")] == f"{LIST}?{query}&page=3&page_size=1"
    assert found[("last", "application/json")] == f"{LIST}?{query}&page=3&page_size=1"
    assert found[("alternate", "text/html")] == f"/practices/?{query}"
    assert found[("alternate", "application/atom+xml")] == f"/feed/?{query}"
    assert found[("alternate", "text/csv")] == f"{LIST}?{query}&format=csv"
    assert found[("service-desc", "application/json")] == "/api/v1/schema/"
    assert found[("service-doc", "text/html")] == "/api/v1/docs/"
    for address in found.values():
        assert (address, client.get(address).status_code) == (address, 200)


def test_the_link_header_is_short_whatever_the_query_and_the_body_names_the_pages(client):
    """Proxies and clients limit the headers of an answer, mostly to some kilobytes in all."""
    make_country("PH")
    for number in range(3):
        make_practice(f"Title {number}", countries=("PH",))
    for repeated in (0, 1, 20, 100, 600):
        address = f"{LIST}?page_size=1&page=2" + repeated * "&country=PH"
        response = client.get(address)
        found = links(response)
        assert len(response.headers["Link"]) <= MAX_LINK_HEADER_LENGTH < 2_500
        assert ("service-desc", "application/json") in found
        assert (
            (("alternate", "text/csv") in found) == (("alternate", "text/html") in found) == (repeated < 20)
        )
        assert (("next", "application/json") in found) == (repeated < 600)
        assert client.get(response.json()["next"]).json()["previous"] == response.json()["next"].replace(
            "page=3", "page=2"
        )


def test_what_a_door_links_is_there(client, addresses):
    for address in addresses:
        for linked in links(client.get(address)).values():
            assert (address, linked, client.get(linked.split("#")[0]).status_code) == (address, linked, 200)


@pytest.mark.parametrize(
    "address",
    ["practices/", "lessons/", "actors/", "themes/", "countries/", "themes/savings/", "actors/naga/"],
)
def test_a_list_of_the_site_names_its_twin(client, addresses, address):
    page = client.get(f"/{address}?utm_source=letter").content.decode()
    twin = re.search(r'<link rel="alternate" type="application/json" href="([^"]+)">', page)[1]
    assert client.get(twin).status_code == 200


@pytest.mark.urls(__name__)
def test_a_failure_is_a_problem_that_tells_nothing_of_the_inside():
    response = Client(raise_request_exception=False).get("/api/v1/failed/")
    assert (response.status_code, response.headers["Content-Type"]) == (500, "application/problem+json")
    assert response.json()["title"] == "Internal Server Error"
    assert "secret" not in response.content.decode()


# Limits ----------------------------------------------------------------------------------------------------


@pytest.fixture
def three_a_minute():
    cache.clear()
    with override_settings(API_RATE=3):
        yield
    cache.clear()


@pytest.fixture
def noon(monkeypatch):
    """The clock stands ten seconds after a minute began."""
    monkeypatch.setattr("practices.values.rate_limit.time", lambda: 1_000_000 * 60 + 10.5)


def test_who_asks_too_often_is_told_when_to_come_back(client, three_a_minute, noon):
    make_practice(slug="a")
    answers = [client.get(LIST) for _number in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        f'"address";r={left};t=50' for left in (2, 1, 0, 0)
    ]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {'"address";q=3;w=60'}
    assert answers[3].headers["Retry-After"] == "50"
    assert answers[3].headers["Content-Type"] == "application/problem+json"
    problem = answers[3].json()
    assert (problem["status"], problem["code"]) == (429, "too_many_requests")
    assert problem["detail"] == "You have sent too many requests. Try again in 50 seconds."


def test_another_address_and_the_next_minute_are_counted_anew(client, three_a_minute, monkeypatch):
    clock = [6_000.0]
    monkeypatch.setattr("practices.values.rate_limit.time", lambda: clock[0])
    for _number in range(3):
        client.get(LIST)
    assert client.get(LIST).status_code == 429
    assert Client(REMOTE_ADDR="192.0.2.7").get(LIST).status_code == 200
    clock[0] += 60
    assert client.get(LIST).status_code == 200


def test_limits_count_one_network_however_its_addresses_are_written(client, three_a_minute, noon, settings):
    settings.PROXIES = 1
    ipv6 = ["2001:db8::1", "[2001:db8::2]:80", "[2001:db8:0:0:ffff::3]", "2001:db8::4"]
    odd = ["unknown", "", "198.51.100.7:80:80", "_x"]  # the peer's own address counts
    ports = [f"198.51.100.7:{port}" for port in range(4)]
    for written in (ipv6, odd, ports):
        answers = [client.get(LIST, headers={"X-Forwarded-For": address}) for address in written]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert client.get(LIST, headers={"X-Forwarded-For": "2001:db8:0:1::1"}).status_code == 200


def test_a_cache_that_asks_whether_it_is_right_is_not_counted(client, three_a_minute, noon):
    make_practice(slug="a")
    tag = client.get(LIST).headers["ETag"]
    for _number in range(5):
        assert client.get(LIST, headers={"if-none-match": tag}).status_code == 304
    assert client.get(LIST).headers["RateLimit"] == '"address";r=1;t=50'
    assert client.get(LIST, headers={"if-none-match": '"another"'}).headers["RateLimit"].endswith("r=0;t=50")
    assert client.get(LIST, headers={"if-none-match": tag}).status_code == 304
    assert client.get(LIST, headers={"if-none-match": '"another"'}).status_code == 429


def test_an_address_that_a_reader_makes_up_does_not_count_as_another(client, three_a_minute, noon):
    for number in range(3):
        client.get(LIST, headers={"x-forwarded-for": f"192.0.2.{number}"})
    assert client.get(LIST, headers={"x-forwarded-for": "192.0.2.9"}).status_code == 429
