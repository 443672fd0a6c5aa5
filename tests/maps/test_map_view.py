"""The world map: the projection, the corridors, the drawn files, and the program that draws them."""

import json
import re
from itertools import pairwise, permutations
from math import cos, hypot, radians
from xml.etree import ElementTree

import brotli
import pytest
import yaml
from django.conf import settings

from practices.values.projection import CENTRE, HEIGHT, WIDTH, arc, project
from tools import draw_world as world

pytestmark = pytest.mark.one_engine

IMAGES = settings.BASE_DIR / "static" / "img"
FIXTURES = settings.BASE_DIR / "fixtures"
SVG = "{http://www.w3.org/2000/svg}"
PATH = re.compile(r"(?:M[-.\d ]+l[-.\d ]+z)+")
NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)")
# x at 180° from the centre on the equator, on a sphere of radius 1. PROJ's own tests have 17263256.84 m for
# a radius of 6378137 m (test/gie/builtins.gie, eqearth).
EDGE = 17263256.84 / 6378137
UNIT = WIDTH / (2 * EDGE)
SQUARE_KM = (6371 / UNIT) ** 2

Pieces = list[list[tuple[float, float]]]


def rows(path) -> list[dict]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


COUNTRIES = {row["fields"]["code"]: row["fields"] for row in rows(FIXTURES / "reference" / "countries.yaml")}
POINTS = {code: project(row["latitude"], row["longitude"]) for code, row in COUNTRIES.items()}


def outlines(d: str) -> Pieces:
    """Return the points of each closed line of a path, in map coordinates."""
    assert PATH.fullmatch(d), d
    pieces = []
    for piece in d.split("z")[:-1]:
        start, steps = ([float(n) for n in NUMBER.findall(part)] for part in piece.split("l"))
        points = [(start[0], start[1])]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            points.append((points[-1][0] + dx, points[-1][1] + dy))
        pieces.append(points)
    return pieces


def read(file) -> tuple[ElementTree.Element, dict[str, Pieces], list[Pieces]]:
    """Return the root of the file, its paths by id, and those without one."""
    root = ElementTree.fromstring(file.read_text(encoding="utf-8"))
    named, nameless = {}, []
    for path in root.iter(SVG + "path"):
        assert path.keys() in (["id", "d"], ["d"])
        assert path.get("id") not in named
        if path.get("id"):
            named[path.get("id")] = outlines(path.get("d"))
        else:
            nameless.append(outlines(path.get("d")))
    return root, named, nameless


