"""What an engine is asked, as a tree of nodes over stems."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass


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


def phrases(node: Node) -> Iterator[tuple[str, ...]]:
    """The runs of stems in a tree."""
    match node:
        case Phrase(stems):
            yield stems
        case All(parts) | Any(parts):
            for part in parts:
                yield from phrases(part)


def value(node: Node, of: Callable[[tuple[str, ...]], float]) -> float:
    """What a tree is worth when `of` says it of a run of stems: all of some parts as little as the least of
    them, any of them as much as the greatest."""
    match node:
        case Phrase(stems):
            return of(stems)
        case All(parts):
            return min((value(part, of) for part in parts), default=0)
        case Any(parts):
            return max((value(part, of) for part in parts), default=0)
    raise TypeError(f"{node} has no worth")
