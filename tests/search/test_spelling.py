"""Words without a match: prefixes, misspelt words, partial matches; and the number of queries of a search."""

import pytest
from django.http import QueryDict
from pyroaring import BitMap

from practices.listing.filters import PracticeFilter, Results
from practices.models import Synonym, VocabularyWord
from practices.models.content_version import content_version
from practices.search.query_parser import parse_query
from practices.search.vocabulary import get_vocabulary
from tests.factories import make_country, make_practice
from tests.search.helpers import ask, found, ranked, slugs, terms

pytestmark = pytest.mark.django_db


# The beginning of a word -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("remit", ["remittances"]),
        ("coop", ["coop"]),  # a word of its own is no beginning
        ("cooper", ["cooperation", "cooperatives"]),
        ("cooperativ", ["cooperation", "cooperatives"]),  # of one stem
        ("sédh", ["sedhiou"]),
        ("hugo sal", ["hugo"]),
        ("sal hugo", ["hugo"]),
        ("re", []),  # two letters begin too much
        ("emittances", []),  # no end finds, nor is anything mended here: it is known below
        ("201", ["y2012"]),
    ],
)
def test_the_beginning_of_a_word_finds_the_whole_one(text, expected):
    for slug, title in {
        "remittances": "Remittances", "coop": "Coop", "cooperation": "A cooperation",
        "cooperatives": "Cooperatives", "sedhiou": "Sédhiou", "hugo": "Hugo Salinas", "y2012": "In 2012",
        "other": "Emittance",
    }.items():  # fmt: skip
        make_practice(title, slug=slug)
    assert found(text) == (["other"] if text == "emittances" else expected)


def test_the_last_of_several_words_is_a_beginning_from_its_second_letter_on():
    make_practice("Hugo Zamora", slug="hugo")
    asked = [ask(text).query for text in ("hugo z", "hugo za", "za", "za hugo")]
    assert [question.prefixes for question in asked] == [[], ["za"], [], []]
    assert [(terms(text), ask(text).unknown) for text in ("hugo z", "hugo x")] == [(["hugo"], [])] * 2


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hugo B", ["hugo", "b"]),  # in capitals it is no beginning
        ("hugo 5", ["hugo", "5"]),
        ("10 c", ["10", "c"]),
        ("移民 法", ["移民", "法"]),
        ("hugo ZA", ["hugo", "za"]),
    ],
)
def test_other_last_words_are_whole(text, expected):
    make_practice("Hugo b 5 10 c 移民 法 zamora za")
    assert (terms(text), ask(text).query.prefixes) == (expected, [])


def test_a_beginning_is_not_mended():
    make_practice("Remittances and remits", slug="here")
    assert (found("remitt"), ask("remitt").query.corrections) == (["here"], {})


# Misspelt words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("remitances", "remittances"),
        ("remmittancess", "remittances"),
        ("Remitances", "remittances"),
        ("rémitances", "remittances"),
        ("retun", "return"),
        ("retrun", "return"),
        ("mayr", "mayor"),
        ("philipines", "philippines"),
        ("Phillipines", "philippines"),
    ],
)
def test_a_misspelt_word_is_mended(typed, meant):
    make_practice("The return of remittances to the Philippines: the mayor of 2012", slug="here")
    make_practice("Something else", slug="elsewhere")
    answer = ask(typed)
    folded = typed.lower().replace("é", "e")
    assert (slugs(answer), answer.query.corrections) == (["here"], {folded: meant})


@pytest.mark.parametrize(
    "typed",
    [
        "retxxn",  # two slips in six letters
        "remixxxnces",  # three slips in a long word
        "xeturn",  # a first letter is seldom mistyped
        "mxr",  # three letters
        "2013",  # a number
        "covid21",  # a name with a number
        '"remitances"',  # as it stands
        "“retun”",
        "-remitances",  # what must not be there
        "xylophone",
    ],
)
def test_what_could_be_anything_is_not_mended(typed):
    make_practice("The return of remittances: the mayor, mar, of 2012, covid, covid19", slug="here")
    assert (ask(typed).query.corrections, found(typed)) == ({}, ["here"] if typed[0] == "-" else [])


