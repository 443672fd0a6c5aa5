"""Failures of a running portal. `--kills N` makes campaigns of the samples.

docs/reference/faults.md has the figures of the campaigns.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import AbstractContextManager
from functools import partial
from itertools import chain
from secrets import token_hex
from statistics import median, quantiles

import pytest
from django.db import connection

from tests.admin_form import PracticePage, form_of
from tests.databases import full, on_disk, own_database, own_server, read_only, small_disk, standby
from tests.factories import make_practice
from tests.programs import needed
from tests.served import (
    Answer,
    Person,
    Reader,
    at_work,
    free_port,
    get,
    lost,
    make_editors,
    served,
    statuses,
    until,
)

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
postgresql_alone = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite is no server")
PUBLIC = ["/", "/practices/?q=canary", "/practices/canary/", "/api/v1/practices/", "/feed/"]


@pytest.mark.one_engine
def test_sixteen_writers_in_four_processes_all_save_and_each_comes_in_turn(blank, pytestconfig):
    saves = 5 * pytestconfig.getoption("kills")
    with own_database(blank) as url:
        editors = make_editors(16)
        with served(url, workers=4) as server, at_work(server.port, editors):
            until(lambda: all(editor.acknowledged for editor in editors))  # all processes are warm
            began = {editor.name: len(editor.seconds) for editor in editors}
            until(lambda: all(len(editor.seconds) >= began[editor.name] + saves for editor in editors))
        seconds = [editor.seconds[began[editor.name] :] for editor in editors]
        assert (statuses(editors), lost(editors)) == ({302}, set())
        assert quantiles(chain(*seconds), n=100)[-1] < 2
        assert max(map(len, seconds)) < 2 * min(map(len, seconds))


@postgresql_alone
def test_a_database_stopped_hard_loses_nothing_acknowledged_and_all_is_well_a_second_after(
    blank, pytestconfig
):
    outages, waits = [(0.0, 0.0)], []
    with own_server(blank) as cluster:
        editors = make_editors(4)
        people = [*editors, *(Reader() for _number in range(4))]
        with served(cluster.url, workers=2) as server, at_work(server.port, people):
            for _time in range(pytestconfig.getoption("kills")):
                until(lambda: all(is_told(person, {200, 302}, outages[-1][1]) for person in people))
                began = time.monotonic()
                cluster.kill()
                until(lambda: any(is_told(person, {503}, began) for person in people))  # noqa: B023
                cluster.start()
                outages.append((began, time.monotonic()))
                waits.append(until(server.is_ready, step=0.01))
        assert lost(editors) == set()
    assert (statuses(people), {person.unanswered for person in people}) == ({200, 302, 503}, {0})
    refused = [answer for person in people for answer in person.answers if answer.status_code == 503]
    assert {answer.headers["Retry-After"] for answer in refused} == {"5"}
    for answer in refused:  # each was under way while the database was away, or a second after
        assert any(began < answer.answered_at and answer.asked_at < back + 1 for began, back in outages)
    assert median(waits) < 1


def is_told(person: Person, what: set[int], since: float) -> bool:
    return any(answer.asked_at > since and answer.status_code in what for answer in person.answers[-4:])


def test_on_a_full_disk_readers_are_served_editors_get_back_what_they_typed_and_room_heals_it(blank):
    with small_disk(10 if connection.vendor == "sqlite" else 140) as disk, on_disk(blank, disk) as url:
        refused_and_then_saved(url, full(disk))


@postgresql_alone
def test_where_the_database_takes_no_writes_readers_are_served_and_editors_get_back_what_they_typed(blank):
    """As after another server has become the primary."""
    with own_server(blank) as cluster:
        refused_and_then_saved(cluster.url, read_only())


@pytest.mark.one_engine
def test_started_from_a_disk_that_cannot_be_written_readers_are_served(blank):
    """As a machine may start after a crash: the journal of SQLite exists."""
    with small_disk(10) as disk, on_disk(blank, disk):
        make_practice("Canary", slug="canary", countries=("PH",))
        [editor] = make_editors(1)
        crashed = disk / "crashed"
        crashed.mkdir()
        for file in disk.glob("*.sqlite3*"):
            shutil.copy(file, crashed)
        connection.close()
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        with served(f"sqlite:///{crashed}/full.sqlite3") as server:
            reader, editor.port = Person(server.port), server.port
            for path in PUBLIC:
                reader.get(path)
            form = editor.get("/admin/practices/practice/add/")
            editor.turn()
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    assert (statuses([reader]), form.status_code, editor.answers[-1].status_code) == ({200}, 200, 503)


def refused_and_then_saved(url: str, trouble: AbstractContextManager) -> None:
    make_practice("Canary", slug="canary", countries=("PH",))
    draft = make_practice("Draft", status="draft")
    address = f"/admin/practices/practice/{draft.pk}/change/"
    [editor], reader = make_editors(1), Person()
    with served(url) as server:
        editor.port = reader.port = server.port
        page = PracticePage(editor, address)
        page.fill(story=token_hex(24_000))
        with trouble:
            answer = page.save()
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
            assert "Not saved yet" in answer.text
            again = form_of(answer, "again")
            for path in PUBLIC:
                reader.get(path)
            assert statuses([reader]) == {200}
            assert editor.get(address).status_code == 200
        assert editor.post(address, again).status_code == 302
    draft.refresh_from_db()
    assert draft.story == page.data["story"]


def test_a_process_killed_while_it_writes_loses_nothing_acknowledged(blank, pytestconfig):
    respawn = {"GRANIAN_RESPAWN_FAILED_WORKERS": "true", "GRANIAN_RESPAWN_INTERVAL": "0.1"}
    with own_database(blank) as url:
        editors = make_editors(4)
        with served(url, workers=2, **respawn) as server, at_work(server.port, editors):
            for _time in range(pytestconfig.getoption("kills")):
                began = time.monotonic()
                until(lambda: all(is_told(editor, {302}, began) for editor in editors))  # noqa: B023
                killed = min(server.workers())  # in turn: granian gives up on one that dies at once again
                os.kill(killed, signal.SIGKILL)
                until(lambda: killed not in server.workers() and len(server.workers()) == 2)  # noqa: B023
        assert (statuses(editors), lost(editors)) == ({302}, set())
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                assert cursor.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.one_engine
def test_a_cache_server_that_hangs_or_dies_under_load_costs_no_answer(blank, tmp_path):
    port, most = free_port(), 1_000_000
    command = [needed("redis-server"), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    start = partial(subprocess.Popen, command, stdout=subprocess.DEVNULL)
    cache = start()
    limit = {"CACHE_URL": f"redis://127.0.0.1:{port}/0", "API_RATE": str(most)}
    readers = [Reader() for _number in range(4)]
    try:
        with own_database(blank) as url, served(url, **limit) as server, at_work(server.port, readers):
            for trouble in (signal.SIGCONT, signal.SIGSTOP, signal.SIGKILL):
                cache.send_signal(trouble)
                began = time.monotonic()
                until(lambda: all(is_told(reader, {200}, began) for reader in readers))  # noqa: B023
            cache.wait()
            cache = start()
            until(lambda: remaining(get(server.port, "/api/v1/practices/")) < most - 1)
    finally:
        cache.kill()
        cache.wait()
    assert (statuses(readers), {reader.unanswered for reader in readers}) == ({200}, {0})


def remaining(answer: Answer) -> int:
    return int(re.search(r"r=(\d+)", answer.headers["RateLimit"])[1])


@postgresql_alone
def test_an_editor_reads_what_they_saved_and_readers_soon_do_however_far_the_standby_is_behind(
    blank, pytestconfig
):
    kills = pytestconfig.getoption("kills")
    saves, read = 5 * kills, 0
    with own_server(blank) as cluster, standby(cluster, seconds=min(kills, 5)) as behind:
        draft = make_practice("Draft", status="draft")
        public = make_practice("Canary", slug="canary")
        [editor] = make_editors(1)
        address = f"/admin/practices/practice/{draft.pk}/change/"
        with served(cluster.url, REPLICA_URL=behind) as server:
            editor.port, reader = server.port, Person(server.port)
            for number in range(saves):
                page = PracticePage(editor, address)
                page.fill(summary=f"Summary {number}")
                assert page.save().status_code == 302
                read += PracticePage(editor, address).data["summary"] == f"Summary {number}"
            until(lambda: "Canary" in reader.get("/practices/").text)
            public.title = "Changed"
            public.save()
            assert "Changed" not in reader.get("/practices/").text
            assert until(lambda: "Changed" in reader.get("/practices/").text) < 20
    assert read == saves
