"""Memory caches belong to one language, version, day and site."""

from datetime import date
from types import SimpleNamespace

import pytest
from django.utils import translation

from practices.index.facet_index import get_facet_index
from practices.index.list_items import list_items
from practices.models.content_version import content_version
from practices.search import indexed_text
from practices.serializers.cache import summaries
from practices.site import practice as practice_page
from tests.factories import make_country, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def practice():
    make_country("IT", "Italy")
    return make_practice("Bonds", slug="bonds", countries=("IT",), lessons=("A lesson.",))


@pytest.mark.parametrize("languages", [("en", "fr"), ("fr", "en")])
def test_the_card_of_a_list_is_in_the_language_that_is_asked_for(practice, languages):
    names = {"en": ["Italy"], "fr": ["Italie"]}
    for language in languages:
        with translation.override(language):
            assert list_items([practice.pk], get_facet_index())[practice.pk].countries == names[language]


@pytest.mark.parametrize("languages", [("en", "fr"), ("fr", "en")])
def test_the_document_of_a_list_is_in_the_language_that_is_asked_for(practice, languages):
    for language in languages:
        with translation.override(language):
            _slug, text = summaries([practice.pk], content_version())[practice.pk]
            assert (b"Italie" in text) is (language == "fr")


def test_the_document_of_a_list_names_the_site_that_serves_it(practice, settings):
    for site in ("https://one.example", "https://two.example"):
        settings.SITE_URL = site
        _slug, text = summaries([practice.pk], content_version())[practice.pk]
        assert f'"url":"{site}/practices/bonds/"' in text.decode()


def test_a_name_is_kept_for_one_language(practice):
    facet_index = get_facet_index()
    for language, name in [("en", "Italy"), ("fr", "Italie"), ("en", "Italy")]:
        with translation.override(language):
            assert facet_index.names("country")["IT"] == name


@pytest.mark.parametrize("languages", [("en", "fr"), ("fr", "en")])
def test_the_page_of_a_practice_is_kept_for_one_language(practice, client, languages):
    for language in languages:
        with translation.override(language):
            page = client.get("/practices/bonds/").content.decode()
            assert ("Italie" in page) is (language == "fr")


def test_the_page_of_a_practice_is_kept_for_one_day(practice, monkeypatch, client):
    for day in (date(2026, 5, 1), date(2026, 5, 2)):
        monkeypatch.setattr(practice_page, "timezone", SimpleNamespace(localdate=lambda day=day: day))
        assert f"{day.day} May 2026" in client.get("/practices/bonds/").content.decode()


def test_nothing_that_is_kept_outlives_its_version(practice, client):
    def shown() -> tuple[str, str, str, bool]:
        facet_index = get_facet_index()
        return (
            list_items([practice.pk], facet_index)[practice.pk].title,
            summaries([practice.pk], facet_index.version)[practice.pk][1]
            .decode()
            .partition('"title":')[2][:7],
            indexed_text.indexed_texts([practice.pk], facet_index)[practice.pk].title,
            "<title>Bonds" in client.get("/practices/bonds/").content.decode(),
        )

    before = shown()
    practice.title = "Loans"
    practice.save()
    assert before == ("Bonds", '"Bonds"', "bond", True)
    assert shown() == ("Loans", '"Loans"', "loan", False)


def test_two_practices_are_kept_apart(practice, client):
    other = make_practice("Loans", slug="loans")
    facet_index = get_facet_index()
    assert {key: card.title for key, card in list_items([practice.pk, other.pk], facet_index).items()} == {
        practice.pk: "Bonds",
        other.pk: "Loans",
    }
    assert "Loans" in client.get("/practices/loans/").content.decode()
    assert "Loans" not in client.get("/practices/bonds/").content.decode().partition("</h1>")[0]
