"""A separate database for a test of whole databases; it is the default one and is deleted afterwards."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import load_backend

from practices.operations.dumps import model_tables
from tests.postgres import INITDB, Cluster, installed

numbers = count(1)


@contextmanager
def blank_database(folder: Path) -> Iterator[str]:
    """Yield the name of a migrated, empty copy of the test database, from which others are copied."""
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
    """Yield the URL of a copy of the named database, or of one without tables."""
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
    try:
        with in_use(settings):
            yield url
    finally:
        if test.vendor == "postgresql":
            with maintenance(settings) as server:
                server.execute(f'DROP DATABASE "{settings["NAME"]}" WITH (FORCE)')


@contextmanager
def in_use(settings: dict[str, Any]) -> Iterator[None]:
    """Use these settings for the default database."""
    test = connections["default"]
    connections["default"] = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = test


@contextmanager
def own_server(blank: str, *options: str, disk: Path | None = None) -> Iterator[Cluster]:
    """A separate PostgreSQL server with the safe settings of production and a copy of the named database."""
    if not (binaries := installed()):
        pytest.skip("PostgreSQL is not on this machine")
    test = connections["default"].settings_dict
    with TemporaryDirectory(prefix="portal-postgres-", dir=disk, ignore_cleanup_errors=True) as folder:
        cluster = Cluster(binaries, Path(folder), *options)
        cluster.make("initdb", *INITDB)
        cluster.start()
        try:
            place = [
                "-h",
                test["HOST"],
                "-p",
                str(test["PORT"] or 5432),
                "-U",
                test["USER"],
                "--no-owner",
                blank,
            ]
            dump = subprocess.run([binaries / "pg_dump", *place], check=True, capture_output=True).stdout
            to = ["-q", "-h", folder, "-U", "postgres", "-v", "ON_ERROR_STOP=1", "postgres"]
            subprocess.run([binaries / "psql", *to], input=dump, check=True, stdout=subprocess.DEVNULL)
            with in_use(test | {"HOST": folder, "PORT": "", "USER": "postgres", "NAME": "postgres"}):
                yield cluster
        finally:
            cluster.stop()


def maintenance(settings: dict[str, Any]) -> psycopg.Connection:
    return psycopg.connect(
        host=settings["HOST"], port=settings["PORT"] or None, user=settings["USER"],
        password=settings["PASSWORD"] or None, dbname="postgres", autocommit=True,
    )  # fmt: skip


def beside() -> Any:
    """A connection of another program to the current database."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return sqlite3.connect(settings["NAME"], timeout=20, check_same_thread=False)
    with maintenance(settings) as server:
        return psycopg.connect(f"{server.info.dsn} dbname={settings['NAME']}")


def all_rows() -> dict[str, list[str]]:
    """All rows of all tables, as the engine returns them."""
    found = {}
    with connection.cursor() as cursor:
        for name in model_tables():
            cursor.execute(f"SELECT * FROM {name}")
            found[name] = sorted(map(repr, cursor.fetchall()))
    return found


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """A folder that is a disk of this many megabytes."""
    with TemporaryDirectory(prefix="portal-disk-") as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=755", "portal", folder],
            capture_output=True,
        )
        if mounted.returncode:
            pytest.skip("Only root may make a disk")
        try:
            yield Path(folder)
        finally:
            subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Fill the disk completely."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(b"0" * 4096):
            pass
    yield
    filler.unlink()


@contextmanager
def read_only() -> Iterator[None]:
    """Make PostgreSQL refuse writes."""
    for value in ("on", "off"):
        with maintenance(connection.settings_dict) as server:
            server.execute(f"ALTER SYSTEM SET default_transaction_read_only = {value}")
            server.execute("SELECT pg_reload_conf()")
        if value == "on":
            yield


@contextmanager
def on_disk(blank: str, disk: Path) -> Iterator[str]:
    """Yield the URL of a copy of the named database on this disk."""
    if connection.vendor == "postgresql":
        with own_server(blank, disk=disk) as cluster:
            yield cluster.url
    else:
        file = shutil.copyfile(blank, disk / "full.sqlite3")
        with in_use(connections["default"].settings_dict | {"NAME": str(file)}):
            yield f"sqlite:///{file}"


@contextmanager
def standby(cluster: Cluster, seconds: int) -> Iterator[str]:
    """Yield the URL of a standby of this server with this delay."""
    with TemporaryDirectory(prefix="portal-standby-", ignore_cleanup_errors=True) as folder:
        behind = Cluster(cluster.binaries, Path(folder), "-c", f"recovery_min_apply_delay={seconds}s")
        behind.make("pg_basebackup", "-h", cluster.folder, "--checkpoint=fast", "--write-recovery-conf")
        behind.start()
        try:
            yield behind.url
        finally:
            behind.stop()
