"""A database of its own for a test that works on whole databases: the default one, gone afterwards."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections
from django.db.utils import load_backend

from practices.exchange.dumps import tables

numbers = count(1)


@contextmanager
def blank_database(folder: Path) -> Iterator[str]:
    """A copy of the test database, migrated and empty, that others are copied from; yields its name."""
    test = connections["default"]
    test.ensure_connection()
    if test.vendor == "sqlite":
        with closing(sqlite3.connect(folder / "blank.sqlite3")) as copy:
            test.connection.backup(copy)
        yield str(folder / "blank.sqlite3")
        return
    name = f"blank_{test.settings_dict['NAME']}"
    test.close()  # a database is copied while nobody uses it
    with maintenance(test.settings_dict) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{test.settings_dict["NAME"]}"')
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def own_database(blank: str) -> Iterator[str]:
    """A copy of the database of that name, or one without any table; yields its address."""
    test = connections["default"]
    settings = dict(test.settings_dict)
    if test.vendor == "sqlite":
        settings["NAME"] = f"{blank or connection.settings_dict['NAME']}.{next(numbers)}"
        if blank:
            shutil.copyfile(blank, settings["NAME"])
        url = f"sqlite:///{settings['NAME']}"
    else:
        settings["NAME"] = f"own_{settings['NAME']}_{next(numbers)}"
        with maintenance(settings) as server:
            server.execute(f'CREATE DATABASE "{settings["NAME"]}" TEMPLATE "{blank or "template1"}"')
        url = f"postgres://{settings['USER']}@{settings['HOST'].replace('/', '%2F')}/{settings['NAME']}"
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        yield url
    finally:
        connections["default"].close()
        connections["default"] = test
        if test.vendor == "postgresql":
            with maintenance(settings) as server:
                server.execute(f'DROP DATABASE "{settings["NAME"]}" WITH (FORCE)')


def maintenance(settings: dict[str, Any]) -> psycopg.Connection:
    return psycopg.connect(
        host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"],
        password=settings["PASSWORD"] or None, dbname="postgres", autocommit=True,
    )  # fmt: skip


def beside() -> Any:
    """Another program’s connection to the database in use."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return sqlite3.connect(settings["NAME"], timeout=20, check_same_thread=False)
    with maintenance(settings) as server:
        return psycopg.connect(f"{server.info.dsn} dbname={settings['NAME']}")


def all_rows() -> dict[str, list[str]]:
    """Every row of every table, as the engine tells it."""
    found = {}
    with connection.cursor() as cursor:
        for name in tables():
            cursor.execute(f"SELECT * FROM {name}")
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found
