"""Each request has an id and a log entry, each slow query too; none contains a secret."""

import json
import logging
import sys
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.http import HttpResponse
from django.test import override_settings

from portal import error_reporting, metrics
from portal.logs import JSONFormatter
from portal.redaction import redact_text
from portal.request_logging import request_logging_middleware
from practices.values.client_network import network_of
from tests.factories import make_practice
from tests.portal.test_environment import run

pytestmark = pytest.mark.django_db


def lines(caplog, logger: str) -> list[dict]:
    """Return the lines that the log would contain, parsed."""
    return [json.loads(record.written) for record in caplog.records if record.name == logger]


@pytest.fixture(autouse=True)
def written(caplog):
    """Return each record as formatted at its moment, because the id belongs to that moment."""

    class Write(logging.Filter):
        def filter(self, record: logging.LogRecord) -> bool:
            record.written = JSONFormatter().format(record)
            return True

    caplog.handler.addFilter(added := Write())
    yield
    caplog.handler.removeFilter(added)


@pytest.mark.parametrize("given", ["a1B2-c3.d_4", "f" * 64])
def test_the_id_of_a_proxy_is_kept(client, caplog, given):
    assert client.get("/about/", headers={"X-Request-ID": given})["X-Request-ID"] == given
    assert lines(caplog, "portal.requests")[0]["request_id"] == given


@pytest.mark.parametrize("given", ["", "f" * 65, "a b", "a\tb", "<script>", "é", '{"a":1}'])
def test_an_id_that_is_not_well_formed_is_made_anew(client, given):
    made = [client.get("/about/", headers={"X-Request-ID": given})["X-Request-ID"] for _time in range(2)]
    assert made[0] != made[1]
    assert all(len(value) == 32 and value.isalnum() for value in made)


def test_a_request_has_a_line_with_its_route_and_what_it_cost(client, caplog):
    make_practice("Bonds", slug="bonds")
    caplog.clear()
    client.get("/practices/bonds/?in=secret-question")
    (line,) = lines(caplog, "portal.requests")
    assert (line.pop("ms") > 0, line.pop("query_ms") > 0, line.pop("queries") > 1) == (True, True, True)
    assert len(line.pop("request_id")) == 32
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "INFO",
        "logger": "portal.requests",
        "message": "GET /practices/bonds/ 200",
        "method": "GET",
        "path": "/practices/bonds/",
        "route": "practice",
        "status": 200,
    }


def test_neither_questions_nor_addresses_of_people_are_in_the_log(client, caplog):
    client.get("/practices/?q=canary-question", REMOTE_ADDR="198.51.100.7")
    assert lines(caplog, "portal.requests")
    assert "canary-question" not in caplog.text
    assert "198.51.100.7" not in caplog.text


def test_a_secret_address_is_not_in_the_log(client, caplog):
    client.get("/preview/canary-token/")
    assert lines(caplog, "portal.requests")[0]["path"] == "/preview/…/"
    assert "canary-token" not in json.dumps(lines(caplog, "portal.requests"))


RESET = "c8x2f1-0123456789abcdef0123456789abcdef"
SIGNED = "MjE:1xYBqH:Vo6shAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/preview/canary", "/preview/…"),
        ("/preview/canary/x", "/preview/…"),
        ("/x//preview/canary/", "/x//preview/…/"),
        ("/preview//canary/", "/preview/…/"),
        ("/PREVIEW/canary/", "/PREVIEW/…/"),
        ("/%70review/canary/", "/preview/…/"),
        ("/%2570review%252Fcanary/", "/%70review%2F…/"),
        ("/preview%2Fcanary/", "/preview/…/"),
        ("/admin/reset/MQ/canary/", "/admin/reset/…/"),
        ("/admin/reset/MQ/canary", "/admin/reset/…"),
        ("/admin//reset/MQ/canary/", "/admin//reset/…/"),
        ("/practices/%3Fq=canary%20words%20canary", "/practices/?…"),
        (f"/lost/{SIGNED.replace('AAAAAA', 'canary', 1)}/", "/lost/…/"),
    ],
)
def test_a_token_is_hidden_whatever_the_address_looks_like(client, caplog, path, shown):
    client.get(path)
    assert [line["path"] for line in lines(caplog, "portal.requests")] == [shown]
    assert "canary" not in json.dumps(lines(caplog, "portal.requests"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Refused: https://a.example/practices/?q=canary&page=2 (400)",
            "Refused: https://a.example/practices/?… (400)",
        ),
        ('Referer "/practices/?q="canary"&b=c" is wrong', 'Referer "/practices/?… is wrong'),
        ("next=/practices/%3Fq%3Dcanary", "next=/practices/?…"),
        ("in=%252Fpreview%252Fcanary%252F", "in=%252Fpreview%252F…"),
        (f"The token {RESET} is used", "The token … is used"),
        (f"Signature of {SIGNED} does not match", "Signature of … does not match"),
        ("Is it so? Yes, 1=1", "Is it so? Yes, 1=1"),
        ("a" * 32 + " is the id of a request", "a" * 32 + " is the id of a request"),
        ("/practices/preview-of-bonds/", "/practices/preview-of-bonds/"),
        ("/admin/password_reset/done/", "/admin/password_reset/done/"),
    ],
)
def test_a_message_holds_no_query_and_no_token(text, expected):
    assert redact_text(text) == expected


