"""A press day: mixed reading at four fifths of what the machine can do, while an editor saves and saves.

    python benchmarks/press_day.py --minutes 30 [--keep FILE]

One worker, answers kept, on the 17 cases or a database that benchmarks/search.py made. First the limit is
found, as fast as eight readers can go; then reading goes on at 80 % of it. A wait counts from the moment a
request was due, so that one slow answer does not hide those behind it. Prints errors, waits and memory.
"""

import argparse
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from subprocess import run
from threading import Event, Thread
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "DEBUG": "false",
    "ALLOWED_HOSTS": "127.0.0.1",
    "API_RATE": "0",
}
READERS, SHARE, PAUSE = 8, 0.8, 5  # how many read at once; of the limit; seconds between two saves


def mix() -> Iterator[str]:
    """Addresses without end, as people and programs ask for them."""
    from practices.models import Country, Practice, Theme

    published = Practice.objects.published()
    slugs = list(published.values_list("slug", flat=True)[:500])
    words = [word for title in published.values_list("title", flat=True)[:200] for word in title.split()]
    themes = list(Theme.objects.values_list("slug", flat=True))
    countries = list(Country.objects.filter(places__practice__in=published).distinct()[:50])
    chance = random.Random(1)
    kinds = {
        lambda: "/": 10,
        lambda: "/practices/": 10,
        lambda: f"/practices/?theme={chance.choice(themes)}&country={chance.choice(countries).code}": 15,
        lambda: f"/practices/?q={quote(chance.choice(words))}": 15,
        lambda: f"/practices/{chance.choice(slugs)}/": 30,
        lambda: "/lessons/": 5,
        lambda: "/countries/": 5,
        lambda: f"/api/v1/practices/?theme={chance.choice(themes)}": 5,
        lambda: f"/api/v1/practices/{chance.choice(slugs)}/": 5,
    }
    while True:
        [kind] = chance.choices(list(kinds), list(kinds.values()))
        yield kind()


class Reader(Thread):
    """Reads what `addresses` names until it is told to stop; with `rate`, so many a second at the most."""

    def __init__(self, port: int, addresses: Iterator[str], stop: Event, rate: float = 0) -> None:
        super().__init__()
        self.port, self.addresses, self.stop, self.rate = port, addresses, stop, rate
        self.waits: list[float] = []
        self.errors: list[str] = []

    def run(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        due = time.perf_counter()
        while not self.stop.is_set():
            due = max(due + 1 / self.rate, due) if self.rate else time.perf_counter()
            time.sleep(max(0, due - time.perf_counter()))
            address = next(self.addresses)
            try:
                connection.request("GET", address)
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    self.errors.append(f"{answer.status} {address}")
            except OSError as error:
                self.errors.append(f"{error} {address}")
                connection.close()
            self.waits.append(1000 * (time.perf_counter() - due))


class Editor(Thread):
    """Changes a published practice every few seconds, which ends all answers that are kept."""

    def __init__(self, stop: Event) -> None:
        super().__init__()
        self.stop, self.saves = stop, 0

    def run(self) -> None:
        from django.db import connection

        from practices.models import Practice

        while not self.stop.wait(PAUSE):
            practice = Practice.objects.published().order_by("?").first()
            practice.summary = practice.summary.rstrip(".") + "." * (self.saves % 2)
            practice.save()
            self.saves += 1
        connection.close()


def read(port: int, seconds: float, rate: float = 0) -> tuple[list[float], list[str]]:
    """What all readers together saw: waits in milliseconds, errors."""
    stop = Event()
    readers = [Reader(port, mix(), stop, rate / READERS) for _reader in range(READERS)]
    for reader in readers:
        reader.start()
    stop.wait(seconds) or stop.set()
    for reader in readers:
        reader.join()
    return [wait for one in readers for wait in one.waits], [error for one in readers for error in one.errors]


def megabytes(parent: int) -> float:
    """The memory of a server's workers."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    pages = (int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--keep", type=Path, help="an SQLite file that benchmarks/search.py made")
    options = parser.parse_args()
    from web import free_port, running

    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATABASE_URL"] = f"sqlite:///{(options.keep or Path(folder, 'portal.sqlite3')).resolve()}"
        port = free_port()
        os.environ["SITE_URL"] = f"http://127.0.0.1:{port}"
        manage = [sys.executable, str(Path(__file__).parent.parent / "manage.py")]
        run([*manage, "collectstatic", "--noinput", "-v0"], check=True)
        if not options.keep:
            run([*manage, "prepare"], check=True, capture_output=True)
        import django

        django.setup()
        served = [sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "4"]
        served += [
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            "--working-dir",
            str(Path(__file__).parent.parent),
        ]
        with running([*served, "portal.wsgi:application"], port) as (_address, pid):
            day(port, options.minutes, pid)


def day(port: int, minutes: float, pid: int) -> None:
    stop = Event()
    editor = Editor(stop)
    editor.start()
    read(port, 5)
    waits, errors = read(port, 30)
    limit = len(waits) / 30
    print(f"limit: {limit:.0f} a second, {len(errors)} errors {errors[:3]}", flush=True)
    all_waits: list[float] = []
    for minute in range(1, round(minutes) + 1):
        waits, errors = read(port, 60, SHARE * limit)
        all_waits += waits
        cuts = statistics.quantiles(waits, n=100)
        print(
            f"minute {minute}: {len(waits) / 60:.0f} a second, {len(errors)} errors {errors[:3]}, "
            f"p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms, {megabytes(pid):.0f} MB",
            flush=True,
        )
    stop.set()
    editor.join()
    cuts = statistics.quantiles(all_waits, n=100)
    print(
        f"all: {len(all_waits)} answers, {editor.saves} saves, p50 {cuts[49]:.0f} ms, p99 {cuts[98]:.0f} ms"
    )


if __name__ == "__main__":
    main()
