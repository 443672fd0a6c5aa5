"""Every format, read by an independent parser and compared with the database field by field."""

import csv
import io
import json
import re
from datetime import UTC, date, datetime
from typing import Any

import bibtexparser
import geojson
import openpyxl
import pytest
import rispy
from pylatexenc.latex2text import LatexNodes2Text
from rdflib import RDF, Graph, Namespace, URIRef

from practices.exchange.downloads import published_practices
from practices.exchange.formats import FORMATS
from practices.exchange.tables import CSV_COLUMNS, FORMULA, escape_formula
from practices.models import Practice
from practices.serializers.practices import practice_document
from practices.values.text import to_html
from tests.factories import make_actor, make_practice, make_publication, make_theme

pytestmark = [
    pytest.mark.django_db,
    # rdflib's reader of JSON-LD still uses a class of its own that it gives up.
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning"),
]

SDO = Namespace("http://schema.org/")
DCT = Namespace("http://purl.org/dc/terms/")
HOSTILE = [
    '=HYPERLINK("http://evil.example","x")', "+1+1", "-2+3|cmd", "@SUM(A1:A2)", "'=1", "''=1", "'tis", "＝1",
    'Quotes "" and \'\' and, commas; semicolons', "One\nline\n\nand another", "\tTab", "\nline first",
    "Bell \x07, escape \x1b[0m and unit \x1f", "next\x85line\u2028separator\u2029paragraph\x0b\x0cend",
    "👩‍🌾 🇵🇭 é ñ 移民", "\u202eright to left\u202c العودة \u200fعربي", "<b>&amp;</b> ]]> <!-- -->",
    "{brace} \\back 100% $x$ #1 a_b ~ ^", "_x0041_", "ER  - \r\nTY  - BOOK", "NULL", "1e9", " spaced ",
]  # fmt: skip


def written(name: str, practices: list[Practice]) -> bytes:
    return b"".join(FORMATS[name].write(practices))


def all_practices() -> list[Practice]:
    pks = Practice.objects.published().order_by("pk").values_list("pk", flat=True)
    return list(published_practices(list(pks)))


def facts(practice: Practice) -> dict[str, Any]:
    """Return the expected row of a table, read from the database column by column."""
    places = practice.places.order_by("order").select_related("country")
    parts = practice.participations.order_by("order").select_related("actor")
    countries = list(dict.fromkeys(place.country for place in places))
    themes = practice.themes.order_by("scheme", "order")

    def degrees(name: str) -> float | None:
        located = places.filter(latitude__isnull=False).values_list(name, flat=True)
        return float(located[0]) if located else None

    def iso(value: Any) -> str | None:
        return None if value is None else value.isoformat().replace("+00:00", "Z")

    return {
        "slug": practice.slug,
        "url": f"http://testserver/practices/{practice.slug}/",
        "title": practice.title,
        "kind": practice.kind,
        "language": practice.language,
        "summary": practice.summary,
        "countries": "; ".join(country.code for country in countries),
        "country_names": "; ".join(country.name for country in countries),
        "places": "; ".join(f"{row.name}, {row.country}" if row.name else row.country.name for row in places),
        "latitude": degrees("latitude"),
        "longitude": degrees("longitude"),
        "corridors": "; ".join(
            f"{row.origin_id}-{row.destination_id}"
            for row in practice.corridors.order_by("origin", "destination")
        ),
        "period": practice.period.text if practice.period else None,
        "period_edtf": practice.period.edtf if practice.period else None,
        "period_start": iso(practice.period_start),
        "period_end": iso(practice.period_end),
        "activity": practice.activity,
        "activity_checked_on": iso(practice.activity_checked_on),
        "activity_checked_by": practice.activity_checked_by,
        "themes": "; ".join(themes.values_list("slug", flat=True)),
        "theme_names": "; ".join(themes.values_list("name", flat=True)),
        "objectives": "; ".join(row.code for row in practice.objectives.order_by("framework", "order")),
        "actors": "; ".join(part.actor.slug for part in parts),
        "actor_names": "; ".join(
            part.actor.name + (f" ({part.actor.acronym})" if part.actor.acronym else "") for part in parts
        ),
        "actor_roles": "; ".join(part.role for part in parts),
        "publication": practice.publication.title if practice.publication else None,
        "story": practice.story,
        "lessons": "\n\n".join(practice.lessons.order_by("order").values_list("text", flat=True)),
        "sources": "\n\n".join(practice.sources.order_by("order").values_list("text", flat=True)),
        "source_urls": "; ".join(practice.sources.order_by("order").values_list("url", flat=True)),
        "editors_note": practice.editors_note,
        "published_at": iso(practice.published_at),
        "updated_at": iso(practice.updated_at),
        "changed_at": iso(practice.change_log_entries.get(removed=False).changed_at),
    }  # fmt: skip


