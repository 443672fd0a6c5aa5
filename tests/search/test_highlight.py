"""Results explain themselves: the best passage, highlighted words, nothing unescaped."""

import pytest

from practices.index.list_items import list_items
from practices.models import Country, IndexedPractice, Objective, Place, Synonym
from practices.models.content_version import bump_content_version
from practices.search.highlighting import Highlight, Piece, best_passages, get_highlights, marked_html
from tests.factories import make_actor, make_country, make_practice, make_theme
from tests.search.helpers import ask, slugs

pytestmark = pytest.mark.django_db


def passage(text: str) -> tuple[str, str] | None:
    answer = ask(text)
    best = best_passages(answer, answer.pks).get(min(answer.pks))
    return best and (best.anchor, str(best.html))


def test_the_part_with_most_of_the_words_is_shown():
    make_practice(story="Bonds were sold.\n\nBonds for migrants abroad.", lessons=("Ask migrants.",))
    assert passage("migrants bonds") == ("story", "<mark>Bonds</mark> for <mark>migrants</mark> abroad.")


def test_a_lesson_wins_over_the_story_when_both_hold_as_much():
    make_practice(story="Ask migrants.", lessons=("Wait.", "Ask the migrants."))
    assert passage("migrants") == ("lesson-2", "Ask the <mark>migrants</mark>.")


def test_other_forms_and_accents_are_marked_in_the_original():
    make_practice(story="In Sédhiou migrants’ initiatives began.")
    assert passage("sedhiou migrant") == (
        "story",
        "In <mark>Sédhiou</mark> <mark>migrants</mark>’ initiatives began.",
    )


def test_a_synonym_of_several_words_is_marked_only_as_a_whole():
    Synonym.objects.create(words="remittances\nmoney sent home")
    make_practice(story="Money is sent. Then money sent home helps.")
    assert passage("remittances") == (
        "story",
        "Money is sent. Then <mark>money</mark> <mark>sent</mark> <mark>home</mark> helps.",
    )


def test_the_very_word_counts_more_than_a_synonym():
    Synonym.objects.create(words="remittances\ntransfers")
    make_practice(story="Transfers first.\n\nRemittances second.")
    assert passage("remittances") == ("story", "<mark>Remittances</mark> second.")


def test_two_words_count_more_than_one_word_and_its_synonyms():
    Synonym.objects.create(words="remittances\ntransfers\nmoney orders\nenvois")
    make_practice(story="Transfers, envois, money orders.\n\nTransfers for people.")
    assert passage("remittances people") == (
        "story",
        "<mark>Transfers</mark> for <mark>people</mark>.",
    )


def test_a_part_of_a_term_counts_in_part():
    Synonym.objects.create(words="remittances\nmoney sent home")
    make_practice(story="Money here.\n\nPeople there.\n\nSent.\n\nHome.")
    assert passage("money sent home people") == ("story", "<mark>People</mark> there.")


def test_the_rarer_word_counts_more():
    make_practice(story="People first.\n\nSeafarers second.")
    assert passage("people seafarers") == ("story", "<mark>Seafarers</mark> second.")


def test_a_lesson_without_words_shifts_no_line():
    make_practice(story="First.\n\nBonds second.", lessons=("—",))
    assert passage("bonds") == ("story", "<mark>Bonds</mark> second.")


def test_a_long_part_is_cut_where_it_holds_most():
    filler = " ".join(f"w{n}" for n in range(60))
    make_practice(story=f"Bonds {filler} bonds for migrants {filler}")
    _anchor, html = passage("bonds migrants")
    assert "w59 <mark>bonds</mark> for <mark>migrants</mark> w0" in html


def test_a_long_part_is_cut_around_the_first_hit():
    make_practice(
        story=" ".join(f"w{n}" for n in range(60)) + " bonds " + " ".join(f"x{n}" for n in range(60))
    )
    _anchor, html = passage("bonds")
    assert html.startswith("… w52 w53")
    assert html.endswith("x14 …")
    assert "<mark>bonds</mark>" in html


def test_marked_and_unmarked_pieces_are_both_escaped():
    shown = [Piece("<i>a & b</i> ", False), Piece("<b>'\"&</b>", True)]
    assert marked_html(shown) == (
        "&lt;i&gt;a &amp; b&lt;/i&gt; <mark>&lt;b&gt;&#x27;&quot;&amp;&lt;/b&gt;</mark>"
    )


