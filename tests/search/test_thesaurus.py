"""Synonyms: a query for one word also finds the others, after the word itself."""

import pytest
from django.urls import reverse

from practices.models import Synonym
from practices.models.content_version import bump_content_version
from practices.search.vocabulary import get_vocabulary
from tests.factories import make_country, make_editor, make_practice
from tests.search.helpers import ask, found, ranked, terms

pytestmark = pytest.mark.django_db


def seafarers() -> None:
    Synonym.objects.create(words="seafarers, sailors\ngens de mer, marinos")
    make_practice(slug="english", title="Returning seafarers")
    make_practice(slug="french", title="Le retour des gens de mer", language="fr")
    make_practice(slug="spanish", title="Los marinos vuelven", language="es")
    make_practice(slug="apart", title="La mer et les gens", language="fr")
    make_practice(slug="neither", title="Nurses")


@pytest.mark.parametrize(
    "text",
    ["sailors", "Sailor", "SAILORS", "seafarer", "marinos", "marino", "Sailors’"],
)
def test_one_word_finds_what_means_the_same_in_each_language(text):
    seafarers()
    assert found(text) == ["english", "french", "spanish"]


def test_several_words_find_what_means_the_same():
    seafarers()
    assert found("gens de mer") == ["apart", "english", "french", "spanish"]
    assert terms("les gens de mer") == ["gens de mer"]


def test_a_group_of_several_words_is_known_only_as_a_whole():
    seafarers()
    assert found("mer") == ["apart", "french"]
    assert found("gens mer") == ["apart", "french"]


def test_a_synonym_of_several_words_must_stand_together():
    seafarers()
    assert "apart" not in found("sailors")


def test_a_word_in_quotation_marks_stands_for_itself():
    seafarers()
    assert (found('"seafarers"'), found('"sailors"')) == (["english"], [])


def test_an_unwanted_word_stands_for_itself():
    seafarers()
    assert found("marinos -seafarers") == ["french", "spanish"]
    assert "english" in found("-sailors")


def test_synonyms_of_every_word_are_weighed_together():
    Synonym.objects.create(words="seafarers, sailors")
    Synonym.objects.create(words="return, reintegration")
    make_practice(slug="both", title="Reintegration of sailors")
    make_practice(slug="one", title="Reintegration of nurses")
    assert found("return seafarers") == ["both"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("crew", ["crew", "sailors", "staff"]),
        ("sailors", ["crew", "sailors"]),
        ("staff", ["crew", "staff"]),
        ("bank", ["bank"]),
    ],
)
def test_a_word_brings_the_words_of_all_its_groups_and_of_no_other(text, expected):
    Synonym.objects.create(words="sailors, crew")
    Synonym.objects.create(words="crew\nstaff")
    for word in ("sailors", "crew", "staff", "bank"):
        make_practice(f"The {word}", slug=word)
    assert found(text) == expected


def test_the_longest_group_that_fits_is_meant():
    Synonym.objects.create(words="money, cash")
    Synonym.objects.create(words="money sent home, remittances")
    make_practice("Cash", slug="cash")
    make_practice("Remittances", slug="remittances")
    assert (found("money"), found("money sent home")) == (["cash"], ["remittances"])


def test_words_of_one_group_around_others_are_each_a_term():
    Synonym.objects.create(words="remittances, money sent home")
    make_practice("The bank")
    assert terms("bank money sent home abroad") == ["bank", "money sent home", "abroad"]


@pytest.mark.parametrize("text", ["sister cities", "sister city", "Sister  cities", "the sister cities"])
def test_groups_of_several_words_are_known_in_other_forms(text):
    Synonym.objects.create(words="sister cities, twinning")
    make_practice("The twinning agreement", slug="twinning")
    assert found(text) == ["twinning"]


def test_a_word_that_only_the_thesaurus_knows_is_not_mended():
    Synonym.objects.create(words="sailors, seafarers")
    make_practice("Tailors", slug="tailors")
    make_practice("Seafarers", slug="seafarers")
    assert (ask("sailors").query.corrections, found("sailors")) == ({}, ["seafarers"])


def test_a_word_of_a_group_of_several_words_is_not_mended():
    Synonym.objects.create(words="remittances, money sent home")
    make_practice("The scent", slug="scent")
    assert (ask("sent").query.corrections, found("sent")) == ({}, [])


def test_a_misspelt_word_is_mended_to_one_of_the_thesaurus():
    Synonym.objects.create(words="sailors, seafarers")
    make_practice("Seafarers", slug="seafarers")
    assert (ask("sialors").query.corrections, found("sialors")) == ({"sialors": "sailors"}, ["seafarers"])


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("women’s empowerment", "return-from-a-gender-perspective"),
        ("microcrédit", "cooperatives-in-costa-rica"),
        ("desempleo", "return-from-a-gender-perspective"),
        ("decentralised cooperation", "batangas-rome-twinning-agreement"),
        ("land tenure", "figuig-oasis-mixed-farming"),
        ("portabilité des droits", "migration-territories-and-development-morocco"),
        ("fixed-term contract", "returning-filipino-seafarers"),
    ],
)
def test_a_term_of_the_field_finds_what_a_case_tells_in_its_own_words(jmdi, text, slug):
    assert slug in found(text)


@pytest.mark.parametrize("text", ["blockchain", "volleyball", "wheelchair", "tsunami warning"])
def test_what_no_case_is_about_finds_nothing_by_the_thesaurus(jmdi, text):
    assert found(text) == []


