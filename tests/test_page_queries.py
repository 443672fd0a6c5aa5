"""What the pages cost: the same number of queries whatever they show."""

import re

import pytest

from practices.models import Practice
from tests.factories import make_actor, make_country, make_practice, make_publication, make_region, make_theme

pytestmark = pytest.mark.django_db


def make_related_practices(rows: int) -> None:
    """Rows with every relation and some of their own, so that a missing prefetch shows."""
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


# The choices of the facets, 13: countries: counts, rows; themes: counts of parts, of wholes, rows;
# corridors: counts, names; actor types: counts, rows; objectives: counts, rows; kinds; activities.
FACETS = 13


@pytest.mark.parametrize("rows", [1, 3, 17])
def test_the_list_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    # the facets; count; practices, places, their countries, themes
    with django_assert_num_queries(FACETS + 5):
        assert cards(client, "/practices/") == rows


@pytest.mark.parametrize("rows", [1, 3, 17])
def test_a_narrowed_list_costs_one_lookup_more_for_each_facet(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    # the facets; count; practices, places, countries, themes; the value PH is looked up for the list and
    # for each of the six facets but its own; the actor too, and for its own chip's words: 1 + 7 + 1
    with django_assert_num_queries(FACETS + 5 + 7 + 9):
        assert cards(client, "/practices/?country=PH&actor=actor-0") == 1


def test_a_list_with_a_wrong_value_asks_nothing_further(client, django_assert_num_queries):
    make_related_practices(1)
    # the theme is looked up; nothing else is asked
    with django_assert_num_queries(1):
        assert cards(client, "/practices/?theme=none&kind=book") == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_home_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    # newest: practices, places, countries, themes; number of practices; of lessons; countries: counts,
    # rows; themes: counts of parts, of wholes, rows; lessons with their practices
    with django_assert_num_queries(12):
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
    # 1 practice with publication and publisher; 2 places, 3 their countries; 4 corridors, 5 origins,
    # 6 destinations; 7 themes; 8 objectives; 9 participations, 10 actors, 11 their types; 12 sources;
    # 13 funders, 14 implementers; 15 lessons; related ones: 16 to 19 those that share an actor, a corridor,
    # a theme, a country; 20 the rarest words (and no more, as there is no other practice)
    with django_assert_num_queries(20):
        page = client.get("/practices/row-0/").content.decode()
    assert page.count('<li id="lesson-') == rows + 1


@pytest.mark.parametrize("rows", [1, 3])
def test_a_country_page_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    # 1 country with its region; 4 practices there (practices, places, countries, themes); 4 those whose
    # migrants live there; 2 corridors: counts, countries
    with django_assert_num_queries(11):
        assert cards(client, "/countries/PH/") == 2 * rows


@pytest.mark.parametrize("rows", [1, 3])
def test_a_theme_page_costs_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    make_theme("part", make_theme("savings"))
    # 1 theme with its whole; 4 practices, places, countries, themes; 1 parts
    with django_assert_num_queries(6):
        assert cards(client, "/themes/savings/") == rows


@pytest.mark.parametrize("rows", [1, 3])
def test_the_indexes_cost_the_same_for_any_number_of_practices(client, django_assert_num_queries, rows):
    make_related_practices(rows)
    # countries: counts, rows with their regions
    with django_assert_num_queries(2):
        client.get("/countries/")
    # themes: counts of parts, of wholes, rows; and the rows of the two schemes with their definitions
    with django_assert_num_queries(5):
        client.get("/themes/")


def test_a_former_address_costs_two_queries(client, django_assert_num_queries):
    practice = make_practice(slug="first")
    practice.slug = "second"
    practice.save()
    # the practice of that address: none; the former address with its practice
    with django_assert_num_queries(2):
        client.get("/practices/first/")
