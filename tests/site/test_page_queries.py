"""The number of queries of each page, the same whatever it shows."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from practices.models import Practice
from tests.factories import make_actor, make_country, make_practice, make_publication, make_region, make_theme

pytestmark = pytest.mark.django_db


def make_related_practices(rows: int) -> None:
    """Rows with every relation, some of them not shared, so that a missing prefetch shows."""
    for number in range(rows):
        region = make_region(f"{number:03}", f"Region {number}", make_region("900", "Continent"))
        make_country(own := f"Q{chr(65 + number)}", region=region)
        make_actor(f"actor-{number}", f"type-{number}")
        publication = make_publication(f"book-{number}", publisher=make_actor(f"publisher-{number}"))
        publication.funders.add(make_actor(f"funder-{number}"))
        publication.implementers.add(make_actor(f"implementer-{number}"))
        make_practice(
            slug=f"row-{number}", countries=("PH", own), themes=("savings", f"theme-{number}"),
            corridors=("PH-IT", f"{own}-PH"), objectives=(f"gcm-{number}",), actors=(f"actor-{number}",),
            lessons=("One.", "Two."), sources=("Here.",), publication=publication, period=f"20{10 + number}",
        )  # fmt: skip


def cards(client, address: str) -> int:
    return len(re.findall('<article class="card">', client.get(address).content.decode()))


# The first request of a content version makes the facet index; every test asks once before it counts.


@pytest.mark.parametrize("rows", [1, 3, 17])
def test_the_list_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    assert cards(client, "/practices/") == rows
    # 1 the version; 2 the cards
    with django_assert_num_queries(2):
        assert cards(client, "/practices/") == rows


@pytest.mark.parametrize("rows", [1, 3, 17])
def test_a_narrowed_list_costs_no_more(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    address = "/practices/?country=PH&actor=actor-0&ordering=title&from=2000"
    assert cards(client, address) == 1
    # 1 the version; 2 the cards
    with django_assert_num_queries(2):
        assert cards(client, address) == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_a_search_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    assert cards(client, "/practices/?q=story") == rows
    # 1 the version; 2 which words are known; 3 the practices that hold them; 4 their texts; 5 the cards
    with django_assert_num_queries(5):
        assert cards(client, "/practices/?q=story") == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_new_version_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    # the version and the cards; the facet index: the last change, 11 sets by parameter, all keys, the dated
    # ones, 6 tables of names, the order
    with django_assert_num_queries(2 + 1 + 11 + 2 + 6 + 1):
        assert cards(client, "/practices/") == rows


def test_a_list_with_a_wrong_value_costs_what_the_list_without_it_costs(client, django_assert_num_queries):
    make_related_practices(1)
    client.get("/practices/?kind=personal_story")
    # 1 the version; 2 the cards
    with django_assert_num_queries(2):
        assert cards(client, "/practices/?theme=none&kind=book") == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_home_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    assert cards(client, "/") == rows
    # 1 the version; 2 the newest; 3 lessons with their practices
    with django_assert_num_queries(3):
        assert cards(client, "/") == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_practice_page_costs_the_same_for_any_number_of_children(client, django_assert_num_queries, rows):
    make_related_practices(1)
    practice = Practice.objects.get()
    for number in range(2, rows + 1):
        practice.places.create(order=10 + number, country=make_country(f"P{number}"))
        practice.corridors.create(origin=make_country(f"O{number}"), destination=make_country(f"D{number}"))
        practice.participations.create(order=10 + number, actor=make_actor(f"more-{number}", f"t-{number}"))
        practice.themes.add(make_theme(f"more-{number}"))
        practice.lessons.create(order=10 + number, text="More.")
        practice.publication.funders.add(make_actor(f"more-funder-{number}"))
    # the version; 1 practice with publication and publisher; 2 places with countries; 3 corridors with their
    # ends; 4 themes; 5 objectives; 6 participations with actors and their types; 7 sources; 8 funders,
    # 9 implementers; 10 lessons, 11 images; 12 the rarest words that other practices share (and no more:
    # there is no other practice)
    client.get("/practices/row-0/")
    with django_assert_num_queries(13):
        page = client.get("/practices/row-0/").content.decode()
    assert page.count('<li id="lesson-') == rows + 1


@pytest.mark.parametrize("rows", [1, 3])
def test_a_theme_page_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    assert cards(client, "/themes/savings/") == rows
    # 1 the version; 2 the cards
    with django_assert_num_queries(2):
        assert cards(client, "/themes/savings/") == rows


def test_a_former_address_costs_three_queries(client, django_assert_num_queries):
    practice = make_practice(slug="first")
    practice.slug = "second"
    practice.save()
    # the version; the practice of that address: none; the former address with its practice
    with django_assert_num_queries(3):
        client.get("/practices/first/")


@pytest.mark.parametrize(
    ("address", "queries"),
    [
        ("/practices/", 1),
        ("/practices/?country=PH", 1),
        ("/practices/?q=story", 3),  # all that searches
        ("/practices/row-0/", 1),
        ("/practices/row-0/?in=country%3DPH", 1),
        ("/api/v1/practices/", 1),
        ("/api/v1/practices/?q=story&page_size=2", 3),
    ],
)
def test_what_was_shown_before_costs_little_more_than_the_version(client, address, queries):
    make_related_practices(3)
    first = client.get(address).content
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).content == first
    assert len(asked) == queries
