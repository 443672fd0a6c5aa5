"""The health check tells monitoring whether the portal is alive and ready, and attackers nothing."""

import json

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from practices.models import IndexedPractice
from tests.factories import make_practice

pytestmark = pytest.mark.django_db

WELL = {"status": "ok", "database": True, "migrations": True, "index": True}


def answer(client, address: str = "/healthz/", **headers) -> tuple[int, dict]:
    response = client.get(address, headers=headers)
    assert response["Cache-Control"] == "no-store"
    assert response["Content-Type"] == "application/json"
    return response.status_code, json.loads(response.content)


def test_ready_means_the_database_is_there_migrated_and_its_index_in_step(client, django_assert_num_queries):
    make_practice("Bonds")
    make_practice("Draft", status="draft")
    client.get("/healthz/")
    # Whether the table is there, the migrations, four counts each of practices and lessons, the titles,
    # four texts (here two titles and no lesson), of which those that are there are searched for.
    # SQLite's index is read through a table of its terms, which is made for that and dropped.
    with django_assert_num_queries({"sqlite": 27, "postgresql": 19}[connection.vendor]):
        assert answer(client) == (200, WELL)


def test_alive_means_that_the_process_answers(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert answer(client, "/healthz/live/") == (200, {"status": "ok"})


def test_an_index_out_of_step_is_not_ready_and_the_log_says_the_mend(client, caplog):
    make_practice("Bonds")
    IndexedPractice.objects.all().delete()
    assert answer(client) == (503, WELL | {"status": "failing", "index": False})
    assert "The index holds 0 of 1 practices: run rebuild_search" in caplog.messages


def test_a_database_that_is_not_migrated_is_not_ready(client, caplog):
    MigrationRecorder.Migration.objects.filter(app="practices", name="0005_workflow").delete()
    assert answer(client) == (
        503,
        {"status": "failing", "database": True, "migrations": False, "index": False},
    )
    assert "Migrations not applied: practices.0005_workflow" in caplog.messages


def test_a_database_that_does_not_answer_is_not_ready_and_why_stands_in_the_log_alone(
    client, monkeypatch, caplog
):
    def fail(self):
        raise OperationalError("connection to db.internal failed for user rosa")

    monkeypatch.setattr(MigrationRecorder, "applied_migrations", fail)
    nothing = {"status": "failing", "database": False, "migrations": False, "index": False}
    assert answer(client) == (503, nothing)
    assert "db.internal" in caplog.text


@override_settings(ALLOWED_HOSTS=["practices.example"], SECURE_SSL_REDIRECT=True)
def test_it_answers_by_any_name_and_without_https(client):
    """A monitor on the machine requests http://127.0.0.1/, whatever the name of the site is."""
    assert answer(client, Host="127.0.0.1:8000") == (200, WELL)
    assert client.get("/practices/", headers={"Host": "127.0.0.1:8000"}).status_code in {301, 400}
