"""The file formats in which the site and the API offer practices for download.

To add one, write a function that yields the file in chunks of bytes, and add a `Format` to FORMATS: the
lists, the pages of practices, the API and its description read that table. The function gets practices that
`with_relations()` has loaded and makes no query. It yields a practice at a time, so that a list of any length
needs the memory of a short one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from practices.exchange import schema_org
from practices.exchange.citations import bibtex, ris
from practices.exchange.tables import row, write_csv
from practices.exchange.xlsx_writer import write_workbook
from practices.models import Practice
from practices.serializers.fields import to_json
from practices.serializers.practices import practice_document

# Characters that some programs take for the end of a line, in addition to the line feed.
LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


@dataclass(frozen=True)
class Format:
    name: str  # as in ?format=, and how the names of its files end
    label: str
    use: str  # what for, in words
    media_type: str
    write: Callable[..., Iterator[bytes]]  # takes practices; also `about` if `takes_about`
    takes_about: bool = False  # whether a file describes the list or practice that it contains

    @property
    def content_type(self) -> str:
        """The media type, with the encoding unless the type defines it."""
        free = self.media_type.startswith(("text/", "application/x-"))
        return self.media_type + ("; charset=utf-8" if free else "")


def json_line(value: Any) -> bytes:
    return to_json(value).translate(LINE_ENDS).encode()


def write_jsonl(practices: Iterable[Practice]) -> Iterator[bytes]:
    """Yield JSON Lines: for each practice the document of the API."""
    for practice in practices:
        yield json_line(practice_document(practice)) + b"\n"


def write_geojson(practices: Iterable[Practice]) -> Iterator[bytes]:
    """Yield GeoJSON (RFC 7946): a feature for each practice, with the columns of the CSV file as
    properties.
    """
    yield from json_list(b'{"type":"FeatureCollection","features":[', map(feature, practices))


def feature(practice: Practice) -> dict[str, Any]:
    """A GeoJSON feature with the points of its places: a Point, a MultiPoint, or no geometry."""
    points = [
        [float(place.longitude), float(place.latitude)]
        for place in practice.places.all()
        if place.longitude is not None
    ]
    geometry = None
    if points:
        one = len(points) == 1
        geometry = {"type": "Point" if one else "MultiPoint", "coordinates": points[0] if one else points}
    return {"type": "Feature", "id": practice.slug, "geometry": geometry, "properties": row(practice)}


def write_jsonld(practices: Iterable[Practice]) -> Iterator[bytes]:
    """One JSON-LD graph in the vocabularies of schema.org and Dublin Core."""
    head = b'{"@context":' + json_line(schema_org.CONTEXT) + b',"@graph":['
    yield from json_list(head, map(schema_org.practice_node, practices))


def json_list(head: bytes, values: Iterable[Any]) -> Iterator[bytes]:
    """Yield a JSON object whose last member is a list: `head`, which opens both, then one value a line."""
    yield head
    for position, value in enumerate(values):
        yield (b",\n" if position else b"\n") + json_line(value)
    yield b"\n]}\n"


def write_bibtex(practices: Iterable[Practice]) -> Iterator[bytes]:
    for position, practice in enumerate(practices):
        yield ("\n" * bool(position) + bibtex(practice, timezone.localdate())).encode()


def write_ris(practices: Iterable[Practice]) -> Iterator[bytes]:
    for practice in practices:
        yield ris(practice, timezone.localdate()).encode()


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    file_format.name: file_format
    for file_format in (  # those with the same use are adjacent
        Format("csv", "CSV", _("Spreadsheets"), "text/csv", write_csv),
        Format("xlsx", "Excel (XLSX)", _("Spreadsheets"), WORKBOOK, write_workbook, takes_about=True),
        Format("geojson", "GeoJSON", _("Maps"), "application/geo+json", write_geojson),
        Format("bib", "BibTeX", _("Reference managers"), "application/x-bibtex", write_bibtex),
        Format("ris", "RIS", _("Reference managers"), "application/x-research-info-systems", write_ris),
        Format("jsonl", "JSON Lines", _("Programs"), "application/jsonl", write_jsonl),
        Format("jsonld", "JSON-LD", _("Programs"), "application/ld+json", write_jsonld),
    )
}