def test_an_exception_and_what_is_told_with_it_are_written_without_secrets():
    try:
        raise ValueError("Not at /preview/canary/")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "At %s", ("/x/?q=canary",), sys.exc_info())
    record.context = {"from": ["/reset/MQ/canary/"], "url": SimpleNamespace(path="/preview/canary")}
    line = json.loads(JSONFormatter().format(record))
    assert "canary" not in json.dumps(line)
    assert (line["message"], line["from"]) == ("At /x/?…", ["/reset/…/"])
    assert "ValueError: Not at /preview/…/" in line["exception"]


@pytest.mark.parametrize(
    "part", ["?", "/", "%25", "%", "/preview", "?a", "reset/", "-a", "a:", "%3f", "/%70"]
)
def test_a_text_of_a_million_characters_is_searched_for_secrets_at_once(part):
    """A pattern of quadratic cost would take hours."""
    assert redact_text(part * (1_000_000 // len(part)))


def test_what_is_not_found_has_one_line_and_no_route(client, caplog):
    client.get("/nothing-here/")
    (line,) = lines(caplog, "portal.requests")
    assert (line["route"], line["status"]) == ("none", 404)
    assert lines(caplog, "django.request") == []


def test_a_line_break_in_an_address_makes_no_second_line(client, caplog):
    client.get("/a%0A%7B%22level%22:%22x%22%7D/")
    (record,) = [record for record in caplog.records if record.name == "portal.requests"]
    assert "\n" not in record.written


def test_an_error_is_one_line_with_its_trace():
    try:
        raise ValueError("wrong")
    except ValueError:
        record = logging.LogRecord("a", logging.ERROR, "", 0, "It failed: %s", ("é",), sys.exc_info())
    line = JSONFormatter().format(record)
    assert line.isascii()
    assert "\n" not in line
    assert (json.loads(line)["message"], "ValueError: wrong" in json.loads(line)["exception"]) == (
        "It failed: é",
        True,
    )


def test_a_slow_query_is_written_without_its_values(caplog, settings):
    settings.SLOW_QUERY_MS = 0.000001
    with connection.cursor() as cursor:
        cursor.execute("SELECT slug FROM practices_practice WHERE title = %s", ["canary-value"])
    (line,) = lines(caplog, "portal.queries")
    assert line["sql"] == "SELECT slug FROM practices_practice WHERE title = %s"
    assert (line["level"], line["ms"] >= 0) == ("WARNING", True)
    assert "canary-value" not in caplog.text


@pytest.mark.parametrize("limit", [0, 60_000])
def test_a_query_that_is_not_slow_is_not_written(caplog, settings, limit):
    settings.SLOW_QUERY_MS = limit
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert lines(caplog, "portal.queries") == []


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "made up, 198.51.100.7", "198.51.100.7"),
        (2, "made up, 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7:4711", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7:4711", "198.51.100.7"),
        (1, "2001:DB8::7", "2001:db8::7"),
        (1, "[2001:db8::7]", "2001:db8::7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, '"[2001:db8::7]:4711"', "2001:db8::7"),
        (1, "fe80::7%eth0", "fe80::7"),
        (1, "::ffff:198.51.100.7", "198.51.100.7"),
        (1, "unknown", "127.0.0.1"),
        (1, "198.51.100.7, unknown", "127.0.0.1"),
        (1, "_hidden", "127.0.0.1"),
        (1, "198.51.100.7, ", "127.0.0.1"),
        (1, ",", "127.0.0.1"),
        (1, "198.51.100.7:4711:1", "127.0.0.1"),
        (1, "999.1.1.1", "127.0.0.1"),
        (1, "10.0.0.1\x00", "127.0.0.1"),
        (1, "1" * 5_000, "127.0.0.1"),
        (1, "[" * 5_000, "127.0.0.1"),
    ],
)
def test_an_address_is_believed_as_our_own_proxies_wrote_it(rf, settings, proxies, forwarded, address):
    settings.PROXIES = proxies
    seen = []
    request_logging_middleware(lambda request: seen.append(request.META["REMOTE_ADDR"]) or HttpResponse())(
        rf.get("/", headers={"X-Forwarded-For": forwarded})
    )
    assert seen == [address]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_limits_count_64_bits_of_ipv6_as_one_network(address, network):
    assert network_of(address) == network


# What is told elsewhere ------------------------------------------------------------------------------------


def test_figures_without_their_package_stop_the_start_with_the_mend(monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    with pytest.raises(ImproperlyConfigured) as caught:
        metrics.start(("127.0.0.1", 9464))
    assert str(caught.value) == (
        "METRICS_PORT is set, but the package prometheus-client is missing. "
        "Install requirements/deploy.txt, or leave METRICS_PORT empty."
    )


def test_reports_without_their_package_stop_the_start_with_the_mend(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    monkeypatch.setenv("SENTRY_DSN", "https://key@errors.example/1")
    with pytest.raises(ImproperlyConfigured, match="the package sentry-sdk is missing"):
        error_reporting.start_sentry("SENTRY_DSN")


def test_a_wrong_address_for_reports_is_refused_and_not_printed(monkeypatch):
    monkeypatch.setenv("SENTRY_DSN", "https://hunter2")
    with pytest.raises(ImproperlyConfigured) as caught:
        error_reporting.start_sentry("SENTRY_DSN")
    assert str(caught.value) == "SENTRY_DSN is '…'. Set it to the DSN of a project: https://key@host/number."


REPORT = """
import json, logging, sys, sentry_sdk
from functools import partial
from django.test import Client, override_settings
from django.urls import path
from django.conf import settings

sent = []
client = sentry_sdk.get_client()
client.transport.capture_envelope = lambda envelope: sent.append(envelope.get_event())

def fail(request):
    canary_local = "canary-local"
    logging.getLogger("elsewhere").warning("Asked for /preview/%s", "canary-crumb")
    raise RuntimeError("broken at https://a.example/?q=canary-message")

urlpatterns = [path("fail/", fail)]
sys.modules["failing"] = sys.modules["__main__"]
settings.ROOT_URLCONF = "failing"
settings.ALLOWED_HOSTS = ["*"]
browser = Client(raise_request_exception=False, headers={"Authorization": "canary-key"})
browser.cookies["sessionid"] = "canary-session"
browser.post(
    "/fail/?q=canary-question", {"password": "canary-body"}, REMOTE_ADDR="198.51.100.7",
    headers={"Referer": "http://testserver/preview/canary-referrer/"},
)
client.close(0)
print(json.dumps([event for event in sent if event]))
"""


@pytest.mark.slow
def test_a_report_holds_the_error_and_nothing_of_a_person(tmp_path):
    result = run(
        REPORT, SENTRY_DSN="https://key@127.0.0.1:9/1", DATABASE_URL=f"sqlite:///{tmp_path}/portal.sqlite3"
    )
    (event,) = (json.loads(result.stdout),)
    text = json.dumps(event)
    assert event[0]["exception"]["values"][-1]["value"] == "broken at https://a.example/?…", result.stderr
    assert "/preview/\\u2026" in text  # the log's own line comes along
    assert "canary" not in text.replace('"canary_local = ', "")
    assert "198.51.100.7" not in text


@override_settings(DEBUG=False)
def test_without_an_address_nothing_is_reported(monkeypatch):
    monkeypatch.setenv("SENTRY_DSN", " ")
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    error_reporting.start_sentry("SENTRY_DSN")
