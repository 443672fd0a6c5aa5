"""An import that is killed has done everything or nothing (`--kills N` tries N moments)."""

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from practices.models import Import, Practice, Revision
from tests.factories import make_country, make_editor, make_practice

pytestmark = pytest.mark.slow

ROWS = 12


QUESTIONS = (
    "SELECT count(*) FROM practices_practice",
    "SELECT count(*) FROM practices_practice WHERE slug = 'kept' AND title = 'Changed'",
    "SELECT count(*) FROM practices_import WHERE state = 'done'",
    "SELECT count(*) FROM practices_revision WHERE action = 'imported'",
)
WHOLE, NOTHING = [ROWS, 1, 1, ROWS], [1, 0, 0, 0]


class Database:
    """The test database as another process sees it; for SQLite in memory, a copy in a file."""

    def __init__(self, folder: Path) -> None:
        self.before, self.file = folder / "before.sqlite3", folder / "killed.sqlite3"
        self.is_file = connection.vendor == "sqlite"
        if self.is_file:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [str(self.before)])

    @property
    def address(self) -> str:
        if self.is_file:
            return f"sqlite:///{self.file}"
        return f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{connection.settings_dict['NAME']}"

    def back(self) -> None:
        """Restore the former content."""
        if self.is_file:
            for name in ("-wal", "-shm"):
                self.file.with_name(self.file.name + name).unlink(missing_ok=True)
            shutil.copy(self.before, self.file)
        else:
            Practice.objects.exclude(slug="kept").delete()
            Practice.objects.filter(slug="kept").update(title="Kept")
            Import.objects.all().delete()
            Revision.objects.all().delete()

    def holds(self) -> list[int]:
        if not self.is_file:
            with connection.cursor() as cursor:
                cursor.execute(" UNION ALL ".join(QUESTIONS))
                return [count for (count,) in cursor.fetchall()]
        with closing(sqlite3.connect(self.file)) as rows:
            assert rows.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            return [rows.execute(question).fetchone()[0] for question in QUESTIONS]


@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_did_everything_or_nothing(tmp_path, pytestconfig):
    make_country("PH")
    make_editor("editor")
    make_practice("Kept", slug="kept", status="draft")
    file = tmp_path / "cases.csv"
    rows = ["kept,Changed,S.,PH,A lesson.", *(f",Case {n},S.,PH,A lesson." for n in range(1, ROWS))]
    file.write_text("\n".join(["slug,title,story,places.1.country,lessons.1.text", *rows]))
    command = [sys.executable, "manage.py", "import_practices", file, "--user", "editor", "--apply"]
    database, chance = Database(tmp_path), random.Random(2026)
    start = partial(
        subprocess.Popen, command, env=os.environ | {"DATABASE_URL": database.address}, cwd=settings.BASE_DIR,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    database.back()
    begun = time.monotonic()
    assert start().wait() == 0
    whole = time.monotonic() - begun
    assert database.holds() == WHOLE
    for _ in range(pytestconfig.getoption("kills")):
        database.back()
        process = start()
        try:
            process.wait(timeout=chance.uniform(0.3, 1) * whole)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert database.holds() in ([WHOLE] if process.returncode == 0 else [WHOLE, NOTHING])
