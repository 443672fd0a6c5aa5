"""The two engines behind one interface: SQLite's FTS5 and PostgreSQL's tsvector.

An index holds one row a practice (or a lesson), numbered as that row, with its stems in fields of falling
weight. A question reaches it as a tree of nodes; no text of a person ever becomes syntax.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    router,
)
from django.db.backends.utils import CursorWrapper
from pyroaring import BitMap

from practices.models.search import IndexedPractice
from practices.search.syntax_tree import All, Any, Node, Phrase, Without

MOST_POSITIONS = 16_383  # what a tsvector can number
READ_AT_ONCE = 500


class IndexDamaged(DatabaseError):
    """The index cannot be read or written, but the rest of the database can."""


@dataclass(frozen=True)
class Index:
    """The engine's table `<table>_search` over the rows of `table`, whose columns are the fields."""

    table: str
    key: str
    fields: tuple[str, ...]
    weights: tuple[float, ...]

    @property
    def name(self) -> str:
        return f"{self.table}_search"


PRACTICES = Index(
    "practices_indexedpractice",
    "practice_id",
    ("title", "names", "summary_and_lessons", "story_and_sources"),
    (8, 4, 2, 1),
)
LESSONS = Index("practices_indexedlesson", "lesson_id", ("text", "practice_text"), (4, 1))


