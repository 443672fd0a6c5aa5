"""What the search box suggests while a person types: themes, countries, corridors, actors and practices."""

import pytest
from django.utils import translation

from practices.models import Participation, Place, Practice
from practices.search.suggestions import Suggestion, suggestions
from tests.factories import make_actor, make_country, make_practice, make_theme

pytestmark = pytest.mark.django_db


def labels(text: str) -> list[str]:
    return [row.label for row in suggestions(text)]


# What is found ------------------------------------------------------------------------------------------


def test_each_kind_leads_to_its_page_themes_and_countries_before_actors_before_practices():
    make_theme("savings", name="Mining")
    make_country("PH", "Mindanao")
    make_actor("mi-office", name="Minority office", acronym="MO")
    make_practice("Min", slug="the-practice", countries=("PH",), themes=("savings",), actors=("mi-office",))
    assert suggestions("min") == [
        Suggestion("theme", "Mining", "/themes/savings/"),
        Suggestion("country", "Mindanao", "/countries/PH/"),
        Suggestion("actor", "Minority office (MO)", "/actors/mi-office/"),
        Suggestion("practice", "Min", "/practices/the-practice/"),
    ]


def test_shorter_labels_come_first_and_equal_ones_by_the_alphabet():
    for title in ("Bonds for the city", "Bonds b", "Bonds á", "City bonds"):
        make_practice(title)
    assert labels("bond") == ["Bonds á", "Bonds b", "City bonds", "Bonds for the city"]


@pytest.mark.parametrize(
    "text", ["sedh", "SÉDH", "Se\u0301dh", "sédhiou", "  sedhiou ", "region sedh", "“Sedhiou"]
)
def test_accents_capitals_and_signs_make_no_difference(text):
    make_practice("The Sédhiou region", countries=("SN",), actors=("sedhiou",))
    make_actor("other", name="Ségou")
    Practice.objects.get().participations.update(group="Sédhiou")
    assert labels(text) == (["Sedhiou"] if "region" not in text else []) + ["The Sédhiou region"]


def test_a_word_is_found_by_its_beginning_and_not_by_its_middle_or_another_form():
    make_practice("Cooperatives in town")
    make_practice("Cooperation")
    make_practice("An uncooperative office")
    assert labels("coop") == ["Cooperation", "Cooperatives in town"]
    assert labels("cooperatives") == ["Cooperatives in town"]
    assert labels("operat") == []


def test_what_a_practice_says_elsewhere_is_no_title():
    make_practice("A title", summary="Bonds", story="Bonds", lessons=("Bonds",), sources=("Bonds",))
    assert labels("bonds") == []


def test_a_word_typed_whole_still_begins_longer_ones():
    make_practice("In the town")
    make_practice("Integration")
    assert labels("in") == ["In the town", "Integration"]


def test_of_several_words_each_must_begin_a_word_in_any_order():
    make_practice("Migrants Resource Centre", actors=("centre-of-migrants", "centre"))
    make_practice("Migrants at home")
    assert labels("cen mig") == ["Centre Of Migrants", "Migrants Resource Centre"]
    assert labels("mig cen res") == ["Migrants Resource Centre"]
    assert labels("migrants res cen nowhere") == []


def test_more_words_than_the_engine_is_asked_for_are_all_compared():
    make_practice("Alpha beta gamma delta ep")
    make_practice("Alpha beta gamma delta of")
    assert labels("alpha beta gamma delta ep") == ["Alpha beta gamma delta ep"]


def test_a_country_is_found_by_its_name_in_any_language_and_shown_in_the_active_one():
    make_country("MA", "Morocco")
    make_practice(countries=("MA",))
    assert [labels(text) for text in ("moro", "maroc", "marrue", "المغ")] == [["Morocco"]] * 4
    with translation.override("fr"):
        assert [labels(text) for text in ("moro", "maroc")] == [["Maroc"]] * 2
    with translation.override("de"):
        assert labels("marok") == ["Marokko"]


def test_a_renamed_country_is_found_by_its_new_name():
    country = make_country("SZ", "Swaziland")
    make_practice(countries=("SZ",))
    assert labels("swaz") == ["Swaziland"]
    country.name = "Eswatini"
    country.save()
    assert labels("eswa") == ["Eswatini"]


def test_an_actor_is_found_by_its_acronym_and_by_words_with_signs():
    make_actor("atikha", name="Atikha Overseas Workers", acronym="AOW")
    make_actor("mand", name="M&D network")
    make_practice(actors=("atikha", "mand"))
    assert [labels(text) for text in ("aow", "m&d", "over ati")] == [
        ["Atikha Overseas Workers (AOW)"],
        ["M&D network"],
        ["Atikha Overseas Workers (AOW)"],
    ]


def test_a_whole_theme_is_found_by_a_practice_of_one_of_its_parts():
    make_theme("savings", make_theme("remittances"))
    make_theme("remote")
    make_practice(themes=("savings",))
    assert labels("rem") == ["Remittances"]


# What is not public -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["draft", "in_review", "archived"])
def test_nothing_that_only_unpublished_practices_have_is_suggested(status):
    make_country("XK", "Canaryland")
    make_theme("canaries", make_theme("canary-whole"))
    hidden = {"countries": ("XK",), "themes": ("canaries",), "actors": ("canary-office",)}
    practice = make_practice("Canary shared", slug="c", **hidden, status=status)
    make_practice("Shared", slug="open")
    assert labels("canar") == []
    assert labels("shared") == ["Shared"]
    practice.status = "published"
    practice.save()
    assert labels("canar") == ["Canaries", "Canary whole", "Canaryland", "Canary Office", "Canary shared"]
    practice.status = status
    practice.save()
    assert labels("canar") == []


