"""The formats that a list of practices, or one, can be taken away in.

A writer takes practices as `whole()` loads them and gives the file in pieces, a practice at a time, so that
the longest list needs no more memory than a short one.
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
from practices.serializers import documents

# What some programs take for the end of a line, beside the one sign that ends a line here.
LINE_ENDS = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}


@dataclass(frozen=True)
class Format:
    name: str  # as in ?format=, and how the names of its files end
    label: str
    use: str  # what for, in words
    media_type: str
    write: Callable[[Iterable[Practice]], Iterator[bytes]]

    @property
    def content_type(self) -> str:
        """The media type; with the encoding, where that is not fixed by it."""
        free = self.media_type.startswith(("text/", "application/x-"))
        return self.media_type + ("; charset=utf-8" if free else "")


def json_line(value: Any) -> bytes:
    return documents.to_json(value).translate(LINE_ENDS).encode()


def write_jsonl(practices: Iterable[Practice]) -> Iterator[bytes]:
    """A practice a line, each the document that the API gives of it."""
    for practice in practices:
        yield json_line(documents.whole(practice)) + b"\n"


def write_geojson(practices: Iterable[Practice]) -> Iterator[bytes]:
    """RFC 7946: a feature a practice, with the columns of the table as properties."""
    yield from json_list(b'{"type":"FeatureCollection","features":[', map(feature, practices))


def feature(practice: Practice) -> dict[str, Any]:
    """Located where its places are known to be: at one point, at several, or nowhere."""
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
    """One graph, in the words of schema.org and Dublin Core."""
    head = b'{"@context":' + json_line(schema_org.CONTEXT) + b',"@graph":['
    yield from json_list(head, map(schema_org.practice_node, practices))


def json_list(head: bytes, values: Iterable[Any]) -> Iterator[bytes]:
    """A JSON object that ends in a list: its beginning, then a value a line."""
    yield head
    sign = b"\n"
    for value in values:
        yield sign + json_line(value)
        sign = b",\n"
    yield b"\n]}\n"


def write_bibtex(practices: Iterable[Practice]) -> Iterator[bytes]:
    gap = ""
    for practice in practices:
        yield (gap + bibtex(practice, timezone.localdate())).encode()
        gap = "\n"


def write_ris(practices: Iterable[Practice]) -> Iterator[bytes]:
    for practice in practices:
        yield ris(practice, timezone.localdate()).encode()


WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMATS = {
    kind.name: kind
    for kind in (  # those of one use beside each other
        Format("csv", "CSV", _("Spreadsheets"), "text/csv", write_csv),
        Format("xlsx", "Excel (XLSX)", _("Spreadsheets"), WORKBOOK, write_workbook),
        Format("geojson", "GeoJSON", _("Maps"), "application/geo+json", write_geojson),
        Format("bib", "BibTeX", _("Reference managers"), "application/x-bibtex", write_bibtex),
        Format("ris", "RIS", _("Reference managers"), "application/x-research-info-systems", write_ris),
        Format("jsonl", "JSON Lines", _("Programs"), "application/jsonl", write_jsonl),
        Format("jsonld", "JSON-LD", _("Programs"), "application/ld+json", write_jsonld),
    )
}
