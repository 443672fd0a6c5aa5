"""The part of the world map that a drawing of some places shows."""

from collections.abc import Iterable
from dataclasses import dataclass

from practices.values.projection import HEIGHT, WIDTH, Point


@dataclass(frozen=True)
class Frame:
    """A rectangle of the world map."""

    x: float
    y: float
    width: float
    height: float

    @property
    def view_box(self) -> str:
        return f"{self.x:.0f} {self.y:.0f} {self.width:.0f} {self.height:.0f}"


def frame(points: Iterable[Point], ratio: float = 1.6, least: float = 150) -> Frame:
    """Return the part of the map with the points, and a margin for the arcs between them.

    `ratio` is width to height; `least` is the minimum width in units of the map.
    """
    xs, ys = zip(*points, strict=True)
    reach = max(max(xs) - min(xs), max(ys) - min(ys))
    room = max(24, 0.18 * reach)
    width = max(max(xs) - min(xs) + 2 * room, (max(ys) - min(ys) + 2 * room) * ratio, least)
    width = min(width, WIDTH, HEIGHT * ratio)
    height = min(width / ratio, HEIGHT)
    if max(xs) - min(xs) > width or max(ys) - min(ys) > height:
        return Frame(0, 0, WIDTH, HEIGHT)
    x = min(max((min(xs) + max(xs) - width) / 2, 0), WIDTH - width)
    y = min(max((min(ys) + max(ys) - height) / 2, 0), HEIGHT - height)
    return Frame(x, y, width, height)
