"""Backs up the whole portal to one file and restores it: database, accounts, history and uploaded files.

The file is a ZIP archive with `database.sqlite3` or `database.dump` (of pg_dump), `media/` and
`manifest.json`, which has the number of rows of each table, the SHA-256 of each file, and the applied
migrations.
"""

import json
import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from shutil import disk_usage
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from practices.exchange.picture_files import check_name, check_picture, stored_pictures
from practices.history.audit import record_audit_entry
from practices.history.public_changes import PracticeChanges, last_version_pk
from practices.models import Country, Practice, User
from practices.operations.dumps import BackupError, Rows, count_here, dump, model_tables

MANIFEST = "manifest.json"
CHUNK_BYTES = 1024 * 1024
LARGEST_MANIFEST = 64 * 1024 * 1024  # bytes
TABLE = re.compile(r"[a-z][a-z0-9_]*")
PASSING = ".restore-"  # how the folder begins that a restore works in


@dataclass(frozen=True)
class Manifest:
    made_at: str
    database: str  # the file, which tells the engine
    migrations: list[str]
    rows: Rows
    files: dict[str, str]


# Backup ----------------------------------------------------------------------------------------------------


def create_backup(target: Path, keep: int = 0) -> tuple[Path, Manifest]:
    """Write an archive while the portal runs, and verify it; only a complete archive gets its final name.

    In a folder, the file name contains the time, and `keep` limits the number of backups: the oldest are
    deleted. Raises BackupError if the file exists or verification fails; then no file is left.
    """
    if target.is_dir():
        folder, target = target, target / f"portal-{datetime.now(UTC):%Y%m%d-%H%M%S}.zip"
    elif keep:
        raise BackupError("Use --keep only with a folder.")
    if target.exists():
        raise BackupError(f"{target} already exists. Enter a new file.")
    with TemporaryDirectory(dir=target.parent, prefix=".backup-") as work:
        part = Path(work, "archive")
        write_archive(part, Path(work))
        manifest = read_archive(part, Path(work, "again"), media=False)
        part.chmod(0o600)  # accounts are in it
        part.rename(target)
    if keep:
        # The one just made stays, even where the clock went back and its name says it is the oldest.
        for old in sorted(folder.glob("portal-*.zip"), key=lambda path: (path == target, path))[:-keep]:
            old.unlink()
    return target, manifest


def write_archive(path: Path, work: Path) -> None:
    """Write the database before the files, so that the archive contains the files of all its rows."""
    database = dump()
    copy = work / database.name
    rows = database.write(copy)
    applied = (".".join(key) for key in MigrationRecorder(connection).applied_migrations())
    with ZipFile(path, "x", ZIP_DEFLATED, compresslevel=1) as archive:
        files = {database.name: add_file(archive, copy, database.name)}
        for file in stored_pictures():
            name = f"media/{file.relative_to(settings.MEDIA_ROOT).as_posix()}"
            try:
                files[name] = add_file(archive, file, name)
            except FileNotFoundError:  # somebody has just deleted it
                continue
        manifest = Manifest(datetime.now(UTC).isoformat(), database.name, sorted(applied), rows, files)
        archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
    copy.unlink()
    with path.open("rb") as file:
        os.fsync(file.fileno())


def add_file(archive: ZipFile, path: Path, name: str) -> str:
    """Add a file, however long; return the SHA-256 of what was added."""
    info = ZipInfo.from_file(path, name, strict_timestamps=False)
    info.compress_type = ZIP_DEFLATED
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as sink:
        return copy_and_hash(source, sink)


def copy_and_hash(source: IO[bytes], sink: IO[bytes]) -> str:
    digest = sha256()
    while part := source.read(CHUNK_BYTES):
        digest.update(part)
        sink.write(part)
    return digest.hexdigest()


# Restore ---------------------------------------------------------------------------------------------------


