"""An archive that is not whole is not put back, and says why; nothing is changed then."""

import json
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test import override_settings

from practices.exchange import backup as backups
from practices.exchange import dumps
from practices.exchange.backup import MANIFEST
from tests.archives import change, fill, refused, run
from tests.databases import own_database

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(blank, django_db_blocker, tmp_path_factory) -> Path:
    """A backup of a portal, which stays as it is: these tests change nothing in it."""
    folder = tmp_path_factory.mktemp("backup")
    with (
        override_settings(MEDIA_ROOT=folder / "media"), django_db_blocker.unblock(), own_database(blank)
    ):  # fmt: skip
        fill()
        run("backup", folder / "one.zip")
        yield folder / "one.zip"


@pytest.fixture(autouse=True)
def archive(made, tmp_path) -> Path:
    return Path(shutil.copy(made, tmp_path))


def test_what_a_portal_holds_is_thrown_away_only_when_that_is_said(archive):
    expected = (
        "This portal holds practices, accounts or files. To put the backup in their place, add --replace."
    )
    assert refused(archive, replace=False) == expected


def test_a_changed_byte_of_a_file_is_found(archive):
    change(archive, "media/é.txt", b"plot")
    assert refused(archive) == "media/é.txt in the backup is not as it was written."


def test_a_changed_byte_of_the_database_is_found(archive):
    name = backups.dump().name
    change(archive, name, zipfile.ZipFile(archive).read(name)[:-1] + b"\x00\x01")
    assert refused(archive) == f"{name} in the backup is not as it was written."


def test_a_database_that_lacks_rows_is_found(archive):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["rows"]["practices_practice"] += 1
    change(archive, MANIFEST, json.dumps(manifest).encode())
    expected = "The copy of the database has in practices_practice 2 rows instead of 3."
    assert refused(archive) == expected


@pytest.mark.parametrize("cut", [0, 10, 2000, -1])
def test_an_archive_cut_short_is_refused(archive, cut):
    archive.write_bytes(archive.read_bytes()[:cut])
    assert refused(archive).startswith(f"{archive} is damaged, or no backup: ")


def test_an_archive_that_is_not_there_is_named(tmp_path):
    assert "none.zip cannot be read: No such file" in refused(tmp_path / "none.zip")


def test_a_name_that_leads_out_of_the_folder_is_refused(archive, tmp_path):
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("media/../../out.txt", "out")
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["files"]["media/../../out.txt"] = "0" * 64
    change(archive, MANIFEST, json.dumps(manifest).encode())
    assert "leads out of the folder" in refused(archive)
    assert list(tmp_path.rglob("out.txt")) == []


def test_a_backup_of_a_newer_release_is_refused(archive):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["migrations"].append("practices.9999_future")
    change(archive, MANIFEST, json.dumps(manifest).encode())
    assert refused(archive) == "The backup is of a newer release: here is no practices.9999_future."


def test_a_backup_of_the_other_engine_is_refused(archive):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["database"] = "database.other"
    change(archive, MANIFEST, json.dumps(manifest).encode())
    assert "The backup holds database.other, which this database engine does not read." in refused(archive)


def test_files_go_back_to_their_place_when_the_database_fails(archive, monkeypatch, settings):
    def fail(self, path, rows):
        raise dumps.BackupError("The disk is full.")

    monkeypatch.setattr(type(dumps.dump()), "load", fail)
    (settings.MEDIA_ROOT / "later.txt").write_text("later")
    assert refused(archive) == "The disk is full."


def test_a_backup_never_takes_the_place_of_another(archive):
    before = archive.read_bytes()
    with pytest.raises(CommandError, match=r"one\.zip is there already"):
        run("backup", archive)
    assert archive.read_bytes() == before


def test_only_its_owner_reads_a_backup(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


@pytest.mark.parametrize(("keep", "said"), [(-1, "Accepted: a number from 1."), (2, "--keep needs a folder")])
def test_what_cannot_be_kept_is_said(tmp_path, keep, said):
    with pytest.raises(CommandError, match=said):
        run("backup", tmp_path / "new.zip", keep=keep)


def test_no_password_is_in_the_arguments_of_a_program(monkeypatch):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite needs no program")
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "hunter2")
    seen = {}
    monkeypatch.setattr(
        dumps.subprocess, "Popen", lambda command, env, **_more: seen.update(a=command, env=env)
    )
    dumps.start("pg_dump", "--version")
    assert "hunter2" not in str(seen["a"])
    assert seen["env"]["PGPASSWORD"] == "hunter2"
