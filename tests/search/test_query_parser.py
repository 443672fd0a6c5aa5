"""How a query is read: all words, phrases, exclusions, stop words."""

import pytest

from practices.search.query_parser import MAX_QUERY_WORDS
from tests.factories import make_practice
from tests.search.helpers import ask, found, terms

pytestmark = pytest.mark.django_db


# All the words -----------------------------------------------------------------------------------------


def test_every_word_must_be_there_but_not_in_the_same_place():
    make_practice(slug="both", title="Bonds", lessons=("Ask migrants",))
    make_practice(slug="one", title="Bonds")
    make_practice(slug="other", lessons=("Ask migrants",))
    assert found("migrants bonds") == ["both"]


def test_a_practice_with_many_places_for_a_word_is_found_once():
    make_practice(slug="once", title="Bonds", lessons=("Bonds", "More bonds"), sources=("Bonds",))
    assert found("bonds") == ["once"]


@pytest.mark.parametrize("nothing", ["", "   ", "\0", "\n", "…", '""', '"', "-", '-""', "- -", "'s"])
def test_a_question_without_a_word_keeps_everything(nothing):
    make_practice(slug="a")
    make_practice(slug="b")
    assert (found(nothing), terms(nothing), ask(nothing).partial_matches) == (["a", "b"], [], {})


@pytest.mark.parametrize(
    "text", ["cooperative", "COOPERATIVES", "coöperatives", "cooperatives’", "“cooperatives"]
)
def test_another_form_of_a_word_finds_it(text):
    make_practice("The cooperatives", slug="here")
    make_practice("The corporations", slug="elsewhere")
    assert found(text) == ["here"]


def test_a_word_is_stemmed_by_the_language_of_each_practice():
    make_practice("Les retraités rentrent", slug="french", language="fr")
    make_practice("Los jubilados vuelven", slug="spanish", language="es")
    make_practice("عودة المهاجرين", slug="arabic", language="ar")
    make_practice("Nothing of it", slug="english")
    asked = ("retraite", "jubilado", "مهاجر", "nothing")
    assert [found(word) for word in asked] == [["french"], ["spanish"], ["arabic"], ["english"]]


@pytest.mark.parametrize("text", ["Se\u0301dhiou", "sedhiou", "SÉDHIOU", "Sé\u00addhiou"])
@pytest.mark.parametrize("written", ["Sédhiou", "Se\u0301dhiou", "Sedhiou"])
def test_accents_make_no_difference_however_they_are_written(text, written):
    make_practice(f"In {written} town", slug="here")
    make_practice("In the se town of dhiou", slug="elsewhere")
    assert found(text) == ["here"]


def test_no_more_words_are_read_than_a_person_asks():
    make_practice(" ".join(f"w{number}" for number in range(30)))
    asked = " ".join(f"w{number}" for number in range(30))
    assert terms(asked) == [f"w{number}" for number in range(MAX_QUERY_WORDS)]


# Phrases and what must not be there --------------------------------------------------------------------


def two_orders() -> None:
    make_practice("Credit unions abroad", slug="phrase")
    make_practice("Unions and credit", slug="apart")
    make_practice("The end is credit", slug="split", summary="Unions begin here.")


@pytest.mark.parametrize(
    "text",
    ['"credit union"', "“credit union”", "„credit union“", "«credit union»", "« credit union »",
     '"Credit, Unions!"', '"credit union', '""credit union""'],
)  # fmt: skip
def test_words_in_quotation_marks_stay_together(text):
    two_orders()
    assert found(text) == (["phrase"] if not text.startswith('""') else ["apart", "phrase", "split"])


def test_without_quotation_marks_they_may_stand_apart():
    two_orders()
    assert found("credit union") == ["apart", "phrase", "split"]


def test_a_phrase_does_not_reach_from_one_field_into_the_next():
    make_practice("The end is credit", slug="split", summary="Unions begin here.", countries=("MA",))
    assert found('"credit unions"') == []
    assert found('"credit country"') == []


def test_a_phrase_and_a_word_are_both_asked_for():
    two_orders()
    assert found('"credit union" abroad') == ["phrase"]
    assert found('abroad "credit union"') == ["phrase"]
    assert terms('abroad "credit union"') == ["credit union", "abroad"]


def test_stop_words_count_in_a_phrase():
    make_practice("Return and reintegration", slug="with")
    make_practice("Return for reintegration", slug="other")
    assert found('"return and reintegration"') == ["with"]


def three() -> None:
    make_practice("Bonds for migrants", slug="both")
    make_practice("Bonds for cities", slug="bonds")
    make_practice("Migrants in cities", slug="migrants")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bonds -migrants", ["bonds"]),
        ("-migrants bonds", ["bonds"]),
        ("bonds -migrant", ["bonds"]),
        ("bonds --migrants", ["bonds"]),
        ("bonds -migrants -cities", []),
        ('bonds -"for migrants"', ["bonds"]),
        ('cities -"for cities"', ["migrants"]),
        ("bonds -“for migrants”", ["bonds"]),
        ("-bonds", ["migrants"]),
        ("-bonds -migrants", []),
        ('-"in cities"', ["bonds", "both"]),
        ("-xylophone", ["bonds", "both", "migrants"]),
        ("bonds - migrants", ["both"]),
        ("bonds–migrants", ["both"]),
        ("bonds-migrants", ["both"]),
        ("bonds -bonds", []),
    ],
)
def test_a_minus_leaves_out_what_follows_it(text, expected):
    three()
    assert found(text) == expected


def test_a_question_of_unwanted_words_alone_has_no_term_to_rank_by():
    three()
    assert (terms("-bonds"), len(ask("-bonds").query.unwanted), ask("-bonds").partial_matches) == ([], 1, {})


# Stop words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how do I get people to vote abroad", ["people", "vote", "abroad"]),
        ("the bonds of the cities", ["bonds", "cities"]),
        ("les fonds de la ville", ["fonds", "ville"]),
        ("el voto en el exterior", ["voto", "exterior"]),
        ("the", ["the"]),
        ("to be or not to be", ["to", "be", "or", "not", "to", "be"]),
        ('the "who"', ["who", "the"]),
    ],
)
def test_words_without_a_subject_are_left_out_unless_there_is_nothing_else(text, expected):
    make_practice("people vote abroad bonds cities fonds ville voto exterior")
    assert terms(text) == expected


def test_a_left_out_word_need_not_be_there():
    make_practice("Bonds", slug="bonds")
    make_practice("The who", slug="who")
    assert (found("the bonds"), found("the")) == (["bonds"], ["who"])
