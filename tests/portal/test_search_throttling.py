"""Searches of the site are limited for each client; everything else stays open."""

import pytest
from django.core.cache import cache
from django.test import Client

from tests.factories import make_practice
from tests.html import headings

pytestmark = pytest.mark.django_db
SEARCHES = [
    "/practices/?q=bonds",
    "/lessons/?q=bonds",
    "/countries/?q=bonds",
    "/feed/?q=bonds",
    "/suggest/?q=bonds",
    "/practices/bonds/?in=q%3Dbonds",
]


@pytest.fixture(autouse=True)
def limit(settings, monkeypatch):
    """Three searches a minute, with a stopped clock."""
    settings.SEARCH_RATE = 3
    cache.clear()
    monkeypatch.setattr("practices.values.rate_limit.time", lambda: 60_000.0 + 18.5)
    make_practice("Bonds", slug="bonds")


@pytest.mark.parametrize("address", SEARCHES)
def test_a_client_that_searches_too_much_is_told_when_to_come_back(client, address):
    assert [client.get(address).status_code for _time in range(4)] == [200, 200, 200, 429]
    response = client.get(address)
    assert (response.headers["Retry-After"], response.headers["Cache-Control"]) == ("42", "private, no-store")
    assert headings(response.content.decode()) == [(1, "Too many searches")]
    assert "Reload this page in 42 seconds" in response.content.decode()


def test_all_kinds_of_searches_count_together_and_head_counts_too(client):
    assert client.head(SEARCHES[0]).status_code == 200
    assert [client.get(address).status_code for address in SEARCHES[1:4]] == [200, 200, 429]


def test_other_clients_and_the_next_minute_are_not_held_up(client, monkeypatch):
    for _time in range(4):
        client.get(SEARCHES[0])
    assert client.get(SEARCHES[0]).status_code == 429
    assert client.get(SEARCHES[0], REMOTE_ADDR="192.0.2.7").status_code == 200
    monkeypatch.setattr("practices.values.rate_limit.time", lambda: 60_060.0)
    assert client.get(SEARCHES[0]).status_code == 200


@pytest.mark.parametrize(
    "address",
    ["/", "/practices/", "/practices/?country=PH", "/practices/?q=", "/practices/?q=%20", "/practices/bonds/",
     "/about/", "/healthz/", "/api/v1/practices/?q=bonds", "/admin/login/?q=bonds"],
)  # fmt: skip
def test_what_does_not_search_is_not_counted_and_stays_open(client, address):
    for _time in range(5):
        assert client.get(address).status_code in {200, 400}
    for _time in range(4):
        client.get(SEARCHES[0])
    assert client.get(address).status_code in {200, 400}
    assert Client().get(SEARCHES[0]).status_code == 429


def test_a_page_that_is_not_here_searches_no_more_for_a_client_above_the_limit(client):
    assert "/practices/bonds/" in client.get("/practices/bond/").content.decode()
    for _time in range(3):
        client.get(SEARCHES[0])
    response = client.get("/practices/bond/")
    assert (response.status_code, "/practices/bonds/" in response.content.decode()) == (404, False)


def test_without_a_limit_nothing_is_counted(client, settings):
    settings.SEARCH_RATE = 0
    assert {client.get(SEARCHES[0]).status_code for _time in range(9)} == {200}
