"""A disk that fails at any write of an import or upload: nothing is half done, and a message says so."""

import errno
import io
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from PIL import Image as Drawing

from practices.exchange import imports, sheet
from practices.models import Import, Practice, User
from practices.values.pictures import process_picture
from tests.admin_form import PracticePage
from tests.databases import all_rows, own_database
from tests.factories import make_country, make_editor, make_practice

pytestmark = pytest.mark.slow

ROWS = [
    "slug,title,story,places.1.country,lessons.1.text",
    "kept,Changed,S.,PH,A lesson.",
    "public,Other,S.,PH,",
    f",New,{'A long story. ' * 2000},PH,B",
]
WORDS = "The changes could not be saved"


def portal() -> Import:
    """A draft, a public practice, and a checked import that would change both and create a third."""
    make_country("PH")
    make_practice("Kept", slug="kept", status="draft")
    make_practice("Public", slug="public")
    return imports.create_import("cases.csv", sheet.read_lines("\n".join(ROWS).encode()), make_editor())


def is_complete(tried: Import) -> bool:
    tried.refresh_from_db()
    slugs = set(Practice.objects.values_list("title", flat=True))
    return tried.state == "done" and slugs == {"Changed", "Public", "Other", "New"}


def refusal(tried: Import, person: User) -> str | None:
    try:
        list(imports.run_import(tried, person, apply=True))
    except ValidationError as error:
        return error.messages[0]
    return None


@contextmanager
def failing_at(number: int) -> Iterator[None]:
    """The write with this number finds no space, and every one after it."""
    writes = 0

    def write(execute, sql, params, many, context):
        nonlocal writes
        is_write = sql.startswith(("INSERT", "UPDATE", "DELETE"))
        writes += is_write
        if is_write and writes >= number:
            raise OperationalError("No space left on device")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(write):
        yield


@pytest.mark.django_db
def test_an_import_whose_write_fails_did_nothing_and_says_so(client, pytestconfig):
    tried = portal()
    client.force_login(User.objects.get())
    before, number = all_rows(), 1
    while True:
        with failing_at(number):
            page = b"".join(client.post(f"/admin/practices/practice/import/{tried.pk}/")).decode()
        if WORDS not in page:
            break
        assert "<h2>Nothing was changed</h2>" in page
        assert "</html>" in page
        assert all_rows() == before
        number += 1 if pytestconfig.getoption("thorough") else number
    assert "<h2>Done</h2>" in page
    assert is_complete(tried)
    assert number > 30


@pytest.mark.django_db
def test_undoing_an_import_whose_write_fails_undid_nothing_and_says_so(client, pytestconfig):
    tried = portal()
    untouched = set(Practice.objects.values_list("title", "status"))
    list(imports.run_import(tried, User.objects.get(), apply=True))
    client.force_login(User.objects.get())
    before, number = all_rows(), 1
    while True:
        with failing_at(number):
            response = client.post(f"/admin/practices/practice/import/{tried.pk}/")
        if response.status_code == 302:
            break
        assert WORDS in response.content.decode()
        assert all_rows() == before
        number += 1 if pytestconfig.getoption("thorough") else number
    assert set(Practice.objects.values_list("title", "status")) == untouched
    assert number > 8


@pytest.mark.one_engine
def test_an_import_on_a_disk_that_is_full_did_nothing_and_says_so(blank, db, pytestconfig):
    """SQLite's own error at the page that finds no space, one page later each time."""
    with own_database(blank), connection.cursor() as cursor:
        tried, person = portal(), User.objects.get()
        before, failed = all_rows(), 0
        cursor.execute("VACUUM")  # which leaves no room in the file
        [pages] = cursor.execute("PRAGMA page_count").fetchone()
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        while (said := refusal(tried, person)) is not None:
            assert WORDS in said
            assert all_rows() == before
            failed += 1 if pytestconfig.getoption("thorough") else failed + 1
            cursor.execute(f"PRAGMA max_page_count = {pages + failed}")
        assert is_complete(tried)
        assert failed > 10
        assert cursor.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.django_db
def test_a_picture_whose_file_could_not_be_written_is_not_taken_and_later_is_whole(
    client, monkeypatch, tmp_path, settings
):
    settings.MEDIA_ROOT = tmp_path
    client.force_login(make_editor())
    practice = make_practice(status="draft")
    file = io.BytesIO()
    Drawing.effect_noise((1000, 500), 50).convert("RGB").save(file, "JPEG")
    page = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    page.add_row("images", alt="A field.", credit="Ana.")
    client.raise_request_exception = False

    def save(number: int):
        """Save with the write of this number truncated."""
        write, writes = FileSystemStorage._save, []

        def cut(self, name, content):
            writes.append(name)
            if len(writes) != number:
                return write(self, name, content)
            write(self, name, type(content)(content.read()[:100]))
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(FileSystemStorage, "_save", cut)
            upload = SimpleUploadedFile("a.jpg", file.getvalue(), "image/jpeg")
            return client.post(page.address, page.data | {"images-0-file": upload})

    for number in (1, 2, 2):  # each time one more file is whole
        assert save(number).status_code == 503
        assert practice.images.count() == 0
    assert save(0).status_code == 302
    made = process_picture(io.BytesIO(file.getvalue()), file.tell()).files
    assert len(made) == 3
    assert {path.name: path.read_bytes() for path in (tmp_path / "images").iterdir()} == made
