"""Which responses can be cached, for how long, and what happens when the database is lost."""

import pytest
from django.db import InterfaceError, OperationalError, connections
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from portal.middleware import PRIVATE, SHARED
from portal.replica import Router, replica_middleware
from portal.urls import handler400, handler404, handler500, urlpatterns  # noqa: F401
from practices.models import Practice
from tests.factories import make_practice

pytestmark = pytest.mark.django_db


def lost(request):
    raise OperationalError("the connection is lost")


def dropped(request):
    raise InterfaceError("the connection is closed")


def broken(request):
    raise RuntimeError("ours")


def greeting(request):
    """A page with content for one user."""
    request.session["seen"] = True
    return HttpResponse("Hello")


urlpatterns = [
    path("lost/", lost),
    path("dropped/", dropped),
    path("broken/", broken),
    path("greeting/", greeting),
    path("api/v1/lost/", lost),
    path("api/v1/broken/", broken),
    *urlpatterns,
]


@pytest.mark.parametrize(
    "address",
    ["/", "/practices/", "/practices/?q=bonds", "/practices/bonds/", "/lessons/", "/countries/",
     "/countries/PH/", "/themes/", "/actors/", "/about/", "/help/", "/accessibility/", "/feed/",
     "/sitemap.xml", "/robots.txt", "/countries/ph/", "/practices/nothing/"],
)  # fmt: skip
def test_what_readers_see_may_be_kept_by_every_cache_for_ten_seconds(client, address):
    make_practice("Bonds", slug="bonds", countries=("PH",))
    response = client.get(address)
    assert response.headers["Cache-Control"] == SHARED
    assert "Cookie" not in response.headers.get("Vary", "")


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/greeting/", "/broken/", "/lost/", "/feed/?kind=book"])
def test_what_is_for_one_person_or_went_wrong_is_kept_by_nobody(address):
    response = Client(raise_request_exception=False).get(address)
    assert response.headers["Cache-Control"] == PRIVATE


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/practices/practice/"])
def test_the_desk_is_kept_by_nobody(admin_client, client, address):
    for who in (admin_client, client):
        assert "no-store" in who.get(address).headers["Cache-Control"]


def test_a_form_that_was_sent_is_kept_by_nobody(client):
    assert client.post("/practices/").headers["Cache-Control"] == PRIVATE


def test_who_has_a_page_already_is_told_so_until_it_changes(client):
    practice = make_practice("Bonds", slug="bonds")
    tag = client.get("/practices/bonds/").headers["ETag"]
    again = client.get("/practices/bonds/", headers={"if-none-match": tag})
    assert (again.status_code, again.content) == (304, b"")
    practice.title = "Ties"
    practice.save()
    changed = client.get("/practices/bonds/", headers={"if-none-match": tag})
    assert (changed.status_code, changed.headers["ETag"] == tag) == (200, False)


@pytest.mark.urls(__name__)
@pytest.mark.parametrize("address", ["/lost/", "/dropped/"])
def test_without_a_database_a_reader_is_asked_to_come_back(address):
    response = Client(raise_request_exception=False).get(address)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert b"Reload this page in 5 seconds" in response.content


@pytest.mark.urls(__name__)
def test_without_a_database_a_program_gets_a_problem_document():
    response = Client(raise_request_exception=False).get("/api/v1/lost/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": 503,
        "code": "unavailable",
        "detail": "The database is temporarily unavailable. Try again in a moment.",
    }


@pytest.mark.urls(__name__)
def test_a_fault_of_ours_says_so_and_promises_no_mending():
    client = Client(raise_request_exception=False)
    page, data = client.get("/broken/"), client.get("/api/v1/broken/")
    assert (page.status_code, data.status_code) == (500, 500)
    assert "Retry-After" not in page.headers
    assert b"Something went wrong on our server" in page.content
    assert data.json()["detail"] == "Something went wrong on our server."


# A standby for readers ------------------------------------------------------------------------------------


def read_from(method: str = "get", **cookies: str) -> str:
    """Return the database that a request's queries use."""
    request = getattr(RequestFactory(), method)("/practices/")
    request.COOKIES |= cookies
    seen = []
    replica_middleware(lambda request: seen.append(Router().db_for_read(Practice)))(request)
    return seen[0]


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_reader_reads_from_the_standby_unless_something_is_written_meanwhile(method, monkeypatch):
    assert read_from(method) == "default"  # a test is a transaction
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    assert read_from(method) == "replica"


def test_who_is_logged_in_reads_what_they_wrote(monkeypatch):
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    assert read_from(sessionid="a") == "default"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_who_writes_reads_where_it_is_written(method, monkeypatch):
    monkeypatch.setattr(connections["default"], "in_atomic_block", False)
    assert read_from(method) == "default"


def test_outside_a_request_and_for_writes_there_is_one_database():
    assert (Router().db_for_read(Practice), Router().db_for_write(Practice)) == ("default", "default")
    assert (
        Router().allow_migrate("default", "practices"),
        Router().allow_migrate("replica", "practices"),
    ) == (
        True,
        False,
    )
