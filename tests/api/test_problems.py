"""Pages of the API's list, and its errors: problem documents after RFC 9457."""

import pytest
from django.test import Client

from practices.api.parameters import COMMON, PAGING
from practices.api.practices import JSON_ONLY
from practices.listing.filters import PracticeFilter
from tests.factories import make_country, make_practice

pytestmark = pytest.mark.django_db

LIST = "/api/v1/practices/"


@pytest.fixture
def five() -> None:
    """Practices 1 to 5 in the order of their titles; the even ones in Italy."""
    for number in range(1, 6):
        make_practice(f"Title {number}", slug=f"p{number}", countries=("IT",) if number % 2 == 0 else ("PH",))


def page(client, address: str) -> tuple:
    """Count, next, previous and the slugs."""
    found = client.get(address).json()
    return found["count"], found["next"], found["previous"], [row["slug"] for row in found["results"]]


def test_links_to_the_pages_beside_keep_the_filters(client, five):
    query = "country=PH&country=it&ordering=title&page_size=2"
    link = f"http://testserver{LIST}?country=PH&country=it&ordering=title"
    assert page(client, f"{LIST}?{query}") == (5, f"{link}&page=2&page_size=2", None, ["p1", "p2"])
    assert page(client, f"{LIST}?{query}&page=2") == (
        5,
        f"{link}&page=3&page_size=2",
        f"{link}&page_size=2",
        ["p3", "p4"],
    )
    assert page(client, f"{LIST}?{query}&page=3") == (5, None, f"{link}&page=2&page_size=2", ["p5"])


def test_following_next_shows_every_practice_once(client, five):
    address, slugs = f"{LIST}?page_size=2&ordering=title", []
    while address:
        _count, address, _previous, more = page(client, address)
        slugs += more
    assert slugs == ["p1", "p2", "p3", "p4", "p5"]


@pytest.mark.parametrize(("query", "rows"), [("", 20), ("?page_size=100", 21), ("?page_size=1", 1)])
def test_a_page_holds_twenty_rows_or_what_is_asked_for(client, query, rows):
    for _number in range(21):
        make_practice()
    assert len(client.get(LIST + query).json()["results"]) == rows


def test_an_empty_list_has_one_empty_page(client, db):
    assert page(client, LIST) == (0, None, None, [])


CODES = {
    "Enter": "invalid_number",
    "“book": "unknown_value",
    "“<b>”": "unknown_value",
    "“From": "range_reversed",
}


@pytest.mark.parametrize(
    ("query", "field", "value", "message"),
    [
        ("page=0", "page", "0", "Enter a number of at least 1."),
        ("page=-1", "page", "-1", "Enter a number of at least 1."),
        ("page=abc", "page", "abc", "Enter a number of at least 1."),
        ("page=last", "page", "last", "Enter a number of at least 1."),
        ("page=1.0", "page", "1.0", "Enter a number of at least 1."),
        ("page=%D9%A1", "page", "١", "Enter a number of at least 1."),
        ("page_size=0", "page_size", "0", "Enter a number from 1 to 100."),
        ("page_size=101", "page_size", "101", "Enter a number from 1 to 100."),
        ("page_size=abc", "page_size", "abc", "Enter a number from 1 to 100."),
        ("page_size=" + "9" * 5000, "page_size", "9" * 5000, "Enter a number from 1 to 100."),
        ("facets=yes", "facets", "yes", "Enter 1 or 0."),
        (
            "kind=practice&kind=book",
            "kind",
            "practice, book",
            "“book” is not a valid choice. Accepted: practice, thinking_point, personal_story.",
        ),
        (
            "from=2015&to=2014",
            "from",
            "2015",
            "“From year” (2015) must not be later than “To year” (2014).",
        ),
        (
            "country=%3Cb%3E",
            "country",
            "<b>",
            "“<b>” is not a valid choice. Accepted: ISO 3166-1 alpha-2 codes, such as PH.",
        ),
    ],
)
def test_a_wrong_value_is_a_problem_that_names_the_field(client, five, query, field, value, message):
    response = client.get(f"{LIST}?{query}")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()) == (
        400,
        {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "code": "invalid_parameters",
            "errors": [
                {
                    "field": field,
                    "value": value,
                    "code": "unknown_value" if field == "facets" else CODES[message[:5]],
                    "message": message,
                }
            ],
            "detail": f"{field}: {message}",
        },
    )


def test_all_wrong_values_are_reported_at_once(client, db):
    make_country("PH")
    problem = client.get(f"{LIST}?country=ZZ&kind=book&country=PH").json()
    assert [(entry["field"], entry["value"]) for entry in problem["errors"]] == [
        ("country", "ZZ, PH"),
        ("kind", "book"),
    ]
    assert problem["detail"] == (
        "country: “ZZ” is not a valid choice. Accepted: ISO 3166-1 alpha-2 codes, such as PH. "
        "kind: “book” is not a valid choice. Accepted: practice, thinking_point, personal_story."
    )


def not_found(detail: str, code: str = "not_found") -> dict:
    return {"type": "about:blank", "title": "Not Found", "status": 404, "code": code, "detail": detail}


