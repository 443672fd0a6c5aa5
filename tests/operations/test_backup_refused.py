"""A damaged archive is not restored and the error says why; nothing changes."""

import hashlib
import json
import shutil
import stat
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import CommandError
from django.db import connection
from django.test import override_settings

from practices.operations import backup as backups
from practices.operations import dumps
from practices.operations.backup import MANIFEST
from tests.archives import OTHER, change, fill, jpeg, refused, run
from tests.databases import own_database

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def made(blank, django_db_blocker, tmp_path_factory) -> Path:
    """A backup of a portal that these tests do not change."""
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
    expected = "This portal contains practices, accounts or files. Add --replace to replace them."
    assert refused(archive, replace=False) == expected


def test_a_changed_byte_of_a_file_is_found(archive):
    change(archive, f"media/{OTHER}", jpeg(colour=10))
    assert refused(archive) == f"media/{OTHER} in the backup is damaged: its checksum is wrong."


def test_a_changed_byte_of_the_database_is_found(archive):
    name = backups.dump().name
    change(archive, name, zipfile.ZipFile(archive).read(name)[:-1] + b"\x00\x01")
    assert refused(archive) == f"{name} in the backup is damaged: its checksum is wrong."


def test_a_database_that_lacks_rows_is_found(archive):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["rows"]["practices_practice"] += 1
    change(archive, MANIFEST, json.dumps(manifest).encode())
    expected = "The copy of the database is incomplete: practices_practice has 2 rows instead of 3."
    assert refused(archive) == expected


@pytest.mark.parametrize("cut", [0, 10, 2000, -1])
def test_an_archive_cut_short_is_refused(archive, cut):
    archive.write_bytes(archive.read_bytes()[:cut])
    assert refused(archive).startswith(f"{archive} is damaged or is not a backup: ")


def test_an_archive_that_is_not_there_is_named(tmp_path):
    assert "none.zip cannot be read: No such file" in refused(tmp_path / "none.zip")


def test_a_name_that_leads_out_of_the_folder_is_refused(archive, tmp_path):
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr("media/../../out.txt", "out")
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["files"]["media/../../out.txt"] = "0" * 64
    change(archive, MANIFEST, json.dumps(manifest).encode())
    assert "media/../../out.txt is not the name of a picture" in refused(archive)
    assert list(tmp_path.rglob("out.txt")) == []


def with_entry(archive: Path, name: str, data: bytes, kind: int = stat.S_IFREG, listed: bool = True) -> None:
    """Add an entry to an archive, as a person would who knows the format."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (kind | 0o644) << 16
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(entry, data)
    if listed:
        manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
        manifest["files"][name] = hashlib.sha256(data).hexdigest()
        change(archive, MANIFEST, json.dumps(manifest).encode(), keep=name)


NEW = f"media/images/{'0c' * 12}-480.jpg"
NO_FORMAT = "This is not a JPEG, PNG, WebP or HEIC image."
BY_NAME = " is not the name of a picture, such as media/images/<24 hexadecimal digits>-480.jpg"
NO_PICTURE = "is not a picture in JPEG with a width of 480 pixels."
HOSTILE = {
    "not listed": (NEW, jpeg(), stat.S_IFREG, False, f"{NEW} is not listed in manifest.json"),
    "not listed, at the top": ("x", b"", stat.S_IFREG, False, "x is not listed in manifest.json"),
    "a folder": ("media/images/", b"", stat.S_IFDIR, False, "media/images/ is not listed in manifest.json"),
    "a link": (NEW, b"/etc/passwd", stat.S_IFLNK, True, f"{NEW} is a link or a special file"),
    "a device": (NEW, b"", stat.S_IFCHR, True, f"{NEW} is a link or a special file"),
    "absolute": ("/etc/cron.d/x", b"x", stat.S_IFREG, True, f"/etc/cron.d/x{BY_NAME}"),
    "outside": ("../x.jpg", jpeg(), stat.S_IFREG, True, f"../x.jpg{BY_NAME}"),
    "beside": ("media/x.html", b"x", stat.S_IFREG, True, f"media/x.html{BY_NAME}"),
    "of another kind": (NEW[:-3] + "svg", b"x", stat.S_IFREG, True, f"{NEW[:-3]}svg{BY_NAME}"),
    "with a line break": (NEW + "\n", jpeg(), stat.S_IFREG, True, f"{NEW}\n{BY_NAME}"),
    "no picture": (
        NEW,
        b"root:x:0:0",
        stat.S_IFREG,
        True,
        f"{NEW}: This is not a JPEG, PNG, WebP or HEIC image.",
    ),
    "of another width": (
        NEW,
        jpeg(481),
        stat.S_IFREG,
        True,
        f"{NEW} is not a picture in JPEG with a width of 480 pixels.",
    ),
    "of another format": (
        NEW,
        jpeg(kind="PNG"),
        stat.S_IFREG,
        True,
        f"{NEW} is not a picture in JPEG with a width of 480 pixels.",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_an_archive_with_a_file_that_no_backup_has_is_refused(archive, name):
    entry, data, kind, listed, said = HOSTILE[name]
    with_entry(archive, entry, data, kind, listed)
    assert said.rstrip(".") in refused(archive)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_archive_with_a_file_twice_is_refused(archive):
    with zipfile.ZipFile(archive, "a") as more:
        more.writestr(f"media/{OTHER}", jpeg(colour=1))
    assert f"media/{OTHER} is in the archive twice" in refused(archive)


def test_an_archive_that_unpacks_to_more_than_the_disk_holds_is_refused(archive, monkeypatch):
    monkeypatch.setattr(backups, "disk_usage", lambda _folder: SimpleNamespace(free=1000))
    assert "bytes, but only 1000 bytes are free" in refused(archive)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rows": {"practices_practice": "0 OR true"}},
        {"rows": {'"x"; DROP TABLE practices_practice; --"': 0}},
        {"files": {NEW: 1}},
        {"files": []},
        {"migrations": [1]},
        {"database": 1},
        {"more": 1},
    ],
)
def test_a_manifest_of_another_form_is_refused(archive, wrong):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    change(archive, MANIFEST, json.dumps(manifest | wrong).encode())
    assert refused(archive).startswith(f"{archive} is damaged or is not a backup: ")


def test_a_backup_of_a_newer_release_is_refused(archive):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["migrations"].append("practices.9999_future")
    change(archive, MANIFEST, json.dumps(manifest).encode())
    assert (
        refused(archive)
        == "The backup is from a newer release. This release does not have practices.9999_future."
    )


def test_a_backup_of_the_other_engine_is_refused(archive):
    manifest = json.loads(zipfile.ZipFile(archive).read(MANIFEST))
    manifest["database"] = "database.other"
    change(archive, MANIFEST, json.dumps(manifest).encode())
    assert "The backup contains database.other, which this database engine cannot read." in refused(archive)


def test_files_go_back_to_their_place_when_the_database_fails(archive, monkeypatch, settings):
    def fail(self, path, rows):
        raise dumps.BackupError("The disk is full.")

    monkeypatch.setattr(type(dumps.dump()), "load", fail)
    (settings.MEDIA_ROOT / "later.txt").write_text("later")
    assert refused(archive) == "The disk is full."


def test_a_backup_never_takes_the_place_of_another(archive):
    before = archive.read_bytes()
    with pytest.raises(CommandError, match=r"one\.zip already exists"):
        run("backup", archive)
    assert archive.read_bytes() == before


def test_only_its_owner_reads_a_backup(archive):
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("keep", "said"), [(-1, "Enter a whole number from 1."), (2, "Use --keep only with a folder")]
)
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
