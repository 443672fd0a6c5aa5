"""The two search backends: FTS5 of SQLite, and tsvector of PostgreSQL.

An index contains one row for each practice or lesson, with the same primary key. Backends take syntax trees
of stems; text that a person typed never becomes part of a statement.
"""

from django.db import connection

from practices.search.backends.base import LESSONS, PRACTICES, Index, IndexDamaged, SearchBackend
from practices.search.backends.postgresql import PostgreSQLBackend
from practices.search.backends.sqlite import SQLiteBackend

__all__ = ["LESSONS", "PRACTICES", "Index", "IndexDamaged", "SearchBackend", "backend"]


def backend() -> SearchBackend:
    """The search backend of the default database."""
    return PostgreSQLBackend() if connection.vendor == "postgresql" else SQLiteBackend()
