"""Imports of sheets: checked first, all or nothing, never public by accident, and completely undone."""

import csv
import io
import zipfile

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from openpyxl import Workbook, load_workbook

from practices.exchange import imports, sheet
from practices.exchange.booklet_import import booklet_lines
from practices.exchange.sheet import SheetError
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import take_snapshot
from practices.models import Import, Practice, Revision
from practices.workflow import transitions
from tests.exchange.test_import_booklet import ONE_CASE
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_practice,
    make_publication,
    make_theme,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return make_editor()


def a_csv(*rows: dict[str, str]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    file = io.StringIO(newline="")
    table = csv.DictWriter(file, names, restval="")
    table.writeheader()
    table.writerows(rows)
    return file.getvalue().encode()


def an_xlsx(*rows: list) -> bytes:
    book, file = Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def import_rows(data: bytes, person, apply: bool = True):
    """Return the import and the outcome of each row."""
    tried = imports.create_import("cases.csv", sheet.read_lines(data), person)
    return tried, list(imports.run_import(tried, person, apply))


def errors(outcome) -> dict[str, tuple[str, str]]:
    return {heading: (cell, message) for cell, heading, message in outcome.errors}


# What a row does -------------------------------------------------------------------------------------------


def test_a_row_without_a_slug_is_a_new_draft_with_all_that_belongs_to_it(editor):
    make_country("PH", "Philippines")
    make_country("IT", "Italy")
    make_theme("savings", name="Savings")
    make_actor("atikha", name="Atikha Overseas Workers", acronym="AOW")
    row = {
        "title": "Bonds", "period": "April 2009 – June 2011", "story": "It began.\n\nIt went on.",
        "themes": "Savings",
        "corridors": "PH-IT", "places.1.name": "San Pablo", "places.1.country": "philippines",
        "places.1.latitude": "14.07", "places.1.longitude": "121.325", "participations.1.actor": "aow",
        "participations.1.role": "lead", "lessons.1.text": "First.", "lessons.3.text": "Second.",
    }  # fmt: skip
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert (outcome.number, outcome.action, outcome.errors) == (2, "new", [])
    made = Practice.objects.get()
    assert (made.slug, made.status, made.owner) == ("bonds", "draft", editor)
    found = take_snapshot(made)
    assert (found["period"], found["themes"]) == ("2009-04/2011-06", ["savings"])
    assert found["corridors"] == [{"origin": "PH", "destination": "IT"}]
    assert found["places"] == [
        {"name": "San Pablo", "country": "PH", "latitude": 14.07, "longitude": 121.325}
    ]
    assert found["participations"] == [{"actor": "atikha", "role": "lead", "group": "", "note": ""}]
    assert [lesson["text"] for lesson in found["lessons"]] == ["First.", "Second."]


def test_a_draft_is_changed_where_the_sheet_has_a_column_and_nowhere_else(editor):
    practice = make_practice("Bonds", slug="bonds", status="draft", story="Old.", lessons=("One.", "Two."))
    _tried, [outcome] = import_rows(
        a_csv({"slug": "bonds", "title": "Ties", "lessons.1.text": "Two."}), editor
    )
    practice.refresh_from_db()
    assert (outcome.action, practice.title, practice.story) == ("changed", "Ties", "Old.")
    assert [row.text for row in practice.lessons.all()] == ["Two."]
    assert sorted(change.label for change in outcome.changes) == ["Lesson 1", "Title"]


def remarks(data: bytes, person) -> list[str]:
    return import_rows(data, person, apply=False)[1][0].remarks


@pytest.fixture
def with_children():
    make_country("PH", "Philippines")
    make_country("FR", "France")
    make_actor("atikha", name="Atikha")
    practice = make_practice("Bonds", slug="bonds", status="draft", lessons=("One.", "Two."))
    places = [
        {"name": "San Pablo", "country": "PH", "latitude": 14.07, "longitude": 121.325},
        {"name": "", "country": "FR", "latitude": None, "longitude": None},
    ]
    part = {"actor": "atikha", "role": "lead", "group": "Group", "note": "Old"}
    apply_snapshot({"places": places, "participations": [part]}, practice)
    return practice


def test_lessons_that_go_because_the_sheet_lacks_columns_are_named(editor, with_children):
    data = a_csv({"slug": "bonds", "lessons.1.text": "Only one"})
    assert remarks(data, editor) == [
        "This removes lesson 1, lesson 2, because the sheet does not have all their columns."
    ]


def test_lessons_that_a_sheet_with_all_their_columns_empties_need_no_remark(editor, with_children):
    row = {f"lessons.{number}.{name}": "" for number in (1, 2) for name in ("number", "text")}
    assert remarks(a_csv({"slug": "bonds"} | row), editor) == []


def test_a_place_keeps_what_the_sheet_has_no_column_for(editor, with_children):
    data = a_csv({"slug": "bonds", "places.1.name": "San Pablo City", "places.2.country": "FR"})
    _tried, [outcome] = import_rows(data, editor)
    assert (outcome.action, outcome.remarks) == ("changed", [])
    assert take_snapshot(with_children)["places"] == [
        {"name": "San Pablo City", "country": "PH", "latitude": 14.07, "longitude": 121.325},
        {"name": "", "country": "FR", "latitude": None, "longitude": None},
    ]


def test_a_place_that_goes_because_the_sheet_lacks_its_columns_is_named(editor, with_children):
    data = a_csv({"slug": "bonds", "places.2.name": "Paris"})
    _tried, [outcome] = import_rows(data, editor)
    assert outcome.remarks == ["This removes place 1, because the sheet does not have all their columns."]
    assert [row["name"] for row in take_snapshot(with_children)["places"]] == ["Paris"]


def test_a_participation_keeps_its_actor_where_the_sheet_has_its_note_alone(editor, with_children):
    _tried, [outcome] = import_rows(a_csv({"slug": "bonds", "participations.1.note": "New"}), editor)
    assert (outcome.action, outcome.remarks) == ("changed", [])
    assert take_snapshot(with_children)["participations"] == [
        {"actor": "atikha", "role": "lead", "group": "Group", "note": "New"}
    ]


def test_a_column_that_a_new_row_needs_is_named(editor, with_children):
    data = a_csv({"slug": "bonds", "participations.3.note": "New", "places.1.country": "PH"})
    _tried, [outcome] = import_rows(data, editor)
    said = "Enter the actor. The sheet has no column “participations.3.actor”."
    assert errors(outcome)["participations.1.actor"][1] == said


def test_a_place_with_a_name_and_no_country_is_told_that_it_needs_one(editor):
    row = {"title": "A", "story": "S.", "places.1.name": "San Pablo", "places.1.country": ""}
    _tried, [outcome] = import_rows(a_csv(row), editor)
    assert errors(outcome)["places.1.country"] == ("D2", "Enter the country.")


def test_what_is_wrong_with_a_row_as_a_whole_has_no_raw_name(client, editor, tmp_path, capsys):
    data = a_csv({"title": "A", "story": "S.", "activity": "running"})
    _tried, [outcome] = import_rows(data, editor)
    said = "Enter the date when you checked that it is running."
    assert outcome.errors == [("", "", said)]
    file = tmp_path / "cases.csv"
    file.write_bytes(data)
    with pytest.raises(CommandError):
        call_command("import_practices", str(file), user=editor.username)
    assert f"    Whole row: {said}\n" in capsys.readouterr().out
    client.force_login(editor)
    page = text(upload(client, data))
    assert f"<li>Whole row: {said}</li>" in page
    assert "– has errors</h2>" in page
    assert "__all__" not in page


@pytest.mark.parametrize("title", ["\u3164", "\u115f\u1160", "\uffa0 \u2800", "\u200d\u3164"])
def test_a_title_of_letters_that_show_nothing_is_empty(editor, title):
    _tried, [outcome] = import_rows(a_csv({"title": title, "story": "S."}), editor)
    assert errors(outcome)["title"] == ("A2", "Enter a title for the new practice.")


def test_what_is_public_stays_and_is_changed_in_the_draft_beside_it(editor):
    practice = make_practice("Bonds", slug="bonds")
    before = take_snapshot(practice)
    import_rows(a_csv({"slug": "bonds", "title": "Ties"}), editor)
    practice.refresh_from_db()
    assert take_snapshot(practice) == before
    assert [(row.title, row.status) for row in Practice.objects.filter(replaces=practice)] == [
        ("Ties", "draft")
    ]


def test_a_row_that_says_what_is_there_does_nothing(editor):
    make_practice("Bonds", slug="bonds", period="2009-04/2011-06")
    same = {"slug": "bonds", "title": "Bonds", "period": "April 2009 to June 2011", "story": "A story. "}
    tried, [outcome] = import_rows(a_csv(same), editor)
    tried.refresh_from_db()
    assert (outcome.action, tried.done, Practice.objects.count(), Revision.objects.count()) == (
        "same",
        [],
        1,
        0,
    )


def test_trying_changes_nothing_and_shows_the_old_and_the_new(editor):
    make_practice("Bonds", slug="bonds", status="draft")
    tried, [outcome] = import_rows(a_csv({"slug": "bonds", "title": "Ties"}), editor, apply=False)
    [change] = outcome.changes
    assert change.parts == [("out", "Bonds"), ("in", "Ties")]
    tried.refresh_from_db()
    assert (Practice.objects.get().title, tried.state) == ("Bonds", "tried")


def test_one_wrong_row_and_none_is_imported(editor):
    rows = [
        {"title": "Good", "story": "S."},
        {"title": "Bad", "story": "S.", "period": "the day after tomorrow"},
    ]
    _tried, [good, bad] = import_rows(a_csv(*rows), editor)
    assert (good.action, bad.action) == ("new", "wrong")
    assert Practice.objects.count() == 0


def test_whoever_stops_reading_half_way_has_imported_nothing(editor):
    tried = imports.create_import(
        "a.csv",
        sheet.read_lines(a_csv({"title": "One", "story": "S."}, {"title": "Two", "story": "S."})),
        editor,
    )
    outcomes = imports.run_import(tried, editor, apply=True)
    assert next(outcomes).action == "new"
    outcomes.close()
    tried.refresh_from_db()
    assert (Practice.objects.count(), tried.state) == (0, "tried")


def test_what_is_wrong_is_told_by_its_cell(editor):
    make_country("PH", "Philippines")
    make_actor("atikha", name="Atikha")
    make_practice("Old", slug="old", status="archived")
    make_practice("Bonds", slug="bonds", status="draft")
    rows = [
        {"slug": "", "title": "A", "kind": "novel", "places.1.country": "Philippine",
         "places.2.country": "PH", "places.2.latitude": "95", "places.2.longitude": "1",
         "participations.1.actor": "Atikah"},
        {"slug": "nowhere", "title": "B"},
        {"slug": "old", "title": "C"},
        {"slug": "bonds", "title": ""},
        {"slug": "bonds", "title": "D"},
        {"slug": "", "title": "", "kind": "practice"},
    ]  # fmt: skip
    _tried, (first, nowhere, old, untitled, again, new) = import_rows(a_csv(*rows), editor)
    found = errors(first)
    assert found["places.1.country"] == (
        "D2",
        "“Philippine” was not found. Did you mean Philippines (PH)?",
    )
    assert found["participations.1.actor"] == (
        "H2",
        "“Atikah” was not found. Did you mean Atikha (atikha)?",
    )
    assert errors(nowhere)["slug"] == (
        "A3",
        "There is no practice with the slug “nowhere”. Leave the cell empty for a new practice.",
    )
    assert errors(old)["slug"] == ("A4", "This practice is withdrawn. Return it to draft first.")
    assert errors(untitled)["title"][0] == "B5"
    assert errors(again)["slug"] == ("A6", "Rows 5 and 6 have the same slug. Use one row for each practice.")
    assert errors(new)["title"] == ("B7", "Enter a title for the new practice.")


@pytest.mark.parametrize("status", ["draft", "published"])
@pytest.mark.parametrize("again", ["bonds", "Bonds", " bonds\u200b", "bonds-of-a-draft"])
def test_a_practice_has_one_row_in_a_sheet(editor, status, again):
    practice = make_practice("Bonds", slug="bonds", status=status)
    if again == "bonds-of-a-draft":
        draft = transitions.prepare_change(practice, editor) if status == "published" else practice
        again = draft.slug
    before = {row.slug: take_snapshot(row) for row in Practice.objects.all()}
    rows = [{"slug": "bonds", "title": "AA"}, {"slug": again, "title": "BB"}]
    _tried, [first, second] = import_rows(a_csv(*rows), editor)
    assert (first.action, second.action) == ("changed", "wrong")
    assert errors(second)["slug"] == ("A3", "Rows 2 and 3 have the same slug. Use one row for each practice.")
    assert {row.slug: take_snapshot(row) for row in Practice.objects.all()} == before


def test_a_row_does_not_change_what_a_row_above_it_makes(editor):
    rows = [{"slug": "", "title": "Bonds", "story": "S."}, {"slug": "bonds", "title": "Ties", "story": "S."}]
    _tried, [first, second] = import_rows(a_csv(*rows), editor)
    assert (first.action, second.action) == ("new", "wrong")
    assert "Rows 2 and 3 have the same slug" in errors(second)["slug"][1]


def test_a_number_out_of_range_and_an_unknown_choice_are_told_by_their_cells(editor):
    make_country("PH", "Philippines")
    point = {"places.1.country": "PH", "places.1.latitude": "95", "places.1.longitude": "1"}
    row = {"title": "A", "kind": "novel", "story": "S."}
    _tried, [kind] = import_rows(a_csv(row | point), editor)
    assert errors(kind)["kind"][0] == "B2"
    _tried, [place] = import_rows(a_csv(row | point | {"kind": "practice"}), editor)
    assert errors(place)["places.1.latitude"][0] == "E2"


def test_who_is_no_editor_imports_nothing(django_user_model):
    person = django_user_model.objects.create_user("writer", is_staff=True)
    with pytest.raises(PermissionDenied):
        imports.create_import("a.csv", [], person)


# Undoing ---------------------------------------------------------------------------------------------------


def test_undoing_gives_back_every_practice_as_it_was(editor):
    draft = make_practice("Draft", slug="draft", status="draft", lessons=("One.",))
    make_practice("Public", slug="public")
    before = {row.slug: take_snapshot(row) for row in Practice.objects.all()}
    rows = [
        {"slug": "draft", "title": "D", "lessons.1.text": "Two.", "story": "S."},
        {"slug": "public", "title": "P", "story": "S."},
        {"slug": "", "title": "N", "story": "S."},
    ]
    tried, outcomes = import_rows(a_csv(*rows), editor)
    assert [outcome.action for outcome in outcomes] == ["changed", "changed", "new"]
    assert Practice.objects.count() == 4
    imports.undo(tried, editor)
    before["draft"]["last_lesson_number"] = 2  # a number is never given twice
    assert {row.slug: take_snapshot(row) for row in Practice.objects.all()} == before
    tried.refresh_from_db()
    assert tried.state == "undone"
    assert draft.lessons.get().text == "One."


def test_what_was_changed_since_is_named_and_nothing_is_undone(editor):
    make_practice("Draft", slug="draft", status="draft")
    tried, _outcomes = import_rows(
        a_csv({"slug": "draft", "title": "D", "story": "S."}, {"slug": "", "title": "N", "story": "S."}),
        editor,
    )
    Practice.objects.get(slug="draft").lessons.create(order=1, text="More.")
    with pytest.raises(ValidationError, match=r"have been changed since this import: D\."):
        imports.undo(tried, editor)
    assert sorted(Practice.objects.values_list("title", flat=True)) == ["D", "N"]


def test_an_import_that_changed_a_practice_twice_is_undone(editor):
    practice = make_practice("Bonds", slug="bonds", status="draft")
    first, _outcomes = import_rows(a_csv({"slug": "bonds", "title": "AA"}), editor)
    second, _outcomes = import_rows(a_csv({"slug": "bonds", "title": "BB"}), editor)
    first.refresh_from_db()
    second.refresh_from_db()
    Import.objects.filter(pk=first.pk).update(done=first.done + second.done)
    imports.undo(first, editor)
    practice.refresh_from_db()
    assert practice.title == "Bonds"


@pytest.mark.parametrize(
    "filled",
    [{}, {"activity": "ended"}, {"sources": "A"}, {"participations": "New note"}],
    ids=lambda filled: "".join(filled) or "nothing",
)
def test_an_import_from_before_a_field_was_added_is_undone_unless_the_field_was_filled(
    editor, with_children, filled
):
    tried, _outcomes = import_rows(a_csv({"slug": "bonds", "title": "B"}), editor)
    [done] = Import.objects.get(pk=tried.pk).done
    version = Revision.objects.get(pk=done["version"])
    for content in (version.snapshot, done["before"]):
        del content["activity"], content["sources"]
        for row in content["participations"]:
            del row["note"]
    version.save()
    Import.objects.filter(pk=tried.pk).update(done=[done])
    with_children.participations.update(note=filled.get("participations", ""))
    Practice.objects.filter(pk=with_children.pk).update(activity=filled.get("activity", "unknown"))
    if "sources" in filled:
        with_children.sources.create(order=1, text="A")
    if filled:
        with pytest.raises(ValidationError, match="have been changed since this import: B"):
            imports.undo(tried, editor)
    else:
        imports.undo(tried, editor)
        assert Practice.objects.get().title == "Bonds"


def test_what_was_published_since_is_not_taken_away(editor):
    tried, _outcomes = import_rows(a_csv({"title": "New", "story": "A story."}), editor)
    transitions.take_step("publish", Practice.objects.get(), editor)
    with pytest.raises(ValidationError, match="New"):
        imports.undo(tried, editor)
    assert Practice.objects.get().status == "published"


def test_an_import_is_done_once_and_undone_once(editor):
    tried, _outcomes = import_rows(a_csv({"title": "New", "story": "S."}), editor)
    with pytest.raises(ValidationError, match="already been imported"):
        list(imports.run_import(tried, editor, apply=True))
    imports.undo(tried, editor)
    with pytest.raises(ValidationError, match="nothing to undo"):
        imports.undo(tried, editor)


# Files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("write", [sheet.to_csv, sheet.to_xlsx])
def test_what_is_taken_away_and_read_back_changes_nothing(jmdi, editor, write):
    lines = sheet.read_lines(write(Practice.objects.all()))
    tried = imports.create_import("all", lines, editor)
    outcomes = list(imports.run_import(tried, editor, apply=True))
    assert {(outcome.title, outcome.action, *map(str, outcome.errors)) for outcome in outcomes} == {
        (title, "same") for title in Practice.objects.values_list("title", flat=True)
    }


def test_the_template_has_every_heading_and_says_what_it_takes():
    book = load_workbook(io.BytesIO(sheet.to_xlsx(Practice.objects.none())))
    names = [cell.value for cell in book["Practices"][1]]
    assert names[:3] == ["title", "slug", "kind"]
    assert {"themes", "corridors", "lessons.6.text", "places.1.country"} <= set(names)
    explained = {row[0].value: row[1].value for row in book["Help"].rows}
    assert explained["kind"] == "kind. One of: practice, thinking_point, personal_story."


def test_days_and_numbers_of_a_workbook_are_read_as_a_person_sees_them():
    from datetime import datetime

    data = an_xlsx(
        ["title", "activity_checked_on", "places.1.latitude", "period"],
        [2014.0, datetime(2026, 1, 2), 14.5, 2014],
    )
    [line] = sheet.read_lines(data)
    assert line.record == {
        "title": "2014",
        "activity_checked_on": "2026-01-02",
        "places": [{"latitude": "14.5"}],
        "period": "2014",
    }


def test_a_formula_is_refused_and_not_read_as_nothing(editor):
    _tried, [outcome] = import_rows(an_xlsx(["title"], ["=1+1"]), editor)
    assert errors(outcome)["title"] == ("A2", "The cell contains a formula. Replace it with its value.")


@pytest.mark.parametrize("sign", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_csv_as_any_spreadsheet_program_writes_it(sign, encoding):
    [line] = sheet.read_lines(f"title{sign}summary\r\nSédhiou{sign}“Été”\r\n".encode(encoding))
    assert line.record == {"title": "Sédhiou", "summary": "“Été”"}


def bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("xl/worksheets/sheet1.xml", b"0" * (sheet.MAX_UNPACKED_BYTES + 1))
    return file.getvalue()


def with_part(name: str, text: bytes) -> bytes:
    """A workbook in which one part is replaced."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(an_xlsx(["title"], ["A"]))) as old, zipfile.ZipFile(made, "w") as new:
        for part in old.namelist():
            new.writestr(part, text if part == name else old.read(part))
    return made.getvalue()


ENTITY = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><worksheet>&x;</worksheet>'
)
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "headings"),
        (b"title\n", "no rows below the headings"),
        (b"titel\nA\n", "There is no field “titel”"),
        (b"title,title\nA,B\n", "“title” appears twice"),
        (b"summary\nA\n", "“slug” or “title”"),
        (b"lessons.0.text,title\nA,B\n", "lessons.0.text"),
        (b"lessons.1.colour,title\nA,B\n", "lessons.1.colour"),
        (b"title\n" + b"A\n\n" * (sheet.MAX_ROWS + 1), "more than 500 rows"),
        (b"title" + b",a" * sheet.MAX_COLUMNS + b"\nA\n", "more than 1000 columns"),
        (b"title\n\x00\n", "not an Excel workbook"),
        (b'title\n"A', "Row 2 is not valid CSV"),
        (b"x" * (sheet.MAX_BYTES + 1), "larger than 5 MB"),
        (b"PK\x03\x04nothing", "not a readable Excel workbook"),
        (an_xlsx(["title"], ["A"])[:-200], "not a readable Excel workbook"),
        (bomb(), "uncompressed workbook is larger than 15 MB"),
        (with_part("xl/worksheets/sheet1.xml", ENTITY), "not a readable Excel workbook"),
        (with_part("xl/worksheets/sheet1.xml", LAUGHS), "not a readable Excel workbook"),
        (
            with_part("xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row>"),
            "not a readable Excel workbook",
        ),
        (with_part("xl/workbook.xml", b"<a/>"), "not a readable Excel workbook"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_reason(data, said):
    with pytest.raises(SheetError, match=said):
        sheet.read_lines(data)


# At the desk -----------------------------------------------------------------------------------------------


def upload(client, data: bytes, name: str = "cases.csv"):
    file = io.BytesIO(data)
    file.name = name
    return client.post("/admin/practices/practice/import/", {"file": file})


def text(response) -> str:
    return response.getvalue().decode() if response.streaming else response.content.decode()


def test_an_editor_tries_a_file_imports_it_and_undoes_it(client, editor):
    client.force_login(editor)
    shown = text(upload(client, a_csv({"title": "Bonds <b>", "story": "S."})))
    assert "Row 2: Bonds &lt;b&gt; – new" in shown
    assert "Nothing was changed" in shown
    assert Practice.objects.count() == 0
    address = f"/admin/practices/practice/import/{Import.objects.get().pk}/"
    assert f'action="{address}"' in shown
    assert "Done" in text(client.post(address))
    assert Practice.objects.get().title == "Bonds <b>"
    assert "new draft" in text(client.get(address))
    client.post(address)
    assert (Practice.objects.count(), Import.objects.get().state) == (0, "undone")


def test_a_file_with_a_wrong_row_offers_no_button(client, editor):
    client.force_login(editor)
    shown = text(upload(client, a_csv({"title": "A", "period": "soon"})))
    assert "B2 (<code>period</code>)" in shown
    assert "Import these rows" not in shown


def test_a_file_that_is_none_is_refused_beside_its_field(client, editor):
    client.force_login(editor)
    assert "There is no field “titel”" in text(upload(client, b"titel\nA\n"))


def test_wrong_rows_stand_first_and_have_links(client, editor):
    client.force_login(editor)
    shown = text(upload(client, a_csv({"title": "Good", "story": "S."}, {"title": "Bad", "story": ""})))
    assert '<li><a href="#row-3">Row 3: Bad</a></li>' in shown
    assert "#row-2" not in shown
    assert shown.index('id="end"') < shown.index('id="row-3"') < shown.index('id="row-2"')


def test_the_page_says_how_a_file_was_read_and_one_may_choose(client, editor):
    client.force_login(editor)
    data = "title,story\nGyőr,S\n".encode("cp1250")
    assert "cell A2 is “Gyõr”" in text(upload(client, data))
    file = io.BytesIO(data)
    file.name = "cases.csv"
    asked = {"file": file, "encoding": "cp1250"}
    assert "Row 2: Győr – new" in text(client.post("/admin/practices/practice/import/", asked))


def test_a_text_with_headings_is_a_sheet_and_not_the_booklet(client, editor):
    client.force_login(editor)
    data = "title\tstory\nÉpargne\tS\n".encode("utf-16")
    assert "Row 2: Épargne – new" in text(upload(client, data, "Unicode text.txt"))


def test_remarks_of_rows_and_of_the_file_are_shown(client, editor):
    make_practice("Bonds", slug="bonds")
    client.force_login(editor)
    data = a_csv({"title": "Bonds", "story": "S."})
    assert "A practice with this title already exists: bonds (Published)." in text(upload(client, data))
    client.post(f"/admin/practices/practice/import/{Import.objects.get().pk}/").getvalue()
    assert "The same file was imported on" in text(upload(client, data))


@pytest.mark.parametrize("address", ["import/", "import/template.xlsx", "import/1/"])
def test_a_contributor_finds_no_import(client, django_user_model, address):
    client.force_login(django_user_model.objects.create_user("writer", is_staff=True))
    assert client.get(f"/admin/practices/practice/{address}").status_code == 403


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_is_taken_away_as_it_is_chosen(client, editor, kind):
    kept = make_practice("Kept", slug="kept", status="draft")
    make_practice("Left", slug="left", status="draft")
    client.force_login(editor)
    asked = {"action": f"as_{kind}", "_selected_action": [kept.pk]}
    response = client.post("/admin/practices/practice/", asked)
    assert [line.record["slug"] for line in sheet.read_lines(response.content)] == ["kept"]


def test_the_booklet_is_a_file_like_any_other(client, editor):
    client.force_login(editor)
    assert "Line 1" in text(upload(client, b"Nothing of a booklet", "booklet.txt"))


def test_a_booklet_with_a_case_that_exists_is_refused_and_the_practice_is_named(client, editor):
    make_practice("Wells of Overbrook", slug="wells", story="Our words.")
    client.force_login(editor)
    said = text(upload(client, ONE_CASE.encode(), "booklet.txt"))
    assert "These practices already exist: “Wells of Overbrook” (Published)." in said
    assert "Remove these cases from the file." in said
    assert "Nothing was changed." in said
    assert (Import.objects.count(), Practice.objects.get().story) == (0, "Our words.")


def test_a_line_of_a_booklet_to_look_at_stops_the_import_at_the_desk(editor):
    make_country("RU", "Ruritania")
    tried = imports.create_import(
        "b.txt", booklet_lines(ONE_CASE.replace("Ruritania", "Utopia").encode()), editor
    )
    (outcome,) = imports.run_import(tried, editor, apply=True)
    said = ("", "", "“Utopia: Overbrook valley” does not begin with a known country")
    assert (outcome.action, said in outcome.errors, Practice.objects.count()) == ("wrong", True, 0)


def test_a_booklet_makes_nothing_but_what_is_known_by_name(editor):
    make_country("RU", "Ruritania")
    make_actor("oc", name="Overbrook Council")
    make_publication("tales", title="Useful tales")
    case = ONE_CASE[ONE_CASE.index("Wells of") :]
    mills = case.replace("Wells", "Mills").replace("- **Friends:**\n - Well Diggers Union\n", "")
    tried = imports.create_import("b.txt", booklet_lines(f"{ONE_CASE}\n{mills}".encode()), editor)
    first, second = imports.run_import(tried, editor, apply=False)
    unknown = "“Well Diggers Union” was not found. Add the actor first."
    assert (first.title, list(errors(first).values())) == ("Wells of Overbrook", [("", unknown)])
    assert (second.title, second.action, second.errors) == ("Mills of Overbrook", "new", [])


# By the command --------------------------------------------------------------------------------------------


def test_the_command_tries_imports_and_undoes(tmp_path, editor, capsys):
    file = tmp_path / "cases.csv"
    file.write_bytes(a_csv({"title": "Bonds", "story": "S."}))
    call_command("import_practices", str(file), user=editor.username)
    assert Practice.objects.count() == 0
    call_command("import_practices", str(file), user=editor.username, apply=True)
    assert Practice.objects.get().title == "Bonds"
    call_command("import_practices", user=editor.username, undo=Import.objects.latest("pk").pk, apply=True)
    assert Practice.objects.count() == 0


def test_the_command_tries_an_undoing_and_names_what_it_would_do(tmp_path, editor, capsys):
    make_practice("Public", slug="public")
    make_practice("Draft", slug="draft", status="draft")
    titles = {"": "N", "public": "P", "draft": "D"}
    rows = [{"slug": slug, "title": title, "story": "S."} for slug, title in titles.items()]
    tried, _outcomes = import_rows(a_csv(*rows), editor)
    before = (Practice.objects.count(), Revision.objects.count())
    call_command("import_practices", user=editor.username, undo=tried.pk)
    assert capsys.readouterr().out.splitlines() == [
        "N – the draft is deleted",
        "P – the pending change is deleted",
        "D – the content before the import is restored",
        "Dry run, nothing was changed. Add --apply to save the changes.",
    ]
    tried.refresh_from_db()
    assert (tried.state, Practice.objects.count(), Revision.objects.count()) == ("done", *before)


def test_the_command_takes_an_encoding_and_prints_remarks(tmp_path, editor, capsys):
    make_practice("Győr", slug="gyor", status="draft")
    file = tmp_path / "cases.csv"
    file.write_bytes("title,story\nGyőr,S\n".encode("cp1250"))
    call_command("import_practices", str(file), user=editor.username, encoding="cp1250")
    said = capsys.readouterr().out
    assert "Windows-1250 (Central European): cell A2 is “Győr”." in said
    assert "Note: A practice with this title already exists: gyor (Draft)." in said


def test_the_command_says_what_is_wrong_and_changes_nothing(tmp_path, editor):
    file = tmp_path / "cases.csv"
    file.write_bytes(a_csv({"title": "A"}, {"title": ""}))
    file.write_bytes(a_csv({"title": "A", "period": ""}, {"title": "", "period": "2014"}))
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("import_practices", str(file), user=editor.username, apply=True)
    assert Practice.objects.count() == 0
