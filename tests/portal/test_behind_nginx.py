"""The portal behind a real nginx with deploy/nginx.conf: long addresses, logs, encodings, an outage."""

import json
import struct
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import time
from types import SimpleNamespace
from urllib.parse import quote

import pytest

from portal.middleware import MAX_URL_BYTES, SHARED, STALE_SECONDS
from tests import nginx
from tests.databases import own_database
from tests.factories import make_practice
from tests.served import served, until

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.one_engine]
HEADER_BYTES = 4_000  # one memory page, which is what many proxies reserve for all headers
LIST = "/api/v1/practices/?"


@pytest.fixture(scope="module")
def portal(blank, django_db_blocker) -> Iterator[SimpleNamespace]:
    """A portal with one practice behind nginx: the HTTPS port, nginx's folder, the portal's own log."""
    with (
        nginx.new_folder() as folder,
        django_db_blocker.unblock(),
        own_database(blank) as url,
        (folder / "portal.log").open("w") as lines,
    ):
        make_practice("Bonds", slug="bonds", countries=("PH",))
        with (
            served(url, 1, lines, **nginx.PUBLIC) as server,
            nginx.running(f"127.0.0.1:{server.port}", folder) as (http, https),
        ):
            yield SimpleNamespace(http=http, https=https, folder=folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with nginx.new_folder() as folder:
        yield folder


def filled(start: str, more: str) -> str:
    """Return an address of the maximum accepted length, or a little less."""
    return start + more * ((MAX_URL_BYTES - len(start)) // len(more))


LONGEST_REQUESTS = {
    "a repeated parameter": filled(f"{LIST}country=PH", "&country=PH"),
    "words of four bytes a letter": f"{LIST}q={quote('🌍' * 500)}",
    "words and filters": filled(f"{LIST}q={quote('деньги ' * 71)}", "&country=PH"),
    "named fields": filled(f"{LIST}fields=slug", ",slug"),
    "a file": filled(f"{LIST}format=csv", "&country=PH"),
    "lessons": filled("/api/v1/lessons/?page_size=1", "&country=PH"),
    "a harvest": filled(f"{LIST}cursor=0", "&country=PH"),
    "one practice": filled("/api/v1/practices/bonds/?fields=slug", ",slug"),
    "a page": filled("/practices/?q=bonds", "&country=PH"),
    "a feed": filled("/feed/?q=bonds", "&country=PH"),
}


@pytest.mark.parametrize("kind", LONGEST_REQUESTS)
def test_the_longest_query_that_the_parameters_allow_is_answered_with_short_headers(portal, kind):
    status, headers, _body = nginx.ask(portal.https, LONGEST_REQUESTS[kind])
    assert status == 200
    assert len(str(headers)) < HEADER_BYTES


@pytest.mark.parametrize(("path", "status"), [("/practices/bonds", 301), ("/admin/practices/practice/", 302)])
def test_a_redirect_that_repeats_the_longest_query_reaches_the_client(portal, path, status):
    address = filled(f"{path}?q=a", "&q=a")
    answer = nginx.ask(portal.https, address)
    assert (answer[0], answer[1]["Location"].count("q")) == (status, address.count("q"))


def test_a_longer_address_is_refused_in_the_form_of_what_was_asked_for(portal):
    long = "q=" + "a" * MAX_URL_BYTES
    status, headers, body = nginx.ask(portal.https, LIST + long)
    assert (status, headers["Content-Type"]) == (414, "application/problem+json")
    assert json.loads(body)["detail"] == "The address is too long: 8021 bytes. The maximum is 8000."
    status, headers, body = nginx.ask(portal.https, f"/practices/?{long}")
    assert (status, "The address is too long" in body.decode()) == (414, True)
    status, headers, body = nginx.ask(portal.https, f"/practices/?{long * 3}")  # nginx reads no more
    assert (status, headers["Content-Type"]) == (414, "text/plain")
    assert body == b"The address is too long. The portal reads addresses of up to 8,000 bytes.\n"


# Logs -------------------------------------------------------------------------------------------------------

SECRET = "canary"
SECRET_ADDRESSES = [
    f"/practices/?q={SECRET}",
    f"/practices/%3Fq={SECRET}",
    f"/practices/bonds/?in=q%3D{SECRET}",
    f"/preview/{SECRET}/",
    f"/preview/{SECRET}",
    f"//preview/{SECRET}/",
    f"/preview//{SECRET}/",
    f"/x/../preview/{SECRET}/",
    f"/%70review/{SECRET}/",
    f"/preview%2F{SECRET}/",
    f"/preview%252F{SECRET}/",
    f"/PREVIEW/{SECRET}/x",
    f"/media/images/x.jpg?preview={SECRET}",
    f"/admin/reset/MQ/{SECRET}/",
    f"/admin/reset/MQ/{SECRET}",
    f"/admin//reset/MQ/{SECRET}/",
    f"/admin/%72eset/MQ/{SECRET}/",
    f"/admin/?next=/preview/{SECRET}/",
]


def test_no_log_holds_a_query_a_token_an_address_of_a_person_or_a_referrer(portal):
    headers = {"Referer": f"https://{nginx.NAME}/practices/?q={SECRET}", "User-Agent": SECRET}
    for path in SECRET_ADDRESSES:
        nginx.ask(portal.https, path, **headers)
    last = nginx.ask(portal.https, "/about/?end")
    assert last[0] == 200
    log = portal.folder / "access.log"
    until(lambda: "/about/" in log.read_text())
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    shown = [line["path"] for line in lines][-len(SECRET_ADDRESSES) - 1 :]
    assert shown[:5] == ["/practices/", "/practices/…", "/practices/bonds/", "/preview/…", "/preview/…"]
    assert (shown[-1], lines[-1]["status"]) == ("/about/", "200")
    assert "127.0.0.1" not in log.read_text()
    for file in portal.folder.glob("*.log"):
        assert (file.name, SECRET in file.read_text()) == (file.name, False)
    assert (portal.folder / "debian-access.log").read_text() == ""


def test_an_error_of_nginx_writes_no_request_down(folder):
    with nginx.running("127.0.0.1:9", folder) as (_http, https):  # nobody listens there
        assert nginx.ask(https, f"/preview/{SECRET}/?q={SECRET}")[0] == 503
        until(lambda: "/preview/" in (folder / "access.log").read_text())
    for file in folder.glob("*.log"):
        assert (file.name, SECRET in file.read_text()) == (file.name, False)


# An outage --------------------------------------------------------------------------------------------------


class Upstream(BaseHTTPRequestHandler):
    """Answers with cacheable responses as the portal does; the body is the requested encoding."""

    requests = 0

    def do_GET(self) -> None:
        Upstream.requests += 1
        body = f"a practice, {self.headers['Accept-Encoding']}".encode()
        self.send_response(200)
        self.send_header("Cache-Control", SHARED)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *values: object) -> None:
        pass


@pytest.fixture
def upstream() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.server_close()


def age(cache: Path, seconds: int) -> None:
    """Make all cached files of nginx older.

    A cached file begins with a version and the second until which it is fresh (ngx_http_file_cache_header_t),
    eight bytes each.
    """
    files = [file for file in cache.rglob("*") if file.is_file()]
    assert files
    for file in files:
        with file.open("r+b") as kept:
            kept.seek(8)
            (until_second,) = struct.unpack("<q", kept.read(8))
            assert abs(until_second - time()) < 60
            kept.seek(8)
            kept.write(struct.pack("<q", until_second - seconds))


def test_while_the_portal_is_down_nothing_is_served_longer_than_a_minute(folder, upstream):
    """A practice that was withdrawn before must not reappear."""
    assert STALE_SECONDS <= 60
    with nginx.running(f"127.0.0.1:{upstream.server_port}", folder) as (_http, https):
        assert nginx.ask(https, "/practices/bonds/")[::2] == (200, b"a practice, None")
        upstream.shutdown()
        upstream.server_close()
        age(folder / "cache", 5 + STALE_SECONDS - 10)
        assert nginx.ask(https, "/practices/bonds/")[0] == 200
        age(folder / "cache", 15)
        status, headers, _body = nginx.ask(https, "/practices/bonds/")
    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "5", "no-store")


