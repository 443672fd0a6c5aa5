"""Copies all rows of another database, of either engine, into this one, and compares both."""

import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, models, transaction
from django.db.migrations.recorder import MigrationRecorder

from practices.models import IndexedLesson, IndexedPractice
from practices.search.backends import LESSONS, PRACTICES, backend

BATCH_SIZE = 500
Progress = Callable[[str, int, int], None]  # which table, how many rows are done, of how many


class CopyError(Exception):
    """Nothing was copied; the message says why."""


class Checksum(NamedTuple):
    """A checksum of the content of a table, independent of the order of its rows."""

    rows: int = 0
    digest: int = 0

    def __add__(self, row: tuple) -> "Checksum":
        text = json.dumps(row, sort_keys=True, default=str)  # PostgreSQL reorders the keys of JSON
        return Checksum(
            self.rows + 1, (self.digest + int.from_bytes(sha256(text.encode()).digest())) % 2**256
        )


def copied_models() -> list[type[models.Model]]:
    found = apps.get_models(include_auto_created=True)
    return [model for model in found if model._meta.managed and not model._meta.proxy]


def copy_database(source: str, progress: Progress) -> dict[str, int]:
    """Copy every row of the database `source` into the default one, migrated and empty; all or nothing.

    Rows keep their keys. Raises CopyError if the two are not of the same release, or one row does not fit or
    differs afterwards. In memory are 500 rows.
    """
    done, due = (
        set(MigrationRecorder(connections[alias]).applied_migrations()) for alias in (source, "default")
    )
    if done != due:
        names = ", ".join(sorted(".".join(key) for key in done ^ due))
        raise CopyError(f"The other database is from another release. Migrate it first: {names}.")
    counts = {}
    with transaction.atomic(using=source), transaction.atomic(), connection.cursor() as cursor:
        if connections[source].vendor == "postgresql":
            with connections[source].cursor() as other:
                other.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for model in copied_models():  # what a migrate puts into an empty database
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")
        for model in copied_models():
            counts[model._meta.db_table] = copy_table(model, source, progress)
        for statement in connection.ops.sequence_reset_sql(no_style(), copied_models()):
            cursor.execute(statement)
        for index, rows in ((PRACTICES, IndexedPractice), (LESSONS, IndexedLesson)):
            backend().clear(index)
            backend().add(index, rows.objects.using("default").values_list("pk", flat=True))
        connection.check_constraints()
    ContentType.objects.clear_cache()
    return counts


def copy_table(model: type[models.Model], source: str, progress: Progress) -> int:
    """Copy the rows of a table. Raises CopyError if the checksums differ."""
    name, fields = model._meta.db_table, stored_fields(model)
    total, there = model._base_manager.using(source).count(), Checksum()
    reading = read_rows(model, source)
    while some := list(islice(reading, BATCH_SIZE)):
        for row in some:
            there += row
        try:
            insert(model, fields, some)
        except (DatabaseError, ValueError) as error:
            raise CopyError(f"A row of {name} cannot be stored in this database: {error}".strip()) from None
        progress(name, there.rows, total)
    here = sum(read_rows(model, "default"), Checksum())
    if here != there:
        raise CopyError(
            f"The rows of {name} differ: {here.rows} rows here, {there.rows} in the other database."
        )
    return there.rows


def stored_fields(model: type[models.Model]) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if not field.generated]


def read_rows(model: type[models.Model], alias: str) -> Iterator[tuple]:
    names = [field.attname for field in stored_fields(model)]
    return model._base_manager.using(alias).order_by("pk").values_list(*names).iterator(chunk_size=BATCH_SIZE)


def insert(model: type[models.Model], fields: list[models.Field], some: list[tuple]) -> None:
    """Insert rows unchanged: `save()` would set new times and send signals."""
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    values = [
        [field.get_db_prep_save(value, connection) for field, value in zip(fields, row, strict=True)]
        for row in some
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({marks})", values)
