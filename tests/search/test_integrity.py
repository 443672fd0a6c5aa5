"""A damaged, empty or outdated index is detected, reported, answered with 503, and repaired."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils.translation import override

from practices.models import Practice
from practices.models.search import IndexedPractice
from practices.search.integrity import full_problem, quick_problem
from tests.factories import make_country, make_editor, make_practice, make_whole

pytestmark = pytest.mark.django_db
PRACTICES, LESSONS = "practices_indexedpractice", "practices_indexedlesson"
SEARCH = f"{PRACTICES}_search"
EMPTY = f"UPDATE {PRACTICES} SET title = '', names = '', summary_and_lessons = '', story_and_sources = ''"
FIRST = "WHERE {key} = (SELECT min({key}) FROM {table})"
HIDE = "UPDATE practices_practice SET status = 'draft' WHERE slug = 'b'"
SHOW = "UPDATE practices_practice SET status = 'published', published_at = created_at WHERE slug = 'draft'"
DAMAGE = {
    "sqlite": {
        "pages are missing": [f"DELETE FROM {PRACTICES}_search_data WHERE id > 10"],
        "all pages are missing": [f"DELETE FROM {PRACTICES}_search_data"],
        "a page in the middle is missing": [
            f"DELETE FROM {PRACTICES}_search_data WHERE id = "
            f"(SELECT id FROM {PRACTICES}_search_data WHERE id > 10 ORDER BY id LIMIT 1 OFFSET 1)"
        ],
        "pages are blank": [f"UPDATE {PRACTICES}_search_data SET block = zeroblob(50) WHERE id > 10"],
        "rows are missing": [f"DELETE FROM {PRACTICES}_search_docsize"],
        "pages of lessons are missing": [f"DELETE FROM {LESSONS}_search_data WHERE id > 10"],
        "rows of lessons are missing": [f"DELETE FROM {LESSONS}_search_docsize"],
        "the engine is empty": [f"INSERT INTO {PRACTICES}_search ({PRACTICES}_search) VALUES ('delete-all')"],
        "texts are empty": [
            EMPTY, f"INSERT INTO {PRACTICES}_search ({PRACTICES}_search) VALUES ('rebuild')",
        ],
    },
    "postgresql": {
        "the engine is empty": [f"DELETE FROM {PRACTICES}_search"],
        "a row is missing": [f"DELETE FROM {SEARCH} {FIRST.format(key='id', table=SEARCH)}"],
        "a document in the middle is empty": [
            f"UPDATE {SEARCH} SET document = '' WHERE id = (SELECT min(id) + 1 FROM {SEARCH})"
        ],
        "documents are empty": [f"UPDATE {PRACTICES}_search SET document = ''"],
        "rows of lessons are missing": [f"DELETE FROM {LESSONS}_search"],
        "documents of lessons are empty": [f"UPDATE {LESSONS}_search SET document = ''"],
        "texts are empty": [EMPTY, f"UPDATE {PRACTICES}_search SET document = ''"],
    },
}[connection.vendor] | {
    "the index is empty": [f"DELETE FROM {LESSONS}", f"DELETE FROM {PRACTICES}"],
    "a lesson is missing": [f"DELETE FROM {LESSONS} {FIRST.format(key='lesson_id', table=LESSONS)}"],
    "a title was changed past the portal": ["UPDATE practices_practice SET title = 'Other' WHERE slug = 'b'"],
    "a practice was hidden past the portal": [HIDE],
    "one was hidden and one shown past the portal": [HIDE, SHOW],
}  # fmt: skip


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@pytest.fixture(autouse=True)
def practices() -> None:
    for slug in "abc":
        story = " ".join(f"{slug}word{number}" for number in range(250))  # some pages of the index
        make_practice(
            f"Bonds for [seafarers] {slug}", slug=slug, summary="Savings.", story=story,
            lessons=("Ask the families.", "Listen."),
        )  # fmt: skip
    make_practice("Draft", slug="draft", status="draft", lessons=("Canary.",))


def health(client) -> tuple[int, bool]:
    response = client.get("/healthz/")
    return response.status_code, json.loads(response.content)["index"]


def test_a_whole_index_has_no_problem(client):
    assert (quick_problem(), full_problem(), health(client)) == ("", "", (200, True))


def test_a_title_without_words_and_an_empty_collection_are_no_problem():
    make_practice("👩", slug="sign")
    assert (quick_problem(), full_problem()) == ("", "")
    Practice.objects.all().delete()
    assert (quick_problem(), full_problem()) == ("", "")


@pytest.mark.parametrize("damage", DAMAGE)
def test_damage_is_noticed_by_health_and_a_rebuild_heals_it(client, caplog, damage):
    run(*DAMAGE[damage])
    assert health(client) == (503, False)
    assert "run rebuild_search" in caplog.text
    call_command("rebuild_search", stdout=StringIO())
    assert (health(client), full_problem()) == ((200, True), "")


@pytest.mark.parametrize("damage", DAMAGE)
def test_an_upgrade_heals_damage(damage):
    make_country("PH")  # else the fixtures are loaded
    make_editor("rosa")
    run(*DAMAGE[damage])
    said = StringIO()
    call_command("bootstrap", stdout=said)
    assert "Indexed" in said.getvalue()
    assert full_problem() == ""
    call_command("bootstrap", stdout=(again := StringIO()))
    assert again.getvalue() == ""


def test_an_upgrade_heals_what_health_does_not_look_at():
    run("UPDATE practices_practice SET story = 'Another story.' WHERE slug = 'b'")
    assert quick_problem() == ""
    assert full_problem() == "The index row of the practice b is outdated: words, story_and_sources, passages"


@pytest.mark.parametrize(
    ("column", "value"),
    [("document", '{"slug": "b"}'), ("card", {"slug": "b"}), ("passages", []), ("words", "savings")],
)
def test_an_upgrade_rebuilds_rows_that_an_earlier_release_stored_differently(column, value):
    make_country("PH")  # else the fixtures are loaded
    make_editor("rosa")
    IndexedPractice.objects.filter(practice__slug="b").update(**{column: value})
    assert quick_problem() == ""
    assert full_problem() == f"The index row of the practice b is outdated: {column}"
    call_command("bootstrap", stdout=StringIO())
    assert full_problem() == ""


def test_rows_of_a_practice_with_every_kind_of_content_are_equal_when_they_are_made_again():
    Practice.objects.all().delete()
    make_whole()
    with override("es"):
        assert full_problem() == ""


@pytest.mark.parametrize("path", ["/practices/?q=bonds", "/lessons/?q=families", "/feed/?q=bonds"])
def test_a_page_that_needs_a_damaged_index_is_answered_with_503(path):
    break_both()
    response = Client(raise_request_exception=False).get(path)
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "The search is temporarily unavailable" in response.content.decode()


@pytest.mark.parametrize("path", ["practices/?q=bonds", "lessons/?q=families"])
def test_data_that_needs_a_damaged_index_is_answered_with_503(path):
    break_both()
    response = Client(raise_request_exception=False).get(f"/api/v1/{path}")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == ("The search is temporarily unavailable. Lists without q still work.")


@pytest.mark.one_engine  # on PostgreSQL the error ends the transaction of the test
def test_what_needs_no_index_is_served_while_it_is_damaged(client):
    break_both()
    for path in ("/", "/practices/", "/practices/a/", "/api/v1/practices/", "/lessons/"):
        assert client.get(path).status_code == 200


def break_both() -> None:
    for table in (PRACTICES, LESSONS):
        if connection.vendor == "sqlite":
            run(f"DELETE FROM {table}_search_data WHERE id > 10")
        else:
            run(f"DROP TABLE {table}_search")
