"""The two engines behind one interface: SQLite's FTS5 and PostgreSQL's tsvector.

Both hold one row a practice, numbered as the practice, with its stems in four weights: title; names (of
actors, places, countries, themes); gist (summary and lessons); body (story and sources). A question reaches
them as a tree of nodes; no text of a person ever becomes syntax.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db import connection, models
from django.db.models.expressions import RawSQL

FIELDS = ("title", "names", "gist", "body")
WEIGHTS = (8.0, 4.0, 2.0, 1.0)
LETTERS = "ABCD"
MOST_POSITIONS = 16_383  # what a tsvector can number


@dataclass(frozen=True)
class Phrase:
    """Stems one after the other; a single one is a word."""

    stems: tuple[str, ...]


@dataclass(frozen=True)
class All:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Any:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Without:
    """What matches `part` and nothing of `unwanted`."""

    part: "Node"
    unwanted: tuple["Node", ...]


Node = Phrase | All | Any | Without


class Engine(Protocol):
    """Stems contain letters and digits alone, in every engine."""

    def alone(self) -> None:
        """Until this transaction ends, no other one writes the index."""

    def put(self, practice: int, fields: dict[str, list[str]]) -> None: ...
    def remove(self, practices: Iterable[int]) -> None: ...
    def matching(self, node: Node, fields: tuple[str, ...] = FIELDS) -> RawSQL: ...
    def ranked(self, practices: models.QuerySet, node: Node) -> models.QuerySet: ...


class SQLite:
    """FTS5. `rank` is bm25: the lower, the better."""

    def alone(self) -> None:
        """SQLite has one writer at a time anyway."""

    def put(self, practice: int, fields: dict[str, list[str]]) -> None:
        self.remove([practice])
        values = [" ".join(fields[name]) for name in FIELDS]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO practices_search (rowid, {', '.join(FIELDS)}) VALUES (%s, %s, %s, %s, %s)",
                [practice, *values],
            )

    def remove(self, practices: Iterable[int]) -> None:
        with connection.cursor() as cursor:
            cursor.executemany("DELETE FROM practices_search WHERE rowid = %s", [[row] for row in practices])

    def matching(self, node: Node, fields: tuple[str, ...] = FIELDS) -> RawSQL:
        question = f"{{{' '.join(fields)}}} : ({self.render(node)})"
        return RawSQL("SELECT rowid FROM practices_search WHERE practices_search MATCH %s", [question])

    def ranked(self, practices: models.QuerySet, node: Node) -> models.QuerySet:
        weights = ", ".join(map(str, WEIGHTS))
        return practices.extra(
            select={"rank": f"bm25(practices_search, {weights})"},
            tables=["practices_search"],
            where=["practices_search MATCH %s", "practices_search.rowid = practices_practice.id"],
            params=[self.render(node)],
        )

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
    """A tsvector with a GIN index. `rank` is ts_rank, negated, so that here too the lower is the better."""

    def alone(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock('practices_search'::regclass::oid::bigint)")

    def put(self, practice: int, fields: dict[str, list[str]]) -> None:
        positions: dict[str, list[str]] = {}
        position = 0
        for name, letter in zip(FIELDS, LETTERS, strict=True):
            for stem in fields[name]:
                position += 1
                positions.setdefault(stem, []).append(f"{min(position, MOST_POSITIONS)}{letter}")
            position += 1  # no phrase reaches from one field into the next
        document = " ".join(f"'{stem}':{','.join(places[:255])}" for stem, places in positions.items())
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO practices_search (id, document) VALUES (%s, %s::tsvector) "
                "ON CONFLICT (id) DO UPDATE SET document = EXCLUDED.document",
                [practice, document],
            )

    def remove(self, practices: Iterable[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM practices_search WHERE id = ANY(%s)", [list(practices)])

    def matching(self, node: Node, fields: tuple[str, ...] = FIELDS) -> RawSQL:
        letters = "".join(LETTERS[FIELDS.index(name)] for name in fields)
        question = self.render(node, letters if letters != LETTERS else "")
        return RawSQL("SELECT id FROM practices_search WHERE document @@ %s::tsquery", [question])

    def ranked(self, practices: models.QuerySet, node: Node) -> models.QuerySet:
        weights = ", ".join(str(weight / WEIGHTS[0]) for weight in reversed(WEIGHTS))
        question = self.render(node)
        return practices.extra(
            select={
                "rank": f"-ts_rank(ARRAY[{weights}]::float4[], practices_search.document, %s::tsquery, 1)"
            },
            select_params=[question],
            tables=["practices_search"],
            where=["practices_search.document @@ %s::tsquery", "practices_search.id = practices_practice.id"],
            params=[question],
        )

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


def engine() -> Engine:
    """The engine of the database in use."""
    return PostgreSQL() if connection.vendor == "postgresql" else SQLite()
