"""The order of results: exact words first, then by score."""

from datetime import UTC, datetime

import pytest
from pyroaring import BitMap

from practices.models import Practice, Synonym
from practices.search import ranking
from practices.search.ranking import rank
from tests.factories import make_actor, make_country, make_practice, make_theme
from tests.search.helpers import ask, ranked

pytestmark = pytest.mark.django_db
DAYS = [datetime(2020, 1, day, tzinfo=UTC) for day in range(1, 10)]
NAMES = {
    "actor": lambda row: row.participations.create(order=1, actor=make_actor("a", name="Bonds")),
    "place": lambda row: row.places.create(order=1, country=make_country("PH"), name="Bonds"),
    "country": lambda row: row.places.create(order=1, country=make_country("QY", "Bonds")),
    "theme": lambda row: row.themes.add(make_theme("b", name="Bonds")),
}


@pytest.mark.parametrize("name", NAMES)
def test_the_title_comes_before_names_and_those_before_summary_and_lessons_and_those_before_the_rest(name):
    """The better match is the older and the longer one."""
    more = " ".join(f"other{number}" for number in range(40))
    make_practice(f"Bonds {more}"[:250], slug="title", story=more, published_at=DAYS[0])
    NAMES[name](make_practice(more[:250], slug="names", story=more, published_at=DAYS[1]))
    make_practice(slug="summary", summary=f"{more} about bonds.", published_at=DAYS[2])
    make_practice(slug="story", story="Bonds.", published_at=DAYS[3])
    assert ranked("bonds") == ["title", "names", "summary", "story"]


@pytest.mark.parametrize("better", [{"summary": "Bonds and others"}, {"lessons": ("Bonds and others",)}])
@pytest.mark.parametrize("worse", [{"story": "Bonds and others"}, {"sources": ("Bonds and others",)}])
def test_summary_and_lessons_come_before_story_and_sources(better, worse):
    make_practice("Title", slug="better", published_at=DAYS[0], **better)
    make_practice("Title", slug="worse", published_at=DAYS[1], **worse)
    assert ranked("bonds") == ["better", "worse"]


def test_a_story_that_is_all_about_it_comes_before_a_summary_that_names_it():
    make_practice("Title", slug="summary", summary="Bonds and others", published_at=DAYS[1])
    make_practice("Title", slug="story", story="Bonds, bonds and bonds.", published_at=DAYS[0])
    assert ranked("bonds") == ["story", "summary"]


def test_all_words_in_the_title_come_before_one_there_and_one_below():
    make_practice("Migrants’ bonds of old", slug="both", published_at=DAYS[0])
    make_practice("Bonds", slug="one", summary="Migrants, migrants", published_at=DAYS[1])
    make_practice("Bonds", slug="far", story="Migrants, migrants", published_at=DAYS[2])
    assert ranked("migrants bonds") == ["both", "one", "far"]


def test_what_says_it_more_often_comes_first():
    more = " ".join(f"other{number}" for number in range(30))
    make_practice("Same", slug="often", summary=f"Bonds bonds bonds bonds {more}", published_at=DAYS[0])
    make_practice("Same", slug="once", summary=f"Bonds more more more {more}", published_at=DAYS[1])
    assert ranked("bonds") == ["often", "once"]


def test_of_two_that_say_it_as_often_the_shorter_comes_first():
    more = " ".join(f"other{number}" for number in range(90))
    make_practice("Same", slug="short", story="Bonds", published_at=DAYS[0])
    make_practice("Same", slug="long", story=f"Bonds {more}", published_at=DAYS[1])
    assert ranked("bonds") == ["short", "long"]


@pytest.fixture
def five_with_lamps() -> None:
    for _number in range(5):
        make_practice("Title", story="Lamps")


@pytest.mark.usefixtures("five_with_lamps")
def test_the_term_that_fewer_practices_hold_says_more():
    make_practice("Title", slug="rare", story="Bonds, bonds and lamps", published_at=DAYS[0])
    make_practice("Title", slug="common", story="Lamps, lamps and bonds", published_at=DAYS[1])
    assert ranked("lamps bonds")[:2] == ["rare", "common"]


@pytest.mark.usefixtures("five_with_lamps")
def test_a_word_that_few_hold_says_no_more_than_its_synonym_that_many_hold():
    Synonym.objects.create(words="lamps, bulbs")
    make_practice("Title", slug="bulbs", story="Bulbs, bulbs and bonds", published_at=DAYS[1])
    make_practice("Title", slug="bonds", story="Bonds, bonds and bulbs", published_at=DAYS[0])
    assert ranked("bulbs bonds")[:2] == ["bonds", "bulbs"]


@pytest.mark.usefixtures("five_with_lamps")
def test_a_form_of_the_very_word_in_its_group_counts_no_more_than_the_word():
    Synonym.objects.create(words="bonds, bond, bonding")
    make_practice("Title", slug="bonds", story="Bonds, bonds and lamps", published_at=DAYS[1])
    assert [len(term.synonyms) for term in ask("bonds lamps").query.terms] == [0, 0]


def test_what_a_word_in_quotation_marks_says_does_not_depend_on_its_letters():
    make_practice("Work for all", slug="work")
    for text in ('"Work" blockchain', '"work" blockchain', '"WORK" blockchain'):
        assert ranked(text) == []


@pytest.mark.usefixtures("five_with_lamps")
def test_a_year_which_no_vocabulary_holds_says_no_more_than_a_rare_word():
    make_practice("Title", slug="bonds", summary="Bonds and lamps", published_at=DAYS[0])
    make_practice("Title", slug="year", story="Lamps", period="2015", published_at=DAYS[1])
    assert ranked("bonds lamps 2015")[:2] == ["bonds", "year"]


