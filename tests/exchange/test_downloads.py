"""Lists and practices in all formats through the API, and the links to them."""

import csv
import io
import json
import re
from html import unescape

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from practices.exchange.formats import FORMATS
from tests.factories import make_practice
from tests.site.test_public_pages import make_everything

pytestmark = pytest.mark.django_db

LIST = "/api/v1/practices/"
KINDS = list(FORMATS.values())


def body(response) -> bytes:
    return b"".join(response) if response.streaming else response.content


def cells(workbook: bytes) -> list[tuple]:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    return [row for sheet in book for row in sheet.iter_rows(values_only=True)]


def slugs(address: str, client: Client) -> list[str]:
    """Return the practices of a list in CSV."""
    text = body(client.get(address)).decode()
    return [row["slug"] for row in csv.DictReader(io.StringIO(text, newline=""))]


@pytest.mark.parametrize("kind", KINDS, ids=FORMATS)
def test_a_format_is_chosen_by_name_or_by_media_type(client, kind):
    make_practice(slug="a", countries=("PH",))
    named = client.get(LIST, {"format": kind.name})
    accepted = client.get(LIST, headers={"accept": f"{kind.media_type}, text/html;q=0.5"})
    for response in (named, accepted):
        assert response.status_code == 200
        assert response.headers["Content-Type"] == kind.content_type
        name = f"practices-{timezone.localdate()}" if kind.name == "xlsx" else "practices"
        assert response.headers["Content-Disposition"] == f'attachment; filename="{name}.{kind.name}"'
        assert "accept" in response.headers["Vary"].lower()
    if kind.name != "xlsx":  # which holds the moment of its making
        assert body(named) == body(accepted)
    one = client.get(f"{LIST}a/", {"format": kind.name})
    assert one.headers["Content-Disposition"] == f'attachment; filename="a.{kind.name}"'
    assert one.headers["Content-Type"] == kind.content_type


def test_a_file_holds_the_whole_list_in_its_order(client):
    for number in range(45):
        make_practice(
            f"{number % 7} {number:02}", slug=f"p-{number}", countries=("PH",) if number % 2 else ()
        )
    asked = f"{LIST}?country=PH&ordering=title&page_size=100"
    expected = [row["slug"] for row in client.get(asked).json()["results"]]
    assert len(expected) == 22
    assert slugs(f"{LIST}?country=PH&ordering=title&format=csv", client) == expected


def test_a_search_comes_with_the_best_match_first(client):
    make_practice("Other", slug="b", story="Savings.")
    make_practice("Savings", slug="a")
    make_practice("Neither", slug="c")
    assert slugs(f"{LIST}?q=savings&format=csv", client) == ["a", "b"]


@pytest.mark.parametrize("kind", KINDS, ids=FORMATS)
def test_nothing_unpublished_is_in_a_file(client, kind):
    make_everything("open", "published")
    before = body(client.get(LIST, {"format": kind.name}))
    for status in ("draft", "in_review", "archived"):
        make_everything("canary", status)
    found = body(client.get(LIST, {"format": kind.name, "q": "shared"}))
    assert "canary" not in (str(cells(found)) if kind.name == "xlsx" else found.decode()).lower()
    after = body(client.get(LIST, {"format": kind.name}))
    assert cells(after) == cells(before) if kind.name == "xlsx" else after == before
    assert client.get(f"{LIST}canary-draft/", {"format": kind.name}).status_code == 404


def test_an_unknown_format_is_refused_with_those_accepted(client):
    make_practice()
    response = client.get(LIST, {"format": "docx"})
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/problem+json")
    (error,) = response.json()["errors"]
    assert (error["field"], error["value"]) == ("format", "docx")
    assert error["message"] == (
        "“docx” is not a valid choice. Accepted: json, csv, xlsx, geojson, bib, ris, jsonl, jsonld."
    )
    response = client.get(LIST, headers={"accept": "application/msword"})
    assert (response.status_code, response.headers["Content-Type"]) == (406, "application/problem+json")
    for kind in KINDS:
        assert kind.media_type in response.json()["detail"]


@pytest.mark.parametrize("query", ["country=ZZ", "from=abc", "page=2", "fields=slug", "facets=1"])
@pytest.mark.parametrize("headers", [{}, {"accept": "text/csv"}])
def test_what_is_wrong_is_told_as_json_whatever_was_asked_for(client, query, headers):
    make_practice()
    address = f"{LIST}?{query}{'' if headers else '&format=csv'}"
    response = client.get(address, headers=headers)
    assert (response.status_code, response.headers["Content-Type"]) == (400, "application/problem+json")
    assert query.partition("=")[0] in {error["field"] for error in response.json()["errors"]}


def test_a_file_that_is_there_already_costs_nothing(client):
    make_practice()
    tag = client.get(LIST, {"format": "csv"}).headers["ETag"]
    assert client.get(LIST, {"format": "csv"}, headers={"if-none-match": tag}).status_code == 304
    assert client.get(LIST, {"format": "bib"}, headers={"if-none-match": tag}).status_code == 200
    make_practice()
    assert client.get(LIST, {"format": "csv"}, headers={"if-none-match": tag}).status_code == 200


def links(page: str) -> dict[str, str]:
    """Return label → address of the links to files."""
    found = re.findall(r'<a href="([^"]*format=[^"]*)" type="[^"]+" rel="nofollow">([^<]+)</a>', page)
    return {label: unescape(address) for address, label in found}


def test_a_list_page_links_exactly_its_list_in_every_format(client):
    make_practice(slug="a", countries=("PH",))
    make_practice(slug="b", countries=("IT",))
    page = client.get("/practices/?country=ph&page=1&q=&ordering=title").content.decode()
    found = links(page)
    assert list(found) == [kind.label for kind in KINDS]
    assert slugs(found["CSV"], client) == ["a"]
    assert found["CSV"] == "/api/v1/practices/?country=ph&ordering=title&format=csv"
    features = json.loads(body(client.get(found["GeoJSON"])))["features"]
    assert [feature["id"] for feature in features] == ["a"]
    assert links(client.get("/practices/").content.decode())["RIS"] == "/api/v1/practices/?format=ris"


def test_a_practice_links_itself_in_every_format(client):
    make_practice(slug="a")
    make_practice(slug="b")
    found = links(client.get("/practices/a/").content.decode())
    assert list(found) == [kind.label for kind in KINDS]
    for kind in KINDS:
        assert found[kind.label] == f"/api/v1/practices/a/?format={kind.name}"
        assert client.get(found[kind.label]).headers["Content-Type"] == kind.content_type
    assert slugs(found["CSV"], client) == ["a"]


# The memory that a long list takes is measured by benchmarks/downloads.py; this is what it rests on.
@pytest.mark.parametrize("kind", KINDS, ids=FORMATS)
def test_a_list_is_streamed_and_asks_no_more_for_a_longer_one(client, kind, django_assert_max_num_queries):
    make_practice()
    client.get(LIST)
    for _ in range(3):
        response = client.get(LIST, {"format": kind.name})
        assert response.streaming
        with django_assert_max_num_queries(14):
            body(response)
        make_practice(countries=("PH",))
