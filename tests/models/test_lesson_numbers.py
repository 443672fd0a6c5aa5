"""Permanent numbers of lessons: kept in every order and file, and never used twice."""

import json

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection

from practices.exchange import imports, schema_org, sheet
from practices.history import versions
from practices.history.differences import changes
from practices.history.lesson_numbers import with_lesson_numbers
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import take_snapshot
from practices.models import Lesson, Practice, Revision
from practices.workflow import preview_links, transitions
from practices.workflow.transitions import take_step
from tests.admin_form import PracticePage
from tests.databases import own_database
from tests.editing.test_conflicts import choose
from tests.exchange.test_imports import a_csv, errors, import_rows
from tests.factories import make_editor, make_practice
from tests.html import links

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_editor()


@pytest.fixture
def desk(client, editor):
    client.force_login(editor)
    return client


def numbers(practice: Practice) -> list[tuple[int, str]]:
    return list(Lesson.objects.filter(practice=practice).values_list("number", "text"))


def change(practice: Practice) -> str:
    return f"/admin/practices/practice/{practice.pk}/change/"


def without_numbers(made: dict) -> dict:
    """A snapshot as releases before lesson numbers stored it."""
    old = {
        name: value for name, value in made.items() if name not in {"last_lesson_number", "public_lessons"}
    }
    return json.loads(json.dumps(old)) | {"lessons": [{"text": row["text"]} for row in made["lessons"]]}


def removed(client, slug: str) -> list[int]:
    """Return the numbers of the lessons that the page of a practice reports as removed."""
    page = client.get(f"/practices/{slug}/").content.decode()
    return [number for number in range(1, 20)
            if f'id="lesson-{number}">Lesson {number} was removed.</p>' in page]  # fmt: skip


# The form --------------------------------------------------------------------------------------------------


def test_a_new_lesson_has_the_next_number_and_reordering_keeps_all(desk):
    practice = make_practice(status="draft", lessons=("A", "B"))
    page = PracticePage(desk, change(practice))
    page.fill(lessons__0__order="2", lessons__1__order="1")
    page.add_row("lessons", text="C")
    assert page.save().status_code == 302
    assert numbers(practice) == [(2, "B"), (1, "A"), (3, "C")]


def test_the_number_of_a_removed_lesson_is_not_given_again(desk):
    practice = make_practice(status="draft", lessons=("A", "B"))
    page = PracticePage(desk, change(practice))
    page.fill(lessons__1__DELETE="on")
    page.save()
    page = PracticePage(desk, change(practice))
    page.add_row("lessons", text="B")
    page.save()
    assert numbers(practice) == [(1, "A"), (3, "B")]


def test_the_form_shows_the_number_and_takes_none(desk):
    practice = make_practice(status="draft", lessons=("A", "B"))
    practice.lessons.filter(number=1).delete()
    page = PracticePage(desk, change(practice))
    answer = desk.get(change(practice)).content.decode()
    assert '<h3 class="row-name">Lesson 2</h3>' in answer
    assert '<h3 class="row-name">New lesson</h3>' in answer
    page.fill(lessons__0__text="Changed")
    page.add_row("lessons", text="C")
    page.data |= {"lessons-0-number": "9", "lessons-1-number": "1", "lessons-1-kept_number": "1"}
    page.save()
    assert numbers(practice) == [(2, "Changed"), (3, "C")]


def test_two_editors_who_add_lessons_get_different_numbers(desk, client):
    practice = make_practice(status="draft", lessons=("A",))
    first, second = PracticePage(desk, change(practice)), PracticePage(desk, change(practice))
    first.add_row("lessons", text="First")
    second.add_row("lessons", text="Second")
    assert (first.save().status_code, second.save().status_code) == (302, 302)
    assert sorted(numbers(practice)) == [(1, "A"), (2, "First"), (3, "Second")]


def test_a_lesson_that_one_editor_removed_and_another_keeps_has_its_number_again(desk):
    practice = make_practice(status="draft", lessons=("A", "B"))
    first, second = PracticePage(desk, change(practice)), PracticePage(desk, change(practice))
    first.fill(lessons__0__DELETE="on")
    first.save()
    second.fill(lessons__0__text="A of the second")
    answer = second.save()
    assert choose(desk, answer, change(practice)).status_code == 302
    assert numbers(practice) == [(1, "A of the second"), (2, "B")]


