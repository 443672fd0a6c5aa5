"""Values without practices, queries without words, and words without results."""

import unicodedata

import pytest

from practices.models import Actor, Publication
from practices.values.text import slug_of
from tests.factories import (
    make_actor,
    make_country,
    make_objective,
    make_practice,
    make_publication,
    make_theme,
)
from tests.html import get, links, part, plain

pytestmark = pytest.mark.django_db


@pytest.fixture
def funder() -> Actor:
    """An actor without practices that funded the publication of one."""
    actor = make_actor("european-union", name="European Union")
    publication = make_publication()
    publication.funders.add(actor)
    make_practice("Bonds", slug="bonds", publication=publication, countries=("PH",), actors=("naga",))
    return actor


def test_an_actor_of_a_publication_alone_has_an_empty_list_that_leads_to_its_page(client, funder):
    page = get(client, "/practices/?actor=european-union")
    assert '<div class="errors"' not in page
    assert plain(part(page, '<div class="empty">', "<ul>")) == (
        "No practices match Actor: European Union. This actor published, funded or produced a "
        "publication, but takes part in no practice."
    )
    assert ("/actors/european-union/", "Go to European Union") in links(page)
    for address in ("/api/v1/practices/?actor=european-union", "/api/v1/lessons/?actor=european-union"):
        answer = client.get(address)
        assert (answer.status_code, answer.json()["count"], answer.json()["results"]) == (200, 0, [])
    assert client.get("/feed/?actor=european-union").status_code == 200


def test_an_actor_that_only_drafts_name_is_as_unknown_as_one_that_is_not_there(client, funder):
    make_practice(status="draft", actors=("secret",), publication=Publication.objects.get())
    assert client.get("/api/v1/practices/?actor=secret").status_code == 400
    assert "“secret” is not a valid choice." in get(client, "/practices/?actor=secret")


@pytest.mark.parametrize(
    "query",
    ["country=IT", "theme=idle", "corridor=PH-IT", "objective=gcm-1", "actor_type=idle",
     "kind=personal_story", "activity=running", "language=ar"],
)  # fmt: skip
def test_a_value_that_no_practice_has_is_an_empty_list_and_no_error(client, funder, query):
    make_country("IT", "Italy")
    make_theme("idle")
    make_objective("gcm-1")
    make_actor("x", "idle")
    page = get(client, f"/practices/?{query}")
    assert '<div class="errors"' not in page
    assert plain(part(page, '<div class="empty">', "<ul>")).startswith("No practices match ")
    answer = client.get(f"/api/v1/practices/?{query}")
    assert (answer.status_code, answer.json()["count"]) == (200, 0)


@pytest.mark.parametrize("question", ["!!!", "😀", "“”", "…", "-"])
def test_a_question_without_a_word_says_so_and_leaves_nothing_out(client, funder, question):
    page = get(client, f"/practices/?q={question}")
    assert f"“{question}” contains no searchable word" in plain(part(page, '<p class="understood">', "</p>"))
    told = client.get("/api/v1/practices/", {"q": question}).json()
    assert (told["count"], told["search"]["empty"]) == (1, True)


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("kind=personal_story", "The practice in this list has no lessons."),
        ("actor=salinas", "The practice in this list has no lessons."),
        ("q=!!!&actor=salinas", "The practice in this list has no lessons."),
        ("language=en", "The 2 practices in this list have no lessons."),
        ("language=en&kind=personal_story", "The practice in this list has no lessons."),
        ("", "The 2 practices in this list have no lessons."),
        ("language=ar", "No practices match Language: Arabic."),
        ("language=ar&kind=practice", "No practices match all your filters."),
        (
            "actor=european-union",
            "No practices match Actor: European Union. This actor published, funded or produced a "
            "publication, but takes part in no practice.",
        ),
    ],
)
def test_an_empty_list_of_lessons_says_whether_practices_fit(client, funder, query, reason):
    make_practice("Hugo", slug="hugo", kind="personal_story", actors=("salinas",))
    said = plain(part(get(client, f"/lessons/?{query}"), '<div class="empty">', "<ul>"))
    assert said == reason


@pytest.mark.parametrize("path", ["/practices/", "/lessons/", "/countries/"])
@pytest.mark.parametrize("choice", ["country=IT", "theme=idle", "actor=european-union"])
def test_a_question_without_a_word_changes_nothing_on_an_empty_list(client, funder, path, choice):
    make_country("IT", "Italy")
    make_theme("idle")
    empty = part(get(client, f"{path}?{choice}"), '<div class="empty">', "</div>")
    assert "No practices match " in empty
    assert part(get(client, f"{path}?q=!!!&{choice}"), '<div class="empty">', "</div>") == empty


def test_a_question_without_a_word_is_explained_on_the_map_too(client, funder):
    note = '“"” contains no searchable word, so it excludes nothing.'
    assert note in plain(get(client, "/countries/?q=%22"))
    assert "contains no searchable word" not in get(client, "/countries/?q=bonds")