def test_a_common_word_that_nothing_has_is_not_mended():
    make_practice("Policy", slug="here")
    assert (ask("police").query.corrections, found("police")) == ({}, [])
    assert ask("polise").query.corrections == {}  # “police” is not held, and “policy” is two slips away
    assert ask("polict").query.corrections == {"polict": "policy"}


def test_an_acronym_is_not_mended():
    make_practice("Policy and come")
    assert [ask(text).query.corrections for text in ("CCME", "polict", "POLICT")] == [
        {},
        {"polict": "policy"},
        {"polict": "policy"},
    ]


def test_a_word_that_a_language_has_is_mended_by_one_slip_alone():
    make_practice("Motivate your makers, seafarers")
    assert ask("mitigate").query.corrections == {}
    assert ask("motivape").query.corrections == {"motivape": "motivate"}
    assert ask("sefarrers").query.corrections == {"sefarrers": "seafarers"}


def test_the_more_frequent_of_two_near_words_is_meant():
    make_practice("Mayor and minor")
    make_practice("Minor")
    assert ask("mionor").query.corrections == {"mionor": "minor"}
    make_practice("Bonds", summary="bonda")
    make_practice("Bonda")
    assert ask("bondz").query.corrections == {"bondz": "bonda"}


def test_a_word_that_begins_otherwise_is_not_meant():
    make_practice("Ponds")
    make_practice("Ponds")
    make_practice("Bondx")
    assert ask("bonds").query.corrections == {"bonds": "bondx"}
    assert ask("zonds").query.corrections == {}


def test_a_word_is_mended_only_to_what_leads_to_something():
    """A word of the thesaurus that nothing holds, nor any other of its group, is no target; nor is a word of
    one of its phrases."""
    Synonym.objects.create(words="remittances\nremesas\nbilan de remesas")
    Synonym.objects.create(words="twinning\njumelage")
    make_practice("Remittances", slug="here")
    assert (ask("remesaz").query.corrections, found("remesaz")) == ({"remesaz": "remesas"}, ["here"])
    for typed in ("bilen", "jumelaje"):
        assert (ask(typed).query.corrections, found(typed)) == ({}, [])


def test_a_word_is_not_mended_for_a_question_that_finds_nothing_by_it():
    make_practice("Date palms", slug="palms", summary="master")
    make_practice("Bonds", slug="bonds")
    answer = ask('mastre "no such phrase"')
    assert (answer.query.corrections, slugs(answer)) == ({}, [])  # nothing has a word of it as it was typed
    answer = ask("mastre bonds xylophone")
    assert (answer.query.corrections, slugs(answer)) == ({"mastre": "master"}, ["bonds", "palms"])
    for text in ("mastre xylophone trombone", "mastre -palms"):
        answer = ask(text)
        assert (answer.query.corrections, slugs(answer), answer.corrected_text) == ({}, [], "")


def test_of_a_partial_answer_all_known_words_are_mended():
    make_practice("Date palms", slug="two")
    make_practice("Master", slug="one")
    answer = ask("date plams mastre")
    assert (slugs(answer), set(answer.partial_matches)) == (["one", "two"], set(answer.pks))
    assert answer.query.corrections == {"plams": "palms", "mastre": "master"}


def test_a_mended_word_stands_among_the_right_ones():
    make_practice("Bonds of migrants", slug="both")
    make_practice("Bonds", slug="one")
    answer = ask("bonds of migrnats")
    assert slugs(answer) == ["both"]
    assert (answer.query.corrections, terms("bonds of migrnats")) == (
        {"migrnats": "migrants"},
        ["bonds", "migrants"],
    )


def test_what_was_searched_and_how_to_ask_for_what_was_typed():
    make_practice("Bonds of migrants")
    answer = ask("Bonds of Migrnats")
    assert (answer.corrected_text, answer.uncorrected_text) == ("Bonds of migrants", 'Bonds of "migrnats"')
    assert (ask("bonds").corrected_text, ask("bonds").uncorrected_text) == ("", "")


# Most of the words -------------------------------------------------------------------------------------


def test_when_nothing_has_all_words_those_with_most_are_found():
    make_practice("Date palms", slug="two")
    make_practice("Palms", slug="one")
    make_practice("Dates", slug="other")
    answer = ask("date palms dying")
    assert (slugs(answer), {*answer.partial_matches}) == (["one", "other", "two"], {*answer.pks})
    assert ranked("date palms dying")[0] == "two"
    assert (answer.unknown, answer.exact_matches) == (["dying"], BitMap())


