"""Differences between two versions, in words."""

import pytest

from practices.history.differences import IN, OUT, SAME, changes, parts
from practices.history.snapshots import take_snapshot
from tests.factories import make_actor, make_country, make_practice, make_theme

pytestmark = pytest.mark.django_db


def shown(before: dict, after: dict) -> list[tuple[str, str, str]]:
    """Return label, text with [-removed-] and [+added+], and remark."""
    marks = {SAME: "{}", OUT: "[-{}-]", IN: "[+{}+]"}
    return [
        (row.label, "".join(marks[kind].format(text) for kind, text in row.parts), row.remark)
        for row in changes(before, after)
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("One two three.", "One 2 three.", "One [-two-][+2+] three."),
        ("", "New.", "[+New.+]"),
        ("Old.", "", "[-Old.-]"),
        ("Same.", "Same.", "Same."),
        ("A.\n\nB.", "A.\n\nNew.\n\nB.", "A.\n\n[+New.\n\n+]B."),
        ("It’s 5 km.", "It’s 6 km.", "It’s [-5-][+6+] km."),
        ("مهاجر قديم", "مهاجر جديد", "مهاجر [-قديم-][+جديد+]"),
    ],
)
def test_texts_differ_word_by_word(before, after, expected):
    marks = {SAME: "{}", OUT: "[-{}-]", IN: "[+{}+]"}
    found = parts(before, after)
    assert "".join(marks[kind].format(text) for kind, text in found) == expected
    assert "".join(text for kind, text in found if kind != IN) == before
    assert "".join(text for kind, text in found if kind != OUT) == after


def test_a_whole_new_story_is_compared_in_a_blink():
    before = " ".join(f"word{n}" for n in range(9_000))
    assert parts(before, before[::-1]) == [(OUT, before), (IN, before[::-1])]


@pytest.mark.parametrize(
    ("before", "after"),
    [("a " * 1_999, "a b " * 999), ("a\n\n" * 3_000, "b\n\n" * 3_000), ("ab\n\n" * 9_000, "a\n\n" * 9_000)],
)
def test_texts_that_repeat_themselves_are_compared_whole(before, after):
    """A comparison by the longest block takes minutes for these."""
    found = parts(before, after)
    assert "".join(text for kind, text in found if kind != IN) == before
    assert "".join(text for kind, text in found if kind != OUT) == after


def test_fields_are_told_by_their_names_and_values_in_words():
    make_country("PH", "Philippines")
    practice = take_snapshot(make_practice("Bonds", status="draft", period="2009-04/2011-06"))
    changed = practice | {"title": "Bonds again", "period": "2013/..", "activity": "ended", "summary": ""}
    assert shown(practice, changed) == [
        ("Title", "Bonds[+ again+]", ""),
        ("Summary", "[-A summary.-]", ""),
        ("Period", "[-April 2009 – June 2011-][+since 2013+]", ""),
        ("Activity", "[-Not known-][+Ended+]", ""),
    ]


def test_links_are_told_by_the_names_of_what_they_lead_to():
    make_theme("savings", name="Savings")
    make_theme("rights", name="Rights")
    before = {"themes": ["rights"], "former_slugs": [], "publication": None}
    after = {"themes": ["savings"], "former_slugs": ["old"], "publication": "gone"}
    assert shown(before, after) == [
        ("Themes", "[-Rights-][+Savings+]", ""),
        ("Former addresses", "[+old+]", ""),
        ("First published in", "[+gone+]", ""),
    ]


LESSONS = {"A": "Ask women first.", "B": "Banks need time.", "C": "Count what is sent.", "D": "Do it again."}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("ABC", "ABC", []),
        ("ABC", "BC", [("Lesson 1", "[-Ask women first.-]", "removed")]),
        ("ABC", "ABCD", [("Lesson 4", "[+Do it again.+]", "new")]),
        ("ABC", "CAB", [("Lesson 1", "Count what is sent.", "moved from place 3")]),
        ("AB", "BA", [("Lesson 1", "Banks need time.", "moved from place 2")]),
        ("ABC", "DABC", [("Lesson 1", "[+Do it again.+]", "new")]),
    ],
)
def test_rows_that_come_go_and_move(before, after, expected):
    found = shown(*({"lessons": [{"text": LESSONS[x]} for x in rows]} for rows in (before, after)))
    assert found == expected


def test_a_row_that_changed_is_one_row_with_the_words_that_changed():
    make_country("PH", "Philippines")
    make_actor("atikha", name="Atikha")
    place = {"name": "Batangas", "country": "PH", "latitude": 13.75, "longitude": 121.0}
    part = {"actor": "atikha", "role": "lead", "group": "", "note": ""}
    before = {"places": [place], "participations": [part], "lessons": [{"text": "Ask women first."}]}
    after = {
        "places": [place | {"latitude": 14.0}],
        "participations": [part | {"role": "funder"}],
        "lessons": [{"text": "New one."}, {"text": "Ask all women first."}],
    }
    assert shown(before, after) == [
        ("Place 1", "Batangas · Philippines · [-13.75-][+14.0+] · 121.0", ""),
        ("Participating actor 1", "Atikha · [-Lead-][+Funder+]", ""),
        ("Lesson 2", "Ask [+all +]women first.", ""),
        ("Lesson 1", "[+New one.+]", "new"),
    ]
