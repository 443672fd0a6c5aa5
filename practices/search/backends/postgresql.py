"""The search backend of PostgreSQL: tsvector and a GIN index."""

from collections.abc import Iterable, Iterator

from django.db.backends.utils import CursorWrapper
from pyroaring import BitMap

from practices.search.backends.base import Index, SearchBackend, parse_pks, read_cursor, scalar, write_cursor
from practices.search.syntax_tree import Node

MAX_POSITION = 16_383  # in a tsvector
FIRST_ROWS = 500  # that are ranked before more are asked for
LABELS = "ABCD"  # of fields in a tsvector, in falling weight
# The planner underestimates the cost of reading whole rows, whose documents are stored apart (TOAST): for a
# word in a tenth of 87,000 practices it reads them all, in 3 s instead of 0.04. Sent with the query as one
# message.
FORCE_INDEX, RESET_PLANNER = "SET enable_seqscan = off", "RESET enable_seqscan"


class PostgreSQLBackend(SearchBackend):
    """A tsvector of all fields, and one of each field with those before it, all in one GIN index: matches in
    the title are found without reading the whole tsvector. The rank is the negated ts_rank, normalised by
    length: of the ranks that PostgreSQL has, it agrees with bm25 most often."""

    AND, OR, AND_NOT = " & ", " | ", " & !"

    def add(self, index: Index, pks: Iterable[int]) -> None:
        with write_cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {index.name} (id, document) VALUES (%s, %s::tsvector)",
                self._documents(cursor, index, list(pks)),
            )

    def remove(self, index: Index, pks: Iterable[int]) -> None:
        with write_cursor() as cursor:
            cursor.execute(f"DELETE FROM {index.name} WHERE id = ANY(%s)", [list(pks)])

    def clear(self, index: Index) -> None:
        with write_cursor() as cursor:
            cursor.execute(f"DELETE FROM {index.name}")

    def matches(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> BitMap:
        vector, query = self._query(index, fields, node)
        statement = f"SELECT string_agg(id::text, ',') FROM {index.name} WHERE {vector} @@ %s::tsquery"
        with read_cursor() as cursor:
            cursor.execute(f"{FORCE_INDEX}; {statement}; {RESET_PLANNER}", [query])
            cursor.nextset()
            return parse_pks(cursor.fetchone()[0])

    def ranked(self, index: Index, node: Node, fields: tuple[str, ...] = ()) -> Iterator[tuple[int, float]]:
        vector, query = self._query(index, fields, node)
        weights = [weight / index.weights[0] for weight in index.weights]
        weights = [0.0] * (len(LABELS) - len(weights)) + weights[::-1]
        statement = (
            f"SELECT id, -ts_rank(%s::float4[], {vector}, q, 1) AS rank FROM {index.name}, "
            f"(SELECT %s::tsquery AS q) AS query WHERE {vector} @@ q ORDER BY rank, id"
        )
        with read_cursor() as cursor:
            cursor.execute(f"{statement} LIMIT {FIRST_ROWS}", [weights, query])
            first = cursor.fetchall()
            yield from first
            if len(first) == FIRST_ROWS:
                cursor.execute(f"{statement} OFFSET {FIRST_ROWS}", [weights, query])
                yield from cursor

    def count(self, index: Index) -> int:
        return scalar(f"SELECT count(*) FROM {index.name}")

    def is_readable(self, index: Index) -> bool:
        fields = " || ".join(index.fields)
        differing = scalar(
            f"SELECT count(*) FROM {index.name} AS held JOIN {index.table} ON held.id = {index.primary_key} "
            f"WHERE (held.document = '') <> (trim({fields}, E' \\n') = '')"
        )
        return differing == 0

    def is_intact(self, index: Index, pks: list[int]) -> bool:
        with write_cursor() as cursor:
            documents = self._documents(cursor, index, pks)
            cursor.execute(
                f"SELECT count(*) FROM {index.name} AS held JOIN unnest(%s::bigint[], %s::text[]) "
                "AS wanted (id, document) "
                "ON wanted.id = held.id AND wanted.document::tsvector = held.document",
                [[pk for pk, _text in documents], [text for _pk, text in documents]],
            )
            return cursor.fetchone()[0] == len(documents)

    def _documents(self, cursor: CursorWrapper, index: Index, pks: list[int]) -> list[tuple[int, str]]:
        """Rows of the index's table as primary key and tsvector. One query."""
        cursor.execute(
            f"SELECT {index.columns} FROM {index.table} WHERE {index.primary_key} = ANY(%s)", [pks]
        )
        return [(pk, tsvector(fields)) for pk, *fields in cursor.fetchall()]

    def _query(self, index: Index, fields: tuple[str, ...], node: Node) -> tuple[str, str]:
        """The column to search, and the tsquery."""
        if not fields or fields == index.fields:
            return "document", self.render(node)
        if fields == index.fields[: len(fields)]:
            return f"to_{fields[-1]}", self.render(node)
        labels = "".join(LABELS[index.fields.index(name)] for name in fields)
        return "document", self.render(node, f":{labels}")

    def render_phrase(self, stems: tuple[str, ...], suffix: str) -> str:
        quoted = [f"'{stem}'{suffix}" for stem in stems]
        return f"({' <-> '.join(quoted)})"


def tsvector(fields: Iterable[str]) -> str:
    """Fields of stems as the text of a tsvector, each position labelled with its field."""
    positions: dict[str, list[str]] = {}
    position = 0
    for text, label in zip(fields, LABELS, strict=False):
        for stem in text.split():
            position += 1
            positions.setdefault(stem, []).append(f"{min(position, MAX_POSITION)}{label}")
        position += 1  # so that no phrase crosses from one field into the next
    return " ".join(f"'{stem}':{','.join(at[:255])}" for stem, at in positions.items())