def test_a_number_that_a_form_makes_up_is_given_to_nobody(desk):
    practice = make_practice(status="draft", lessons=("A", "B"))
    page = PracticePage(desk, change(practice))
    seen = json.loads(page.data["_seen"])
    gone = "987654"  # a lesson that is there no more
    seen["lessons"].append(gone)
    seen["lessons.numbers"][gone] = 2
    page.data |= {
        "_seen": json.dumps(seen), "lessons-INITIAL_FORMS": "3", "lessons-TOTAL_FORMS": "3",
        "lessons-2-id": gone, "lessons-2-practice": str(practice.pk), "lessons-2-order": "3",
        "lessons-2-text": "C",
    }  # fmt: skip
    answer = page.save()
    assert choose(desk, answer, change(practice)).status_code == 302
    assert numbers(practice) == [(1, "A"), (2, "B"), (3, "C")]


# Releases, drafts of changes, versions ---------------------------------------------------------------------


def test_a_published_change_keeps_numbers_and_the_page_says_which_lesson_was_removed(client, editor):
    live = make_practice(slug="bonds", lessons=("A", "B", "C"))
    draft = transitions.prepare_change(live, editor)
    assert numbers(draft) == [(1, "A"), (2, "B"), (3, "C")]
    draft.lessons.filter(number=1).update(order=9)
    draft.lessons.get(number=2).delete()
    draft.lessons.create(order=12, text="D")
    address, _until = preview_links.link(draft)
    before = client.get(address).content.decode()
    assert removed(client, "bonds") == []
    take_step("publish", draft, editor)
    assert numbers(live) == [(3, "C"), (1, "A"), (4, "D")]
    assert removed(client, "bonds") == [2]
    assert "Lesson 2 was removed." in before


def test_the_page_the_lists_the_search_and_the_api_use_the_number(client):
    practice = make_practice("Bonds", slug="bonds", lessons=("Gulls fly.", "Herons wade."))
    practice.lessons.filter(number=1).update(order=7)
    practice.save()
    page = client.get("/practices/bonds/").content.decode()
    assert page.index('<li id="lesson-2" value="2">') < page.index('<li id="lesson-1" value="1">')
    assert links(page, "/practices/bonds/#") == [
        ("/practices/bonds/#lesson-2", "Link to this lesson (2)"),
        ("/practices/bonds/#lesson-1", "Link to this lesson (1)"),
    ]
    listed = client.get("/practices/?q=gulls").content.decode()
    assert links(listed, "/practices/bonds/")[1] == ("/practices/bonds/?in=q%3Dgulls#lesson-1", "Lesson 1")
    lessons = client.get("/lessons/?q=gulls").content.decode()
    assert ("/practices/bonds/#lesson-1", "Lesson 1") in links(lessons, "/practices/bonds/")
    [row] = client.get("/api/v1/lessons/?q=gulls").json()["results"]
    assert (row["number"], row["order"], row["url"][-9:]) == (1, 7, "#lesson-1")
    assert row["api_url"].endswith("/lessons/bonds/1/")
    assert client.get("/api/v1/lessons/bonds/1/").json()["markdown"] == "Gulls fly."
    [passage] = client.get("/api/v1/practices/?q=gulls").json()["results"][0]["highlights"]
    assert passage["url"].endswith("/practices/bonds/#lesson-1")
    parts = schema_org.practice_node(Practice.objects.for_detail().get())["hasPart"]
    assert [part["@id"][-9:] for part in parts] == ["#lesson-2", "#lesson-1"]


def test_a_lesson_that_never_was_public_leaves_no_note(client, editor):
    practice = make_practice(slug="bonds", status="draft", lessons=("A", "B"))
    practice.lessons.get(number=2).delete()
    take_step("publish", Practice.objects.get(), editor)
    assert removed(client, "bonds") == []
    draft = transitions.prepare_change(Practice.objects.get(), editor)
    draft.lessons.create(order=5, text="C").delete()
    take_step("publish", Practice.objects.get(pk=draft.pk), editor)
    assert removed(client, "bonds") == []
    assert Practice.objects.get().last_lesson_number == 3