@pytest.mark.parametrize("person", [{"Cookie": "a=b; sessionid=c"}, {"Authorization": "Basic x"}])
def test_a_person_who_is_logged_in_is_never_given_a_cached_response(folder, upstream, person):
    with nginx.running(f"127.0.0.1:{upstream.server_port}", folder) as (_http, https):
        nginx.ask(https, "/practices/")
        before = Upstream.requests
        nginx.ask(https, "/practices/")
        assert Upstream.requests == before
        nginx.ask(https, "/practices/", **person)
        assert Upstream.requests == before + 1


@pytest.mark.parametrize(
    ("accepted", "asked"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=0, br;q=0, identity", "None"),
        ("br;q=0.000, gzip", "gzip"),
        ("br; q=0 , zstd", "zstd"),
        ("br;Q=0,zstd;q=0.0,gzip;q=0", "None"),
        ("br;q=0.5, gzip", "br"),
        ("gzip;q=0.001", "gzip"),
        ("identity", "None"),
    ],
)
def test_an_encoding_that_the_client_refuses_is_not_asked_for(folder, upstream, accepted, asked):
    with nginx.running(f"127.0.0.1:{upstream.server_port}", folder) as (_http, https):
        answer = nginx.ask(https, "/", **{"Accept-Encoding": accepted})
    assert answer[2].decode() == f"a practice, {asked}"
