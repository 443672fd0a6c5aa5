"""Ambiguous requests: nginx, as deploy/ configures it, refuses them or settles one reading."""

import asyncio
import json
import re
import ssl
from contextlib import suppress

import pytest

from tests import nginx
from tests.databases import own_database
from tests.served import served

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.one_engine]
TRUST = ssl.create_default_context()
TRUST.check_hostname, TRUST.verify_mode = False, ssl.CERT_NONE
HOST = f"Host: {nginx.NAME}"
INNER = f"GET /smuggled/ HTTP/1.1\r\n{HOST}\r\n\r\n"
END = f"0\r\n\r\n{INNER}"  # of a body in chunks, and then another request
CHUNK = f"{len(INNER):x}\r\n{INNER}\r\n0\r\n\r\n"
LENGTH, CHUNKED = f"Content-Length: {len(END)}", "Transfer-Encoding: chunked"
QUIET = 2  # seconds without a byte, and nothing more is coming

# How it is read in two ways: its heads, its body, how nginx answers.
REQUESTS = {
    "length and chunks": (f"{LENGTH}\r\n{CHUNKED}", END, [400]),
    "chunks and length": (f"{CHUNKED}\r\nContent-Length: 4", CHUNK, [400]),
    "chunks and another coding": (f"{CHUNKED}\r\nTransfer-Encoding: identity\r\n{LENGTH}", END, [400]),
    "chunks twice": (f"{CHUNKED}, chunked\r\n{LENGTH}", END, [501]),
    "unknown coding": (f"Transfer-Encoding: xchunked\r\n{LENGTH}", END, [501]),
    "coding after a control character": (f"Transfer-Encoding: \x0bchunked\r\n{LENGTH}", END, [501]),
    "coding after a bare CR": (f"X: y\rTransfer-Encoding: chunked\r\n{LENGTH}", END, [400]),
    "coding in a folded line": (f"X: y\r\n {CHUNKED}\r\n{LENGTH}", END, [400]),
    "coding with an underscore": (f"Transfer_Encoding: chunked\r\n{LENGTH}", END, [200]),
    "space before the colon": (f"Transfer-Encoding : chunked\r\n{LENGTH}", END, [400]),
    "two lengths": (f"{LENGTH}\r\nContent-Length: 5", END, [400]),
    "two lengths in one line": (f"{LENGTH}, 5", END, [400]),
    "length with a sign": (f"Content-Length: +{len(END)}", END, [400]),
    "length below nothing": ("Content-Length: -5", END, [400]),
    "words beside a chunk's length": (CHUNKED, "5;a=b\r\nhello\r\n0;c\r\n\r\n", [200]),
    "a bare LF beside a chunk's length": (CHUNKED, "5;\nhello\r\n0\r\n\r\n", [200]),
    "a chunk too long to count": (CHUNKED, f"fffffffffffffffff\r\n{INNER}", [400]),
    "a chunk longer than it says": (CHUNKED, f"1\r\n{INNER}\r\n0\r\n\r\n", [400]),
    "two names": (f"Host: elsewhere.example\r\n{LENGTH}", END, [400]),
    "chunks in HTTP/1.0": (CHUNKED, END, [400]),
    "a body that nobody awaits": (LENGTH, END, [200]),
}


async def ask(port: int, request: str) -> str:
    """All that is answered on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=TRUST, server_hostname=nginx.NAME)
    writer.write(request.encode("latin-1"))
    said = b""
    with suppress(TimeoutError):
        while part := await asyncio.wait_for(reader.read(2**16), QUIET if said else 30):
            said += part
    writer.transport.abort()
    return said.decode()


async def ask_all(port: int, requests: list[str]) -> list[str]:
    """At once, so that connections to the portal pass from one to the other."""
    return await asyncio.gather(*(ask(port, request) for request in requests))


def test_no_request_hides_in_another_and_each_has_its_own_answer(blank, tmp_path):
    sent = []
    for number, (name, (heads, body, _statuses)) in enumerate(REQUESTS.items()):
        version = "1.0" if "1.0" in name else "1.1"
        sent.append(f"GET /practices/?q=outer{number} HTTP/{version}\r\n{HOST}\r\n{heads}\r\n\r\n{body}")
        sent.append(f"GET /practices/?q=other{number} HTTP/1.1\r\n{HOST}\r\n\r\n")
    with (
        own_database(blank) as url,
        (tmp_path / "log").open("w") as log,
        served(url, lines=log, **nginx.PUBLIC) as server,
        nginx.running(f"127.0.0.1:{server.port}") as (_http, https),
    ):
        answers = asyncio.run(ask_all(https, sent))
    statuses = {
        name: [int(status) for status in re.findall(r"HTTP/1\.1 (\d+) ", answer)]
        for name, answer in zip(REQUESTS, answers[::2], strict=True)
    }
    assert statuses == {name: expected for name, (_heads, _body, expected) in REQUESTS.items()}
    for request, answer in zip(sent, answers, strict=True):
        named = set(re.findall(r'value="((?:outer|other)\d+)"', answer))
        own = re.search(r"q=(\w+)", request)[1]
        assert named == ({own} if "HTTP/1.1 200" in answer else set()), request
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines() if line[:1] == "{"]
    asked = [line["path"] for line in lines if line.get("route") and line["path"] != "/healthz/"]
    answered = sum(answer.count("HTTP/1.1 200 ") for answer in answers)
    assert asked == ["/practices/"] * answered
