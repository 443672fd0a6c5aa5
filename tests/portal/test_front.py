"""Answers kept in front of Django."""

import pytest
from django.db import OperationalError

from portal import front
from portal.front import Front
from portal.headers import STALE_SECONDS

pytestmark = pytest.mark.one_engine

SHARED = "public, max-age=0, s-maxage=5"


class Application:
    """Answers with a number that grows, so that a second asking shows."""

    def __init__(self, status: str = "200 OK", **headers: str) -> None:
        self.status, self.asked, self.closed = status, 0, 0
        self.headers = {"Cache-Control": SHARED, "Content-Length": "1", "ETag": '"a"'} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }

    def __call__(self, environ, start_response):
        self.asked += 1
        start_response(self.status, list(self.headers.items()))
        return Parts(self)


class Parts(list):
    def __init__(self, application: Application) -> None:
        super().__init__([str(application.asked).encode()])
        self.application = application

    def close(self) -> None:
        self.application.closed += 1


class Version:
    token = "one"

    def __call__(self) -> str:
        if self.token is None:
            raise OperationalError("lost")
        return self.token


@pytest.fixture(autouse=True)
def no_connections(monkeypatch):
    monkeypatch.setattr(front, "close_old_connections", lambda: None)


@pytest.fixture
def version() -> Version:
    return Version()


def ask(application, path="/practices/", method="GET", **environ):
    """Status, headers and body of an answer."""
    said = {}

    def start_response(status, headers, exc_info=None):
        said.update(status=int(status.split()[0]), headers={name.lower(): value for name, value in headers})

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.url_scheme": "http"} | environ
    parts = application(environ, start_response)
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return said["status"], said["headers"], body.decode()


def test_the_same_address_is_asked_once(version):
    inner = Application()
    kept = Front(inner, version, 1000)
    assert [ask(kept)[2], ask(kept)[2]] == ["1", "1"]
    assert inner.closed == 1


def test_another_version_is_another_answer_at_once(version):
    kept = Front(Application(), version, 1000)
    ask(kept)
    version.token = "two"
    assert ask(kept)[2] == "2"


def test_another_day_is_another_answer(version, monkeypatch):
    kept = Front(Application(), version, 1000)
    monkeypatch.setattr(front.timezone, "localdate", lambda: "Monday")
    ask(kept)
    monkeypatch.setattr(front.timezone, "localdate", lambda: "Tuesday")
    assert ask(kept)[2] == "2"


@pytest.mark.parametrize(
    "change",
    [
        {"PATH_INFO": "/lessons/"},
        {"QUERY_STRING": "q=a"},
        {"HTTP_HOST": "other"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"wsgi.url_scheme": "https"},
        {"HTTP_ACCEPT": "text/csv"},
        {"HTTP_ACCEPT_ENCODING": "br"},
        {"HTTP_ACCEPT_LANGUAGE": "fr"},
    ],
)
def test_whatever_an_answer_may_depend_on_parts_it_from_others(version, change):
    kept = Front(Application(), version, 1000)
    ask(kept)
    path = change.pop("PATH_INFO", "/practices/")
    assert ask(kept, path, **change)[2] == "2"


@pytest.mark.parametrize(
    "application",
    [
        Application(Cache_Control="private, no-store"),
        Application(Cache_Control="public, max-age=60"),
        Application(Set_Cookie="a=b"),
        Application("404 Not Found"),
        Application("304 Not Modified"),
        Application(Content_Length="2000000"),
    ],
)
def test_what_a_shared_cache_may_not_keep_is_not_kept(version, application):
    application.asked = 0
    kept = Front(application, version, 1000)
    assert [ask(kept)[2], ask(kept)[2]] == ["1", "2"]


def test_an_answer_of_unknown_length_goes_through_as_it_comes(version):
    inner = Application()
    del inner.headers["Content-Length"]
    kept = Front(inner, version, 1000)
    assert [ask(kept)[2], ask(kept)[2]] == ["1", "2"]