def test_a_rare_word_counts_for_more_than_a_common_one():
    for number in range(6):
        make_practice("Common", slug=f"common-{number}")
    make_practice("Rare", slug="rare")
    make_practice("Seldom", slug="seldom")
    assert slugs(ask("common rare seldom")) == ["rare", "seldom"]


@pytest.mark.parametrize(("wholes", "expected"), [(9, True), (10, False)])
def test_after_few_that_have_all_of_three_words_come_those_that_have_most(wholes, expected):
    for number in range(wholes):
        make_practice("Alpha beta gamma", slug=f"whole-{number}")
    make_practice("Alpha beta in a title, but no more", slug="most")
    answer = ask("alpha beta gamma")
    assert len(answer.exact_matches) == wholes
    assert ("most" in slugs(answer)) is expected
    assert ranked("alpha beta gamma")[-1] == ("most" if expected else "whole-0")
    assert "most" not in ranked("alpha gamma")  # two words are meant both


@pytest.mark.parametrize(
    ("text", "expected", "partial"),
    [
        ("bassoon clavichord", ["all"], False),
        ("bassoon dulcimer", ["all", "third"], True),  # one of two
        ("bassoon xylophone", ["all"], True),
        ("bassoon clavichord xylophone", ["all"], True),  # two of three
        ("bassoon clavichord xylophone trombone", ["all"], True),  # two of four
        ("bassoon clavichord xylophone trombone oboe", [], False),  # two of five
        ("bassoon xylophone trombone", [], False),  # one of three
        ("bassoon clavichord Zanzibar", [], False),  # a country is no word to leave out
        ("people xylophone", [], False),  # of two the one that says less
        ("people bassoon", ["all", "people"], True),
        ("xylophone", [], False),
        ("xylophone trombone", [], False),
        ('"clavichord bassoon"', [], False),
        ('"clavichord bassoon" dulcimer', ["third"], True),
        ("bassoon xylophone -clavichord", [], False),
    ],
)
def test_nearly_half_of_what_the_words_say_must_be_known(text, expected, partial):
    make_practice("Bassoon clavichord", slug="all")
    make_practice("Dulcimer", slug="third")
    make_practice("People", slug="people")
    make_country("ZZ", "Zanzibar")
    answer = ask(text)
    assert (slugs(answer), bool(answer.partial_matches)) == (expected, partial)


def test_a_partial_answer_knows_which_terms_it_answers():
    make_practice("Date palms")
    assert [term.text for term in ask("date xylophone palms").query.terms] == ["date", "palms"]


def test_a_partial_answer_stays_within_the_practices_it_was_asked_of():
    make_practice("Bassoon", slug="here", kind="practice")
    make_practice("Bassoon", slug="story", kind="personal_story")
    make_practice("Bassoon", slug="draft", status="draft")
    filterset = PracticeFilter(QueryDict("kind=personal_story&q=bassoon xylophone"))
    assert filterset.is_valid()
    assert [card.slug for card in Results(filterset, filterset.list_items)[:10]] == ["story"]


# Queries -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_known_words_cost_one_query_and_what_is_found_another(django_assert_num_queries, count):
    for _number in range(count):
        make_practice("Bonds of migrants")
    ask("")  # what a version of the content makes ready: the facet index, the languages, the thesaurus
    # 1. the version  2. which words are known  3. the practices
    with django_assert_num_queries(3):
        assert len(ask("bonds migrants").pks) == count


@pytest.mark.parametrize("count", [1, 3])
def test_unknown_words_cost_one_query_each_and_all_their_mending_one(django_assert_num_queries, count):
    for _number in range(count):
        make_practice("Bonds of migrants")
    known = get_vocabulary(content_version())
    # 1. which words are known  2. what “bnods” begins  3. all known words  4. what “migrnats” begins
    with django_assert_num_queries(4):
        assert parse_query("bnods migrnats", known).corrections == {"bnods": "bonds", "migrnats": "migrants"}


def test_an_empty_portal_is_asked_in_vain():
    assert VocabularyWord.objects.count() == 0
    assert (found("bonds migrants"), found("-bonds"), found('"bonds"')) == ([], [], [])
