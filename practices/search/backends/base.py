"""The base of the search backends: the two indexes, the interface, and cursors."""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, OperationalError, connections, router
from django.db.backends.utils import CursorWrapper
from pyroaring import BitMap

from practices.models.search import IndexedPractice
from practices.search.syntax_tree import And, AndNot, Node, Or, Phrase


class IndexDamaged(DatabaseError):
    """The index cannot be read or written, but the rest of the database can."""


@dataclass(frozen=True)
class Index:
    """An index over the rows of `table`: its fields, and the weight of each field in ranking.

    Weights only order rows of the same rank in `search/ranking.py`: matches of all terms come before partial
    matches, and then the tiers of `retrieve_in_tiers()`, or of BM25F the own words of terms before synonyms.
    """

    table: str
    primary_key: str
    fields: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def name(self) -> str:
        """The table of the search backend."""
        return f"{self.table}_search"

    @property
    def columns(self) -> str:
        return ", ".join((self.primary_key, *self.fields))


PRACTICES = Index(
    "practices_indexedpractice",
    "practice_id",
    ("title", "names", "summary_and_lessons", "story_and_sources"),
    (8, 4, 2, 1),
)
LESSONS = Index("practices_indexedlesson", "lesson_id", ("text", "practice_text"), (4, 1))


class SearchBackend(Protocol):
    """The interface of the backends. Stems contain only letters and digits. `fields=()` means all fields of
    the index.
    """

    AND, OR, AND_NOT = "", "", ""  # operators of the query language

    def add(self, index: Index, pks: Iterable[int]) -> None:
        """Add rows of the table to the index."""

    def remove(self, index: Index, pks: Iterable[int]) -> None:
        """Remove rows, before they change or are deleted in the index's table."""

    def clear(self, index: Index) -> None:
        """Remove all rows."""

    def matches(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> BitMap:
        """The primary keys of the rows that match. One query."""

    def ranked(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> Iterator[tuple[int, float]]:
        """The primary keys of the rows that match within `fields`, each with its rank: the lower, the better.

        Rows are fetched as they are read, so that the first of many cost little. One query or two.
        """

    def count(self, index: Index) -> int:
        """Return the number of rows in the backend, which can differ from the table. One query."""

    def is_readable(self, index: Index) -> bool:
        """Return whether all rows can be read and contain something. Writes nothing. At most five queries."""

    def is_intact(self, index: Index, pks: list[int]) -> bool:
        """Return whether these rows are complete and equal to the index's table. Reads all of them, with the
        write lock on SQLite: too slow for a request.
        """

    def render(self, node: Node, suffix: str = "") -> str:
        """Return a syntax tree in the query language; `suffix` follows each stem."""
        match node:
            case Phrase(stems):
                return self.render_phrase(stems, suffix)
            case And(parts):
                return f"({self.AND.join(self.render(part, suffix) for part in parts)})"
            case Or(parts):
                return f"({self.OR.join(self.render(part, suffix) for part in parts)})"
            case AndNot(part, unwanted):
                return f"({self.render(part, suffix)}{self.AND_NOT}{self.render(Or(unwanted))})"

    def render_phrase(self, stems: tuple[str, ...], suffix: str) -> str:
        """Consecutive stems in the query language."""


def parse_pks(text: str | None) -> BitMap:
    """The primary keys of `1,2,3`: one string takes a third of the time of as many rows."""
    return BitMap(list(map(int, text.split(",")))) if text else BitMap()


@contextmanager
def index_cursor(alias: str) -> Iterator[CursorWrapper]:
    """A cursor for the index. Raises IndexDamaged if the index fails though the database can be reached."""
    try:
        with connections[alias].cursor() as cursor:
            yield cursor
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        raise IndexDamaged("The search index fails: run rebuild_search") from error


def read_cursor() -> AbstractContextManager[CursorWrapper]:
    """A cursor of the database that the router reads from, which may be a replica."""
    return index_cursor(router.db_for_read(IndexedPractice))


def write_cursor() -> AbstractContextManager[CursorWrapper]:
    return index_cursor(DEFAULT_DB_ALIAS)


def scalar(statement: str, parameters: list | None = None) -> int | str | None:
    """The only value that a query returns."""
    with read_cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]