@pytest.mark.parametrize("who", [{"HTTP_COOKIE": "a=b; sessionid=c"}, {"HTTP_AUTHORIZATION": "Basic x"}])
def test_who_is_logged_in_is_never_given_what_is_kept(version, who):
    kept = Front(Application(), version, 1000)
    ask(kept)
    assert ask(kept, **who)[2] == "2"
    assert ask(kept)[2] == "1"  # nor is theirs kept for others


def test_a_form_that_is_sent_reaches_the_application(version):
    kept = Front(Application(), version, 1000)
    ask(kept)
    assert ask(kept, method="POST")[2] == "2"


def test_head_is_answered_from_what_get_kept_without_its_body(version):
    kept = Front(Application(), version, 1000)
    _, headers, _ = ask(kept)
    assert ask(kept, method="HEAD") == (200, headers, "")


def test_the_answer_to_head_is_not_kept_for_get(version):
    kept = Front(Application(), version, 1000)
    ask(kept, method="HEAD")
    assert ask(kept)[2] == "2"


@pytest.mark.parametrize("tags", ['"a"', 'W/"a"', '"b", W/"a"', "*"])
def test_who_has_it_already_is_told_so(version, tags):
    kept = Front(Application(), version, 1000)
    ask(kept)
    status, headers, body = ask(kept, HTTP_IF_NONE_MATCH=tags)
    assert (status, body) == (304, "")
    assert headers == {"cache-control": SHARED, "etag": '"a"'}


def test_who_has_another_is_given_this_one(version):
    kept = Front(Application(), version, 1000)
    ask(kept)
    assert ask(kept, HTTP_IF_NONE_MATCH='"b"')[::2] == (200, "1")


def test_what_belongs_to_one_client_is_not_given_to_the_next(version):
    kept = Front(Application(RateLimit='"address";r=5', X_Request_ID="mine"), version, 1000)
    assert "ratelimit" in ask(kept)[1]
    assert not {"ratelimit", "x-request-id"} & ask(kept)[1].keys()


def test_what_was_asked_for_longest_ago_goes_first(version):
    application = Application()
    size = 1 + sum(map(len, [*application.headers, *application.headers.values()]))  # of an answer
    kept = Front(application, version, 2 * size)
    paths = ["/a", "/b", "/a", "/c", "/a", "/b"]
    assert [ask(kept, path)[2] for path in paths] == ["1", "2", "1", "3", "1", "4"]


def test_what_is_larger_than_all_the_room_is_given_and_not_kept(version):
    kept = Front(Application(), version, 20)
    assert [ask(kept)[2], ask(kept)[2]] == ["1", "2"]


def test_nothing_is_kept_where_nothing_may_be(version):
    kept = Front(Application(), version, 0)
    assert [ask(kept)[2], ask(kept)[2]] == ["1", "2"]


def test_without_a_database_readers_are_given_what_is_kept(version):
    kept = Front(Application(), version, 1000)
    ask(kept)
    version.token = None
    assert ask(kept)[::2] == (200, "1")


def test_without_a_database_nothing_is_given_longer_than_a_minute(version, monkeypatch):
    """Another process may have withdrawn a practice since this one read the version."""
    now = [1_000.0]
    monkeypatch.setattr(front, "monotonic", lambda: now[0])
    kept = Front(Application(), version, 1000)
    ask(kept)
    version.token = None
    now[0] += STALE_SECONDS
    assert ask(kept)[2] == "1"
    now[0] += 1
    assert [ask(kept)[2], ask(kept)[2]] == ["2", "3"]  # the application says that it cannot answer
    version.token = "one"
    assert ask(kept)[2] == "1"


def test_after_an_outage_what_changed_meanwhile_is_shown(version):
    kept = Front(Application(), version, 1000)
    ask(kept)
    version.token = None
    ask(kept)
    version.token = "two"
    assert ask(kept)[2] == "2"