def test_markup_is_not_shown_and_html_is_escaped():
    make_practice(story='- **Bonds**[^1] for [all](http://a.example/b) <img src="x" onerror="alert(1)">')
    assert passage("bonds") == (
        "story",
        "<mark>Bonds</mark> for all &lt;img src=&quot;x&quot; onerror=&quot;alert(1)&quot;&gt;",
    )


def test_a_hit_in_the_title_alone_shows_no_passage():
    make_practice("Bonds", story="Nothing.")
    assert passage("bonds") is None


def test_what_was_mended_is_said_and_can_be_undone():
    make_practice(story="About remittances and cooperatives.")
    found = ask("Remitances of coperatives")
    assert found.corrected_text == "remittances of cooperatives"
    assert found.uncorrected_text == '"remitances" of "coperatives"'
    assert slugs(ask(found.uncorrected_text)) == []


def test_nothing_is_said_when_nothing_was_mended():
    make_practice(story="About remittances.")
    assert ask("remittances").corrected_text == ""


# Cards -------------------------------------------------------------------------------------------------


def why(text: str) -> Highlight:
    answer = ask(text)
    return get_highlights(answer, list(list_items(answer.pks, answer.facet_index).values()))[min(answer.pks)]


def full_practice():
    practice = make_practice(
        "Bonds & <b>ships</b>",
        summary="Of bonds & ships.",
        countries=("MA",),
        corridors=("MA-IT",),
        themes=("savings",),
        objectives=("gcm-19",),
        sources=("None", "The Times"),
        actors=("bank-of-towns",),
        period="2014/2016",
        lessons=("A lesson.",),
    )
    Place.objects.create(practice=practice, order=2, country=make_country("MA"), name="Figuig")
    practice.themes.add(make_theme("health", make_theme("services")))
    Country.objects.filter(pk="IT").update(name="Italy")
    Objective.objects.filter(code="gcm-19").update(name="Diasporas")
    practice.save()
    bump_content_version()
    return practice


def test_what_was_asked_for_is_marked_in_title_and_summary():
    full_practice()
    assert why("ships") == Highlight(
        "Bonds &amp; &lt;b&gt;<mark>ships</mark>&lt;/b&gt;", "Of bonds &amp; <mark>ships</mark>.", None
    )
    assert why("ship lesson").passage.html == "A <mark>lesson</mark>."


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("towns", "Matches actor: Bank Of Towns"),
        ("figuig", "Matches place: Figuig"),
        ("italy", "Matches country: Italy"),
        ("Italie", "Matches country: Italy"),
        ("savings", "Matches theme: Savings"),
        ("service", "Matches theme: Services"),
        ("GCM 19", "Matches objective: GCM 19: Diasporas"),
        ("2015", "Matches period: 2014–2016"),
        ("times", "Matches a source"),
        ("ships towns", ""),
        ("story towns", ""),
        ("-nothing", ""),
    ],
)
def test_a_card_says_what_else_it_was_found_by(text, reason):
    full_practice()
    assert why(text).match_reason == reason


def test_what_holds_most_of_the_words_is_the_reason():
    full_practice()
    make_actor("bank-of-towns").participations.create(
        practice=make_practice("Other", themes=("bank",)), order=1
    )
    assert [why("bank towns").match_reason, why("services health").match_reason] == [
        "Matches actor: Bank Of Towns",
        "Matches theme: Services",
    ]


@pytest.mark.parametrize("period", [None, "2015"])
def test_a_source_is_a_reason_where_nothing_has_a_name(period):
    make_practice(sources=("The Times",), period=period)
    assert why("times").match_reason == "Matches a source"


def test_an_index_from_before_tells_no_reason():
    full_practice()
    IndexedPractice.objects.update(card={"slug": "x", "title": "T", "summary": "", "language": "en",
        "kind": "practice", "period": None, "countries": [], "themes": []})  # fmt: skip
    bump_content_version()
    assert why("figuig").match_reason == ""


def test_the_page_shows_the_reason(client):
    full_practice()
    page = client.get("/practices/?q=savings").content.decode()
    assert '<p class="card-passage">Matches theme: Savings</p>' in page
    assert "Bonds &amp; &lt;b&gt;<mark>ships</mark>" in client.get("/practices/?q=ships").content.decode()
    assert "card-passage" not in client.get("/practices/?q=ships").content.decode()
