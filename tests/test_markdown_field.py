"""Texts are kept with a paragraph a line, however a file or an editor wrapped them."""

import pytest

from practices.models import Practice
from practices.text import to_html, unwrap


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("One line\nand its rest.", "One line and its rest."),
        ("One.\r\n\r\nTwo\r\nmore.", "One.\n\nTwo more."),
        ("- a\n  goes on\n- b", "- a goes on\n- b"),
        ("- a\n  - b\n    goes on\n* c\n+ d", "- a\n  - b goes on\n* c\n+ d"),
        ("1. one\n2) two\n3 is no item", "1. one\n2) two 3 is no item"),
        ("> said\n> again", "> said\n> again"),
        ("called[^1]\n\n[^1]: note\n[^2]: other", "called[^1]\n\n[^1]: note\n[^2]: other"),
        ("hard  \nbreak", "hard  \nbreak"),
        ("hard\\\nbreak", "hard\\\nbreak"),
        ("*emphasis*\n*goes on*", "*emphasis* *goes on*"),
        ("  around  \n", "around"),
    ],
)
def test_lines_are_joined_inside_a_paragraph_alone(typed, kept):
    assert unwrap(typed) == kept
    assert unwrap(kept) == kept


def test_what_a_text_renders_to_stays_the_same():
    text = "A line\nwrapped.\n\n- one\n  wrapped\n  - two\n- three[^1]\n\n[^1]: The\n    note."
    assert " ".join(to_html(unwrap(text)).split()) == " ".join(to_html(text).split())


def test_a_fixture_wraps_lines_and_the_database_does_not(jmdi):
    story = Practice.objects.get(slug="paicodels-senegal").story
    assert "\n" not in story.replace("\n\n", "")
