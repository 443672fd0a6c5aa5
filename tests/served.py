"""The portal as in production, served by granian in separate processes, and clients over HTTP."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPMessage
from itertools import count
from pathlib import Path
from random import SystemRandom
from signal import SIGKILL
from threading import Event
from typing import IO, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.test import Client

from practices.models import Synonym
from tests.factories import make_editor
from tests.postgres import children

NAME = "testserver"


# Servers -------------------------------------------------------------------------------------------------


def free_port(several: int = 1) -> int:
    """Return the first of this many consecutive free ports.

    Ports that the system gives to clients are avoided, so that a server that is stopped and started again
    finds its own free.
    """
    while True:
        port = SystemRandom().randrange(20_000, 32_000)
        if all(is_free(port + more) for more in range(several)):
            return port


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def until(ask: Callable[[], bool], process: subprocess.Popen | None = None, step: float = 0.05) -> float:
    """Wait until the condition holds, a minute at most; return the seconds waited."""
    started = time.monotonic()
    while time.monotonic() < started + 60 and (process is None or process.poll() is None):
        try:
            if ask():
                return time.monotonic() - started
        except (OSError, HTTPException):
            pass
        time.sleep(step)
    raise AssertionError("The server did not get ready")


@dataclass
class Served:
    port: int
    process: subprocess.Popen

    def is_ready(self) -> bool:
        return get(self.port, "/healthz/").status_code == 200

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        return children(self.process.pid)


@contextmanager
def served(url: str, workers: int = 1, lines: IO | int = subprocess.DEVNULL, **more: str) -> Iterator[Served]:
    """A server with this many processes on this database, without nginx; `lines` receives its log."""
    connection.close()
    port = free_port()
    asked = {
        "DATABASE_URL": url, "GRANIAN_INTERFACE": "wsgi", "GRANIAN_WORKERS": str(workers),
        "GRANIAN_PORT": str(port), "GRANIAN_BLOCKING_THREADS": "2", "API_RATE": "0",
        "SEARCH_RATE": "0", "DJANGO_SETTINGS_MODULE": "tests.served_settings",
    }  # fmt: skip
    process = subprocess.Popen(
        [Path(sys.executable).with_name("granian"), "portal.wsgi:application"],
        cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, stderr=lines, env=os.environ | asked | more,
    )  # fmt: skip
    server = Served(port, process)
    try:
        until(server.is_ready, process)
        yield server
    finally:
        for number in [process.pid, *server.workers()]:
            with suppress(ProcessLookupError):
                os.kill(number, SIGKILL)
        process.wait()


# People --------------------------------------------------------------------------------------------------


class Answer(NamedTuple):
    asked_at: float
    answered_at: float
    status_code: int
    headers: HTTPMessage
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def get(port: int, path: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    """Make one request on a new connection. Raises OSError or HTTPException without a response."""
    connection, now = HTTPConnection("127.0.0.1", port, timeout=30), time.monotonic()
    try:
        connection.request(method, path, body, headers={"Connection": "close", "Host": NAME, **headers})
        response = connection.getresponse()
        body = response.read()
        return Answer(now, time.monotonic(), response.status, response.headers, body)
    finally:
        connection.close()


@dataclass
class Person:
    """A client that requests pages in turn and keeps all responses. `cookie` is that of a login."""

    port: int = 0
    cookie: str = ""
    token: str = "t" * 32  # of Django's guard against forged forms, which compares it with the form's
    answers: list[Answer] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    unanswered: int = 0

    def ask(self, path: str, method: str = "GET", sent: dict | None = None) -> Answer | None:
        cookies = f"csrftoken={self.token}; sessionid={self.cookie}" if self.cookie else ""
        headers = {"Cookie": cookies, "Origin": f"http://{NAME}"} if self.cookie else {}
        body = None
        if sent is not None:
            body = urlencode(sent | {"csrfmiddlewaretoken": self.token}, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            answer = get(self.port, path, method, body, **headers)
        except (OSError, HTTPException):
            self.unanswered += 1
            return None
        self.seconds.append(answer.answered_at - answer.asked_at)
        self.answers.append(answer)
        return answer

    def get(self, path: str) -> Answer | None:
        return self.ask(path)

    def post(self, path: str, sent: dict) -> Answer | None:
        return self.ask(path, "POST", sent)


class Reader(Person):
    """A client that reads pages, each a search that was not made before."""

    numbers = count(1)

    def turn(self) -> None:
        for path in ("/practices/", "/api/v1/practices/", "/lessons/"):
            self.ask(f"{path}?q=canary-{next(self.numbers)}")


@dataclass
class Editor(Person):
    """A client that adds groups of synonyms; `acknowledged` are those answered as saved."""

    name: str = ""
    acknowledged: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)

    def turn(self) -> None:
        words = f"{self.name}, {next(self.numbers)}"
        answer = self.ask("/admin/practices/synonym/add/", "POST", {"words": words})
        if answer and answer.status_code == 302:
            self.acknowledged.append(words)


def make_editors(several: int) -> list[Editor]:
    """Create this many logged-in editors in the current database."""
    editors = []
    for number in range(several):
        client = Client()
        client.force_login(make_editor(f"editor-{number}"))
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        editors.append(Editor(cookie=cookie, name=f"editor-{number}"))
    return editors


@contextmanager
def at_work(port: int, people: list[Reader | Editor]) -> Iterator[None]:
    """Run all clients, each in a thread; errors of the threads are raised at the end."""
    stop = Event()
    for person in people:
        person.port = port

    def busy(person: Reader | Editor) -> None:
        while not stop.is_set():
            person.turn()
            stop.wait(0.02)

    with ThreadPoolExecutor(len(people)) as pool:
        working = [pool.submit(busy, person) for person in people]
        try:
            yield
        finally:
            stop.set()
    for work in working:
        work.result()


def statuses(people: list[Person]) -> set[int]:
    return {answer.status_code for person in people for answer in person.answers}


def lost(editors: list[Editor]) -> set[str]:
    """Return what was acknowledged and is not in the current database."""
    acknowledged = {words for editor in editors for words in editor.acknowledged}
    return acknowledged - set(Synonym.objects.values_list("words", flat=True))
