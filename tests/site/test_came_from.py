"""Links from a practice back to the results and on to its neighbours."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from practices.index.list_items import LIST_ITEMS
from tests.factories import make_practice
from tests.html import get, head_links, links, plain

pytestmark = pytest.mark.django_db

HOME = "http://testserver"
IN = "?in=country%3DPH%26ordering%3Dtitle"


@pytest.fixture
def shelf() -> None:
    """Four published practices, three of them in the Philippines, and a draft between them."""
    for title in ("Apples", "Bread", "Dates"):
        make_practice(title, slug=title.lower(), countries=("PH",), story=f"{title} and fruit.")
    make_practice("Cheese", slug="cheese", countries=("PH",), story="Fruit.", status="draft")
    make_practice("Eggs", slug="eggs", countries=("IT",), story="Fruit.")


def steps(page: str) -> list[tuple[str, str]]:
    """Return the links to the results and neighbours, above the title and below the page."""
    found = re.findall(r'<nav class="(?:wrap crumbs steps|steps-below)".*?</nav>', page, re.DOTALL)
    return [
        (unescape(to), plain(words).removeprefix("‹ "))
        for nav in found
        for to, words in re.findall(r'<a [^>]*?href="([^"]*)">(.*?)</a>', nav, re.DOTALL)
    ]


def test_whoever_came_from_results_goes_back_to_them_and_on_to_their_neighbours(client, shelf):
    page = get(client, f"/practices/bread/{IN}")
    back = ("/practices/?country=PH&ordering=title", "Back to 3 results")
    assert steps(page) == [
        back,
        (f"/practices/apples/{IN}", "Previous Apples"),
        (f"/practices/dates/{IN}", "Next Dates"),
        (f"/practices/apples/{IN}", "Previous Apples"),
        (f"/practices/dates/{IN}", "Next Dates"),
        back,
    ]
    assert "<span>2 of 3</span>" in page


@pytest.mark.parametrize(("slug", "only"), [("apples", "Next Bread"), ("dates", "Previous Bread")])
def test_at_either_end_of_the_results_there_is_one_neighbour(client, shelf, slug, only):
    assert [words for _to, words in steps(get(client, f"/practices/{slug}/{IN}"))][1:-2] == [only]


def test_results_of_a_search_keep_the_order_of_the_search(client, shelf):
    listed = re.findall(r'<h3><a href="([^"]+)"', get(client, "/practices/?q=fruit"))
    assert len(listed) == 4
    walked = [listed[0]]
    while on := [to for to, words in steps(get(client, walked[-1])) if words.startswith("Next ")]:
        walked += on[:1]
    assert walked == listed


def test_the_way_back_leads_to_the_page_of_the_list_one_came_from(client, monkeypatch, shelf):
    monkeypatch.setattr("practices.site.practice.PAGE_SIZE", 2)
    assert steps(get(client, f"/practices/dates/{IN}"))[0] == (
        "/practices/?country=PH&ordering=title&page=2",
        "Back to 3 results",
    )


def test_a_single_result_has_a_way_back_and_no_neighbours(client, shelf):
    assert steps(get(client, "/practices/eggs/?in=country%3DIT")) == [
        ("/practices/?country=IT", "Back to 1 result")
    ]


def test_of_the_parameters_of_a_list_only_those_known_are_kept(client, shelf):
    page = get(
        client, "/practices/eggs/?in=country%3DIT%26kind%3D%26page%3D7%26in%3Dx%26next%3D//evil.example"
    )
    assert steps(page)[0][0] == "/practices/?country=IT"


@pytest.mark.parametrize(
    "asked",
    [
        "",
        "x",
        "page=2",
        "next=//evil.example",
        "country=ZZ",
        "kind=book",
        "from=2010&to=2009",
        "country=IT",  # a list without this practice
        "q=%00",
        "q=nothingofthekind",
        "country=PH&" * 91,  # 1,001 characters
        "&" * 999,
        "//evil.example",
    ],
)
def test_results_that_are_none_are_ignored_without_a_word(client, shelf, asked):
    response = client.get("/practices/bread/", {"in": asked})
    assert response.status_code == 200
    assert response.content == client.get("/practices/bread/").content


def test_the_draft_between_them_is_no_neighbour(client, shelf):
    make_practice("Fruit", slug="fruit", countries=("PH",))
    assert "cheese" not in get(client, f"/practices/bread/{IN}").lower()


def test_with_the_results_too_the_own_address_is_the_plain_one(client, shelf):
    assert head_links(get(client, f"/practices/bread/{IN}"))[0] == (
        "canonical",
        f"{HOME}/practices/bread/",
    )


def test_the_cards_of_a_narrowed_list_take_the_list_along_and_those_of_the_whole_do_not(client, shelf):
    def cards(query: str) -> list[str]:
        return re.findall(r'<h3><a href="([^"]+)"', get(client, f"/practices/{query}"))

    assert cards("?country=PH&ordering=title&page=1") == [
        f"/practices/{slug}/{IN}" for slug in ("apples", "bread", "dates")
    ]
    assert cards("?ordering=title")[0] == "/practices/apples/"


def test_the_passage_of_a_card_takes_the_list_along_to_the_lesson(client):
    make_practice(slug="a", lessons=("Weave on looms.",))
    page = get(client, "/practices/?q=looms")
    assert links(page, "/practices/a/")[1] == ("/practices/a/?in=q%3Dlooms#lesson-1", "Lesson 1")


@pytest.mark.parametrize(("rows", "costs"), [(1, 1), (2, 2), (5, 2)])
def test_the_way_through_the_results_costs_one_query_for_any_number_of_them(client, rows, costs):
    for number in range(rows):
        make_practice(f"Apples {number}", slug=f"a-{number}", countries=("PH",))
    get(client, "/practices/a-0/?in=country%3DPH%26ordering%3Dtitle")
    LIST_ITEMS._values.clear()
    # the content version; the cards of the neighbours, where there are any
    with CaptureQueriesContext(connection) as asked:
        get(client, "/practices/a-0/?in=country%3DPH%26ordering%3Dtitle")
    assert len(asked) == costs
