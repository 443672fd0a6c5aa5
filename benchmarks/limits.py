"""Ratios with limits: slow to usual pages, the last page to the first, a save to one that the index ignores.

    python benchmarks/limits.py --practices 10000 [--keep FILE]

Ratios of medians in one run on SQLite. `--keep` can name the file that benchmarks/search.py kept.
"""

import argparse
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from unittest.mock import patch

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
os.environ["DEBUG"] = "false"

from search import make, words_held_by  # noqa: E402 (beside this file)
from web import portal  # noqa: E402

REQUESTS, SAVES = 600, 40


def milliseconds(run: Callable[[], object]) -> float:
    started = time.perf_counter()
    run()
    return 1_000 * (time.perf_counter() - started)


def pages(count: int) -> None:
    """Of lists and searches that differ, over one connection to the real server, which keeps no answers."""
    chance = random.Random(2026)
    countries = ["PH", "SN", "IT", "MA", "EC", "GE", "FR", "ES", "MD", "NP"]
    words = [word for share in (0.01, 0.05, 0.1) for word in words_held_by(share, count)]
    with portal(os.environ["DATABASE_URL"]) as address:
        connection = HTTPConnection(address.removeprefix("http://"))

        def get(path: str) -> None:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert response.status == 200, path

        def took(path: str) -> float:
            return milliseconds(lambda: get(f"/practices/?{path}"))

        asked = {"lists": [f"country={code}" for code in countries], "searches": [f"q={w}" for w in words]}
        for title, queries in asked.items():
            spent = sorted(
                took(f"{chance.choice(queries)}&page={chance.choice('12')}") for _ in range(REQUESTS)
            )
            p50, p99 = spent[REQUESTS // 2], spent[REQUESTS * 99 // 100]
            print(f"{title}: p50 {p50:.1f} ms, p99 {p99:.1f} ms, {p99 / p50:.2f} ×")
        for title, query, held in (("list", "", count), ("search", f"q={words[-1]}&", round(0.1 * count))):
            pairs = [[took(f"{query}page={number}") for number in (1, held // 20)] for _ in range(50)]
            first, last = map(statistics.median, zip(*pairs, strict=True))
            print(f"last page ({held // 20}) of a {title}: {last:.1f} ms, {last / first:.2f} × the first")


def saves() -> None:
    """A change of a published practice, prepared and published; with the index and without."""
    from practices.models import Practice, User
    from practices.search import indexing
    from practices.workflow import transitions

    person = User.objects.filter(is_superuser=True).first() or User.objects.create_superuser("benchmark")

    def save(practice: Practice) -> None:
        draft = transitions.prepare_change(practice, person)
        draft.summary = f"{draft.summary} More."
        draft.save()
        transitions.take_step("publish", draft, person)

    rows = list(Practice.objects.published()[: 2 * SAVES])
    with_search, without = [], []
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        with_search.append(milliseconds(lambda p=first: save(p)))
        with patch.object(indexing, "replace_rows"):
            without.append(milliseconds(lambda p=second: save(p)))
    ours, bare = statistics.median(with_search), statistics.median(without)
    print(f"a change published: {ours:.0f} ms, {ours / bare:.2f} × one without search ({bare:.0f} ms)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--practices", type=int, default=10_000)
    parser.add_argument("--keep", help="an SQLite file to make, or to use when it is there already")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(options.keep or f"{folder}/benchmark.sqlite3").resolve()
        os.environ["DATABASE_URL"] = f"sqlite:///{file}"
        import django

        is_there = file.exists()
        django.setup()
        if not is_there:
            make(options.practices, random.Random(2026))
        pages(options.practices)
        saves()


if __name__ == "__main__":
    main()