def test_an_empty_portal_says_so_for_a_question_without_a_word(client):
    assert "No practices have been published yet." in get(client, "/practices/?q=!!!")


@pytest.mark.parametrize("path", ["/practices/", "/countries/"])
def test_an_empty_list_and_an_empty_map_explain_themselves_alike(client, funder, path):
    make_country("IT", "Italy")
    page = get(client, f"{path}?actor=european-union")
    assert plain(part(page, '<div class="empty">', "<ul>")) == (
        "No practices match Actor: European Union. This actor published, funded or produced a "
        "publication, but takes part in no practice."
    )
    assert ("/actors/european-union/", "Go to European Union") in links(page)
    both = part(get(client, f"{path}?country=PH&actor=european-union"), '<div class="empty">', "</div>")
    assert plain(part(both, "<p>", "<ul>")) == (
        "No practices match all your filters. To get results, remove one of these:"
    )
    assert "Without Actor: European Union 1" in plain(both)
    words = part(get(client, f"{path}?country=IT&q=bonds"), '<div class="empty">', "</div>")
    assert plain(part(words, "<p>", "</p>")) == "No results for “bonds” with these filters."
    assert "Without Country: Italy 1" in plain(words)
    unknown = part(get(client, f"{path}?q=xylophone"), '<div class="empty">', "</div>")
    assert "No results for “xylophone”. Try other words or fewer words." in plain(unknown)


@pytest.mark.parametrize("question", ["bonds", "the", "xylophone", "-bonds"])
def test_a_question_with_a_word_is_not_said_to_hold_none(client, funder, question):
    assert "contains no searchable word" not in get(client, f"/practices/?q={question}")
    assert client.get("/api/v1/practices/", {"q": question}).json()["search"]["empty"] is False


@pytest.mark.parametrize(
    ("question", "unknown"),
    [("xylophone", ["xylophone"]), ("bonds", []), ("bonds -bonds", []), ("xylophone -bonds", ["xylophone"])],
)
def test_the_api_names_the_only_word_if_nothing_has_it(client, funder, question, unknown):
    assert client.get("/api/v1/practices/", {"q": question}).json()["search"]["unknown"] == unknown


def test_the_name_of_a_country_without_its_space_is_that_country(client):
    make_country("CR", "Costa Rica")
    make_practice("Cooperatives", slug="cooperatives", countries=("CR",))
    told = client.get("/api/v1/practices/?q=costarica").json()
    assert told["search"]["corrections"] == {"costarica": "costa rica"}
    assert [row["slug"] for row in told["results"]] == ["cooperatives"]


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("Łódź, Groß-Gerau & Tromsø", "lodz-gross-gerau-tromso"),
        ("Ærø đ þ œ", "aero-d-th-oe"),
        ("Bonds 2013–2015", "bonds-2013-2015"),
        ("2013—2015/16", "2013-2015-16"),
        ("2013~2015", "2013-2015"),
        ("2013～2015 〜 2016", "2013-2015-2016"),
        ("Plan ٢٠١٥", "plan-2015"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("Größe", "grosse"),
        ("مهاجرون", "mhjrwn"),
        ("Мигранты и ёй", "migranty-i-ey"),
        ("Μετανάστες", "metanastes"),
        ("हिन्दी", "hindi"),
        ("移民、发展", "yi-min-fa-zhan"),
        ("서울 이주", "seoul-iju"),
        ("עולים", "vlym"),
        ("İzmir", "izmir"),
        ("Bonds\u00a0of\u2028migrants\u200b’ sons", "bonds-of-migrants-sons"),
        ("Plan 😀 B", "plan-b"),
        ("😀", ""),
        ("👩‍👩‍👧 🇵🇭 ☀️", ""),
        ("«…»", ""),
        ("a" * 12, "a" * 10),
        ("one two three", "one-two"),
        ("ten letters more", "ten"),
        ("abcde fghi", "abcde-fghi"),
        ("!!!", ""),
    ],
)
def test_a_slug_keeps_letters_dashes_and_whole_words(text, slug):
    assert slug_of(text, 100 if len(slug) > 10 else 10) == slug


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_slug_is_the_same_whether_accents_are_composed_or_not(form):
    title = unicodedata.normalize(form, "Größe der Łódź, Йод, 서울")
    assert slug_of(title, 100) == "grosse-der-lodz-yod-seoul"


@pytest.mark.parametrize("word", ["migration ", "миграция ", "移民"])
def test_a_slug_of_a_long_title_has_whole_words_and_a_limited_length(word):
    title = (word * 300)[:300]
    slug = slug_of(title, 96)
    assert 80 < len(slug) <= 96
    assert set(slug.split("-")) == set(slug_of(word, 96).split("-"))


def test_a_slug_of_a_text_without_an_end_reads_its_beginning_only():
    assert slug_of("!" * 1_000 + "a", 96) == ""
