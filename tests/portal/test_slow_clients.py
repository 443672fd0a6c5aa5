"""Slow clients wait in nginx, as deploy/ configures it, and delay nobody else (`--kills 10`: a thousand)."""

import asyncio
import ssl
import time

import pytest

from tests import nginx
from tests.databases import own_database
from tests.factories import make_practice
from tests.served import served

pytestmark = [pytest.mark.slow, pytest.mark.django_db, pytest.mark.one_engine]
TRUST = ssl.create_default_context()
TRUST.check_hostname, TRUST.verify_mode = False, ssl.CERT_NONE
HEAD = f"GET /practices/?q=canary HTTP/1.1\r\nHost: {nginx.NAME}\r\n".encode()
FORM = f"POST /admin/login/ HTTP/1.1\r\nHost: {nginx.NAME}\r\nContent-Length: 100000\r\n\r\n".encode()
OF_ONE_ADDRESS = 100


async def connect(port: int, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """From an address of its own for each hundred, as nginx lets one have so many."""
    here = (f"127.0.1.{1 + number // OF_ONE_ADDRESS}", 0)
    return await asyncio.open_connection(
        "127.0.0.1", port, ssl=TRUST, server_hostname=nginx.NAME, local_addr=here, limit=2**10
    )


async def be_slow(
    port: int, number: int, few: asyncio.Semaphore, here: set[int], stop: asyncio.Event
) -> None:
    """A third each: a head that does not end, a form that does not, and an answer that is not read."""
    async with few:
        _reader, writer = await connect(port, number)
    writer.write([HEAD, FORM, HEAD + b"\r\n"][number % 3])
    here.add(number)
    while not stop.is_set():
        if number % 3 < 2:
            writer.write(b"x")
        await asyncio.sleep(1)
    writer.transport.abort()


async def ask(port: int, number: int) -> tuple[int, float]:
    """One who is quick: the status and how long it took."""
    began = time.monotonic()
    reader, writer = await connect(port, 20_000 + number)
    writer.write(HEAD.replace(b"canary", b"canary-%d" % number) + b"Connection: close\r\n\r\n")
    status = int((await reader.readline()).split()[1])
    while await reader.read(2**16):
        pass
    writer.transport.abort()
    return status, time.monotonic() - began


async def quick_among_slow(port: int, slow: int) -> list[tuple[int, float]]:
    few, stop = asyncio.Semaphore(50), asyncio.Event()
    here: set[int] = set()
    async with asyncio.TaskGroup() as group:
        for number in range(slow):
            group.create_task(be_slow(port, number, few, here, stop))
        while len(here) < slow:
            await asyncio.sleep(0.05)
        answers = [await ask(port, number) for number in range(50)]
        stop.set()
    return answers


def test_others_are_served_while_many_are_slow(blank, pytestconfig):
    slow = 100 * pytestconfig.getoption("kills")
    with own_database(blank) as url:
        make_practice("Canary")
        with (
            served(url, **nginx.PUBLIC) as server,
            nginx.running(f"127.0.0.1:{server.port}") as (_http, https),
        ):
            answers = asyncio.run(quick_among_slow(https, slow))
    assert {status for status, _seconds in answers} == {200}
    assert max(seconds for _status, seconds in answers) < 5
