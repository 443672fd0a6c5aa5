"""Peak load: mixed reading at 80 % of the maximum rate while an editor saves every few seconds.

    python benchmarks/peak_load.py --autocannon FOLDER --minutes 30 [--nginx] [--keep FILE]

One worker with the 17 cases or a database of benchmarks/search.py; with `--nginx`, behind TLS and the cache
of deploy/nginx.conf. First eight readers find the maximum rate, then they read at 80 % of it. Latency
counts from the moment a request was due, so that a slow response does not hide those after it. Prints
errors, latencies and memory. The readers are autocannon’s (`npm install autocannon` in FOLDER), because
readers in Python would use more of the machine than the portal.
"""

import argparse
import json
import os
import random
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import Path
from subprocess import PIPE, Popen, run
from threading import Event, Thread
from urllib.parse import quote

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ |= {
    "DJANGO_SETTINGS_MODULE": "portal.settings",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "DEBUG": "false",
    "API_RATE": "0",
}
HERE = Path(__file__).resolve().parent
READERS, SHARE, PAUSE = 8, 0.8, 5  # how many read at once; of the limit; seconds between two saves
MAX_ADDRESSES = 2_000  # addresses a round; with more, autocannon's own start would count as waits


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


class Editor(Thread):
    """Changes a published practice every few seconds, which changes the content version."""

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


def read(folder: Path, url: str, host: str, addresses: list[str], seconds: int, rate: int = 0) -> dict:
    """What eight readers saw, `rate` requests a second together (0: as fast as they can): how many answers,
    how many faults of each kind, waits in milliseconds."""
    asked = {"url": url, "servername": host, "addresses": addresses, "seconds": seconds, "rate": rate}
    command = ["node", str(HERE / "peak_load.mjs"), str(folder.resolve())]
    said = run(
        command, input=json.dumps(asked | {"connections": READERS}), text=True, stdout=PIPE, check=True
    )
    return json.loads(said.stdout)


def megabytes(parent: int) -> float:
    """The memory of a server's workers."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    pages = (int(Path(f"/proc/{child}/statm").read_text().split()[1]) for child in children)
    return sum(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--autocannon", type=Path, required=True, help="a folder where npm has installed it")
    parser.add_argument("--minutes", type=int, default=30)
    parser.add_argument("--keep", type=Path, help="an SQLite file that benchmarks/search.py made")
    parser.add_argument("--nginx", action="store_true")
    options = parser.parse_args()
    from web import free_port, running

    from tests import nginx

    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder, port = Path(name), free_port()
        folder.chmod(0o755)  # nginx reads it as another user
        host = nginx.NAME if options.nginx else "127.0.0.1"
        os.environ |= {
            "DATABASE_URL": f"sqlite:///{(options.keep or folder / 'portal.sqlite3').resolve()}",
            "ALLOWED_HOSTS": host,
            "SITE_URL": f"https://{host}" if options.nginx else f"http://{host}:{port}",
        }
        manage = [sys.executable, str(HERE.parent / "manage.py")]
        run([*manage, "collectstatic", "--noinput", "-v0"], check=True)
        if not options.keep:
            run([*manage, "bootstrap"], check=True, capture_output=True)
        import django

        django.setup()
        served = [sys.executable, "-m", "granian", "--interface", "wsgi", "--blocking-threads", "4"]
        served += ["--host", "127.0.0.1", "--port", str(port), "--working-dir", str(HERE.parent)]
        url, pid = stack.enter_context(running([*served, "portal.wsgi:application"], port))
        if options.nginx:
            plain, front = free_port(), free_port()
            command = nginx.write(folder, f"127.0.0.1:{port}", (plain, front))
            process = stack.enter_context(Popen([*command, "-g", "daemon off;"]))
            stack.callback(process.terminate)
            url = f"https://127.0.0.1:{front}"
        day(partial(read, options.autocannon, url, host), options.minutes, pid)


def day(read: Callable[[list[str], int, int], dict], minutes: int, pid: int) -> None:
    stop = Event()
    editor = Editor(stop)
    editor.start()
    addresses = mix()
    read(list(islice(addresses, MAX_ADDRESSES)), 5)
    seen = read(list(islice(addresses, MAX_ADDRESSES)), 30)
    limit = seen["answers"] / 30
    print(f"limit: {limit:.0f} a second; {seen}", flush=True)
    for minute in range(1, minutes + 1):
        seen = read(list(islice(addresses, MAX_ADDRESSES)), 60, round(SHARE * limit))
        waits = seen.pop("latency")
        print(
            f"minute {minute}: {seen}, p50 {waits['p50']} ms, p99 {waits['p99']} ms, {megabytes(pid):.0f} MB",
            flush=True,
        )
    stop.set()
    editor.join()
    print(f"{editor.saves} saves")


if __name__ == "__main__":
    main()
