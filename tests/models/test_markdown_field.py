"""Texts are stored as typed, up to a maximum length; only the reader of the booklet joins wrapped lines."""

import pytest
from django.core.exceptions import ValidationError

from practices.exchange.imports import create_import, run_import, undo
from practices.exchange.sheet import Line
from practices.history.snapshot_values import MAX_ROWS, MAX_TOTAL_LENGTH
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import take_snapshot
from practices.history.versions import save_version
from practices.models import Lesson, Practice, Publication, Source, Synonym, Theme
from practices.models.fields import MarkdownField
from practices.search.index_rows import MARKUP
from practices.values.text import to_html, unwrap
from practices.workflow.transitions import restore_practice
from tests.admin_form import PracticePage, errors_of
from tests.factories import make_editor, make_person, make_practice

TYPED = "Heading\n•\tone\n•\ttwo\na\tb\n\nA rose\n  is a rose."


@pytest.mark.parametrize(
    ("wrapped", "joined"),
    [
        ("One line\nand its rest.", "One line and its rest."),
        ("One.\r\n\r\nTwo\r\nmore.", "One.\n\nTwo more."),
        ("- a\n  goes on\n- b", "- a goes on\n- b"),
        ("- a\n  - b\n    goes on\n* c\n+ d", "- a\n  - b goes on\n* c\n+ d"),
        ("1. one\n2) two\n3 is no item", "1. one\n2) two 3 is no item"),
        ("> said\n> again", "> said\n> again"),
        ("called[^1]\n\n[^1]: note\n[^2]: other", "called[^1]\n\n[^1]: note\n[^2]: other"),
        ("see\n[^1] and\n[^ [^2]: there", "see [^1] and [^ [^2]: there"),
        ("hard  \nbreak", "hard  \nbreak"),
        ("hard\\\nbreak", "hard\\\nbreak"),
        ("*emphasis*\n*goes on*", "*emphasis* *goes on*"),
        ("  around  \n", "around"),
        ("a\n[^" * 1_000, "a [^" * 1_000),
    ],
)
def test_the_reader_of_wrapped_files_joins_lines_inside_a_paragraph(wrapped, joined):
    assert unwrap(wrapped) == joined.strip()
    assert unwrap(joined) == joined.strip()


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (TYPED, TYPED),
        (TYPED.replace("\n", "\r\n"), TYPED),
        (TYPED.replace("\n", "\r"), TYPED),
        ("a\n[^" * 500, "a\n[^" * 500),
        ("a \\\n b\u2028c\u00a0d\ve", "a \\\n b\u2028c\u00a0d\ve"),
    ],
)
def test_a_text_is_stored_as_it_is_typed_with_one_kind_of_line_ending(db, typed, kept):
    practice = make_practice(story=typed)
    practice.refresh_from_db()
    assert practice.story == kept


def test_a_single_line_break_is_shown_as_one():
    assert to_html(TYPED) == (
        "<p>Heading<br>\n•\tone<br>\n•\ttwo<br>\na\tb</p>\n<p>A rose<br>\nis a rose.</p>\n"
    )


def test_the_form_stores_the_text_as_it_is_typed(client, db):
    client.force_login(make_editor())
    practice = make_practice(status="draft", lessons=("One.",))
    form = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    form.fill(story=TYPED.replace("\n", "\r\n"), lessons__0__text="a\r\nb")
    assert form.save().status_code == 302
    practice.refresh_from_db()
    assert (practice.story, practice.lessons.get().text) == (TYPED, "a\nb")


def test_no_text_of_the_cases_has_a_line_break_inside_a_paragraph(jmdi):
    texts = [
        *(text for practice in Practice.objects.all() for text in (practice.story, practice.editors_note)),
        *Lesson.objects.values_list("text", flat=True),
        *Source.objects.values_list("text", flat=True),
        *Publication.objects.values_list("note", flat=True),
    ]
    assert [text for text in texts if unwrap(text) != text or "<br" in to_html(text)] == []


# Lengths ------------------------------------------------------------------------------------------------

TOO_LONG = "Ensure this value has at most {} characters (it has {})."
LIMITS = {
    (Practice, "summary"): 1_000,
    (Practice, "story"): 50_000,
    (Practice, "editors_note"): 10_000,
    (Lesson, "text"): 10_000,
    (Source, "text"): 3_000,
    (Publication, "note"): 5_000,
    (Theme, "definition"): 1_000,
    (Synonym, "words"): 900,
}


@pytest.mark.parametrize(("model", "name"), LIMITS)
def test_every_text_has_a_longest_length(model, name):
    field, longest = model._meta.get_field(name), LIMITS[model, name]
    field.run_validators("a" * longest)
    with pytest.raises(ValidationError, match=TOO_LONG[:20]) as refused:
        field.run_validators("a" * (longest + 1))
    assert refused.value.messages == [TOO_LONG.format(longest, longest + 1)]