def test_a_page_without_any_lesson_left_says_which_were_removed(client):
    practice = make_practice(slug="bonds", lessons=("A", "B"))
    practice.lessons.all().delete()
    practice.save()
    assert removed(client, "bonds") == [1, 2]


def test_a_discarded_change_and_its_practice_give_no_number_twice(editor):
    live = make_practice(lessons=("A",))
    draft = transitions.prepare_change(live, editor)
    assert draft.lessons.create(order=2, text="B").number == 2
    transitions.delete_practices([draft], editor)
    again = transitions.prepare_change(Practice.objects.get(), editor)
    assert again.lessons.create(order=2, text="C").number == 3


def test_a_practice_and_the_draft_of_its_change_give_different_numbers(editor):
    live = make_practice(lessons=("A",))
    draft = transitions.prepare_change(live, editor)
    assert draft.lessons.create(order=2, text="In the draft").number == 2
    assert live.lessons.create(order=2, text="In the practice").number == 3
    assert draft.lessons.create(order=3, text="In the draft again").number == 4


def test_saving_a_row_that_was_fetched_before_forgets_no_number():
    practice = make_practice(status="draft")
    fetched = Practice.objects.get()
    practice.lessons.create(order=1, text="A").delete()
    fetched.save()
    assert fetched.lessons.create(order=1, text="B").number == 2


def test_a_restored_version_updates_the_lesson_of_the_same_number(editor):
    practice = make_practice(status="draft", lessons=("A", "B"))
    first = versions.save_version(practice, "created", editor)
    key = practice.lessons.get(number=1).pk
    practice.lessons.filter(number=1).update(text="Changed", order=8)
    practice.lessons.create(order=9, text="C").delete()
    transitions.restore_practice(first, editor)
    assert numbers(practice) == [(1, "A"), (2, "B")]
    assert practice.lessons.get(number=1).pk == key
    assert practice.lessons.create(order=3, text="D").number == 4


def test_a_deleted_practice_comes_back_with_its_numbers_and_what_it_remembers(client, editor):
    practice = make_practice(slug="bonds", lessons=("A", "B", "C"))
    practice.lessons.get(number=2).delete()
    practice.lessons.get(number=3).delete()
    draft = transitions.prepare_change(Practice.objects.get(), editor)
    draft.lessons.create(order=2, text="D")
    transitions.delete_practices([Practice.objects.get(slug="bonds")], editor)
    back = transitions.restore_practice(versions.deleted_practices().get(), editor)
    assert numbers(back) == [(1, "A")]
    take_step("publish", back, editor)
    assert removed(client, "bonds") == [2, 3]
    assert back.lessons.create(order=2, text="E").number == 5


def test_a_version_from_before_lessons_had_numbers_gives_them_their_places(editor):
    practice = make_practice(status="draft", lessons=("A", "B", "C"))
    old = without_numbers(take_snapshot(practice))
    Revision.objects.create(key=practice.pk, slug=practice.slug, action="created", snapshot=old)
    practice.lessons.get(number=3).delete()
    practice.lessons.filter(number=1).update(order=9)  # B, A
    practice.lessons.create(order=12, text="D")
    transitions.restore_practice(Revision.objects.get(action="created"), editor)
    assert numbers(practice) == [(1, "A"), (2, "B"), (3, "C")]


def test_the_same_text_comes_before_the_place_when_an_old_version_is_numbered():
    held = [{"number": 5, "text": "B"}, {"number": 1, "text": "X"}]
    old = {"lessons": [{"text": "A"}, {"text": "B"}, {"text": "C"}]}
    assert with_lesson_numbers(old, held)["lessons"] == [
        {"text": "A", "number": 1},
        {"text": "B", "number": 5},
        {"text": "C", "number": 3},
    ]


def test_history_shows_no_change_between_a_version_without_numbers_and_one_with(editor):
    practice = make_practice(status="draft", lessons=("A", "B"))
    made = take_snapshot(practice)
    assert changes(without_numbers(made), made) == []
    Revision.objects.create(key=practice.pk, slug="x", action="created", snapshot=without_numbers(made))
    versions.save_version(practice, versions.Action.CHANGED, editor)
    assert versions.versions_of(practice.pk).count() == 1


