"""Dumps the whole database to a file, checks the file and loads it, on SQLite and PostgreSQL."""

import os
import shutil
import sqlite3
import subprocess
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Protocol

from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder

Rows = dict[str, int]  # of each table


class BackupError(Exception):
    """A backup or a restore failed; the message says why."""


class Dump(Protocol):
    name: str  # of the file

    def write(self, path: Path) -> Rows:
        """Write a consistent copy of the database while it is in use; return the number of rows of each
        table.
        """

    def check(self, path: Path, rows: Rows) -> None:
        """Raise BackupError unless the copy is intact and has these numbers of rows."""

    def load(self, path: Path, rows: Rows) -> None:
        """Replace the content of the database with the copy, or change nothing."""


def model_tables() -> list[str]:
    """The tables of Django's models that are there. One query."""
    there = set(connection.introspection.table_names())
    ours = {*connection.introspection.django_table_names(), MigrationRecorder.Migration._meta.db_table}
    return sorted(ours & there)


def count_rows(names: list[str], ask: Callable[[str], int]) -> Rows:
    return {name: ask(f"SELECT count(*) FROM {connection.ops.quote_name(name)}") for name in names}


def compare_rows(found: Rows, rows: Rows) -> None:
    wrong = [f"{name} has {found.get(name, 0)} rows instead of {rows[name]}" for name in rows
             if found.get(name) != rows[name]]  # fmt: skip
    if wrong:
        raise BackupError(f"The copy of the database is incomplete: {', '.join(wrong)}.")


def count_here(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


class SQLite:
    name = "database.sqlite3"

    def write(self, path: Path) -> Rows:
        names = model_tables()
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(path)])  # one read transaction: writers do not wait for it
        return self.count(path, names)

    def count(self, path: Path, names: list[str]) -> Rows:
        with closing(sqlite3.connect(path)) as copy:
            there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            held = [name for name in names if name in there]
            return count_rows(held, lambda statement: copy.execute(statement).fetchone()[0])

    def check(self, path: Path, rows: Rows) -> None:
        try:
            with closing(sqlite3.connect(path)) as copy:
                (found,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
            if found != "ok":
                raise BackupError(f"The copy of the database is damaged: {found}.")
            compare_rows(self.count(path, list(rows)), rows)
        except sqlite3.DatabaseError as error:
            raise BackupError(f"The copy of the database is damaged: {error}.") from None

    def load(self, path: Path, rows: Rows) -> None:
        connection.ensure_connection()
        with closing(sqlite3.connect(path)) as copy:
            copy.backup(connection.connection)  # one transaction: readers see the old rows, then the new
        compare_rows(count_rows(list(rows), count_here), rows)


class PostgreSQL:
    name = "database.dump"

    def write(self, path: Path) -> Rows:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            # It idles while pg_dump works.
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SET LOCAL statement_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            (snapshot,) = cursor.fetchone()
            finished(start("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={path}",
                           f"--snapshot={snapshot}"))  # fmt: skip
            return count_rows(model_tables(), count_here)

    def check(self, path: Path, rows: Rows) -> None:
        """Read the whole file, as a restore would, and count what it would write."""
        found: Counter[str] = Counter(dict.fromkeys(rows, 0))
        table = ""
        with start("pg_restore", "--file=-", path, stdout=subprocess.PIPE) as reading:
            for line in reading.stdout:
                if table and line == b"\\.\n":
                    table = ""
                elif table:
                    found[table] += 1
                elif line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                    table = line.split()[1].decode().rpartition(".")[2].strip('"')
            finished(reading)
        compare_rows(found, rows)

    def load(self, path: Path, rows: Rows) -> None:
        """Replace the tables with those of the copy and count the rows, in one transaction of `psql`."""
        quote = connection.ops.quote_name
        present = ", ".join(map(quote, connection.introspection.table_names()))
        wrong = " OR ".join(f"(SELECT count(*) FROM {quote(key)}) <> {rows[key]}" for key in rows)
        before = ["--command", f"DROP TABLE {present} CASCADE"] if present else []
        after = f"DO $$BEGIN IF {wrong or 'false'} THEN RAISE 'rows are missing'; END IF; END$$"
        script = path.with_suffix(".sql")  # whole before the first statement is run
        finished(start("pg_restore", "--no-owner", "--no-privileges", f"--file={script}", path))
        connection.close()
        finished(start(
            "psql", "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *before,
            f"--file={script}", "--command", "RESET search_path", "--command", after,
            stdout=subprocess.DEVNULL,
        ))  # fmt: skip


def start(program: str, *arguments: object, **streams: object) -> subprocess.Popen:
    """Start a program of PostgreSQL. Its environment names the database, because other users can see
    arguments.
    """
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = shutil.which(program) or (installed and installed[-1])
    if not found:
        raise BackupError(f"The program {program} is not installed. On Debian: apt install postgresql-client")
    settings = connection.settings_dict
    _arguments, secrets = connection.client.settings_to_cmd_args_env(settings, [])
    named = {"PGDATABASE": "NAME", "PGUSER": "USER", "PGHOST": "HOST", "PGPORT": "PORT"}
    environment = {name: str(settings[key]) for name, key in named.items() if settings[key]}
    return subprocess.Popen(
        [found, *map(str, arguments)],
        env={**os.environ, **environment, **(secrets or {})},
        stderr=subprocess.PIPE,
        **streams,
    )


def finished(process: subprocess.Popen) -> None:
    """Wait for a program; raise BackupError with its last output if it failed."""
    with process:
        message = process.stderr.read().decode(errors="replace").strip()
    if process.returncode:
        raise BackupError(f"{Path(process.args[0]).name} failed: {message[-500:] or process.returncode}")


def dump() -> Dump:
    """Return the dump class of the current database."""
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()