def box(pieces: Pieces) -> tuple[float, float, float, float]:
    xs, ys = zip(*(point for piece in pieces for point in piece), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def surface(pieces: Pieces) -> float:
    """Return the enclosed area; a hole has the opposite direction and is subtracted."""
    return abs(
        sum(x1 * y2 - x2 * y1 for piece in pieces for (x1, y1), (x2, y2) in pairwise([*piece, piece[0]])) / 2
    )


@pytest.fixture(scope="module")
def drawn():
    return read(IMAGES / "world.svg")


@pytest.fixture(scope="module")
def land():
    return read(IMAGES / "world-small.svg")


# The projection


def from_middle(latitude: float, longitude: float) -> tuple[float, float]:
    """Return a point on a sphere of radius 1, from the centre of the equator, y upwards, as published."""
    (x, y), (middle_x, middle_y) = project(latitude, longitude), project(0, CENTRE)
    return (x - middle_x) / UNIT, (middle_y - y) / UNIT


@pytest.mark.parametrize(
    ("latitude", "east", "x", "y"),
    [
        (0, 0, 0, 0),
        (0, 90, EDGE / 2, 0),
        (0, -179.999999, -EDGE, 0),
        # At a pole t is π/3 = 1.0471975512; t⁸ = 1.446201, t⁶ = 1.318778, t² = 1.096623.
        # y = t (1.340264 - 0.081106 × 1.096623 + 1.318778 × 0.000893 + 1.446201 × 0.003796) = 1.3173628
        # x at 180° = √3 π / (3 (0.049408 + 0.008244 - 0.266825 + 1.340264)) = 1.603584
        (90, 0, 0, 1.3173628),
        (-90, 0, 0, -1.3173628),
        (90, -179.999999, -1.603584, 1.3173628),
    ],
)
def test_a_point_stands_where_the_published_polynomial_puts_it(latitude, east, x, y):
    assert from_middle(latitude, CENTRE + east) == pytest.approx((x, y), abs=1e-5)


def test_a_point_stands_where_another_program_puts_it():
    # PROJ’s documentation shows 122 47 at 1.55 0.89, to two decimals.
    assert from_middle(47, CENTRE + 122) == pytest.approx((1.55, 0.89), abs=0.005)


def test_the_map_is_as_wide_as_the_equator_and_symmetrical():
    assert project(0, CENTRE) == (WIDTH / 2, pytest.approx(project(0, 100)[1]))
    assert project(0, CENTRE - 180)[0] == pytest.approx(0)
    for latitude in (10, 45, 80):
        north, south, equator = project(latitude, 60), project(-latitude, 60), project(0, 60)
        assert north[0] == pytest.approx(south[0])
        assert equator[1] - north[1] == pytest.approx(south[1] - equator[1])
        east, west = project(latitude, CENTRE + 70), project(latitude, CENTRE - 70)
        assert east[0] + west[0] == pytest.approx(WIDTH)


def test_the_180th_meridian_is_one_line_however_it_is_written():
    for latitude in (-17, 0, 66):
        assert project(latitude, 180) == pytest.approx(project(latitude, -180))
        assert project(latitude, 179.9)[0] < project(latitude, -179.9)[0] < WIDTH


def test_areas_compare_truly():
    def cell(latitude: float, longitude: float) -> float:
        corners = [(0, 0), (0, 0.1), (0.1, 0.1), (0.1, 0)]
        return surface([[project(latitude + a, longitude + b) for a, b in corners]])

    for latitude, longitude in ((0, 20), (40, -100), (-35, 150), (75, 90)):
        true = cos(radians(latitude + 0.05)) * radians(0.1) ** 2 * UNIT**2
        assert cell(latitude, longitude) == pytest.approx(true, rel=1e-3)


# The corridors


def corners(d: str) -> list[tuple[float, float]]:
    """Return the start, the control point and the end."""
    assert re.fullmatch(r"M[-.\d]+ [-.\d]+Q[-.\d]+ [-.\d]+ [-.\d]+ [-.\d]+", d)
    numbers = [float(n) for n in re.findall(r"-?[\d.]+", d)]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def top(d: str) -> tuple[float, float]:
    """Return the middle of the curve."""
    (x1, y1), (x, y), (x2, y2) = corners(d)
    return (x1 + 2 * x + x2) / 4, (y1 + 2 * y + y2) / 4


def test_a_corridor_runs_from_its_origin_to_its_destination_and_bows_to_the_left():
    assert arc((100, 200), (300, 200)) == "M100.0 200.0Q200.0 150.0 300.0 200.0"
    assert arc((300, 200), (100, 200)) == "M300.0 200.0Q200.0 250.0 100.0 200.0"


@pytest.mark.parametrize(("here", "there"), [("PH", "IT"), ("MA", "FR"), ("SV", "US"), ("MA", "DZ")])
def test_there_and_back_are_two_lines(here, there):
    out, back = top(arc(POINTS[here], POINTS[there])), top(arc(POINTS[there], POINTS[here]))
    assert hypot(out[0] - back[0], out[1] - back[1]) >= 4


def test_a_short_hop_bows_more_and_a_point_to_itself_is_no_error():
    assert top(arc((100, 100), (108, 100))) == (104, 96)
    assert top(arc((100, 100), (200, 100))) == (150, 87.5)
    assert arc((100, 100), (100, 100)) == "M100.0 100.0Q100.0 100.0 100.0 100.0"


def test_no_corridor_leaves_the_map():
    far = ["GL", "RU", "CA", "NZ", "AR", "FJ", "US", "NO", "GS", "WS"]
    for here, there in permutations(far, 2):
        for x, y in corners(arc(POINTS[here], POINTS[there])):
            assert 0 <= x <= WIDTH, (here, there)
            assert 0 <= y <= HEIGHT, (here, there)


# The drawn files


@pytest.mark.parametrize(("name", "most"), [("world.svg", 36_000), ("world-small.svg", 6_000)])
def test_a_map_keeps_its_budget(name, most):
    assert len(brotli.compress((IMAGES / name).read_bytes(), quality=11)) <= most


@pytest.mark.parametrize("name", ["world.svg", "world-small.svg"])
def test_a_map_holds_shapes_and_nothing_else(name):
    text = (IMAGES / name).read_text(encoding="utf-8")
    root, _, _ = read(IMAGES / name)
    assert root.attrib == {"viewBox": f"0 0 {WIDTH} {HEIGHT}"}
    assert {element.tag for element in root.iter()} - {SVG + "g"} == {SVG + "svg", SVG + "path"}
    assert re.findall(r"style|script|class|fill|stroke|href|<!DOCTYPE|<\?", text) == []
    for fact in (
        "Natural Earth",
        "public domain",
        "BSD-3-Clause",
        "1:50 million",
        "Equal Earth",
        "draw_world",
    ):
        assert fact in text.split("-->")[0], fact


def test_every_country_but_antarctica_has_its_path_and_no_path_another_name(drawn):
    root, named, nameless = drawn
    assert [child.attrib for child in root] == [{"id": "world"}]
    assert set(named) == set(COUNTRIES) - {"AQ"}
    assert len(nameless) == 4  # Kosovo, Northern Cyprus, Siachen, Somaliland: no code in ISO 3166-1


def test_every_country_of_the_cases_is_on_the_map(drawn):
    told = set()
    for case in (FIXTURES / "jmdi").glob("*.yaml"):
        for row in rows(case):
            if row["model"] == "practices.place":
                told.add(row["fields"]["country"])
            if row["model"] == "practices.corridor":
                told |= {row["fields"]["origin"], row["fields"]["destination"]}
    assert {"PH", "CR", "SN", "IT"} <= told <= set(drawn[1])


def test_nothing_streaks_across_the_map_or_leaves_it(drawn, land):
    for _, named, nameless in (drawn, land):
        for pieces in [*named.values(), *nameless]:
            left, top, right, bottom = box(pieces)
            assert -0.5 <= left < right <= WIDTH + 0.5
            assert -0.5 <= top < bottom <= HEIGHT + 0.5
            for piece in pieces:
                sides = [hypot(a - c, b - d) for (a, b), (c, d) in pairwise([*piece, piece[0]])]
                assert max(sides) < WIDTH / 8  # the longest is the 49th parallel


def test_chukotka_and_fiji_are_whole_and_the_aleutians_on_both_sides(drawn):
    _, named, _ = drawn
    assert box(named["RU"])[0] > WIDTH / 2
    assert box(named["FJ"])[2] - box(named["FJ"])[0] < 15
    assert {x < WIDTH / 2 for piece in named["US"] for x, _ in piece} == {True, False}
    assert not [x for piece in named["US"] for x, _ in piece if 400 < x < 840]


BIG = ["BR", "US", "RU", "CN", "IN", "PH", "MA", "SN", "EC", "IT", "ES", "FR", "CR", "SV", "MX"]


@pytest.mark.parametrize("code", BIG)
def test_the_point_of_a_country_lies_within_its_outline(drawn, code):
    x, y = POINTS[code]
    left, top, right, bottom = box(drawn[1][code])
    assert left <= x <= right
    assert top <= y <= bottom


def test_the_point_of_any_country_lies_near_its_outline(drawn):
    away = {}
    for code, pieces in drawn[1].items():
        x, y = POINTS[code]
        left, top, right, bottom = box(pieces)
        distance = max(left - x, x - right, top - y, y - bottom)
        if distance > 6:
            away[code] = round(distance, 1)
    assert away == {}


@pytest.mark.parametrize(
    ("code", "latitude", "longitude"),
    # Where straight borders meet: at 22° N 25° E, at 27°40′ N 8°40′ W, and where 141° E leaves New Guinea.
    [("EG", 22, 25), ("MA", 27.667, -8.667), ("PG", -2.6, 141)],
)
def test_outlines_and_points_are_one_projection(drawn, code, latitude, longitude):
    x, y = project(latitude, longitude)
    assert min(hypot(a - x, b - y) for piece in drawn[1][code] for a, b in piece) < 0.2


@pytest.mark.parametrize(
    ("code", "true"),
    # Surface in km², rounded, after the Demographic Yearbook of the United Nations, table 3.
    [("BR", 8_516_000), ("AU", 7_692_000), ("MX", 1_964_000), ("SN", 197_000), ("EH", 266_000)],
)
def test_a_country_is_as_large_as_it_is(drawn, code, true):
    assert surface(drawn[1][code]) * SQUARE_KM == pytest.approx(true, rel=0.03)


def test_borders_follow_the_united_nations(drawn):
    _, named, _ = drawn
    south_of_morocco = project(27.667, -10)[1]  # Western Sahara begins at 27°40′ N
    assert box(named["MA"])[3] == pytest.approx(south_of_morocco, abs=0.2)
    assert box(named["EH"])[1] == pytest.approx(south_of_morocco, abs=0.2)
    assert box(named["UA"])[3] == pytest.approx(project(44.39, 33.7)[1], abs=0.5)  # the south of Crimea


def test_neighbours_share_the_line_between_them(drawn):
    _, named, _ = drawn
    for one, other, least in (("FR", "ES", 12), ("MA", "DZ", 12), ("EC", "PE", 12), ("RU", "KZ", 60)):
        points = [
            {(round(x, 1), round(y, 1)) for piece in named[code] for x, y in piece} for code in (one, other)
        ]
        assert len(points[0] & points[1]) >= least, (one, other)


def test_the_small_map_is_the_same_land(drawn, land):
    _, named, nameless = drawn
    countries = sum(surface(pieces) for pieces in [*named.values(), *nameless])
    assert list(land[1]) == ["land"]
    assert surface(land[1]["land"]) == pytest.approx(countries, rel=0.01)


# The program


def ring(*points: tuple[float, float]) -> list[list[int]]:
    """An arc in TopoJSON: tenths of a degree, each point relative to the one before."""
    tenths = [(round(10 * x), round(10 * y)) for x, y in points]
    steps = [[x2 - x1, y2 - y1] for (x1, y1), (x2, y2) in pairwise(tenths)]
    return [list(tenths[0]), *steps]


def square(west: float, south: float, east: float, north: float) -> list[list[int]]:
    return ring((west, south), (east, south), (east, north), (west, north), (west, south))


TINY = {
    "type": "Topology",
    "transform": {"scale": [0.1, 0.1], "translate": [0, 0]},
    "arcs": [
        ring((10, 40), (13, 45), (12.4, 46), (10, 50)),  # between Italy and Switzerland, with a small bend
        ring((10, 50), (0, 50), (0, 40), (10, 40)),
        ring((10, 40), (20, 40), (20, 50), (10, 50)),
        square(175, -20, -175, -10),  # across the 180th meridian
        square(-174, 50, -167, 54),  # across the edge of the map
        square(14.3, 35.8, 14.5, 36),  # an island that is a country
        square(70, 5, 70.1, 5.1),  # and one that is not
        square(-60, -80, 60, -70),
        square(30, 30, 34, 34),
        square(-54, 3, -52, 5),
        square(40, 30, 44, 34),
    ],
    "objects": {
        "countries": {
            "type": "GeometryCollection",
            "geometries": [
                {"type": "Polygon", "id": "380", "properties": {"name": "Italy"}, "arcs": [[0, 1]]},
                {
                    "type": "MultiPolygon",
                    "id": "756",
                    "properties": {"name": "Switzerland"},
                    "arcs": [[[2, -1]], [[6]]],
                },
                {"type": "Polygon", "id": "242", "properties": {"name": "Fiji"}, "arcs": [[3]]},
                {"type": "Polygon", "id": "840", "properties": {"name": "United States"}, "arcs": [[4]]},
                {"type": "Polygon", "id": "470", "properties": {"name": "Malta"}, "arcs": [[5]]},
                {"type": "Polygon", "id": "010", "properties": {"name": "Antarctica"}, "arcs": [[7]]},
                {
                    "type": "MultiPolygon",
                    "id": "250",
                    "properties": {"name": "France"},
                    "arcs": [[[8]], [[9]]],
                },
                {"type": "Polygon", "id": "-1", "properties": {"name": "No code"}, "arcs": [[10]]},
            ],
        }
    },
}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory):
    folder = tmp_path_factory.mktemp("map")
    (folder / "tiny.json").write_text(json.dumps(TINY))
    world.main([str(folder / "tiny.json"), "--into", str(folder)])
    return read(folder / "world.svg"), read(folder / "world-small.svg")