def test_history_names_a_lesson_by_its_number_and_pairs_by_it():
    before = {"lessons": [{"number": 1, "text": "A"}, {"number": 4, "text": "B"}]}
    after = {"lessons": [{"number": 4, "text": "All new words"}, {"number": 5, "text": "A"}]}
    found = [(row.label, row.remark) for row in changes(before, after)]
    assert found == [("Lesson 4", ""), ("Lesson 1", "removed"), ("Lesson 5", "new")]


# Files -----------------------------------------------------------------------------------------------------


def test_a_sheet_changes_the_lesson_of_the_number_and_gives_a_new_one_the_next(editor):
    make_practice(slug="bonds", status="draft", lessons=("A", "B"))
    row = {
        "slug": "bonds",
        "lessons.1.number": "2", "lessons.1.text": "B, changed",
        "lessons.2.number": "", "lessons.2.text": "C",
        "lessons.3.number": "1", "lessons.3.text": "A",
    }  # fmt: skip
    import_rows(a_csv(row), editor)
    assert numbers(Practice.objects.get()) == [(2, "B, changed"), (3, "C"), (1, "A")]


def test_a_sheet_from_before_lessons_had_numbers_keeps_those_of_equal_texts(editor):
    practice = make_practice(slug="bonds", status="draft", lessons=("A", "B"))
    [outcome] = import_rows(a_csv({"slug": "bonds", "lessons.1.text": "A", "lessons.2.text": "B"}), editor)[1]
    assert outcome.action == "same"
    import_rows(a_csv({"slug": "bonds", "lessons.1.text": "B", "lessons.2.text": "C"}), editor)
    assert numbers(practice) == [(2, "B"), (3, "C")]


def test_an_emptied_text_removes_a_lesson_whatever_its_number(editor):
    practice = make_practice(slug="bonds", status="draft", lessons=("A", "B"))
    row = {"slug": "bonds", "lessons.1.number": "1", "lessons.1.text": "",
           "lessons.2.number": "2", "lessons.2.text": "B"}  # fmt: skip
    import_rows(a_csv(row), editor)
    assert numbers(practice) == [(2, "B")]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("3", "This practice has never had a lesson 3. Leave the cell empty for a new lesson."),
        ("0", "Ensure this value is greater than or equal to 1."),
        ("two", "“two” value must be an integer."),
        ("99999999999999999999", "This practice has never had a lesson"),
    ],
)
def test_a_number_that_no_lesson_had_is_refused_with_its_cell(editor, number, said):
    make_practice(slug="bonds", status="draft", lessons=("A", "B"))
    row = {"slug": "bonds", "lessons.1.number": number, "lessons.1.text": "A"}
    [outcome] = import_rows(a_csv(row), editor)[1]
    [(heading, (cell, message))] = errors(outcome).items()
    assert (heading, cell) == ("lessons.1.number", "B2")
    assert said in message
    assert numbers(Practice.objects.get()) == [(1, "A"), (2, "B")]


def test_a_number_that_two_lessons_claim_is_refused(editor):
    practice = make_practice(status="draft", lessons=("A",))
    with pytest.raises(ValidationError) as refused:
        apply_snapshot({"lessons": [{"number": 1, "text": "A"}, {"number": 1, "text": "B"}]}, practice)
    assert refused.value.message_dict == {"lessons.2": ["Another lesson of this practice has this number."]}
    assert numbers(practice) == [(1, "A")]


@pytest.mark.parametrize("number", [[1], {"a": 1}, "1.5", -1, 1_000_001, 2**70])
def test_a_number_of_the_wrong_kind_is_refused(number):
    with pytest.raises(ValidationError) as refused:
        apply_snapshot(
            {"title": "A", "slug": "a", "story": "A.", "lessons": [{"number": number, "text": "A"}]}
        )
    assert list(refused.value.message_dict) == ["lessons.1.number"]


