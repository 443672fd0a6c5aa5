"""The portal as in production: granian, metrics on their own ports, and the log on standard error."""

import json

import pytest

from tests.databases import own_database
from tests.served import free_port, get, is_free, served, until

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture
def portal(blank, tmp_path):
    """A server with two processes; its port, the first port of its metrics, and its log file."""
    figures, lines = free_port(2), tmp_path / "stderr"
    with (
        own_database(blank) as url,
        lines.open("w") as stderr,
        served(url, 2, stderr, METRICS_PORT=str(figures)) as server,
    ):
        until(lambda: not is_free(figures + 1), server.process)
        yield server.port, figures, lines
        server.process.terminate()
        assert server.process.wait(20) == 0


def test_it_is_ready_seen_and_counted(portal):
    port, figures, lines = portal
    assert json.loads(get(port, "/healthz/").text)["status"] == "ok"
    answer = get(port, "/feed/?q=canary", **{"X-Request-ID": "from-a-proxy"})
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, "from-a-proxy")
    assert get(port, "/feed/", "TRACE").status_code == 405
    counted = "".join(get(figures + each, "/metrics").text for each in range(2))
    for labels in ('method="GET",route="feed",status="200"', 'method="other",route="feed",status="405"'):
        assert f"portal_request_seconds_count{{{labels}}} 1.0" in counted
    assert counted.count("\nprocess_resident_memory_bytes ") == 2
    assert "portal_request" not in get(port, "/metrics").text
    written = [json.loads(line) for line in lines.read_text().splitlines() if line.startswith("{")]
    (line,) = [line for line in written if line.get("route") == "feed" and line["status"] == 200]
    assert (line["request_id"], line["path"], line["queries"] > 0) == ("from-a-proxy", "/feed/", True)
    assert {line["id"] for line in written if "id" in line} == {"portal.W002"}
    assert "canary" not in lines.read_text()