def unharmed(value: Any) -> Any:
    """Return the original value of a cell, as docs/api.md describes."""
    was_harmless = isinstance(value, str) and value.startswith("'") and FORMULA.match(value[1:])
    return value[1:] if was_harmless else value


def in_csv(data: bytes) -> list[dict[str, str]]:
    return [
        {name: unharmed(value) for name, value in row.items()}
        for row in csv.DictReader(io.StringIO(data.decode(), newline=""))
    ]


def in_workbook(data: bytes) -> list[dict[str, Any]]:
    """Return the rows of the first sheet, each cell joined with its continuation in the last sheet."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    names, *lines = book["Practices"].iter_rows(values_only=True)
    found = [dict(zip(names, map(unharmed, line), strict=True)) for line in lines]
    by_slug = {row["Short name (slug)"]: row for row in found}
    if "Continued" in book:
        for slug, column, _part, text in book["Continued"].iter_rows(min_row=2, values_only=True):
            by_slug[slug][column] += unharmed(text)
    return found


# The columns of a workbook that hold what those of CSV hold; the others are in test_xlsx_writer.
IN_WORKBOOK = {
    "Title": "title", "Web address": "url", "Country codes": "countries", "Countries": "country_names",
    "Places": "places", "Activity checked by": "activity_checked_by", "Themes": "theme_names",
    "First published in": "publication", "Short name (slug)": "slug",
}  # fmt: skip


def as_text(row: dict[str, Any]) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in row.items()}


def in_xml(row: dict[str, Any]) -> dict[str, Any]:
    """Return what remains of a row in XML, and of its empty texts in a workbook."""
    lost = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
    return {
        name: lost.sub("�", value).replace("\r\n", "\n").replace("\r", "\n") or None
        if isinstance(value, str)
        else value
        for name, value in row.items()
    }


def make_hostile(text: str, slug: str = "hostile") -> Practice:
    """A practice with the text in every place that accepts text."""
    short = " ".join(text.split()) or "x"
    practice = make_practice(
        text, slug=slug, summary=text, story=f"A story. {text}", editors_note=text, activity_checked_by=text,
        period="2014-03/..", activity="running", activity_checked_on=date(2026, 1, 1), countries=("PH", "IT"),
        corridors=("PH-IT",), lessons=(text, "Two."), sources=(text, "Two."), objectives=("gcm-20",),
        themes=(make_theme(f"t-{slug}", name=short[:60] + slug).slug,),
        publication=make_publication(slug, title=text, publisher=make_actor(f"p-{slug}", name=text)),
    )  # fmt: skip
    practice.places.filter(order=1).update(name=text, latitude="13.622", longitude="-123.195")
    actor = make_actor(f"a-{slug}", name=text)
    practice.participations.create(order=1, actor=actor, role="lead", group=text, note=text)
    return practice


@pytest.fixture
def collection(jmdi) -> list[Practice]:
    """The 17 cases, a practice for each hostile text, one with a story of 100 kB, and an empty one."""
    for number, text in enumerate(HOSTILE):
        make_hostile(text, f"hostile-{number}")
    make_practice("Long", slug="long", story="=Migrants 👩‍🌾 " * 6_000, lessons=("=" + "é" * 40_000,))
    make_practice(
        "Bare", slug="bare", summary="", published_at=datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    )
    pictured = make_practice("Pictured", slug="pictured")
    pictured.images.create(
        order=1, file="images/a-800.jpg", width=800, height=600, alt="A quay", credit="Desk"
    )
    make_practice("Canary", slug="canary", status="draft")
    practices = all_practices()
    assert len(practices) == 17 + len(HOSTILE) + 3
    return practices


@pytest.mark.slow
# One test for all tables, because loading the cases takes a second.
def test_tables_hold_what_the_database_holds(collection):
    expected = [facts(practice) for practice in collection]
    assert list(expected[0]) == list(CSV_COLUMNS)
    assert differing(in_csv(written("csv", collection)), [as_text(row) for row in expected]) == []
    in_both = [{name: row[column] for name, column in IN_WORKBOOK.items()} for row in map(in_xml, expected)]
    read = [{name: row[name] for name in IN_WORKBOOK} for row in in_workbook(written("xlsx", collection))]
    assert differing(read, in_both) == []
    found = geojson.loads(written("geojson", collection))
    assert found.is_valid, found.errors()
    assert differing([feature["properties"] for feature in found["features"]], expected) == []
    assert [feature["id"] for feature in found["features"]] == [row["slug"] for row in expected]
    for feature, practice in zip(found["features"], collection, strict=True):
        points = [
            [float(longitude), float(latitude)]
            for longitude, latitude in practice.places.order_by("order").values_list("longitude", "latitude")
            if longitude is not None
        ]
        geometry = feature["geometry"] or {"type": None, "coordinates": []}
        drawn = geometry["coordinates"]
        assert ([drawn] if geometry["type"] == "Point" else drawn) == points
        assert geometry["type"] == (None, "Point", "MultiPoint")[min(len(points), 2)]


@pytest.mark.slow
def test_lines_of_json_are_the_documents_of_the_api(collection, client):
    lines = written("jsonl", collection).decode().splitlines()
    found = [json.loads(line) for line in lines]
    assert len(found) == len(collection)
    for document, practice in zip(found, collection, strict=True):
        assert document == client.get(f"/api/v1/practices/{practice.slug}/").json()
        assert (document["title"], document["story"]["markdown"]) == (practice.title, practice.story)
        assert [row["markdown"] for row in document["lessons"]] == [
            row.text for row in practice.lessons.all()
        ]
    assert set(practice_document(collection[0])) == set(found[0])


@pytest.mark.slow
def test_linked_data_is_a_graph_of_what_the_database_holds(collection):
    graph = Graph().parse(data=written("jsonld", collection), format="json-ld")

    def said(subject: Any, name: Any) -> list[str]:
        return sorted(str(value) for value in graph.objects(subject, name))

    assert set(graph.subjects(RDF.type, SDO.Article)) == {
        URIRef(f"http://testserver/practices/{practice.slug}/") for practice in collection
    }
    for practice in collection:
        node = URIRef(f"http://testserver/practices/{practice.slug}/")
        plain = " ".join(re.sub(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]", "", practice.title).split())
        assert [" ".join(text.split()) for text in said(node, SDO.headline)] == [plain]
        assert said(node, SDO.articleBody) == [practice.story]
        assert said(node, SDO.inLanguage) == [practice.language]
        assert said(node, SDO.dateModified) == [practice.updated_at.isoformat()]
        assert said(node, DCT.identifier) == [practice.slug]
        assert said(node, DCT.type) == [practice.kind]
        assert said(node, DCT.temporal) == ([practice.period.edtf] if practice.period else [])
        assert said(node, DCT.spatial) == sorted(country.code for country in practice.countries)
        assert said(node, DCT.provenance) == ([practice.editors_note] if practice.editors_note else [])
        assert len(said(node, DCT.bibliographicCitation)) == 1
        lessons = {
            (str(part), int(graph.value(part, SDO.position)), str(graph.value(part, SDO.text)))
            for part in graph.objects(node, SDO.hasPart)
        }
        assert lessons == {
            (f"{node}#lesson-{row.order}", row.order, row.text) for row in practice.lessons.all()
        }
        parts = sorted(
            (
                str(graph.value(role, SDO.roleName)),
                str(graph.value(graph.value(role, SDO.contributor), SDO.name)),
            )
            for role in graph.objects(node, SDO.contributor)
        )
        assert parts == sorted(practice.participations.values_list("role", "actor__name"))
        moves = sorted(
            tuple(
                str(graph.value(graph.value(about, end), SDO.identifier))
                for end in (SDO.fromLocation, SDO.toLocation)
            )
            for about in graph.objects(node, SDO.about)
            if (about, RDF.type, SDO.MoveAction) in graph
        )
        assert moves == sorted(practice.corridors.values_list("origin", "destination"))
        images = {
            tuple(str(graph.value(row, name)) for name in (SDO.url, SDO.description, SDO.creditText))
            for row in graph.objects(node, SDO.image)
        }
        assert images == {
            (f"http://testserver{row.url}", row.alt, row.credit) for row in practice.images.all()
        }
        assert len(list(graph.objects(node, SDO.citation))) == practice.sources.count()


def differing(found: list[dict], expected: list[dict]) -> list[tuple]:
    """Return the cells that differ, by the slug of their row and their column."""
    assert len(found) == len(expected)
    return [
        (right["slug"], name, row.get(name), right.get(name))
        for row, right in zip(found, expected, strict=True)
        for name in row.keys() | right.keys()
        if row.get(name) != right.get(name) or (name in row) != (name in right)
    ]


def one_line(text: str) -> str:
    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "", " ".join(text.split()))


def read(value: str) -> str:
    """Return a field of BibTeX as text. The library does not know LaTeX’s names of braces."""
    value = value.replace(r"\textbraceleft{}", r"\{").replace(r"\textbraceright{}", r"\}")
    return LatexNodes2Text(strict_latex_spaces=True, keep_comments=True).latex_to_text(value)


def printed(text: str) -> str:
    """Return a text with the characters that TeX makes of two, and with the library’s circumflex."""
    return text.replace("''", "”").replace("--", "–").replace("^", "ˆ")


def test_reference_managers_read_what_the_database_holds(collection):
    library = bibtexparser.parse_string(written("bib", collection).decode())
    assert library.failed_blocks == []
    assert [entry.key for entry in library.entries] == [practice.slug for practice in collection]
    references = rispy.loads(written("ris", collection).decode())
    assert len(references) == len(collection)
    for entry, reference, practice in zip(library.entries, references, collection, strict=True):
        fields = {field.key: field.value for field in entry.fields}
        book = practice.publication
        author = one_line(book.publisher.name) if book else "Useful practices"
        title, url = one_line(practice.title), f"http://testserver/practices/{practice.slug}/"
        names = [country.name for country in practice.countries]
        names += [theme.name for theme in practice.themes.all()]
        assert (entry.entry_type, reference["type_of_reference"]) == (
            ("incollection", "CHAP") if book else ("misc", "ELEC")
        )
        assert (reference["authors"], reference["title"]) == ([author.strip()], title.strip())
        assert reference["secondary_title"] == (one_line(book.title).strip() if book else "Useful practices")
        assert (reference["urls"], reference["language"]) == ([url], practice.language)
        assert reference.get("keywords", []) == [one_line(name) for name in names]
        assert read(fields["title"]) == printed(title)
        assert read(fields["author"]) == printed(author)
        assert fields["url"] == url
        words = ", ".join(one_line(name).replace(",", "") for name in names)
        assert read(fields.get("keywords", "")) == printed(words)
        assert read(fields.get("booktitle", "")) == (printed(one_line(book.title)) if book else "")


# Formulas

DANGEROUS = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]


@pytest.mark.parametrize("name", ["csv", "xlsx"])
def test_no_cell_begins_like_a_formula(name):
    practices = [make_hostile(f"{sign}1+1", f"s-{number}") for number, sign in enumerate(DANGEROUS)]
    data = written(name, list(published_practices([practice.pk for practice in practices])))
    if name == "csv":
        cells = [cell for line in csv.reader(io.StringIO(data.decode(), newline="")) for cell in line]
    else:
        book = openpyxl.load_workbook(io.BytesIO(data))
        assert {cell.data_type for sheet in book for row in sheet for cell in row} == {"s", "n", "d"}
        cells = [cell.value for sheet in book for row in sheet for cell in row if isinstance(cell.value, str)]
    assert "'=1+1" in cells
    number = re.compile(r"-?\d+\.\d+")  # of degrees: a number is no formula
    texts = [cell for cell in cells if not number.fullmatch(cell)]
    assert [cell for cell in texts if cell.startswith(tuple(DANGEROUS))] == []


def test_numbers_stay_numbers_in_a_workbook():
    practice = make_practice(slug="a", countries=("PH",))
    practice.places.update(latitude="-13.622", longitude="123.195")
    row = in_workbook(written("xlsx", list(published_practices([practice.pk]))))[0]
    assert (row["Latitude (first place)"], row["Longitude (first place)"]) == (-13.622, 123.195)


@pytest.mark.parametrize("text", [*HOSTILE, *DANGEROUS, "", "'", "''", "plain"])
def test_what_was_made_harmless_can_be_told_from_what_was_so(text):
    assert unharmed(escape_formula(text)) == text
    assert escape_formula(3) == 3
    assert escape_formula(None) is None


# Writing a little at a time


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_list_is_a_whole_file(name):
    data = written(name, [])
    match name:
        case "csv":
            assert in_csv(data) == []
            assert data.decode() == ",".join(CSV_COLUMNS) + "\r\n"
        case "xlsx":
            assert in_workbook(data) == []
        case "geojson":
            assert json.loads(data) == {"type": "FeatureCollection", "features": []}
        case "jsonld":
            assert len(Graph().parse(data=data, format="json-ld")) == 0
        case _:
            assert data == b""


@pytest.mark.parametrize("name", sorted(FORMATS.keys() - {"xlsx"}))
def test_a_file_begins_before_its_last_practice_is_fetched(name):
    fetched = []

    def fetching():
        for practice in published_practices([make_practice().pk for _ in range(3)]):
            fetched.append(practice)
            yield practice

    pieces = FORMATS[name].write(fetching())
    next(pieces)
    next(pieces)
    assert len(fetched) <= 2


def test_what_is_withdrawn_while_a_list_is_read_is_left_out(monkeypatch):
    monkeypatch.setattr("practices.exchange.downloads.BATCH_SIZE", 1)
    kept, withdrawn = make_practice(slug="kept"), make_practice(slug="withdrawn")
    reading = published_practices([kept.pk, withdrawn.pk, 0])
    assert next(reading) == kept
    withdrawn.status = "archived"
    withdrawn.save()
    assert list(reading) == []


@pytest.mark.parametrize("many", [1, 3])
def test_a_file_costs_the_same_queries_for_one_practice_and_for_three(django_assert_num_queries, many):
    publication = make_publication()
    publication.funders.add(make_actor("funder"))
    keys = [
        make_practice(
            countries=("PH", "IT"), themes=("savings",), actors=("atikha",), lessons=("One.",),
            sources=("A.",), objectives=("gcm-20",), corridors=("PH-IT",), publication=publication,
        ).pk
        for _ in range(many)
    ]  # fmt: skip
    # practices with publication and publisher; places; corridors; themes; objectives; participations;
    # sources; funders; implementers; lessons; images
    with django_assert_num_queries(11):
        list(published_practices(keys))
    practices = list(published_practices(keys))
    for name in FORMATS:
        with django_assert_num_queries(0):
            written(name, practices)


def test_html_of_a_line_is_safe():
    practice = make_practice(story="<script>alert(1)</script>")
    document = json.loads(written("jsonl", list(published_practices([practice.pk]))))
    assert document["story"]["html"] == to_html(practice.story)
    assert "<script" not in document["story"]["html"]