def spot(latitude: float, longitude: float) -> tuple[float, float]:
    x, y = project(latitude, longitude)
    return pytest.approx(x, abs=0.06), pytest.approx(y, abs=0.06)


def test_two_countries_get_the_same_simplified_border(tiny):
    (_, named, _), _ = tiny
    [italy], [switzerland] = named["IT"], named["CH"]
    assert len(italy) == len(switzerland) == 5
    border = [point for point in italy if [point] == [p for p in switzerland if p == pytest.approx(point)]]
    assert sorted(border, key=lambda point: -point[1]) == [spot(40, 10), spot(45, 13), spot(50, 10)]


def test_the_land_has_no_border_in_it(tiny):
    _, (_, named, _) = tiny
    assert len(named["land"]) == 6  # without Antarctica, Malta and the islet
    continent = max(named["land"], key=lambda piece: surface([piece]))
    x, y = project(45, 13)
    assert not [point for point in continent if hypot(point[0] - x, point[1] - y) < 5]
    assert box([continent])[0] == pytest.approx(project(40, 0)[0], abs=0.3)
    assert box([continent])[2] == pytest.approx(project(40, 20)[0], abs=0.3)


@pytest.mark.parametrize(
    ("code", "west", "east"), [("FJ", (-10, 175), (-10, -175)), ("US", (54, -174), None)]
)
def test_what_crosses_a_meridian_is_drawn_whole(tiny, code, west, east):
    (_, named, _), _ = tiny
    [piece] = named[code]
    assert len(piece) == 4
    left, _, right, _ = box([piece])
    assert left > WIDTH * 0.75
    assert right - left < 40
    assert spot(*west) in piece
    assert east is None or spot(*east) in piece