@pytest.mark.parametrize("query", ["page=2", "page=999999999999", "country=IT&page=2"])
def test_a_page_that_is_not_there_is_a_problem(client, five, query):
    response = client.get(f"{LIST}?{query}")
    assert response.headers["Content-Type"] == "application/problem+json"
    asked, last = query.split("page=")[1], 1
    expected = not_found(f"There is no page {asked}. The last page is {last}.", "no_such_page")
    assert (response.status_code, response.json()) == (404, expected)


@pytest.mark.parametrize("slug", ["draft", "in_review", "archived", "unknown"])
def test_what_is_not_published_answers_like_what_does_not_exist(client, db, slug):
    for status in ("draft", "in_review", "archived", "published"):
        make_practice(slug=status, status=status)
    response = client.get(f"{LIST}{slug}/")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()) == (
        404,
        not_found(f"There is no practice “{slug}”."),
    )


@pytest.mark.parametrize(
    "address",
    ["nothing/", "practices/a/b/", "practices/%00/", "practices.json", "admin/", "themes/%0A/"],
)
def test_an_unknown_address_below_the_api_is_a_problem(client, db, address):
    response = client.get(f"/api/v1/{address}")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()) == (
        404,
        not_found("There is nothing at this address. The API starts at /api/v1/.", "unknown_address"),
    )


@pytest.mark.parametrize(
    "address",
    ["/api", "/api/", "/api/v2/practices/", "/api/v1/nothing/", "/api/v1/nothing", "/api/v1/a/b/"],
)
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options", "trace"])
def test_an_unknown_address_is_a_problem_for_every_method(db, address, method):
    asking = Client(enforce_csrf_checks=True)
    response = getattr(asking, method)(address, headers={"origin": "https://elsewhere.example"})
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert method == "head" or response.json()["code"] == "unknown_address"
    assert response.cookies == {}


SLASHLESS = [
    "", "/practices", "/practices/p1", "/lessons", "/lessons/p1/1", "/removed", "/actors", "/actors/naga",
    "/countries", "/countries/PH", "/themes", "/objectives/sdg-10.7", "/publications", "/schema", "/docs",
]  # fmt: skip


@pytest.mark.parametrize("address", SLASHLESS)
def test_an_address_without_its_slash_leads_to_the_right_one(client, db, address):
    for method in ("get", "head"):
        response = getattr(client, method)(f"/api/v1{address}?q=a%20b&page=1")
        assert (response.status_code, response.headers["Location"]) == (
            308,
            f"/api/v1{address}/?q=a%20b&page=1",
        )
    if address:
        assert response.headers["Access-Control-Allow-Origin"] == "*"
        assert response.headers["Cache-Control"].startswith("public, ")


@pytest.mark.parametrize("address", SLASHLESS)
@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_other_methods_are_refused_with_and_without_the_slash(db, address, slash, method):
    asking = Client(enforce_csrf_checks=True)
    response = getattr(asking, method)(f"/api/v1{address}{slash}")
    assert (response.status_code, response.headers["Content-Type"]) == (405, "application/problem+json")
    assert response.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("address", SLASHLESS[1:])
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_browser_may_ask_beforehand_with_and_without_the_slash(client, db, address, slash):
    response = client.options(f"/api/v1{address}{slash}")
    assert (response.status_code, response.headers["Allow"]) == (204, "GET, HEAD, OPTIONS")
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["/api/v1/", LIST, f"{LIST}p1/"])
def test_the_api_only_reads(client, five, method, address):
    response = getattr(client, method)(address, data="{}", content_type="application/json")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.headers["Allow"].replace("HEAD, ", "") == "GET, OPTIONS"
    assert (response.status_code, response.json()) == (
        405,
        {
            "type": "about:blank",
            "title": "Method Not Allowed",
            "status": 405,
            "code": "method_not_allowed",
            "detail": "The API is read-only. Use GET or HEAD.",
        },
    )


def test_a_format_that_is_not_made_is_a_problem(client, five):
    response = client.get(LIST, headers={"accept": "image/png"})
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()["title"]) == (406, "Not Acceptable")
    assert "text/csv (format=csv)" in response.json()["detail"]


JSON, CSV, LINES = "application/json", "text/csv; charset=utf-8", "application/jsonl"


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json; charset=utf-8", JSON),
        ("application/json;charset=UTF-8", JSON),
        ("APPLICATION/JSON", JSON),
        ("application/problem+json", JSON),
        ("application/json, application/problem+json", JSON),
        ("text/html", JSON),
        ("text/html;q=0.5, text/csv", CSV),
        ("text/csv; charset=utf-8", CSV),
        ("text/csv; header=present", CSV),
        ("text/*", CSV),
        ("text/csv;q=0.5, application/json;q=0.4", CSV),
        ("text/csv;q=0.4, application/json;q=0.5", JSON),
        ("text/csv, */*", CSV),
        ("*/*, text/csv;q=0", JSON),
        ("application/json;q=0, */*;q=0.1", CSV),
        ("*", JSON),
        ("", JSON),
        (" , ", JSON),
        ("text/html, image/gif, *; q=.2, */*; q=.2", JSON),
        ("application/x-ndjson", LINES),
        ("application/jsonl;q=nonsense", LINES),
        ("application/geo+json; charset=utf-8", "application/geo+json"),
        ("application/vnd.geo+json", "application/geo+json"),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', "application/ld+json"),
        ("application/json;a*=nonsense''b, text/csv", CSV),
        ("text/csv," + "x/y," * 20_000, CSV),
    ],
)
def test_the_accept_header_is_read_by_its_types(client, five, accept, content_type):
    response = client.get(LIST, headers={"accept": accept})
    assert (response.status_code, response.headers["Content-Type"]) == (200, content_type)