def test_both_words_some_times_come_before_one_of_them_many_times():
    make_practice("Title", slug="one", story="Bonds " * 20 + "lamps", published_at=DAYS[1])
    make_practice("Title", slug="both", story="Bonds " * 4 + "lamps " * 4, published_at=DAYS[0])
    assert ranked("bonds lamps") == ["both", "one"]


def test_a_part_of_a_longer_word_does_not_count():
    make_practice("Title", slug="whole", story="Bonds and bonds", published_at=DAYS[0])
    make_practice("Title", slug="part", story="Bonds, vagabonds", published_at=DAYS[1])
    assert ranked("bonds") == ["whole", "part"]


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


@pytest.mark.parametrize("text", ["twin", "twin tower", "", "-xylophone", "twin piano"])
def test_equals_are_ordered_newest_first_and_then_by_title_as_lists_are(text):
    for title in ("f", "b", "a", "B", "É"):
        make_practice(title, slug=f"t{ord(title)}", summary="Twin tower", published_at=DAYS[0])
    make_practice("z", slug="newest", summary="Twin tower", published_at=DAYS[1])
    assert ranked(text) == ["newest", *(f"t{ord(title)}" for title in "aBbÉf")]


def test_what_the_other_parameters_leave_is_ordered_too():
    make_practice("Bonds", slug="title", kind="personal_story")
    make_practice("Title", slug="story", story="Bonds", kind="personal_story", published_at=DAYS[8])
    make_practice("Bonds", slug="other")
    answer = ask("bonds")
    stories = Practice.objects.filter(kind="personal_story")
    order = list(rank(answer, BitMap(stories.values_list("pk", flat=True))))
    assert order == [Practice.objects.get(slug=slug).pk for slug in ("title", "story")]


def test_a_search_stays_behind_the_door():
    make_practice(slug="shown", title="Bonds")
    hidden = make_practice(slug="hidden", title="Bonds")
    Practice.objects.filter(pk=hidden.pk).update(status="draft")  # past the signals: still in the index
    assert ranked("bonds") == ["shown"]
    assert ranked("bonds piano") == ["shown"]


def test_only_the_first_are_ranked_by_all_they_say_and_of_the_others_where_it_stands(monkeypatch):
    monkeypatch.setattr(ranking, "RERANKED", 2)
    make_practice("Bonds", slug="title", published_at=DAYS[0])
    make_practice("Title", slug="summary", summary="Bonds and others", published_at=DAYS[0])
    make_practice("Title", slug="story", story="Bonds, bonds and bonds.", published_at=DAYS[0])
    assert ranked("bonds") == ["title", "summary", "story"]


def test_what_has_all_words_comes_before_many_that_have_most(monkeypatch):
    monkeypatch.setattr(ranking, "RERANKED", 1)
    make_practice("Bonds, glasses and towns", slug="all", published_at=DAYS[0])
    for number in range(3):
        make_practice("Bonds and glasses", slug=f"most-{number}", published_at=DAYS[number + 1])
    assert ranked("bonds glasses towns") == ["all", "most-2", "most-1", "most-0"]


def test_all_words_by_their_synonyms_come_before_most_of_them_in_the_title():
    Synonym.objects.create(words="towns, cities")
    make_practice("Title", slug="all", story="Bonds, lamps and cities", published_at=DAYS[0])
    make_practice("Bonds, bonds, lamps and lamps", slug="most", published_at=DAYS[1])
    assert ranked("bonds lamps towns") == ["all", "most"]


def test_of_many_that_have_most_those_with_more_come_first(monkeypatch):
    monkeypatch.setattr(ranking, "RERANKED", 1)
    make_practice("Bonds, lamps and towns", slug="all", published_at=DAYS[0])
    make_practice("Bonds and lamps", slug="two", published_at=DAYS[1])
    make_practice("Bonds", slug="one", published_at=DAYS[2])
    for _number in range(5):
        make_practice("Other")
    assert ranked("bonds lamps towns") == ["all", "two", "one"]


@pytest.mark.parametrize("count", [1, 3])
def test_few_are_ranked_in_a_query_and_for_several_terms_in_two(django_assert_num_queries, count):
    for _number in range(count):
        make_practice("Bonds and glasses")
    one, two = ask("bonds"), ask("bonds glasses")
    assert one.facet_index.positions
    # 1. the texts
    with django_assert_num_queries(1):
        assert len(list(rank(one, one.pks))) == count
    # 1. the texts  2. how many practices hold each word, if there are two to compare
    with django_assert_num_queries(1 if count == 1 else 2):
        assert len(list(rank(two, two.pks))) == count


def test_of_more_than_a_page_only_what_is_asked_for_is_ranked(django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(ranking, "RERANKED", 1)
    make_practice(summary="Bonds")
    make_practice(story="Bonds")
    answer = ask("bonds")
    assert answer.facet_index.positions
    # 1. those with the word in title, names, summary or lessons  2. their texts
    with django_assert_num_queries(2):
        next(rank(answer, answer.pks))
    # 1. the same  2. its text  3. those with the word anywhere
    with django_assert_num_queries(3):
        assert len(list(rank(answer, answer.pks))) == 2


def test_of_many_those_with_the_word_in_the_title_are_looked_for_first(
    django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(ranking, "RERANKED", 1)
    monkeypatch.setattr(ranking, "MANY", 1)
    make_practice("Bonds")
    make_practice(summary="Bonds")
    answer = ask("bonds")
    assert answer.facet_index.positions
    # 1. title  2. its text  3. names, too  4. summary and lessons, too
    with django_assert_num_queries(4):
        assert len(list(rank(answer, answer.pks))) == 2
