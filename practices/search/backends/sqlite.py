"""The search backend of SQLite: FTS5."""

from collections.abc import Iterable, Iterator

from pyroaring import BitMap

from practices.search.backends.base import (
    Index,
    IndexDamaged,
    SearchBackend,
    parse_pks,
    read_cursor,
    scalar,
    write_cursor,
)
from practices.search.syntax_tree import Node


class SQLiteBackend(SearchBackend):
    """FTS5 tables, whose external content is the index's table. The rank is bm25."""

    AND, OR, AND_NOT = " AND ", " OR ", " NOT "

    def add(self, index: Index, pks: Iterable[int]) -> None:
        self._for_each(pks, index, f"(rowid, {', '.join(index.fields)}) SELECT {index.columns}")

    def remove(self, index: Index, pks: Iterable[int]) -> None:
        into = f"({index.name}, rowid, {', '.join(index.fields)})"
        self._for_each(pks, index, f"{into} SELECT 'delete', {index.columns}")

    def _for_each(self, pks: Iterable[int], index: Index, command: str) -> None:
        statement = f"INSERT INTO {index.name} {command} FROM {index.table} WHERE {index.primary_key} = %s"
        with write_cursor() as cursor:
            cursor.executemany(statement, [[pk] for pk in pks])

    def clear(self, index: Index) -> None:
        with write_cursor() as cursor:
            cursor.execute(f"INSERT INTO {index.name} ({index.name}) VALUES ('delete-all')")

    def matches(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> BitMap:
        statement = f"SELECT group_concat(rowid) FROM {index.name} WHERE {index.name} MATCH %s"
        return parse_pks(scalar(statement, [self._query(fields, node)]))

    def ranked(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> Iterator[tuple[int, float]]:
        with read_cursor() as cursor:
            cursor.execute(
                f"SELECT rowid, rank FROM {index.name} WHERE {index.name} MATCH %s AND rank MATCH %s "
                "ORDER BY rank",
                [self._query(fields, node), f"bm25({', '.join(map(str, index.weights))})"],
            )
            yield from cursor

    def count(self, index: Index) -> int:
        return scalar(f"SELECT count(*) FROM {index.name}_docsize")

    def is_readable(self, index: Index) -> bool:
        """Read all terms through a temporary table, which only this connection sees."""
        terms = f"temp.{index.name}_terms"
        fields = " || ".join(index.fields)
        with read_cursor() as cursor:
            cursor.execute(f"DROP TABLE IF EXISTS {terms}")
            cursor.execute(f"CREATE VIRTUAL TABLE {terms} USING fts5vocab(main, {index.name}, instance)")
            cursor.execute(f"SELECT count(DISTINCT doc) FROM {terms}")
            (indexed,) = cursor.fetchone()
            cursor.execute(f"DROP TABLE {terms}")
        not_empty = f"SELECT count(*) FROM {index.table} WHERE trim({fields}, ' ' || char(10)) <> ''"
        return indexed == scalar(not_empty)

    def is_intact(self, index: Index, pks: list[int]) -> bool:
        """FTS5 checks the whole index, and compares it with the index's table."""
        try:
            with write_cursor() as cursor:
                cursor.execute(f"INSERT INTO {index.name} ({index.name}, rank) VALUES ('integrity-check', 1)")
        except IndexDamaged:
            return False
        return True

    def _query(self, fields: tuple[str, ...], node: Node) -> str:
        return f"{{{' '.join(fields)}}} : ({self.render(node)})" if fields else self.render(node)

    def render_phrase(self, stems: tuple[str, ...], suffix: str) -> str:
        return f'"{" ".join(stems)}"'