@pytest.mark.parametrize(
    "accept", ["image/*", "application/json;q=0", "application/pdf; q=1", "json", "a/b/c"]
)
def test_a_media_type_that_is_not_made_lists_those_that_are(client, five, accept):
    for address in (LIST, "/api/v1/lessons/", f"{LIST}p1/"):
        problem = client.get(address, headers={"accept": accept})
        assert (problem.status_code, problem.json()["code"]) == (406, "not_acceptable")
        assert "application/json (format=json)" in problem.json()["detail"]


def test_hundreds_of_unknown_parameters_get_a_short_answer(client, db):
    query = "&".join(f"wrong{number}=x" for number in range(600))
    response = client.get(f"{LIST}?{query}&page=0")
    problem = response.json()
    assert (response.status_code, len(problem["errors"])) == (400, 22)
    assert {entry["code"] for entry in problem["errors"]} == {"unknown_parameter", "invalid_number"}
    assert problem["errors"][20]["message"] == "This parameter and 579 others do not exist."
    assert len(response.content) < 30_000


@pytest.mark.parametrize("name", ["country[]", "country[0]", "fields[]", "country[a]"])
def test_brackets_after_a_name_are_told_how_to_send_several_values(client, db, name):
    [error] = client.get(LIST, {name: "PH"}).json()["errors"]
    plain = name.split("[")[0]
    message = f"Remove the brackets: repeat {plain}, or separate its values with commas."
    assert (error["field"], error["code"], error["message"]) == (name, "unknown_parameter", message)


@pytest.mark.parametrize("name", ["q[]", "page[0]", "from[a]", "updated_since[][x]"])
def test_brackets_after_the_name_of_one_value_are_told_to_be_left_out(client, db, name):
    [error] = client.get(LIST, {name: "1"}).json()["errors"]
    message = f"Remove the brackets: send {name.split('[')[0]} once."
    assert (error["field"], error["code"], error["message"]) == (name, "unknown_parameter", message)


EMPTY = {
    LIST: (*PracticeFilter.base_filters, *COMMON, *JSON_ONLY),
    "/api/v1/lessons/": (*PracticeFilter.base_filters, *COMMON, *PAGING, "facets", "fields"),
    "/api/v1/actors/": (*COMMON, *PAGING, "fields", "q", "actor_type", "country"),
    "/api/v1/removed/": (*COMMON, "cursor", "updated_since", "page_size"),
    f"{LIST}p1/": (*COMMON, "fields"),
    "/api/v1/schema/": COMMON,
}


@pytest.mark.parametrize("empty", ["", " "])
@pytest.mark.parametrize("address", EMPTY)
def test_an_empty_value_asks_for_nothing(client, five, address, empty):
    plain = client.get(address).json()
    for name in EMPTY[address]:
        response = client.get(address, {name: empty})
        assert (name, response.status_code) == (name, 200)
        assert (name, response.json() == plain) == (name, True)


def test_empty_values_go_together_with_a_cursor_and_a_format(client, five):
    empty = {"page": "", "ordering": "", "facets": ""}
    assert client.get(LIST, {"cursor": "0", **empty}).status_code == 200
    assert client.get(LIST, {"format": "csv", **empty, "cursor": "", "updated_since": ""}).status_code == 200


def test_an_address_that_is_too_long_has_a_code_of_its_own(client, db):
    response = client.get(f"{LIST}?q={'a' * 8_000}")
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.status_code, response.json()["code"]) == (414, "address_too_long")


def test_a_plus_that_became_a_space_is_explained(client, db):
    for address in (LIST, "/api/v1/removed/"):
        [error] = client.get(f"{address}?updated_since=2026-11-23T00:00:00+02:00").json()["errors"]
        assert (error["code"], "%2B" in error["message"]) == ("invalid_moment", True)


@pytest.mark.parametrize("digits", ["9" * 26, "9" * 100])
def test_the_number_of_a_page_is_never_cut(client, db, digits):
    assert client.get(LIST, {"page": digits}).json()["detail"].startswith(f"There is no page {digits}. ")


def test_a_very_long_number_of_a_page_shows_that_it_was_cut(client, db):
    assert f"{'9' * 99}…." in client.get(LIST, {"page": "9" * 5_000}).json()["detail"]


def test_a_browser_gets_json(client, five):
    response = client.get(LIST, headers={"accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["count"] == 5
