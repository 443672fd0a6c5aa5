"""An export and backups that an earlier release wrote (migration 0019) restore in this one.

They hold a public practice with a pending change, a draft, an import that was done and one that was tried.
"""

import zipfile
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from practices.exchange import imports
from practices.history.snapshots import take_snapshot
from practices.models import Import, Practice, Revision, User
from practices.workflow import transitions
from tests.archives import run
from tests.databases import own_database

DATA = Path(__file__).parent.parent / "data" / "earlier_release"
PICTURE = f"images/{'0a' * 12}-480.jpg"


@pytest.fixture(autouse=True)
def portal(blank, db, tmp_path, settings):
    """An empty database and an empty folder for uploaded files."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with own_database(blank):
        yield


@pytest.fixture
def restored() -> None:
    run("restore", DATA / f"{connection.vendor}.zip")
    call_command("migrate", verbosity=0)


def check_public_practice() -> None:
    snapshot = take_snapshot(Practice.objects.get(slug="sen"))
    assert snapshot["title"] == "Sen “Bonds” العودة"
    assert (snapshot["status"], snapshot["period"]) == ("published", "2014-03/..")
    assert snapshot["places"][0] == {
        "name": "Naga", "country": "PH", "latitude": 13.622, "longitude": -123.195
    }  # fmt: skip
    assert [(row["number"], row["text"]) for row in snapshot["lessons"]] == [(1, "First."), (2, "Second.")]
    assert [(row["actor"], row["role"]) for row in snapshot["participations"]] == [("atikha", "lead")]
    assert (snapshot["themes"], snapshot["objectives"]) == (["savings"], ["gcm-20", "sdg-10.7"])
    assert (snapshot["publication"], snapshot["images"][0]["file"]) == ("booklet", PICTURE)


def test_a_backup_restores(restored, settings, client):
    check_public_practice()
    assert (settings.MEDIA_ROOT / PICTURE).is_file()
    assert client.get("/practices/sen/").status_code == 200


@pytest.mark.slow
def test_the_versions_of_a_backup_restore(restored):
    person = User.objects.get_by_natural_key("rosa")
    version = Revision.objects.get(comment="first")
    draft = transitions.restore_practice(version, person)
    assert (draft.slug, draft.title, draft.story, draft.period.edtf) == (
        "draft",
        "Draft",
        "A story.",
        "2009~",
    )
    assert [row.text for row in draft.lessons.all()] == ["Old lesson."]


def test_the_imports_of_a_backup_can_be_undone_and_finished(restored):
    person = User.objects.get_by_natural_key("rosa")
    made = imports.undo(Import.objects.get(file="cases.csv"), person)
    assert [action for _title, action in made] == ["prepared", "changed", "created"]
    assert set(Practice.objects.values_list("slug", "title")) == {
        ("sen", "Sen “Bonds” العودة"), ("draft", "Draft")
    }  # fmt: skip
    [outcome] = imports.run_import(Import.objects.get(file="waiting.csv"), person, True)
    assert (outcome.action, Practice.objects.get(slug="waiting").period.edtf) == ("new", "2013")


def test_an_export_restores(tmp_path, settings):
    with zipfile.ZipFile(DATA / "export.zip") as archive:
        archive.extractall(tmp_path / "export")
    run("import_all", tmp_path / "export", replace=True, apply=True)
    check_public_practice()
    assert (settings.MEDIA_ROOT / PICTURE).is_file()
    change = Practice.objects.get(replaces__slug="sen")
    assert (change.title, [row.text for row in change.lessons.all()]) == (
        "Sen Bonds, changed",
        ["New first."],
    )
