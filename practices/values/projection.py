"""The projection of the world map (static/img/world.svg) and the paths of corridors.

The projection is Equal Earth, on a sphere: areas compare truly, and continents look as people know them. Its
polynomial is that of B. Šavrič, T. Patterson and B. Jenny, “The Equal Earth map projection”, International
Journal of Geographical Information Science, 2018, doi:10.1080/13658816.2018.1504949.

`tools/draw_world.py` draws the file with these functions, so points and outlines cannot drift apart.
"""

from math import asin, cos, hypot, pi, radians, sin, sqrt
from typing import SupportsFloat

Point = tuple[float, float]

CENTRE = 11.5  # degrees east, so that the map's edge, 168.5° W, runs between Alaska and Chukotka
NORTH, SOUTH = 84.2, -58.5  # from Greenland to the South Sandwich Islands, without Antarctica

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796  # the published coefficients
WIDTH = 1000
RADIUS = WIDTH / (2 * pi * 2 / sqrt(3) / A1)  # of the sphere whose equator is as long as the map is wide


def plane(latitude: float, east: float) -> Point:
    """Return x and y of a point `east` degrees from the central meridian; y is measured downwards from the
    equator.

    `east` may pass 180, so that an island on the map's edge stays whole.
    """
    t = asin(sqrt(3) / 2 * sin(radians(latitude)))
    y = A4 * t**9 + A3 * t**7 + A2 * t**3 + A1 * t
    slope = 9 * A4 * t**8 + 7 * A3 * t**6 + 3 * A2 * t**2 + A1
    x = 2 * sqrt(3) * radians(east) * cos(t) / (3 * slope)
    return WIDTH / 2 + RADIUS * x, -RADIUS * y


TOP = plane(NORTH, 0)[1]
HEIGHT = round(plane(SOUTH, 0)[1] - TOP)


def project(latitude: SupportsFloat, longitude: SupportsFloat) -> Point:
    """A point in WGS 84 degrees as x and y in the view box of the map, `0 0 WIDTH HEIGHT`."""
    x, y = plane(float(latitude), (float(longitude) - CENTRE + 180) % 360 - 180)
    return x, y - TOP


def arc(origin: Point, destination: Point) -> str:
    """The path of a corridor between two projected points, as the `d` of an SVG path.

    It curves to the left, so that both directions are separate lines; short arcs curve more, to be visible.
    It stays on the map and never crosses its edge: from the Philippines to the United States it runs west.
    """
    (x1, y1), (x2, y2) = origin, destination
    length = hypot(x2 - x1, y2 - y1)
    bow = max(0.25 * length, min(8, length)) / (length or 1)
    x = (x1 + x2) / 2 + bow * (y2 - y1)
    y = (y1 + y2) / 2 - bow * (x2 - x1)
    x, y = min(max(x, 0), WIDTH), min(max(y, 0), HEIGHT)
    return f"M{x1:.1f} {y1:.1f}Q{x:.1f} {y:.1f} {x2:.1f} {y2:.1f}"


def unproject(x: float, y: float) -> Point:
    """Return the latitude and longitude at x and y; outside the map, those of the nearest point of its
    edge.
    """
    low, high = -90.0, 90.0
    for _step in range(40):  # halves the span each time: far below a metre
        middle = (low + high) / 2
        low, high = (low, middle) if plane(middle, 0)[1] < y + TOP else (middle, high)
    latitude = (low + high) / 2
    width = plane(latitude, 180)[0] - WIDTH / 2
    east = min(max(180 * (x - WIDTH / 2) / width, -180), 180)
    return latitude, (east + CENTRE + 180) % 360 - 180
