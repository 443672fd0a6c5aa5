"""The order of what was found: where the words stand, the very words first, and then the newest."""

from datetime import UTC, datetime

import pytest
from pyroaring import BitMap

from practices.models import Practice, Synonym
from tests.factories import make_actor, make_country, make_practice, make_theme
from tests.search.asking import ask, ranked

pytestmark = pytest.mark.django_db
DAYS = [datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 10)]
NAMES = {
    "actor": lambda row: row.participations.create(order=1, actor=make_actor("a", name="Bonds")),
    "place": lambda row: row.places.create(order=1, country=make_country("PH"), name="Bonds"),
    "country": lambda row: row.places.create(order=1, country=make_country("ZZ", "Bonds")),
    "theme": lambda row: row.themes.add(make_theme("b", name="Bonds")),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_title_comes_before_names_and_those_before_summary_and_lessons_and_those_before_the_rest(name):
    """The better match is the older and the longer one."""
    more = " ".join(f"other{number}" for number in range(40))
    make_practice(f"Bonds {more}"[:250], slug="title", story=more, published_at=DAYS[0])
    NAMES[name](make_practice(more[:250], slug="names", story=more, published_at=DAYS[1]))
    make_practice(slug="summary", summary=f"{more} about bonds.", published_at=DAYS[2])
    make_practice(slug="story", story="Bonds. " * 5, published_at=DAYS[3])
    assert ranked("bonds") == ["title", "names", "summary", "story"]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"summary": "Bonds and others"}, {"story": "Bonds, bonds, bonds."}),
        ({"lessons": ("Bonds and others",)}, {"story": "Bonds, bonds, bonds."}),
        ({"lessons": ("Bonds and others",)}, {"sources": ("Bonds, bonds, bonds.",)}),
    ],
)
def test_summary_and_lessons_come_before_story_and_sources(better, worse):
    make_practice("Title", slug="better", published_at=DAYS[0], **better)
    make_practice("Title", slug="worse", published_at=DAYS[1], **worse)
    assert ranked("bonds") == ["better", "worse"]


def test_all_words_in_the_title_come_before_one_there_and_one_below():
    make_practice("Migrants’ bonds of old", slug="both", published_at=DAYS[0])
    make_practice("Bonds", slug="one", summary="Migrants, migrants", published_at=DAYS[1])
    make_practice("Bonds", slug="far", story="Migrants, migrants", published_at=DAYS[2])
    assert ranked("migrants bonds") == ["both", "one", "far"]


def test_within_a_tier_the_engine_ranks_what_says_it_more_often():
    more = " ".join(f"other{number}" for number in range(30))
    make_practice("Same", slug="often", summary=f"Bonds bonds bonds bonds {more}", published_at=DAYS[0])
    make_practice("Same", slug="once", summary=f"Bonds more more more {more}", published_at=DAYS[1])
    assert ranked("bonds") == ["often", "once"]


def test_the_very_word_in_a_source_comes_before_another_word_in_the_title():
    Synonym.objects.create(words="seafarers, sailors")
    make_practice("Seafarers", slug="synonym", published_at=DAYS[1])
    make_practice("Title", slug="itself", sources=("Sailors",), published_at=DAYS[0])
    assert ranked("sailors") == ["itself", "synonym"]


def test_a_phrase_is_ranked_by_where_it_stands_together():
    make_practice("Unions and credit", slug="below", story="A credit union.", published_at=DAYS[1])
    make_practice("Credit unions", slug="title", published_at=DAYS[0])
    assert ranked('"credit union"') == ["title", "below"]


def test_what_must_not_be_there_does_not_change_the_order():
    make_practice("Bonds", slug="title", published_at=DAYS[0])
    make_practice("Title", slug="story", story="Bonds", published_at=DAYS[1])
    make_practice("Bonds in cities", slug="unwanted", published_at=DAYS[2])
    assert ranked("bonds -cities") == ["title", "story"]


# Ties --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["twin", "twin tower", "", "-xylophone", "twin xylophone"])
def test_equals_are_ordered_newest_first_and_then_by_the_characters_of_the_title(text):
    for title in ("b", "a", "B", "É"):
        make_practice(title, slug=f"t{ord(title)}", summary="Twin tower", published_at=DAYS[0])
    make_practice("z", slug="newest", summary="Twin tower", published_at=DAYS[1])
    assert ranked(text) == ["newest", *(f"t{ord(title)}" for title in "BabÉ")]


def test_what_the_other_parameters_leave_is_ordered_too():
    make_practice("Bonds", slug="title", kind="personal_story")
    make_practice("Title", slug="story", story="Bonds", kind="personal_story", published_at=DAYS[8])
    make_practice("Bonds", slug="other")
    answer = ask("bonds")
    stories = Practice.objects.filter(kind="personal_story")
    order = list(answer.in_order(BitMap(stories.values_list("pk", flat=True))))
    assert order == [Practice.objects.get(slug=slug).pk for slug in ("title", "story")]


def test_a_search_stays_behind_the_door():
    make_practice(slug="shown", title="Bonds")
    hidden = make_practice(slug="hidden", title="Bonds")
    Practice.objects.filter(pk=hidden.pk).update(status="draft")  # past the signals: still in the index
    assert ranked("bonds") == ["shown"]
    assert ranked("bonds xylophone") == ["shown"]


@pytest.mark.parametrize("count", [1, 3])
def test_the_order_costs_a_query_for_each_place_that_is_looked_at(django_assert_num_queries, count):
    for _number in range(count):
        make_practice("Bonds")
    answer = ask("bonds")
    assert answer.catalogue.places
    # 1. those with the word in the title: all of them
    with django_assert_num_queries(1):
        assert len(list(answer.in_order(answer.keys))) == count


def test_of_many_only_what_is_asked_for_is_ranked(django_assert_num_queries):
    make_practice("Bonds")
    make_practice(summary="Bonds")
    answer = ask("bonds")
    assert answer.catalogue.places
    # 1. those with the word in the title
    with django_assert_num_queries(1):
        next(answer.in_order(answer.keys))
    # 1. title  2. names  3. summary and lessons
    with django_assert_num_queries(3):
        assert len(list(answer.in_order(answer.keys))) == 2
