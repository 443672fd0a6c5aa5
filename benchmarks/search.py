"""Time of a search as a multiple of the engine's own ranked top 20 for the same words, in one run.

    python benchmarks/search.py --practices 10000

Creates its own database (SQLite in a temporary folder, or DATABASE_URL if that names PostgreSQL) with
synthetic practices: about 5,000 letters each, words by Zipf's law from a vocabulary of 30,000 of which one
in eight has an accent, in clustered topics. Prints medians; compare the ratios.
"""

import argparse
import io
import os
import random
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import accumulate
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(48))
os.environ["DEBUG"] = "false"
os.environ["ALLOWED_HOSTS"] = "127.0.0.1"

from web import portal  # noqa: E402 (beside this file)

VOCABULARY = 30_000
TOPICS = 40
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "ri",
    "so",
    "tu",
    "va",
    "zé",
    "mó",
]


def vocabulary(chance: random.Random) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < VOCABULARY:
        made["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5)))] = None
    return list(made)


def make(count: int, chance: random.Random, indexed: bool = True) -> None:
    """Fills the database and, unless nobody will search, the index."""
    from django.core.management import call_command
    from django.utils.timezone import datetime, timedelta, timezone

    from practices.models import (
        Actor,
        ActorType,
        Corridor,
        Country,
        Lesson,
        Objective,
        Participation,
        Place,
        Practice,
        Theme,
    )  # fmt: skip
    from practices.search import indexing

    call_command("bootstrap", no_cases=True, verbosity=0, stdout=io.StringIO())
    known = vocabulary(chance)
    weights = list(accumulate(1 / (rank + 2) for rank in range(VOCABULARY)))
    topics = [chance.sample(range(VOCABULARY), 300) for _ in range(TOPICS)]
    countries, themes, objectives = (list(rows.objects.all()) for rows in (Country, Theme, Objective))
    types = list(ActorType.objects.all())
    actors = Actor.objects.bulk_create(
        Actor(slug=f"actor-{n}", name=" ".join(chance.choices(known, k=3)).title(), type=chance.choice(types))
        for n in range(max(20, min(count // 20, 2_000)))
    )
    pairs = [chance.sample(countries, 2) for _ in range(200)]
    newest = datetime(2026, 1, 1, tzinfo=timezone.utc)

    def text(topic: list[int], length: int) -> str:
        general = chance.choices(known, cum_weights=weights, k=length * 2 // 3)
        own = [known[i] for i in chance.choices(topic, k=length - len(general))]
        return " ".join(chance.sample(general + own, length))

    started = index_time = time.perf_counter()
    index_time = 0.0
    for start in range(0, count, 1_000):
        batch = []
        for number in range(start, min(start + 1_000, count)):
            topic = chance.choice(topics)
            first = chance.randint(1995, 2024)
            practice = Practice(
                title=text(topic, 8).capitalize(), slug=f"practice-{number}", status="published",
                language="en", summary=text(topic, 40), kind=chance.choice(Practice.Kind.values),
                story="\n\n".join(text(topic, 55) for _ in range(10)), activity="unknown",
                period=f"{first}/{first + chance.randint(0, 9)}",
                published_at=newest - timedelta(hours=number), last_lesson_number=3,
            )  # fmt: skip
            practice.period_start = practice._meta.get_field("period").to_python(practice.period).start
            practice.period_end = practice._meta.get_field("period").to_python(practice.period).end
            batch.append((practice, topic))
        rows = Practice.objects.bulk_create([practice for practice, _topic in batch])
        Place.objects.bulk_create(
            Place(practice=row, order=1, country=chance.choice(countries)) for row in rows
        )
        Corridor.objects.bulk_create(
            Corridor(practice=row, origin=ends[0], destination=ends[1])
            for row in rows for ends in [chance.choice(pairs)]
        )  # fmt: skip
        Participation.objects.bulk_create(
            Participation(practice=row, order=order, actor=actor)
            for row in rows for order, actor in enumerate(chance.sample(actors, 3), start=1)
        )  # fmt: skip
        Lesson.objects.bulk_create(
            Lesson(practice=row, order=order, number=order, text=text(topic, 40))
            for row, (_practice, topic) in zip(rows, batch, strict=True)
            for order in (1, 2, 3)
        )
        for links, name, values in (
            (Practice.themes.through, "theme", themes),
            (Practice.objectives.through, "objective", objectives),
        ):
            links.objects.bulk_create(
                links(practice=row, **{name: value}) for row in rows for value in chance.sample(values, 3)
            )
        begun = time.perf_counter()
        if indexed:
            indexing.index_practices(Practice.objects.filter(pk__in=[row.pk for row in rows]))
        index_time += time.perf_counter() - begun
    seconds = time.perf_counter() - started
    print(f"{count} practices made in {seconds:.0f} s", end="")
    print(f", of which indexing took {index_time:.0f}: {count / index_time:.0f} a second" if indexed else "")


@contextmanager
def served() -> Iterator[Callable[[str], int]]:
    """The portal as a public site runs it, keeping no answers; gives a function that gets an address over one
    connection that stays open."""
    with portal(os.environ["DATABASE_URL"]) as address:
        connection = HTTPConnection(address.removeprefix("http://"))

        def get(path: str) -> int:
            connection.request("GET", path)
            response = connection.getresponse()
            size = len(response.read())
            if response.status != 200:
                raise RuntimeError(f"{path} answered {response.status}")
            return size

        yield get
        connection.close()


def median_ms(run: Callable[[], object], times: int) -> float:
    spent = []
    for _ in range(times):
        started = time.perf_counter()
        run()
        spent.append((time.perf_counter() - started) * 1_000)
    return statistics.median(spent)


def raw(stems: list[str]) -> Callable[[], object]:
    """The engine's own ranked top 20, without Django: on SQLite with a snippet of each."""
    from django.db import connection

    from practices.search.backends import PRACTICES

    table = PRACTICES.name

    def sqlite() -> object:
        question = " AND ".join(f'"{stem}"' for stem in stems)
        with connection.cursor() as cursor:
            return cursor.execute(
                f"SELECT rowid, snippet({table}, 3, '', '', '…', 24) FROM {table} "
                f"WHERE {table} MATCH %s AND rank MATCH 'bm25(8,4,2,1)' ORDER BY rank LIMIT 20",
                [question],
            ).fetchall()

    def postgresql() -> object:
        question = " & ".join(f"'{stem}'" for stem in stems)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT id, ts_rank(document, q) FROM {table}, (SELECT %s::tsquery q) asked "
                "WHERE document @@ q ORDER BY 2 DESC LIMIT 20",
                [question],
            )
            return cursor.fetchall()

    return postgresql if connection.vendor == "postgresql" else sqlite


def words_held_by(share: float, count: int) -> list[str]:
    """The five words of the vocabulary that are held by nearest to this share of the practices."""
    from practices.models import VocabularyWord

    rows = VocabularyWord.objects.values_list("practices", "word")
    return [word for _distance, word in sorted((abs(held - share * count), word) for held, word in rows)[:5]]


def measure(count: int) -> None:
    """Page and engine in turn for each question, so that what else the machine does touches both alike."""
    from practices.models.content_version import bump_content_version

    tens = words_held_by(0.1, count)
    classes = {
        "one word in 1 %": [[word] for word in words_held_by(0.01, count)],
        "two words in 10 %": [[tens[i], tens[i - 1]] for i in range(len(tens))],
        "one word in 10 %": [[word] for word in tens],
        "one word in 50 %": [[word] for word in words_held_by(0.5, count)],
    }
    with served() as get:
        bump_content_version()
        print(f"the first page of a version: {median_ms(lambda: get('/practices/'), 1):.0f} ms")
        print(f"{'':22}{'engine ms':>10}{'page ms':>9}{'ratio':>7}{'facets':>8}")
        for name, questions in classes.items():
            lines = [compared(question, get) for question in questions]
            engine_ms, page_ms, ratio, share = map(statistics.median, zip(*lines, strict=True))
            print(f"{name:22}{engine_ms:10.1f}{page_ms:9.1f}{ratio:7.2f}{share:8.0%}")
        plain = min(median_ms(lambda: get("/practices/"), 5) for _ in "123")
        print(f"the list without a question: {plain:.1f} ms")
        suggest([*tens, *classes["one word in 1 %"][0]], get)


def compared(question: list[str], get: Callable[[str], int]) -> tuple[float, float, float, float]:
    """Milliseconds of the engine and of the page, their ratio, and the facets' share of the page: of three
    rounds the best, as only the disturbance differs."""
    from django.http import QueryDict

    from practices.listing import facets
    from practices.listing.filters import PracticeFilter
    from practices.search.tokenizer import stem

    data = QueryDict(mutable=True)
    data["q"] = " ".join(question)
    address = f"/practices/?{data.urlencode()}"
    asked = raw([stem(word, "en") for word in question])
    filterset = PracticeFilter(data)
    _ = filterset.is_valid() and filterset.qs
    shown = facets.MAX_SHOWN + facets.MAX_FOLDED
    asked(), get(address)
    rounds = [
        (
            median_ms(asked, 3),
            median_ms(lambda: get(address), 3),
            median_ms(lambda: (facets.facets(filterset, shown), facets.years(filterset)), 3),
        )
        for _ in range(3)
    ]
    engine_ms, page_ms, facets_ms = map(min, zip(*rounds, strict=True))
    return engine_ms, page_ms, page_ms / engine_ms, facets_ms / page_ms


def suggest(words: list[str], get: Callable[[str], int]) -> None:
    begun = [word[:letters] for letters in (2, 3, 4, 5) for word in words]
    spent = [min(median_ms(lambda t=text: get(f"/suggest/?q={quote(t)}"), 3) for _ in "12") for text in begun]
    print(f"suggestions: p50 {statistics.median(spent):.1f} ms, slowest {max(spent):.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--practices", type=int, default=10_000)
    parser.add_argument("--keep", help="an SQLite file to make, or to use when it is there already")
    parser.add_argument("--make", action="store_true", help="only make it")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not os.environ.get("DATABASE_URL", "").startswith("postgres"):
            file = Path(options.keep or f"{folder}/benchmark.sqlite3").resolve()
            os.environ["DATABASE_URL"] = f"sqlite:///{file}"
        import django

        django.setup()
        if not options.keep or not Path(options.keep).exists():
            make(options.practices, random.Random(2026))
        if options.make:
            return
        measure(options.practices)


if __name__ == "__main__":
    main()
