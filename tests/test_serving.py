"""The portal as it is served: by granian, with figures on ports of their own and lines on standard error."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.databases import own_database

pytestmark = pytest.mark.django_db


def free_port(several: int = 1) -> int:
    """The first of so many ports in a row that nobody listens on."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if all(is_free(port + more) for more in range(several)):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def get(port: int, path: str, method: str = "GET", **headers: str) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, headers={"Connection": "close", **headers})
    response = connection.getresponse()
    response.text = response.read().decode()
    connection.close()
    return response


def until(ask: Callable[[], bool], process: subprocess.Popen) -> None:
    """A server has no other way to tell that it is ready; a minute at the most."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if ask():
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError("The server did not get ready")


@pytest.fixture
def served(blank, tmp_path):
    """A server of two processes; its port, the first port of its figures, and the file of its lines."""
    port, figures, lines = free_port(), free_port(2), tmp_path / "stderr"
    with own_database(blank) as url, lines.open("w") as stderr:
        connection.close()
        process = subprocess.Popen(
            [Path(sys.executable).with_name("granian"), "portal.wsgi:application"],
            cwd=settings.BASE_DIR,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            env=os.environ | {
                "DATABASE_URL": url, "METRICS_PORT": str(figures), "GRANIAN_INTERFACE": "wsgi",
                "GRANIAN_WORKERS": "2", "GRANIAN_PORT": str(port), "KEPT_MEGABYTES": "0",
            },
        )  # fmt: skip
        try:
            until(lambda: get(port, "/healthz/").status == 200, process)
            until(lambda: not is_free(figures + 1), process)
            yield port, figures, lines
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()
            process.wait()


def test_it_is_ready_seen_and_counted(served):
    port, figures, lines = served
    assert json.loads(get(port, "/healthz/").text)["status"] == "ok"
    answer = get(port, "/feed/?q=canary", Host="testserver", **{"X-Request-ID": "from-a-proxy"})
    assert (answer.status, answer.headers["X-Request-ID"]) == (200, "from-a-proxy")
    assert get(port, "/feed/", "TRACE", Host="testserver").status == 405
    counted = "".join(get(figures + each, "/metrics").text for each in range(2))
    for labels in ('method="GET",route="feed",status="200"', 'method="other",route="feed",status="405"'):
        assert f"portal_request_seconds_count{{{labels}}} 1.0" in counted
    assert counted.count("\nprocess_resident_memory_bytes ") == 2
    assert "portal_request" not in get(port, "/metrics", Host="testserver").text
    written = [json.loads(line) for line in lines.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in written if line.get("route") == "feed" and line["status"] == 200]
    assert (line["request_id"], line["path"], line["queries"] > 0) == ("from-a-proxy", "/feed/", True)
    assert {line["id"] for line in written if "id" in line} == {"portal.W002"}
    assert "canary" not in lines.read_text()
