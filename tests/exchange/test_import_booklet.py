"""`manage.py import_booklet`: the original wording as drafts, all or nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from practices.exchange.booklet import read_booklet
from practices.exchange.booklet_import import import_booklet
from practices.history.snapshots import take_snapshot
from practices.models import Actor, AuditEntry, Country, Lesson, Practice, Revision
from practices.values.period import Period
from practices.values.period_parsing import parse_period
from practices.workflow import transitions
from tests import fidelity
from tests.factories import make_country, make_editor, make_practice

SMALL = Path(__file__).parent.parent / "data" / "booklet.txt"  # invented, with every irregularity
ONE_CASE = """\
The Small Press

Useful tales

Wells of Overbrook

Country/Region/Territory

Ruritania: Overbrook valley

Date/Period

2013 and ongoing

Actors

- Overbrook Council (OC)
- **Friends:**
 - Well Diggers Union

Sources

- A report on wells (2014). www.wells.example

Story

The council dug wells.

Lessons learned

Dig deep.

Ask first.
"""


def booklet_file(tmp_path: Path, text: str = ONE_CASE) -> Path:
    path = tmp_path / "booklet.txt"
    path.write_text(text, encoding="utf-8")
    return path


def run(path: Path, *options: str) -> str:
    out = StringIO()
    call_command("import_booklet", str(path), *options, stdout=out)
    return out.getvalue()


def apply(path: Path, *options: str) -> str:
    return run(path, "--apply", *options)


@pytest.fixture
def ruritania(db):
    return make_country("RU", "Ruritania")


def test_a_new_case_becomes_a_draft_with_every_part_in_its_place(ruritania, tmp_path):
    apply(booklet_file(tmp_path))
    practice = Practice.objects.get()
    assert (practice.title, practice.status, practice.kind) == ("Wells of Overbrook", "draft", "practice")
    assert practice.period == Period("2013/..")
    assert [str(place) for place in practice.places.all()] == ["Overbrook valley, Ruritania"]
    assert [(part.group, str(part.actor)) for part in practice.participations.all()] == [
        ("", "Overbrook Council (OC)"),
        ("Friends", "Well Diggers Union"),
    ]
    assert [(row.text, row.url) for row in practice.sources.all()] == [
        ("A report on wells (2014). www.wells.example", "http://www.wells.example")
    ]
    assert practice.story == "The council dug wells."
    assert [row.text for row in practice.lessons.all()] == ["Dig deep.", "Ask first."]
    assert practice.publication.publisher.name == "The Small Press"


def test_status_published_publishes(ruritania, tmp_path):
    apply(booklet_file(tmp_path), "--status", "published")
    assert Practice.objects.published().count() == 1


def test_a_new_practice_has_a_version_and_a_line_of_the_log_that_names_it(ruritania, tmp_path):
    apply(booklet_file(tmp_path), "--status", "published")
    practice, version, entry = Practice.objects.get(), Revision.objects.get(), AuditEntry.objects.get()
    assert (version.key, version.action, version.comment) == (practice.pk, "imported", "booklet.txt")
    assert version.snapshot == take_snapshot(practice)
    assert (entry.action, entry.about) == ("imported", "booklet.txt")
    assert entry.practices == [{"key": practice.pk, "slug": practice.slug, "title": "Wells of Overbrook"}]


@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_without_apply_it_reports_and_changes_nothing(ruritania, tmp_path, options):
    report = run(booklet_file(tmp_path), *options)
    assert "Wells of Overbrook – new\n    new actor: Overbrook Council (OC)\n" in report
    assert "    period: 2013/..\n" in report
    assert report.endswith(
        "Dry run, nothing was changed: 1 cases read, 1 new, 0 skipped. Add --apply to import them.\n"
    )
    assert Practice.objects.count() == Actor.objects.count() == Revision.objects.count() == 0


def test_apply_and_dry_run_together_are_refused(ruritania, tmp_path):
    with pytest.raises(CommandError, match="not allowed with argument"):
        run(booklet_file(tmp_path), "--apply", "--dry-run")
    assert Practice.objects.count() == 0


@pytest.mark.parametrize("options", [[], ["--apply"]])
@pytest.mark.parametrize(
    ("title", "slug", "status", "named"),
    [
        ("Wells of Overbrook", "wells", "published", "“Wells of Overbrook” (Published)"),
        ("Wells of Overbrok", "wells", "draft", "“Wells of Overbrok” (Draft)"),
        ("Who dug the valley", "wells-of-overbrook", "archived", "“Who dug the valley” (Withdrawn)"),
    ],
)
def test_a_practice_that_exists_is_named_and_not_changed(
    ruritania, tmp_path, title, slug, status, named, options
):
    practice = make_practice(title, slug=slug, status=status, story="Our words.", actors=("oc",))
    before = take_snapshot(practice)
    mills = ONE_CASE[ONE_CASE.index("Wells of") :].replace("Wells of Overbrook", "Mills of Underbrook")
    with pytest.raises(CommandError) as refused:
        run(booklet_file(tmp_path, f"{ONE_CASE}\n{mills}"), *options)
    assert str(refused.value) == (
        f"These practices already exist: {named}. The text of the booklet does not replace them. "
        "Remove these cases from the file. Nothing was changed."
    )
    assert take_snapshot(Practice.objects.get()) == before
    assert (Actor.objects.count(), Revision.objects.count(), AuditEntry.objects.count()) == (1, 0, 0)


def test_a_practice_under_a_former_address_counts_as_existing(ruritania, tmp_path):
    practice = make_practice("Who dug the valley", slug="wells-of-overbrook")
    practice.slug = "valley"
    practice.save()
    with pytest.raises(CommandError, match=r"“Who dug the valley” \(Published\)"):
        apply(booklet_file(tmp_path))


def test_a_deleted_practice_counts_as_existing_as_it_can_be_restored(ruritania, tmp_path):
    transitions.delete_practices([make_practice("Wells of Overbrook", slug="wells")], make_editor())
    with pytest.raises(CommandError, match=r"“Wells of Overbrook” \(deleted; an editor can restore it\)"):
        apply(booklet_file(tmp_path))
    assert Practice.objects.count() == 0


def test_a_second_import_is_refused(ruritania, tmp_path):
    path = booklet_file(tmp_path)
    apply(path)
    with pytest.raises(CommandError, match=r"“Wells of Overbrook” \(Draft\)"):
        apply(path)
    assert (Practice.objects.count(), Actor.objects.count()) == (1, 3)


SENTENCE = (
    "- As of the eighth day of the month, some 73 valleys, 862 villages and 69 towns of the land, all of them"
)


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        ("- **Friends:**", f"{SENTENCE}\n- **Friends:**", f"line 18: {SENTENCE[2:]}"),
        ("2013 and ongoing", "in the days of old", "line 5: “in the days of old”"),
        ("Ruritania", "Utopia", "“Utopia: Overbrook valley” does not begin with a known country"),
    ],
)
def test_a_case_with_a_line_to_look_at_is_left_out(ruritania, tmp_path, before, after, line):
    wrong = ONE_CASE.replace(before, after)
    mills = ONE_CASE[ONE_CASE.index("Wells of") :].replace("Wells of Overbrook", "Mills of Underbrook")
    report = apply(booklet_file(tmp_path, f"{wrong}\n{mills}"), "--status", "published")
    assert f"Wells of Overbrook – skipped\n    check: {line}" in report
    assert "2 cases read, 1 new, 1 skipped. Correct the lines to check" in report
    assert Practice.objects.get().title == "Mills of Underbrook"
    assert set(Actor.objects.values_list("name", flat=True)) == {
        "The Small Press",
        "Overbrook Council",
        "Well Diggers Union",
    }


def test_an_error_halfway_leaves_nothing_behind(ruritania, tmp_path, monkeypatch):
    second = ONE_CASE[ONE_CASE.index("Wells of") :].replace("Wells of Overbrook", "Mills of Overbrook")
    booklet = read_booklet(ONE_CASE + "\n" + second)
    booklet.cases[1].lessons = [None]
    with pytest.raises(ValidationError):
        import_booklet(booklet)
    assert Practice.objects.count() == Actor.objects.count() == Lesson.objects.count() == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            b"A recipe for soup.\n",
            "is not a booklet. Line 1: the file has no heading “Country/Region/Territory”",
        ),
        (b"\xff\xfe\x00broken", "is not UTF-8: byte 0"),
        (ONE_CASE.replace("Story", "Tale").encode(), "is not a booklet. Line "),
    ],
)
def test_what_is_no_booklet_is_refused_with_the_line_and_the_reason(ruritania, tmp_path, content, message):
    path = tmp_path / "soup.txt"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="Nothing was changed") as refusal:
        apply(path)
    assert message in str(refusal.value)


def test_what_no_practice_can_hold_is_refused_and_nothing_is_changed(ruritania, tmp_path):
    path = booklet_file(tmp_path, ONE_CASE.replace("www.wells.example", f"www.wells.example/{'x' * 500}"))
    with pytest.raises(CommandError, match=r"at most 500 characters.* Nothing was changed"):
        apply(path)
    assert Practice.objects.count() == Actor.objects.count() == 0


def test_a_missing_file_is_named(db, tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.txt cannot be read: No such file"):
        run(tmp_path / "nowhere.txt")


def test_the_small_booklet_is_imported_but_for_the_cases_to_look_at(db):
    for code, name in (("NO", "Norland"), ("SU", "Sudland"), ("OS", "Ostmark")):
        make_country(code, name)
    booklet = read_booklet(SMALL.read_text(encoding="utf-8"))
    reports = import_booklet(booklet)
    assert [bool(report.unplaced) for report in reports] == [False, True, True, False]
    assert Practice.objects.count() == 2
    for case in (booklet.cases[0], booklet.cases[3]):
        holds_all_of(case)


def holds_all_of(case):
    practice = Practice.objects.get(title=case.title)
    assert practice.places.count() == 1
    assert practice.story == case.story
    assert [row.text for row in practice.lessons.all()] == case.lessons
    assert [(row.text, row.url) for row in practice.sources.all()] == [(s.text, s.url) for s in case.sources]
    assert [row.group for row in practice.participations.all()] == [row.group for row in case.actors]
    assert practice.period == parse_period(case.period)


@fidelity.needs_booklet
def test_the_real_booklet_fills_an_empty_database_but_for_the_cases_to_look_at(db):
    report = apply(Path(fidelity.BOOKLET), "--status", "published")
    assert "Done: 17 cases read, 14 new, 3 skipped." in report
    assert Country.objects.count() == 249
    assert not Actor.objects.filter(name__startswith="As of 8th October 2014").exists()
    for case in read_booklet(fidelity.booklet_text()).cases:
        if not case.unplaced:
            holds_all_of(case)
    assert Practice.objects.published().count() == 14


@fidelity.needs_booklet
def test_the_real_booklet_is_refused_where_its_seventeen_cases_are_and_all_are_named(jmdi):
    before = [take_snapshot(practice) for practice in Practice.objects.order_by("pk")]
    with pytest.raises(CommandError, match=r"Nothing was changed\.$") as refused:
        apply(Path(fidelity.BOOKLET))
    for practice in Practice.objects.all():
        assert f"“{practice.title}” (Published)" in str(refused.value)
    assert [take_snapshot(practice) for practice in Practice.objects.order_by("pk")] == before
    assert not Revision.objects.exists()
