"""Tables with a row for each place, lesson or participation of a list of practices."""

import csv
import io

import pytest

from practices.exchange.child_tables import CHILD_TABLES
from tests.factories import make_actor, make_country, make_practice

pytestmark = pytest.mark.django_db

FILES = "/api/v1/files/tables/"


@pytest.fixture
def collection() -> None:
    make_country("NA", "Namibia")
    make_actor("naga", "cities", name="City of Naga", acronym="LGU")
    practice = make_practice(
        "=Bonds", slug="a", countries=("NA", "IT"), actors=("naga", "atikha"), lessons=("Ask.", "-Wait.")
    )
    practice.places.filter(order=1).update(name="Windhoek", latitude="-22.559", longitude="17.083")
    practice.participations.filter(order=1).update(role="lead", group="City")
    make_practice("Zeal", slug="b", countries=("IT",), lessons=("Go.",))
    make_practice("Canary", slug="draft", status="draft", countries=("IT",), lessons=("Canary.",))


def table(client, address: str) -> list[dict[str, str]]:
    response = client.get(FILES + address)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    return list(csv.DictReader(io.StringIO(response.getvalue().decode(), newline="")))


def test_each_place_has_a_row_with_numbers(client, collection):
    rows = table(client, "places.csv?ordering=title")
    assert [list(row.values()) for row in rows] == [
        ["a", "'=Bonds", "Windhoek", "NA", "Namibia", "-22.559", "17.083"],
        ["a", "'=Bonds", "", "IT", "Country IT", "", ""],
        ["b", "Zeal", "", "IT", "Country IT", "", ""],
    ]


def test_each_lesson_has_a_row_with_its_address(client, collection):
    rows = table(client, "lessons.csv?ordering=title")
    site = "http://testserver/practices"
    assert [list(row.values()) for row in rows] == [
        ["a", "'=Bonds", "1", f"{site}/a/#lesson-1", "en", "Ask."],
        ["a", "'=Bonds", "2", f"{site}/a/#lesson-2", "en", "'-Wait."],
        ["b", "Zeal", "1", f"{site}/b/#lesson-1", "en", "Go."],
    ]


def test_each_participation_has_a_row(client, collection):
    rows = table(client, "participations.csv")
    assert [list(row.values()) for row in rows] == [
        ["a", "'=Bonds", "naga", "City of Naga", "LGU", "cities", "lead", "City", ""],
        ["a", "'=Bonds", "atikha", "Atikha", "", "", "partner", "", ""],
    ]


def test_a_table_has_the_practices_that_the_filters_find(client, collection):
    assert {row["practice"] for row in table(client, "lessons.csv?country=NA")} == {"a"}
    assert table(client, "places.csv?country=NA&theme=") != []
    assert table(client, "lessons.csv?q=zeal&kind=practice")[0]["practice"] == "b"


@pytest.mark.parametrize("name", CHILD_TABLES)
def test_an_empty_table_has_its_columns(client, name):
    lines = client.get(f"{FILES}{name}.csv").getvalue().decode().splitlines()
    assert lines == [",".join(("practice", "practice_title", *CHILD_TABLES[name].columns))]


@pytest.mark.parametrize(
    ("address", "status"), [("nothing.csv", 404), ("places.xlsx", 404), ("places.csv?country=ZZ", 400)]
)
def test_a_table_that_is_not_there_is_a_problem(client, collection, address, status):
    response = client.get(FILES + address)
    assert (response.status_code, response.headers["Content-Type"]) == (status, "application/problem+json")
