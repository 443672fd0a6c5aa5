"""A backup contains the portal at one moment, and a restore brings back exactly that, or nothing."""

import json
import threading
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError
from django.db import connection

from practices.models import AuditEntry, Practice, Revision, Synonym, User
from practices.models.content_version import content_version
from practices.operations import backup as backups
from practices.operations import dumps
from practices.operations.backup import MANIFEST
from tests.archives import OTHER, PICTURE, change, fill, jpeg, media, refused, run
from tests.databases import all_rows, beside, own_database
from tests.factories import make_practice


@pytest.fixture(autouse=True)
def portal(blank, db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    with own_database(blank):
        fill()
        yield


@pytest.fixture
def archive(tmp_path) -> Path:
    path = tmp_path / "one.zip"
    run("backup", path)
    return path


def write_pairs(stop: threading.Event, writer) -> None:
    """Write two rows in each transaction, repeatedly: a state between them never existed."""
    number, picture = 0, jpeg()
    while not stop.is_set():
        number += 1
        for side in "ab":
            writer.cursor().execute(
                f"INSERT INTO practices_synonym (words) VALUES ('{side}{number}, {side}')"
            )
        writer.commit()
        complete = settings.MEDIA_ROOT.parent / "complete.jpg"  # a picture appears whole, as a new name
        complete.write_bytes(picture + bytes([number % 256]))
        complete.replace(settings.MEDIA_ROOT / f"images/{number % 50:024}-480.jpg")
    writer.close()


def test_a_backup_made_while_others_write_comes_back_as_one_state(tmp_path, request):
    """Twenty times with --thorough."""
    for drill in range(20 if request.config.getoption("thorough") else 1):
        stop, path = threading.Event(), tmp_path / f"{drill}.zip"
        writing = threading.Thread(target=write_pairs, args=(stop, beside()))
        writing.start()
        try:
            run("backup", path)
        finally:
            stop.set()
            writing.join()
        untouched = {name: rows for name, rows in all_rows().items() if name != "practices_synonym"}
        written = set(Synonym.objects.values_list("words", flat=True))
        Practice.objects.all().delete()
        run("restore", path, replace=True)
        kept = sorted(Synonym.objects.values_list("words", flat=True))
        assert kept == sorted(
            f"{side}{number}, {side}" for side in "ab" for number in range(1, len(kept) // 2 + 1)
        )
        assert set(kept) <= written
        assert json.loads(zipfile.ZipFile(path).read(MANIFEST))["rows"]["practices_synonym"] == len(kept)
        assert {name: rows for name, rows in all_rows().items() if name != "practices_synonym"} == untouched
        assert {name for name in media() if "/00" not in name} == {PICTURE, OTHER}
        Synonym.objects.all().delete()


def test_a_half_done_change_is_not_in_it_and_makes_nobody_wait(tmp_path):
    writer = beside()
    writer.cursor().execute("INSERT INTO practices_synonym (words) VALUES ('half, done')")
    run("backup", tmp_path / "one.zip")
    writer.commit()
    writer.close()
    assert Synonym.objects.count() == 1
    run("restore", tmp_path / "one.zip", replace=True)
    assert Synonym.objects.count() == 0


def test_everything_comes_back_also_the_search_and_the_files(archive, settings, client):
    rows, files, version = all_rows(), media(), content_version()
    Practice.objects.all().delete()
    User.objects.all().delete()
    (settings.MEDIA_ROOT / OTHER).unlink()
    (settings.MEDIA_ROOT / "later.txt").write_text("later")
    said = run("restore", archive, replace=True)
    assert (all_rows(), media(), content_version()) == (rows, files, version)
    assert client.get("/api/v1/practices/?q=listening").json()["count"] == 1
    assert said.endswith(f"{sum(map(len, rows.values()))} rows and 2 uploaded files.\n")
    make_practice("New", slug="new")  # the numbers of rows go on where they were


def test_a_restore_over_public_practices_keeps_versions_and_a_line_of_the_log_that_names_them(archive):
    bonds = Practice.objects.get(slug="bonds")
    same = make_practice("New", slug="new")
    run("backup", archive.with_name("two.zip"))
    assert not AuditEntry.objects.exists()
    Practice.objects.filter(pk=bonds.pk).update(title="Otherwise")
    run("restore", archive.with_name("two.zip"), replace=True)
    [version], [entry] = Revision.objects.all(), AuditEntry.objects.all()
    assert (version.key, version.action, version.snapshot["title"]) == (bonds.pk, "changed", "Bonds of Naga")
    assert version.comment.startswith("The backup of 20")
    assert (entry.action, [row["slug"] for row in entry.practices]) == ("backup restored", ["bonds"])
    assert Practice.objects.filter(pk=same.pk).exists()


def test_it_comes_back_into_a_database_without_any_table(archive, tmp_path, settings):
    rows, files = all_rows(), media()
    settings.MEDIA_ROOT = tmp_path / "elsewhere"
    with own_database(""):
        run("restore", archive)
        assert (all_rows(), media()) == (rows, files)


def test_readers_go_on_during_a_restore_and_see_the_new_state_at_its_end(archive):
    reader = beside()
    reader.cursor().execute("SELECT count(*) FROM practices_practice")
    reader.rollback()
    Practice.objects.all().delete()
    run("restore", archive, replace=True)
    cursor = reader.cursor()
    cursor.execute("SELECT count(*) FROM practices_practice")
    assert cursor.fetchone() == (2,)
    reader.close()


def test_files_alone_are_content_too(archive):
    with own_database(""):
        assert "Add --replace" in refused(archive, replace=False)


def test_a_backup_of_an_older_release_says_that_it_must_be_migrated(archive):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["migrations"].pop()
    change(archive, MANIFEST, json.dumps(manifest).encode())
    assert "Run `manage.py migrate` now" in run("restore", archive, replace=True)


def test_a_database_that_does_not_fit_leaves_the_old_one(archive, monkeypatch):
    """The last check before the commit is that all rows are there."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite takes the copy page by page, checked before, in one transaction of its own")
    monkeypatch.setattr(dumps.PostgreSQL, "check", lambda self, path, rows: rows.update(practices_practice=3))
    assert "rows are missing" in refused(archive)


def test_a_backup_that_fails_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr(backups, "read_archive", lambda *_args, **_more: 1 / 0)
    folder = tmp_path / "backups"
    folder.mkdir()
    with pytest.raises(ZeroDivisionError):
        run("backup", folder / "one.zip")
    assert list(folder.iterdir()) == []


def test_of_a_folder_the_newest_are_kept(tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("portal-20200101-000000.zip", "portal-20210101-000000.zip", "other.zip"):
        (folder / name).touch()
    run("backup", folder, keep=2)
    kept = sorted(path.name for path in folder.iterdir())
    assert (kept[0], kept[1], len(kept)) == ("other.zip", "portal-20210101-000000.zip", 3)
    with zipfile.ZipFile(folder / kept[2]) as newest:
        assert f"media/{PICTURE}" in newest.namelist()


def test_a_backup_stays_even_where_the_clock_went_back_and_it_seems_the_oldest(tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for name in ("portal-29990101-000000.zip", "portal-29990102-000000.zip"):
        (folder / name).touch()
    run("backup", folder, keep=2)
    kept = sorted(path.name for path in folder.iterdir())
    assert (len(kept), kept[0] < "portal-2999", kept[1]) == (2, True, "portal-29990102-000000.zip")


def test_a_missing_program_is_named_with_its_mend(tmp_path, monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite needs no program")
    monkeypatch.setattr(dumps.shutil, "which", lambda _name: None)
    monkeypatch.setattr(dumps.Path, "glob", lambda _self, _pattern: [])
    with pytest.raises(CommandError, match="pg_dump is not installed"):
        run("backup", tmp_path / "new.zip")