def test_an_end_of_a_corridor_is_suggested_and_then_the_corridor():
    make_country("IT", "Italy")
    make_country("PH", "Philippines")
    make_practice(corridors=("PH-IT",))
    make_practice(corridors=("IT-QA",), status="draft")
    corridor = Suggestion("corridor", "Philippines → Italy", "/corridors/PH-IT/")
    assert suggestions("ital") == [Suggestion("country", "Italy", "/countries/IT/"), corridor]
    assert suggestions("ital phil") == suggestions("filip italie") == [corridor]
    assert labels("qatar") == []


def test_of_many_corridors_three_are_suggested():
    make_country("IT", "Italy")
    make_practice("Italians", corridors=("IT-PH", "IT-QA", "IT-QB", "IT-QC"))
    found = suggestions("ital")
    assert [row.kind for row in found] == ["country", "corridor", "corridor", "corridor", "practice"]


def test_an_actor_without_a_part_is_not_suggested():
    make_actor("italians")
    assert labels("ital") == []


def test_what_a_published_and_a_hidden_practice_share_is_suggested_once():
    make_country("PH", "Philippines")
    for status in ("draft", "published", "published"):
        make_practice(status=status, countries=("PH",), actors=("philip",), themes=("philia",))
    Place.objects.create(practice=Practice.objects.first(), order=9, country=make_country("PH"))
    Participation.objects.create(
        practice=Practice.objects.last(), order=9, actor=make_actor("philip"), role="lead"
    )
    assert labels("phil") == ["Philia", "Philippines", "Philip"]


# Limits -------------------------------------------------------------------------------------------------


def test_no_more_than_eight_are_suggested():
    for number in range(9):
        make_practice(f"Bonds {number}", themes=(f"bond-{number}",) if number < 3 else ())
    assert labels("bond") == ["Bond 0", "Bond 1", "Bond 2", *(f"Bonds {number}" for number in range(5))]


@pytest.mark.parametrize("text", ["", " ", "b", " b ", "é", "b'", "…", "\0", "'s", '""', "-"])
def test_fewer_than_two_letters_suggest_nothing_and_ask_nothing(text, django_assert_num_queries):
    make_practice("B’s bonds, é")
    with django_assert_num_queries(0):
        assert labels(text) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_the_same_for_any_number_of_rows(django_assert_num_queries, rows):
    for number in range(rows):
        actor, theme = f"bond-office-{number}", f"bond-{number}"
        make_country(code := f"Q{chr(65 + number)}", f"Xanadu {number}")
        make_practice(f"Bonds {number}", countries=(code,), actors=(actor,), themes=(theme,))
    suggestions("bond")  # the first request of a version makes the facet index
    # 1 the version; 2 the words begun so; practices: 3 their keys, 4 their titles
    with django_assert_num_queries(4):
        assert "Bonds 0" in labels("bond")
    # 1 the version; 2 to 5 the four longest words; practices: 6 their keys, 7 their titles
    with django_assert_num_queries(7):
        assert labels("bond bonds b 0 bon bo") == ["Bonds 0"]


def test_what_there_is_no_room_for_is_not_asked_for(django_assert_num_queries):
    make_practice("Bonds", themes=tuple(f"bond-{number}" for number in range(8)))
    suggestions("bond")
    # 1 the version
    with django_assert_num_queries(1):
        assert len(labels("bond")) == 8


HOSTILE = [
    "b' OR 1=1 --", '"bonds" OR *', "bonds*", "bonds:A", "bon%", "bo_d", "title : bonds", "NEAR(bonds town)",
    "bonds\\", "bonds & !town", "\ud800bonds", "bonds\0", "<script>bonds", "bonds " * 16, "٣٣", "½½", "()",
    "%%",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_person_becomes_syntax(text):
    make_practice("Town bonds", slug="here")
    assert labels(text) in ([], ["Town bonds"])


# The address --------------------------------------------------------------------------------------------


def test_the_address_answers_json_that_may_be_kept_for_a_minute(client):
    make_practice("Bonds <b>", slug="bonds", countries=("PH",))
    response = client.get("/suggest/?q=bond")
    assert response.json() == {
        "suggestions": [
            {"kind": "practice", "kind_label": "Practice", "label": "Bonds <b>", "url": "/practices/bonds/"}
        ]
    }
    assert response.headers["Content-Type"] == "application/json"
    assert set(response.headers["Cache-Control"].split(", ")) == {"public", "max-age=60"}


@pytest.mark.parametrize("address", ["/suggest/", "/suggest/?q=", "/suggest/?q=b", "/suggest/?q=%00%FF"])
def test_without_two_letters_the_answer_is_empty(client, address):
    make_practice("Bonds")
    response = client.get(address)
    assert (response.status_code, response.json()) == (200, {"suggestions": []})


def test_a_text_of_more_than_100_letters_is_refused(client):
    make_practice("Bonds")
    assert client.get("/suggest/", {"q": "b" * 100}).json() == {"suggestions": []}
    response = client.get("/suggest/", {"q": "b" * 101})
    assert (response.status_code, response.json()) == (
        400,
        {"error": "q has 101 characters. Suggestions accept at most 100."},
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_address(client, text):
    make_practice("Town bonds")
    assert client.get("/suggest/", {"q": text.encode(errors="surrogatepass")}).status_code == 200