# Names of countries -------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["South Africa", "Afrique du Sud", "“South Africa”"])
def test_a_country_is_found_by_its_name_in_any_language_and_not_by_its_words(text):
    make_country("ZA", "South Africa")
    make_practice("Here", slug="here", countries=("ZA",))
    make_practice("South of the river, in North Africa", slug="elsewhere")
    assert found(text) == ["here"]


def test_a_country_of_two_words_that_no_practice_names_is_nothing_in_parts():
    make_country("NZ", "New Zealand")
    make_practice("A new beginning", slug="new")
    assert found("New Zealand") == []
    make_practice("An ivory horn", slug="ivory")
    assert found("ivory garden") == ["ivory"]  # other words are taken in parts


def test_a_country_that_no_practice_names_is_not_mended():
    make_country("HK", "Hong Kong")
    make_practice("A long song", slug="long")
    assert (ask("Hong Kong").query.corrections, found("Hong Kong")) == ({}, [])


# A change of the groups --------------------------------------------------------------------------------


def test_a_new_group_is_used_by_the_next_search():
    make_practice("Seafarers", slug="seafarers")
    assert found("matelots") == []
    group = Synonym.objects.create(words="seafarers, matelots")
    assert found("matelots") == ["seafarers"]
    group.words = "seafarers, mariners"
    group.save()
    assert (found("matelots"), found("mariners")) == ([], ["seafarers"])
    group.delete()
    assert found("mariners") == []


def test_a_group_changed_past_its_signals_is_used_once_the_version_is_moved():
    make_practice("Seafarers", slug="seafarers")
    Synonym.objects.create(words="sailors, crew")
    assert found("matelots") == []
    Synonym.objects.update(words="seafarers, matelots")
    bump_content_version()
    assert found("matelots") == ["seafarers"]


def test_a_group_that_an_editor_saves_is_used_by_the_next_search(client):
    make_practice("Seafarers", slug="seafarers")
    client.force_login(make_editor())
    assert found("matelots") == []
    response = client.post(reverse("admin:practices_synonym_add"), {"words": "seafarers\nmatelots"})
    assert (response.status_code, found("matelots")) == (302, ["seafarers"])


@pytest.mark.parametrize(
    "words", ["seafarers, …", "…, !", "seafarers, -, sailors", '"sea*, sailors', "'s, l’"]
)
def test_a_group_of_odd_signs_does_no_harm(words):
    Synonym.objects.create(words=words)
    make_practice("Seafarers and sailors", slug="here")
    assert (found("seafarers"), found("sailors")) == (["here"], ["here"])


# The word itself first ---------------------------------------------------------------------------------


def test_what_has_the_word_itself_comes_before_what_means_the_same():
    Synonym.objects.create(words="seafarers, sailors")
    make_practice("Seafarers, seafarers", slug="synonym", summary="Seafarers!")
    make_practice("A", slug="itself", sources=("On sailors, 2012",))
    make_practice("Seafarers", slug="both", story="Sailors.")
    assert ranked("sailors") == ["both", "itself", "synonym"]


def test_one_synonym_among_the_very_words_is_enough_to_come_later():
    Synonym.objects.create(words="seafarers, sailors")
    make_practice("Return of seafarers", slug="synonym")
    make_practice("A", slug="itself", story="The return of sailors.")
    assert ranked("return sailors") == ["itself", "synonym"]


def test_the_groups_are_made_ready_anew_only_when_they_change():
    seafarers()
    first = get_vocabulary("one").thesaurus
    assert get_vocabulary("two").thesaurus is first
    Synonym.objects.create(words="nurses\nmidwives")
    assert get_vocabulary("three").thesaurus is not first


def test_a_beginning_is_completed_before_it_is_taken_for_the_stem_of_a_synonym():
    Synonym.objects.create(words="think\npenser")
    make_practice("Pensions", slug="pensions")
    make_practice("Think twice", slug="think")
    assert (found("pens"), found("pense"), found("penser")) == (["pensions"], ["think"], ["think"])


def test_stems_of_different_languages_are_not_the_same():
    """“género” is “gener” in Spanish, as “generate” is in English."""
    Synonym.objects.create(words="generate\nbring about")
    make_practice("To bring about", slug="here")
    assert (found("generating"), found("género")) == (["here"], [])


def test_a_word_of_a_group_leads_to_that_group_alone_and_a_form_of_it_to_all():
    Synonym.objects.create(words="cooperatives\ncoops")
    Synonym.objects.create(words="cooperate\nwork together")
    make_practice("Coops", slug="coops")
    make_practice("They work together", slug="together")
    assert (found("cooperatives"), found("cooperating")) == (["coops"], ["coops", "together"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("seafarer", ["deckhands", "crews"]),  # in a group of its own, and in another with an s
        ("seafarers", ["deckhands", "crews"]),
        ("pro", ["for"]),  # too short for a noun
    ],
)
def test_a_plural_leads_where_its_singular_does(text, expected):
    Synonym.objects.create(words="seafarer, deckhands")
    Synonym.objects.create(words="seafarers, crews")
    Synonym.objects.create(words="pro, in favour")
    Synonym.objects.create(words="pros, advantages")
    make_practice("Deckhands", slug="deckhands")
    make_practice("Crews", slug="crews")
    make_practice("In favour", slug="for")
    make_practice("Advantages", slug="advantages")
    assert sorted(found(text)) == sorted(expected)
