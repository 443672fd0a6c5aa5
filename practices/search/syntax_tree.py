"""The syntax tree of a query: its leaves are stems, never text that a person typed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Phrase:
    """Consecutive stems; a single stem is a word."""

    stems: tuple[str, ...]


@dataclass(frozen=True)
class And:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class Or:
    parts: tuple["Node", ...]


@dataclass(frozen=True)
class AndNot:
    """Matches `part` and none of `unwanted`."""

    part: "Node"
    unwanted: tuple["Node", ...]


Node = Phrase | And | Or | AndNot


def phrases(node: Node) -> Iterator[tuple[str, ...]]:
    """The stems of each phrase in a tree, without unwanted ones."""
    match node:
        case Phrase(stems):
            yield stems
        case And(parts) | Or(parts):
            for part in parts:
                yield from phrases(part)


def frequency_of(node: Node, of_phrase: Callable[[tuple[str, ...]], float]) -> float:
    """The frequency of a tree, given that of a phrase: the minimum for And, the maximum for Or."""
    match node:
        case Phrase(stems):
            return of_phrase(stems)
        case And(parts):
            return min((frequency_of(part, of_phrase) for part in parts), default=0)
        case Or(parts):
            return max((frequency_of(part, of_phrase) for part in parts), default=0)
    raise TypeError(f"{node} has no frequency")
