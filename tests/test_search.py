"""The first form of the search: which practices hold the words, and which come first."""

from datetime import UTC, datetime

import pytest

from practices.models import Place, Practice, Synonym
from tests.factories import make_actor, make_country, make_practice, make_theme

pytestmark = pytest.mark.django_db


def found(text: str) -> list[str]:
    return sorted(practice.slug for practice in Practice.objects.search(text))


def elsewhere() -> Practice:
    """A practice with a row in every searched table, none of which holds the word."""
    practice = make_practice(
        slug="elsewhere", countries=("MA",), corridors=("MA-FR",), lessons=("L",), sources=("S",)
    )
    practice.themes.add(make_theme("rights"))
    practice.participations.create(order=1, actor=make_actor("figuig"))
    return practice


HOLDERS = {
    "title": lambda: make_practice("The Zarzuela fund", slug="here"),
    "summary": lambda: make_practice(slug="here", summary="About zarzuela."),
    "story": lambda: make_practice(slug="here", story="It began with ZARZUELA."),
    "a lesson": lambda: make_practice(slug="here", lessons=("None", "Zarzuela helps")),
    "a source": lambda: make_practice(slug="here", sources=("None", "*Zarzuela*, 2012")),
    "an actor": lambda: make_practice(slug="here").participations.create(
        order=1, actor=make_actor("z", name="Zarzuela Bank")
    ),
    "an acronym": lambda: make_practice(slug="here").participations.create(
        order=1, actor=make_actor("z", acronym="ZARZUELA")
    ),
    "a territory": lambda: Place.objects.create(
        practice=make_practice(slug="here"), order=1, country=make_country("PH"), name="Zarzuela City"
    ),
    "a country": lambda: [make_country("ZZ", "Zarzuela"), make_practice(slug="here", countries=("ZZ",))],
    "an origin": lambda: [make_country("ZZ", "Zarzuela"), make_practice(slug="here", corridors=("ZZ-IT",))],
    "a destination": lambda: [
        make_country("ZZ", "Zarzuela"),
        make_practice(slug="here", corridors=("IT-ZZ",)),
    ],
    "a theme": lambda: make_practice(slug="here").themes.add(make_theme("z", name="Zarzuelas")),
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_a_word_is_found_wherever_it_stands(holder):
    elsewhere()
    HOLDERS[holder]()
    assert found("zarzuela") == ["here"]


def test_every_word_must_be_there_but_not_in_the_same_place():
    make_practice(slug="both", title="Bonds", lessons=("Ask migrants",))
    make_practice(slug="one", title="Bonds")
    make_practice(slug="other", lessons=("Ask migrants",))
    assert found("migrants bonds") == ["both"]


def test_a_practice_with_many_places_for_a_word_is_found_once():
    make_practice(slug="once", title="Bonds", lessons=("Bonds", "More bonds"), sources=("Bonds",))
    assert found("bonds") == ["once"]


@pytest.mark.parametrize("nothing", ["", "   ", "\0", "\n"])
def test_a_search_for_nothing_keeps_everything(nothing):
    make_practice(slug="a")
    make_practice(slug="b")
    assert found(nothing) == ["a", "b"]


@pytest.mark.parametrize("text", ["100%", "b_nds", "bonds\0of", "bonds'", 'bonds"', "\\bonds"])
def test_signs_that_mean_something_to_a_database_mean_themselves(text):
    make_practice(slug="plain", title="1000 bonds of", summary="")
    make_practice(slug="signs", title="100% b_nds bonds' bonds\" \\bonds", summary="")
    assert found(text) == (["plain"] if "\0" in text else ["signs"])


def test_a_search_stays_behind_the_door():
    make_practice(slug="shown", title="Bonds")
    make_practice(slug="hidden", title="Bonds", status="draft")
    published = Practice.objects.published()
    assert [practice.slug for practice in published.search("bonds")] == ["shown"]
    assert [practice.slug for practice in Practice.objects.search("bonds").published()] == ["shown"]


# Synonyms ----------------------------------------------------------------------------------------------


def test_a_word_finds_what_uses_a_synonym_of_it():
    Synonym.objects.create(words="seafarers, sailors\ngens de mer")
    make_practice(slug="english", title="Returning seafarers")
    make_practice(slug="french", title="Le retour des gens de mer")
    make_practice(slug="neither", title="Le retour des mers")
    assert found("Sailors") == ["english", "french"]


def test_synonyms_of_every_word_are_weighed_together():
    Synonym.objects.create(words="seafarers, sailors")
    Synonym.objects.create(words="return, reintegration")
    make_practice(slug="both", title="Reintegration of sailors")
    make_practice(slug="one", title="Reintegration of nurses")
    assert found("return seafarers") == ["both"]


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("crew", {"crew", "sailors", "staff"}),
        ("SAILORS", {"SAILORS", "crew", "sailors"}),
        ("sail", {"sail"}),
        ("gens de mer", {"gens de mer", "marinos"}),
        ("bank", {"bank"}),
    ],
)
def test_a_word_brings_the_words_of_all_its_groups_and_of_no_other(word, expected):
    Synonym.objects.create(words="sailors, crew")
    Synonym.objects.create(words="crew\nstaff")
    Synonym.objects.create(words="gens de mer, marinos")
    assert Synonym.objects.alternatives(word) == expected


def test_each_word_costs_one_query_and_the_practices_one(django_assert_num_queries):
    make_practice("Bonds of migrants")
    # 1. synonyms of “bonds”  2. synonyms of “migrants”  3. the practices
    with django_assert_num_queries(3):
        assert len(Practice.objects.search("bonds migrants")) == 1


# The order of what was found ---------------------------------------------------------------------------


def ranked(text: str) -> list[str]:
    return [practice.slug for practice in Practice.objects.by_relevance(text)]


def test_the_title_counts_more_than_the_summary_and_both_more_than_the_rest():
    days = [datetime(2020, 1, day, tzinfo=UTC) for day in (1, 2, 3, 4)]  # the best match is the oldest
    make_practice(slug="title", title="Bonds", published_at=days[0])
    make_practice(slug="summary", summary="About bonds.", published_at=days[1])
    make_practice(slug="story", story="Bonds.", published_at=days[2])
    make_practice(slug="lesson", lessons=("Bonds",), published_at=days[3])
    assert ranked("bonds") == ["title", "summary", "lesson", "story"]


def test_any_word_in_the_title_is_enough_to_come_first():
    day = datetime(2020, 1, 1, tzinfo=UTC)
    make_practice(slug="one-in-title", title="Bonds", published_at=day)
    make_practice(slug="both-in-summary", summary="Migrants and bonds.")
    assert ranked("migrants bonds") == ["one-in-title", "both-in-summary"]


def test_equals_are_ordered_newest_first_and_then_by_the_characters_of_the_title():
    day = datetime(2020, 1, 1, tzinfo=UTC)
    for title in ("b", "a", "B", "É"):
        make_practice(title, slug=title.encode().hex(), published_at=day)
    make_practice("z", slug="newest")
    titles = [practice.title for practice in Practice.objects.by_relevance("nothing")]
    assert titles == ["z", "B", "a", "b", "É"]