class Engine(Protocol):
    """Stems contain letters and digits alone, in every engine. Without `fields`, all of them are searched."""

    def put(self, index: Index, keys: Iterable[int]) -> None:
        """Indexes rows as they stand in the index's table."""

    def remove(self, index: Index, keys: Iterable[int]) -> None:
        """Takes rows out, before they change or leave the index's table."""

    def clear(self, index: Index) -> None:
        """Takes all rows out."""

    def keys(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> BitMap:
        """The rows that match. One query."""

    def ranked(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> Iterator[tuple[int, float]]:
        """The rows that match within `fields`, with a rank made of these: the lower, the better.

        Reads on while it is asked for more, so that the first of many cost little. One query, or two.
        """

    def count(self, index: Index) -> int:
        """How many rows the engine holds itself, whatever stands in the index's table. One query."""

    def is_readable(self, index: Index) -> bool:
        """Whether all of the engine's rows can be read and hold something. It writes nothing. At most five
        queries."""

    def is_sound(self, index: Index, keys: list[int]) -> bool:
        """Whether the engine's rows with these keys are whole and say what the index's table says. It reads
        all of them, and SQLite's takes the write lock: not for each request."""


class SQLite:
    """FTS5 over the index's table as its external content. `rank` is bm25."""

    def put(self, index: Index, keys: Iterable[int]) -> None:
        columns = ", ".join(index.fields)
        with writing() as cursor:
            cursor.executemany(
                f"INSERT INTO {index.name} (rowid, {columns}) "
                f"SELECT {index.key}, {columns} FROM {index.table} WHERE {index.key} = %s",
                [[key] for key in keys],
            )

    def remove(self, index: Index, keys: Iterable[int]) -> None:
        columns = ", ".join(index.fields)
        with writing() as cursor:
            cursor.executemany(
                f"INSERT INTO {index.name} ({index.name}, rowid, {columns}) "
                f"SELECT 'delete', {index.key}, {columns} FROM {index.table} WHERE {index.key} = %s",
                [[key] for key in keys],
            )

    def clear(self, index: Index) -> None:
        with writing() as cursor:
            cursor.execute(f"INSERT INTO {index.name} ({index.name}) VALUES ('delete-all')")

    def keys(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> BitMap:
        with reading() as cursor:
            cursor.execute(
                f"SELECT group_concat(rowid) FROM {index.name} WHERE {index.name} MATCH %s",
                [self.within(fields, node)],
            )
            return read_keys(cursor.fetchone()[0])

    def ranked(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> Iterator[tuple[int, float]]:
        question = self.within(fields, node)
        with reading() as cursor:
            cursor.execute(
                f"SELECT rowid, rank FROM {index.name} WHERE {index.name} MATCH %s AND rank MATCH %s "
                "ORDER BY rank",
                [question, f"bm25({', '.join(map(str, index.weights))})"],
            )
            yield from cursor

    def count(self, index: Index) -> int:
        with reading() as cursor:
            cursor.execute(f"SELECT count(*) FROM {index.name}_docsize")
            return cursor.fetchone()[0]

    def is_readable(self, index: Index) -> bool:
        """Through a table of all its terms, which exists for this connection alone."""
        terms = f"temp.{index.name}_terms"
        with reading() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {terms}")
            cursor.execute(f"CREATE VIRTUAL TABLE {terms} USING fts5vocab(main, {index.name}, instance)")
            cursor.execute(f"SELECT count(DISTINCT doc) FROM {terms}")
            (held,) = cursor.fetchone()
            cursor.execute(f"DROP TABLE {terms}")
        return held == self.filled(index)

    def filled(self, index: Index) -> int:
        """How many rows of the index's table hold a stem."""
        fields = " || ".join(index.fields)
        with reading() as cursor:
            cursor.execute(f"SELECT count(*) FROM {index.table} WHERE trim({fields}, ' ' || char(10)) <> ''")
            return cursor.fetchone()[0]

    def is_sound(self, index: Index, keys: list[int]) -> bool:
        """FTS5 checks the whole index, and compares it with its external content."""
        try:
            with writing() as cursor:
                cursor.execute(f"INSERT INTO {index.name} ({index.name}, rank) VALUES ('integrity-check', 1)")
        except IndexDamaged:
            return False
        return True

    def within(self, fields: tuple[str, ...], node: Node) -> str:
        return f"{{{' '.join(fields)}}} : ({self.render(node)})" if fields else self.render(node)

    def render(self, node: Node) -> str:
        match node:
            case Phrase(stems):
                return f'"{" ".join(stems)}"'
            case All(parts):
                return f"({' AND '.join(map(self.render, parts))})"
            case Any(parts):
                return f"({' OR '.join(map(self.render, parts))})"
            case Without(part, unwanted):
                return f"({self.render(part)} NOT {self.render(Any(unwanted))})"


class PostgreSQL:
    """A tsvector of all fields, and one for each field with those before it, under one GIN index: what stands
    in the title is found without reading the whole of every practice. `rank` is ts_rank by length,
    negated: of all that PostgreSQL has, it agrees with bm25 most often."""

    def put(self, index: Index, keys: Iterable[int]) -> None:
        columns = ", ".join((index.key, *index.fields))
        with writing() as cursor:
            cursor.execute(f"SELECT {columns} FROM {index.table} WHERE {index.key} = ANY(%s)", [list(keys)])
            cursor.executemany(
                f"INSERT INTO {index.name} (id, document) VALUES (%s, %s::tsvector)",
                [(key, document(fields)) for key, *fields in cursor.fetchall()],
            )

    def remove(self, index: Index, keys: Iterable[int]) -> None:
        with writing() as cursor:
            cursor.execute(f"DELETE FROM {index.name} WHERE id = ANY(%s)", [list(keys)])

    def clear(self, index: Index) -> None:
        with writing() as cursor:
            cursor.execute(f"DELETE FROM {index.name}")

    def keys(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> BitMap:
        vector, question = self.within(index, fields, node)
        with reading() as cursor:
            statement = f"SELECT string_agg(id::text, ',') FROM {index.name} WHERE {vector} @@ %s::tsquery"
            cursor.execute(f"{BY_INDEX}; {statement}; {AS_BEFORE}", [question])
            cursor.nextset()
            return read_keys(cursor.fetchone()[0])

    def ranked(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> Iterator[tuple[int, float]]:
        vector, question = self.within(index, fields, node)
        weights = [weight / index.weights[0] for weight in index.weights]
        weights = [0.0] * (len(LETTERS) - len(weights)) + weights[::-1]
        statement = (
            f"SELECT id, -ts_rank(%s::float4[], {vector}, q, 1) AS rank FROM {index.name}, "
            f"(SELECT %s::tsquery AS q) AS asked WHERE {vector} @@ q ORDER BY rank, id"
        )
        with reading() as cursor:
            cursor.execute(f"{statement} LIMIT {READ_AT_ONCE}", [weights, question])
            first = cursor.fetchall()
            yield from first
            if len(first) == READ_AT_ONCE:
                cursor.execute(f"{statement} OFFSET {READ_AT_ONCE}", [weights, question])
                yield from cursor

    def count(self, index: Index) -> int:
        with reading() as cursor:
            cursor.execute(f"SELECT count(*) FROM {index.name}")
            return cursor.fetchone()[0]

    def is_readable(self, index: Index) -> bool:
        fields = " || ".join(index.fields)
        with reading() as cursor:
            cursor.execute(
                f"SELECT count(*) FROM {index.name} AS held JOIN {index.table} ON held.id = {index.key} "
                f"WHERE (held.document = '') <> (trim({fields}, E' \\n') = '')"
            )
            return cursor.fetchone()[0] == 0

    def is_sound(self, index: Index, keys: list[int]) -> bool:
        columns = ", ".join((index.key, *index.fields))
        with writing() as cursor:
            cursor.execute(f"SELECT {columns} FROM {index.table} WHERE {index.key} = ANY(%s)", [keys])
            rows = [(key, document(fields)) for key, *fields in cursor.fetchall()]
            cursor.execute(
                f"SELECT count(*) FROM {index.name} AS held JOIN unnest(%s::bigint[], %s::text[]) "
                "AS wanted (id, document) "
                "ON wanted.id = held.id AND wanted.document::tsvector = held.document",
                [[key for key, _text in rows], [text for _key, text in rows]],
            )
            return cursor.fetchone()[0] == len(rows)

    def within(self, index: Index, fields: tuple[str, ...], node: Node) -> tuple[str, str]:
        """The column to ask, and the tsquery."""
        if not fields or fields == index.fields:
            return "document", self.render(node)
        if fields == index.fields[: len(fields)]:
            return f"to_{fields[-1]}", self.render(node)
        letters = "".join(LETTERS[index.fields.index(name)] for name in fields)
        return "document", self.render(node, letters)

    def render(self, node: Node, letters: str = "") -> str:
        suffix = f":{letters}" if letters else ""
        match node:
            case Phrase(stems):
                quoted = [f"'{stem}'{suffix}" for stem in stems]
                return f"({' <-> '.join(quoted)})"
            case All(parts):
                return f"({' & '.join(self.render(part, letters) for part in parts)})"
            case Any(parts):
                return f"({' | '.join(self.render(part, letters) for part in parts)})"
            case Without(part, unwanted):
                return f"({self.render(part, letters)} & !{self.render(Any(unwanted))})"


# Its planner takes whole rows for cheap to read, though each document lies elsewhere (TOAST): for a word in a
# tenth of 87,000 practices it reads them all, in 3 s instead of 0.04. All in one message to the server.
BY_INDEX, AS_BEFORE = "SET enable_seqscan = off", "RESET enable_seqscan"
LETTERS = "ABCD"  # a tsvector's labels, in falling weight


def document(fields: Iterable[str]) -> str:
    """Fields of stems as a tsvector's text, each place labelled with its field."""
    places: dict[str, list[str]] = {}
    position = 0
    for text, letter in zip(fields, LETTERS, strict=False):
        for stem in text.split():
            position += 1
            places.setdefault(stem, []).append(f"{min(position, MOST_POSITIONS)}{letter}")
        position += 1  # no phrase reaches from one field into the next
    return " ".join(f"'{stem}':{','.join(at[:255])}" for stem, at in places.items())


def read_keys(text: str | None) -> BitMap:
    """`1,2,3` as a set: one string is a third of the cost of as many rows."""
    return BitMap(list(map(int, text.split(",")))) if text else BitMap()


@contextmanager
def cursor_of(alias: str) -> Iterator[CursorWrapper]:
    """A cursor for the index. IndexDamaged where the index fails, though the database can be reached."""
    try:
        with connections[alias].cursor() as cursor:
            yield cursor
    except (OperationalError, InterfaceError):
        raise
    except DatabaseError as error:
        raise IndexDamaged("The search index fails: run rebuild_search") from error


def reading() -> AbstractContextManager[CursorWrapper]:
    """A cursor where readers read: the standby, if there is one and a reader asks."""
    return cursor_of(router.db_for_read(IndexedPractice))


def writing() -> AbstractContextManager[CursorWrapper]:
    return cursor_of(DEFAULT_DB_ALIAS)


def engine() -> Engine:
    """The engine of the database in use."""
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()