@pytest.mark.parametrize("wrong", [{"last_lesson_number": "3"}, {"public_lessons": [True]}])
def test_what_a_record_remembers_is_numbers(wrong):
    with pytest.raises(ValidationError) as refused:
        apply_snapshot({"title": "A", "slug": "a", "story": "A."} | wrong)
    assert list(refused.value.message_dict) == list(wrong)


def test_new_lessons_of_a_record_come_after_those_with_numbers():
    made = apply_snapshot(
        {"title": "A", "slug": "a", "story": "A.", "lessons": [{"text": "New"}, {"number": 1, "text": "A"}]}
    )
    assert numbers(made) == [(2, "New"), (1, "A")]


def test_an_exported_sheet_comes_back_as_it_is(editor):
    practice = make_practice(slug="bonds", status="draft", lessons=("A", "B", "C"))
    practice.lessons.get(number=2).delete()
    data = sheet.to_csv(Practice.objects.all())
    assert b"lessons.1.number,lessons.1.text" in data
    tried = imports.create_import("cases.csv", sheet.read_lines(data), editor)
    assert [outcome.action for outcome in imports.run_import(tried, editor, True)] == ["same"]


def test_undoing_an_import_gives_back_numbers_of_before(editor):
    practice = make_practice(slug="bonds", status="draft", lessons=("A", "B"))
    row = {"slug": "bonds", "lessons.1.number": "1", "lessons.1.text": "Changed"}
    tried, _outcomes = import_rows(a_csv(row), editor)
    assert numbers(practice) == [(1, "Changed")]
    imports.undo(tried, editor)
    assert numbers(practice) == [(1, "A"), (2, "B")]
    assert practice.lessons.create(order=3, text="C").number == 3


def test_an_import_from_before_lessons_had_numbers_is_undone(editor):
    practice = make_practice(slug="bonds", status="draft", lessons=("A", "B"))
    tried, _outcomes = import_rows(a_csv({"slug": "bonds", "title": "New", "lessons.1.text": "B"}), editor)
    tried.refresh_from_db()
    tried.done[0]["before"] = without_numbers(tried.done[0]["before"])
    tried.save()
    for row in Revision.objects.all():
        row.snapshot = without_numbers(row.snapshot)
        row.save()
    imports.undo(tried, editor)
    assert numbers(practice) == [(1, "A"), (2, "B")]


def test_a_fixture_from_before_lessons_had_numbers_loads_twice(tmp_path):
    lines = [
        "- {model: practices.practice, fields: {slug: a, title: A, story: S., status: draft, "
        "updated_at: 2026-01-01T00:00:00Z}}",
        "- {model: practices.lesson, fields: {practice: [a], order: 1, text: One.}}",
        "- {model: practices.lesson, fields: {practice: [a], order: 2, text: Two.}}",
    ]
    (tmp_path / "old.yaml").write_text("\n".join(lines))
    for _time in range(2):
        call_command("loaddata", tmp_path / "old.yaml", verbosity=0)
    practice = Practice.objects.get()
    assert (numbers(practice), practice.last_lesson_number) == ([(1, "One."), (2, "Two.")], 2)
    practice.lessons.create(order=3, text="Three.").delete()
    call_command("loaddata", tmp_path / "old.yaml", verbosity=0)
    assert practice.lessons.create(order=3, text="Four.").number == 4


# The upgrade -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_upgrade_gives_each_lesson_its_place_as_its_number_and_can_be_taken_back(blank):
    with own_database(blank):
        public = make_practice(lessons=("A", "B"))
        draft = make_practice(status="draft", lessons=("C",))
        empty = make_practice()
        public.lessons.filter(number=1).delete()
        Lesson.objects.filter(practice=draft).update(number=7)
        call_command("migrate", "practices", "0018", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute('UPDATE practices_lesson SET "order" = 3 WHERE practice_id = %s', [public.pk])
        call_command("migrate", verbosity=0)
        assert numbers(public) == [(3, "B")]
        assert numbers(draft) == [(1, "C")]
        found = Practice.objects.in_bulk()
        assert [found[row.pk].last_lesson_number for row in (public, draft, empty)] == [3, 1, 0]
        assert [found[row.pk].public_lessons for row in (public, draft, empty)] == [[3], [], []]
