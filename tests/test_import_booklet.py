"""`manage.py import_booklet`: the original wording into the model, all or nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from practices.exchange.booklet import read_booklet
from practices.exchange.booklet_import import import_booklet
from practices.models import Actor, Country, Lesson, Practice, Source
from practices.period import Period
from tests import fidelity
from tests.factories import make_actor, make_country, make_practice

SMALL = Path(__file__).parent / "data" / "booklet.txt"  # invented, with every irregularity
booklet_at_hand = pytest.mark.skipif(
    not fidelity.BOOKLET.exists(), reason="the JMDI booklet is not at hand: name its text in JMDI_BOOKLET"
)
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


@pytest.fixture
def ruritania(db):
    return make_country("RU", "Ruritania")


def test_a_new_case_becomes_a_draft_with_every_part_in_its_place(ruritania, tmp_path):
    run(booklet_file(tmp_path))
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
    run(booklet_file(tmp_path), "--status", "published")
    assert Practice.objects.published().count() == 1


def test_a_case_is_matched_by_its_title_in_spite_of_a_slip(ruritania, tmp_path):
    make_practice("Wells of Overbrok", slug="wells", story="Our words.", countries=("RU",))
    run(booklet_file(tmp_path))
    practice = Practice.objects.get()
    assert (practice.slug, practice.title, practice.story) == (
        "wells",
        "Wells of Overbrok",
        "The council dug wells.",
    )


def test_a_matched_case_keeps_what_editors_added(ruritania, tmp_path):
    make_practice(
        "Wells of Overbrook", themes=("remittances",), countries=("RU",), summary="Ours.", actors=("oc",)
    )
    make_actor("oc").__class__.objects.filter(slug="oc").update(name="Overbrook Council", acronym="OC")
    Practice.objects.get().participations.update(role="lead", group="Council", note="It dug.")
    run(booklet_file(tmp_path))
    practice = Practice.objects.get()
    part = practice.participations.first()
    assert (practice.summary, practice.status) == ("Ours.", "published")
    assert [theme.slug for theme in practice.themes.all()] == ["remittances"]
    assert (part.actor.slug, part.role, part.group, part.note) == ("oc", "lead", "Council", "It dug.")


def test_a_second_import_changes_nothing(ruritania, tmp_path):
    path = booklet_file(tmp_path)
    run(path)
    assert run(path).endswith("Done: 1 cases read, 0 new, 0 changed, 0 lines to look at.\n")
    assert Actor.objects.count() == 3


def test_a_dry_run_reports_and_changes_nothing(ruritania, tmp_path):
    report = run(booklet_file(tmp_path), "--dry-run")
    assert "Wells of Overbrook – new" in report
    assert "period: none → 2013/.." in report
    assert "Dry run, nothing was changed: 1 cases read, 1 new" in report
    assert Practice.objects.count() == Actor.objects.count() == 0


def test_an_error_halfway_leaves_nothing_behind(ruritania, tmp_path, monkeypatch):
    second = ONE_CASE[ONE_CASE.index("Wells of") :].replace("Wells of Overbrook", "Mills of Overbrook")
    booklet = read_booklet(ONE_CASE + "\n" + second)
    booklet.cases[1].lessons = [None]
    with pytest.raises(ValidationError):
        import_booklet(booklet)
    assert Practice.objects.count() == Actor.objects.count() == Lesson.objects.count() == 0


def test_a_period_that_cannot_be_read_is_reported_and_the_case_kept(ruritania, tmp_path):
    report = run(booklet_file(tmp_path, ONE_CASE.replace("2013 and ongoing", "in the days of old")))
    assert "please look: line 5: “in the days of old”" in report
    assert Practice.objects.get().period is None


def test_a_territory_in_no_known_country_is_reported(ruritania, tmp_path):
    report = run(booklet_file(tmp_path, ONE_CASE.replace("Ruritania", "Utopia")))
    assert "please look: “Utopia: Overbrook valley” begins with no country known here" in report


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"A recipe for soup.\n", "is no booklet. Line 1: no heading “Country/Region/Territory”"),
        (b"\xff\xfe\x00broken", "is no UTF-8 text: byte 0"),
        (ONE_CASE.replace("Story", "Tale").encode(), "is no booklet. Line "),
    ],
)
def test_what_is_no_booklet_is_refused_with_the_line_and_the_reason(ruritania, tmp_path, content, message):
    path = tmp_path / "soup.txt"
    path.write_bytes(content)
    with pytest.raises(CommandError, match="Nothing was changed") as refusal:
        run(path)
    assert message in str(refusal.value)


def test_what_no_practice_can_hold_is_refused_and_nothing_is_changed(ruritania, tmp_path):
    path = booklet_file(tmp_path, ONE_CASE.replace("www.wells.example", f"www.wells.example/{'x' * 500}"))
    with pytest.raises(CommandError, match=r"at most 500 characters.* Nothing was changed"):
        run(path)
    assert Practice.objects.count() == Actor.objects.count() == 0


def test_a_missing_file_is_named(db, tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.txt cannot be read: No such file"):
        run(tmp_path / "nowhere.txt")


def test_the_small_booklet_with_every_irregularity_is_imported_whole(jmdi):
    booklet = read_booklet(SMALL.read_text(encoding="utf-8"))
    before = Practice.objects.count()
    import_booklet(booklet)
    assert Practice.objects.count() == before + len(booklet.cases)
    for case in booklet.cases:
        practice = Practice.objects.get(title=case.title)
        assert practice.story == case.story
        assert [row.text for row in practice.lessons.all()] == case.lessons
        assert [row.text for row in practice.sources.all()] == [row.text for row in case.sources]
        assert [row.group for row in practice.participations.all()] == [row.group for row in case.actors]


@booklet_at_hand
def test_the_real_booklet_fills_an_empty_database(db):
    report = run(fidelity.BOOKLET, "--status", "published")
    assert report.splitlines()[-1] == "Done: 17 cases read, 17 new, 0 changed, 5 lines to look at."
    assert Country.objects.count() == 249
    booklet = read_booklet(fidelity.BOOKLET.read_text(encoding="utf-8"))
    for case in booklet.cases:
        practice = Practice.objects.get(title=case.title)
        assert practice.places.count() == 1
        assert practice.story == case.story
        assert [row.text for row in practice.lessons.all()] == case.lessons
        assert [(row.text, row.url) for row in practice.sources.all()] == [
            (s.text, s.url) for s in case.sources
        ]
        assert [row.group for row in practice.participations.all()] == [row.group for row in case.actors]
        assert practice.period == Period.parse(case.period)
    assert (Source.objects.count(), Lesson.objects.count()) == (
        sum(len(case.sources) for case in booklet.cases),
        sum(len(case.lessons) for case in booklet.cases),
    )


@booklet_at_hand
def test_the_real_booklet_matches_all_seventeen_loaded_cases(jmdi):
    slugs = set(Practice.objects.values_list("slug", flat=True))
    report = run(fidelity.BOOKLET)
    assert report.splitlines()[-1] == "Done: 17 cases read, 0 new, 17 changed, 5 lines to look at."
    assert set(Practice.objects.values_list("slug", flat=True)) == slugs
    again = run(fidelity.BOOKLET)
    assert again.splitlines()[-1] == "Done: 17 cases read, 0 new, 0 changed, 5 lines to look at."