def test_no_field_of_a_practice_takes_a_text_without_a_limit():
    models = [Practice, *(relation.related_model for relation in Practice._meta.related_objects)]
    fields = [field for model in {*models} for field in model._meta.concrete_fields]
    free = [
        f"{field.model.__name__}.{field.name}"
        for field in fields
        if field.get_internal_type() == "TextField" and not isinstance(field, MarkdownField)
        if not field.model.__name__.startswith("Indexed")  # which holds what the others hold
    ]
    assert free == []


def test_the_form_refuses_a_longer_text_and_keeps_what_was_typed(client, db):
    client.force_login(make_editor())
    practice = make_practice(status="draft", lessons=("One.",))
    form = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    form.fill(story="a\r\n" * 25_000 + "b", lessons__0__text="c" * 10_001)
    response = form.save()
    assert errors_of(response) == {
        "story": [TOO_LONG.format(50_000, 50_001)],
        "lessons-0-text": [TOO_LONG.format(10_000, 10_001)],
    }
    assert "c" * 10_001 in response.content.decode()
    practice.refresh_from_db()
    assert practice.story != "a"


def test_a_line_ending_of_two_signs_counts_as_one(client, db):
    client.force_login(make_editor())
    practice = make_practice(status="draft")
    form = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    form.fill(story="a\r\n" * 24_999 + "b")
    assert form.save().status_code == 302


def test_a_longer_text_of_before_is_read_and_can_be_shortened(client, db):
    client.force_login(make_editor())
    practice = make_practice(status="draft")
    Practice.objects.filter(pk=practice.pk).update(story="a" * 60_000)
    form = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    form.fill(story="a" * 50_000)
    assert form.save().status_code == 302
    practice.refresh_from_db()
    assert len(practice.story) == 50_000


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"story": "a" * 50_001}, {"story": [TOO_LONG.format(50_000, 50_001)]}),
        ({"lessons": [{"text": "b" * 10_001}]}, {"lessons.1.text": [TOO_LONG.format(10_000, 10_001)]}),
    ],
)
def test_a_record_with_a_longer_text_is_refused_by_the_field_s_name(db, values, errors):
    practice = make_practice(lessons=("One.",))
    with pytest.raises(ValidationError) as refused:
        apply_snapshot(values, practice)
    assert refused.value.message_dict == errors
    assert practice.lessons.get().text == "One."


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"text": "a"}] * (MAX_ROWS + 1), "There are 101 entries. The maximum is 100."),
        (
            [{"text": "a" * 9_999}] * 10 + [{"text": "b" * 11}],
            f"The entries have {MAX_TOTAL_LENGTH + 1} characters in total. "
            f"The maximum is {MAX_TOTAL_LENGTH}.",
        ),
    ],
)
def test_rows_of_a_kind_have_a_limit_together(db, rows, said):
    practice = make_practice(lessons=("One.",))
    with pytest.raises(ValidationError) as refused:
        apply_snapshot({"lessons": rows}, practice)
    assert refused.value.message_dict == {"lessons": [said]}
    assert practice.lessons.get().text == "One."


def test_the_form_refuses_rows_that_are_too_long_together(client, db):
    client.force_login(make_editor())
    practice = make_practice(status="draft", lessons=("One.",))
    form = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    for number in range(11):
        form.add_row("lessons", text=f"{number:02}" * 4_750)
    response = form.save()
    assert response.status_code == 200
    assert "The entries have 104504 characters in total. The maximum is 100000." in response.content.decode()
    assert practice.lessons.get().text == "One."


def test_a_version_with_a_longer_text_is_not_restored_and_says_why(db):
    practice = make_practice(status="draft", story="Short.")
    Practice.objects.filter(pk=practice.pk).update(story="a" * 50_001)
    version = save_version(Practice.objects.get(pk=practice.pk), "changed", None)
    Practice.objects.filter(pk=practice.pk).update(story="Short.")
    with pytest.raises(ValidationError) as refused:
        restore_practice(version, make_editor(), "")
    assert refused.value.message_dict == {"story": [TOO_LONG.format(50_000, 50_001)]}
    practice.refresh_from_db()
    assert practice.story == "Short."


def test_an_import_refuses_a_longer_text_with_its_cell_and_undoing_puts_line_breaks_back(db):
    person = make_person("erin", "Editors")
    practice = make_practice(status="draft", story=TYPED)
    line = Line(2, {"slug": practice.slug, "story": "a" * 50_001}, {"slug": "A2", "story": "B2"})
    [outcome] = run_import(create_import("a.csv", [line], person), person, apply=True)
    assert outcome.errors == [("B2", "story", TOO_LONG.format(50_000, 50_001))]
    line.record["story"] = "One\ntwo."
    done = create_import("a.csv", [line], person)
    list(run_import(done, person, apply=True))
    practice.refresh_from_db()
    assert take_snapshot(practice)["story"] == "One\ntwo."
    undo(done, person)
    practice.refresh_from_db()
    assert practice.story == TYPED


def test_marks_that_nobody_searches_are_found_up_to_the_next_bracket():
    assert MARKUP.sub(" ", "one[^a]: two [b](/c/) [^ [^d] ](e ](f)") == "one  two [b  [^   ](e  "