def restore_backup(path: Path, replace: bool = False) -> tuple[Manifest, bool]:
    """Replace all content of the portal with an archive, or change nothing; return whether `migrate` is
    needed.

    The site may be running. Raises BackupError if the archive is not as it was written, is of another engine
    or a newer release, or, without `replace`, when the portal holds anything.
    """
    root = Path(settings.MEDIA_ROOT)
    watch = public_practices_before() if replace else None
    if not replace and (holds_content() or next(stored_pictures(), None)):
        raise BackupError("This portal contains practices, accounts or files. Add --replace to replace them.")
    root.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=root, prefix=PASSING) as work:
        new, old = Path(work, "new"), Path(work, "old")
        manifest = read_archive(path, new)
        known = {".".join(key) for key in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
        unknown = sorted(set(manifest.migrations) - known)
        if unknown:
            raise BackupError(
                f"The backup is from a newer release. This release does not have {', '.join(unknown)}."
            )
        with swapped_files(root, new / "media", old):
            dump().load(new / manifest.database, manifest.rows)
    behind = bool(known - set(manifest.migrations))
    if watch and not behind:
        record_restore(watch, manifest)
    return manifest, behind


def public_practices_before() -> PracticeChanges | None:
    """Return the state of public practices before a restore; None if there are none or they cannot be
    read.
    """
    try:
        watch = PracticeChanges(before=False)
    except DatabaseError:  # damaged, or of an older release: that is what a backup is for
        return None
    return watch if watch.before else None


def record_restore(watch: PracticeChanges, manifest: Manifest) -> None:
    """Save a version of each practice whose public content has changed, and an audit entry."""
    comment = f"The backup of {manifest.made_at} was restored."
    watch.start = last_version_pk()
    with transaction.atomic():
        record_audit_entry(
            "backup restored", None, manifest.made_at, comment, practices=watch.save_versions(None, comment)
        )


def holds_content() -> bool:
    """Return whether there are countries, practices or accounts. At most four queries."""
    there = model_tables()
    names = (model._meta.db_table for model in (Country, Practice, User))
    return any(name in there and count_here(f"SELECT count(*) FROM {name}") for name in names)


@contextmanager
def swapped_files(root: Path, new: Path, old: Path) -> Iterator[None]:
    """Swap the files: `new` into the root and those of the root into `old`; swap back if the block fails.

    What is in the root is moved and not the root itself, which may be the place where a disk is mounted.
    """
    move_contents(root, old)
    move_contents(new, root)
    try:
        yield
    except BaseException:
        move_contents(root, new)
        move_contents(old, root)
        raise


def move_contents(source: Path, target: Path) -> None:
    target.mkdir(exist_ok=True)
    for path in list(source.iterdir()) if source.is_dir() else ():
        if not path.name.startswith(PASSING):
            path.rename(target / path.name)


def read_archive(path: Path, folder: Path, media: bool = True) -> Manifest:
    """Read a whole archive, compare it with its manifest, and leave its files in a new folder.

    Only files that the manifest lists are accepted: the database, and pictures by their names.
    """
    folder.mkdir()
    try:
        with ZipFile(path) as archive:
            manifest = manifest_of(archive)
            if manifest.database != dump().name:
                raise BackupError(
                    f"The backup contains {manifest.database}, which this database engine cannot read. "
                    "Restore it with its own engine, then run `manage.py copy_database`."
                )
            check_entries(archive, manifest, folder)
            for name, expected in manifest.files.items():
                kept = folder / name if media or name == manifest.database else Path(os.devnull)
                kept.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(name) as source, kept.open("wb") as sink:
                    if copy_and_hash(source, sink) != expected:
                        raise BackupError(f"{name} in the backup is damaged: its checksum is wrong.")
                if media and name != manifest.database:
                    with kept.open("rb") as picture:
                        check_picture(name, picture, limited=False)
        dump().check(folder / manifest.database, manifest.rows)
    except OSError as error:
        raise BackupError(f"{path} cannot be read: {error.strerror}.") from None
    except (BadZipFile, KeyError, ValueError, TypeError, EOFError, RuntimeError, zlib.error) as error:
        raise BackupError(f"{path} is damaged or is not a backup: {error}.") from None
    return manifest


def manifest_of(archive: ZipFile) -> Manifest:
    """Return the manifest of an archive. Raises ValueError or TypeError if it is malformed."""
    if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
        raise ValueError(f"{MANIFEST} is too large")
    manifest = Manifest(**json.loads(archive.read(MANIFEST)))
    if not isinstance(manifest.files, dict) or not isinstance(manifest.rows, dict):
        raise ValueError(f"{MANIFEST} has no list of files or no row counts")
    texts = [manifest.database, manifest.made_at, *manifest.migrations, *manifest.rows, *manifest.files]
    if not all(isinstance(text, str) for text in (*texts, *manifest.files.values())):
        raise ValueError(f"{MANIFEST} contains values that are not strings")
    if not all(type(count) is int and TABLE.fullmatch(table) for table, count in manifest.rows.items()):
        raise ValueError(f"{MANIFEST} contains wrong table names or row counts")
    return manifest


def check_entries(archive: ZipFile, manifest: Manifest, folder: Path) -> None:
    """Raise ValueError with the first entry that is not listed, repeated, a link, or not a picture."""
    seen = {MANIFEST: 0}
    for entry in archive.infolist():
        name = entry.filename
        if name == MANIFEST and not seen[MANIFEST]:
            seen[MANIFEST] = entry.file_size
            continue
        if name not in manifest.files:
            raise ValueError(f"{name} is not listed in {MANIFEST}")
        if name in seen:
            raise ValueError(f"{name} is in the archive twice")
        if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG}:
            raise ValueError(f"{name} is a link or a special file")
        if name != manifest.database:
            check_name(name, entry.file_size)
        seen[name] = entry.file_size
    free = disk_usage(folder).free
    if sum(seen.values()) > free:
        raise ValueError(f"its files need {sum(seen.values())} bytes, but only {free} bytes are free")