def test_a_small_country_becomes_a_dot_on_top_and_a_small_island_goes(tiny):
    (root, named, _), _ = tiny
    [malta] = named["MT"]
    assert len(malta) == 8
    left, top, right, bottom = box([malta])
    assert (right - left, bottom - top) == pytest.approx((2, 2))
    x, y = project(35.9, 14.4)
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx((x, y), abs=0.1)
    order = [path.get("id") for path in root.iter(SVG + "path")]
    assert order.index("MT") > order.index("US")


def test_a_country_that_the_data_lack_is_a_dot_at_its_point(tiny):
    (_, named, _), _ = tiny
    [tuvalu] = named["TV"]
    left, top, right, bottom = box([tuvalu])
    assert ((left + right) / 2, (top + bottom) / 2) == pytest.approx(POINTS["TV"], abs=0.1)


def test_codes_follow_iso_3166(tiny):
    (_, named, nameless), _ = tiny
    assert "AQ" not in named
    assert box(named["GF"])[2] < box(named["FR"])[0]
    assert [box(pieces)[0] for pieces in nameless] == [pytest.approx(project(34, 40)[0], abs=0.1)]


def test_numbers_are_written_as_short_as_they_can():
    assert world.numbers([-5, 5, 15, -20, 3, 100, 0, 7], 10) == "-.5.5 1.5-2 .3 10 0 .7"


@pytest.mark.parametrize("text", ["no JSON", '{"type": "FeatureCollection"}', "[]"])
def test_another_file_is_refused(tmp_path, capsys, text):
    file = tmp_path / "other.json"
    file.write_text(text)
    with pytest.raises(SystemExit):
        world.main([str(file), "--into", str(tmp_path)])
    assert str(file) in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["other.json"]
