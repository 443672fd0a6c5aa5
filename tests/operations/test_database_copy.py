"""A portal moves to another database completely and unchanged, or not at all."""

import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from portal import environment
from practices.history.audit import AuditEntry
from practices.models import Practice, User
from practices.models.content_version import content_version
from practices.operations import database_copy
from tests.databases import own_database
from tests.factories import make_practice

# What a portal on SQLite holds, as the test database of either engine is moved from and to it.
pytestmark = [pytest.mark.slow, pytest.mark.django_db]


@pytest.fixture(scope="module")
def moved_from(blank, django_db_blocker, tmp_path_factory) -> str:
    """The URL of an SQLite database of this release that contains a portal."""
    path = tmp_path_factory.mktemp("from") / "portal.sqlite3"
    settings = connections["default"].settings_dict | {
        "ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": {"transaction_mode": "IMMEDIATE"},
    }  # fmt: skip
    test = connections["default"]
    with django_db_blocker.unblock():
        connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
        try:
            call_command("migrate", verbosity=0)
            practice = make_practice(
                "Bonds “of” Naga 👩 العودة", slug="bonds", countries=("PH", "IT"), corridors=("PH-IT",),
                lessons=("Listen first.",), actors=("atikha",), themes=("savings",), sources=("*Ant*",),
                published_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
            )  # fmt: skip
            practice.places.filter(order=1).update(latitude="13.622", longitude="-123.195")
            make_practice("Draft", slug="draft", status="draft", created_at=datetime(2020, 1, 1, tzinfo=UTC))
            rosa = User.objects.create_user("rosa", password="x", is_staff=True)
            AuditEntry.objects.create(person=rosa, action="login", address="2001:db8::1")
        finally:
            connections["default"].close()
            connections["default"] = test
    return f"sqlite:///{path}"


@pytest.fixture
def empty(blank, db, monkeypatch):
    """A new database of the engine under test, after `migrate`."""
    # Django's tests refuse a database that comes to be while they run.
    monkeypatch.setattr(
        BaseDatabaseWrapper, "ensure_connection", lambda self: self.connection or self.connect()
    )
    with own_database(blank):
        yield


def run(url: str) -> str:
    said = io.StringIO()
    call_command("copy_database", "--from", url, stdout=said)
    return said.getvalue()


def with_change(url: str, folder: Path, statement: str) -> str:
    """The URL of a copy of that SQLite database after a statement."""
    path = folder / "changed.sqlite3"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as source:
        source.execute("VACUUM INTO ?", [str(path)])
    with closing(sqlite3.connect(path)) as copy:
        copy.execute(statement)
        copy.commit()
    return f"sqlite:///{path}"


def contents() -> dict[str, list[str]]:
    """Return every row by column names, as Python values."""
    models = apps.get_models(include_auto_created=True)
    return {
        model._meta.label: sorted(
            json.dumps(row, default=str, sort_keys=True) for row in model._base_manager.values()
        )
        for model in models
    }


def contents_of(url: str) -> dict[str, list[str]]:
    settings = connections["default"].settings_dict | environment.database("NONE", url)
    settings["OPTIONS"] = {}
    here = connections["default"]
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        return contents()
    finally:
        connections["default"].close()
        connections["default"] = here


def test_every_row_of_every_table_comes_over_as_it_is(moved_from, empty, client):
    said = run(moved_from)
    assert contents() == contents_of(moved_from)
    rows = sum(map(len, contents().values()))
    assert said.splitlines()[-1].startswith(
        f"Copied {rows} rows of {len(contents())} tables. Both databases have the same"
    )
    assert User.objects.get().check_password("x")
    assert client.get("/api/v1/practices/?q=listening").json()["count"] == 1
    assert client.get("/api/v1/practices/bonds/").json()["title"] == "Bonds “of” Naga 👩 العودة"


def test_new_rows_take_numbers_after_those_that_came_over(moved_from, empty):
    run(moved_from)
    last = Practice.objects.latest("pk").pk
    assert make_practice("New", slug="new").pk == last + 1


def test_a_database_that_holds_something_is_left_alone(moved_from, empty):
    make_practice("Here before", slug="here", countries=("PH",))
    before = contents()
    with pytest.raises(CommandError, match="The database of DATABASE_URL is not empty"):
        run(moved_from)
    assert contents() == before


def test_a_row_that_differs_afterwards_undoes_all(moved_from, empty, monkeypatch):
    before = contents()
    whole = database_copy.insert

    def spoil(model, fields, some):
        if model is Practice:
            place = [field.attname for field in fields].index("title")
            some = [(*row[:place], "Other", *row[place + 1 :]) for row in some]
        whole(model, fields, some)

    monkeypatch.setattr(database_copy, "insert", spoil)
    with pytest.raises(CommandError) as caught:
        run(moved_from)
    assert str(caught.value) == (
        "The rows of practices_practice differ: 2 rows here, 2 in the other database.\nNothing was copied."
    )
    assert contents() == before


def test_a_row_that_does_not_fit_is_named_and_undoes_all(moved_from, empty, tmp_path):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite takes texts of any length")
    changed = with_change(moved_from, tmp_path, f"UPDATE practices_user SET username = '{'r' * 500}'")
    before = contents()
    with pytest.raises(
        CommandError, match=r"^A row of practices_user cannot be stored in this database: .*\n"
    ):
        run(changed)
    assert contents() == before


def test_a_database_of_another_release_is_refused(moved_from, empty, tmp_path):
    changed = with_change(moved_from, tmp_path, "DELETE FROM django_migrations WHERE name = '0005_workflow'")
    with pytest.raises(CommandError, match=r"from another release.*: practices.0005_workflow\."):
        run(changed)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://a/b", "--from is 'mysql:…'. Set it to sqlite:///"),
        ("sqlite:////nowhere/x", "the folder /nowhere does not exist"),
        ("sqlite:////usr/nowhere", "/usr/nowhere does not exist"),
    ],
)
def test_a_wrong_address_is_named(empty, url, said):
    with pytest.raises(CommandError, match=said):
        run(url)


def test_the_content_version_comes_along(moved_from, empty):
    run(moved_from)
    assert content_version() != ""
