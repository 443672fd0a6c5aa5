"""Damaged and hostile files: each is refused or read, with a message, within a second and 100 MB."""

import io
import random
import re
import time
import tracemalloc
import zipfile

import pytest
from openpyxl import Workbook, load_workbook

from practices.exchange import imports, sheet
from practices.exchange.sheet import Line, SheetError
from practices.history.snapshots import take_snapshot
from practices.models import Import, Practice
from tests.factories import make_editor
from tests.mutations import mutated

pytestmark = pytest.mark.slow

MEGABYTES, SECONDS = 100, 1
SENTENCE = re.compile(r"[A-Z“].{5,700}[.)?]", re.S)  # what a person is told


def resaved(data: bytes) -> bytes:
    """Return the workbook as a spreadsheet program writes it, with texts in a separate part."""
    file, book = io.BytesIO(), Workbook()
    for row in load_workbook(io.BytesIO(data)).worksheets[0].values:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def read(data: bytes) -> tuple[list[Line], list[str]]:
    try:
        return sheet.read_lines(data), []
    except SheetError as error:
        return [], [str(error)]


def tried(data: bytes, person) -> tuple[list[str], float, float]:
    """Return the message about a file, and the seconds and megabytes that reading it took."""
    begun = time.process_time()  # what others do meanwhile does not count
    lines, said = read(data)
    took = time.process_time() - begun
    tracemalloc.start()
    read(data)
    most = tracemalloc.get_traced_memory()[1] / 1024**2
    tracemalloc.stop()
    if lines:
        outcomes = list(
            imports.run_import(imports.create_import("cases", lines, person), person, apply=False)
        )
        assert len(outcomes) == len(lines)
        said = [message for outcome in outcomes for _cell, _heading, message in outcome.errors]
    return said, took, most


@pytest.mark.django_db
def test_every_mutated_file_is_refused_or_read_in_words_and_changes_nothing(jmdi, pytestconfig):
    person, some = make_editor(), Practice.objects.order_by("pk")[:2]
    own = sheet.to_xlsx(some)
    files = [sheet.to_csv(some), own, resaved(own), resaved(own)]
    before = [take_snapshot(practice) for practice in Practice.objects.all()]
    wrong, refused, slowest, largest = {}, 0, 0.0, 0.0
    count = 500 if pytestconfig.getoption("thorough") else 16
    for seed in range(count):
        try:
            said, took, most = tried(mutated(files[seed % len(files)], seed), person)
        except Exception as error:
            wrong[seed] = repr(error)
            continue
        refused += bool(said)
        slowest, largest = max(slowest, took), max(largest, most)
        if odd := [words for words in said if not SENTENCE.fullmatch(words)]:
            wrong[seed] = odd
    assert wrong == {}
    assert slowest < SECONDS
    assert largest < MEGABYTES
    assert count / 4 < refused < count  # the mutations are neither harmless nor all fatal
    assert [take_snapshot(practice) for practice in Practice.objects.all()] == before
    assert not Import.objects.exclude(state="tried").exists()


# Small files that unpack to much ----------------------------------------------------------------------------

MUCH = 14 * 1024 * 1024  # just below what may be unpacked
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET, STRINGS, STYLES, BOOK = (
    *("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"),
)
MANY, WIDE = "too many cells", "more than 1000 columns"
NONE, TALL = "not a readable Excel workbook", "more than 500 rows"
EMPTY = "There are no rows below the headings."


def full_of(part: str, start: bytes, piece: bytes, end: bytes = b"") -> bytes:
    """A workbook in which a part repeats one piece many times."""
    file, made = io.BytesIO(), io.BytesIO()
    book = Workbook()
    book.active.append(["title"])
    book.save(file)
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in {*old.namelist(), part}:
            count = (MUCH - len(start) - len(end)) // len(piece)
            new.writestr(name, start + piece * count + end if name == part else old.read(name))
    return made.getvalue()


def of_many_parts() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as parts:
        for number in range(10_000):
            parts.writestr(f"xl/{number}", b"")
    return file.getvalue()


def locked() -> bytes:
    """A workbook whose parts require a password."""
    made = bytearray(full_of(BOOK, b"<a/>", b" " * MUCH))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(mark, bytes(made)):
            made[found.start() + offset] |= 1
    return bytes(made)


@pytest.mark.one_engine
@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: full_of(SHEET, b"<worksheet " + MAIN + b"><sheetData>", b"<row/>"), MANY),
        (lambda: full_of(SHEET, b"<worksheet " + MAIN + b"><sheetData><row>", b"<c/>"), MANY),
        (lambda: full_of(SHEET, b"<worksheet " + MAIN + b">", b"<a>"), MANY),
        (lambda: full_of(SHEET, b"<worksheet " + MAIN, b' a=""', b"/>"), MANY),
        (lambda: full_of(SHEET, b"<worksheet " + MAIN + b">", b"<a " + b'b="" ' * 700 + b"/>"), MANY),
        (lambda: full_of(SHEET, b"<worksheet " + MAIN + b"><sheetData><row><c><v>", b"9"), NONE),
        (lambda: full_of(STRINGS, b"<sst " + MAIN + b">", b"<si><t>a</t></si>", b"</sst>"), MANY),
        (lambda: full_of(STYLES, b"<styleSheet " + MAIN + b"><fonts>", b"<font/>"), MANY),
        (lambda: full_of(BOOK, b"<workbook " + MAIN + b"><sheets>", b'<sheet name="a"/>'), MANY),
        (lambda: full_of("[Content_Types].xml", b"<Types>", b"<Default/>"), MANY),
        (of_many_parts, MANY),
        (locked, "The workbook is protected by a password."),
        (lambda: b"title\n" + b"," * (sheet.MAX_BYTES - 6), EMPTY),
        (lambda: b"title\n" + b"\n" * (sheet.MAX_BYTES - 6), EMPTY),
        (lambda: b"title\n" + b"a\n" * (sheet.MAX_BYTES // 2 - 6), TALL),
        (lambda: b'title\n"' + b"a\n" * 2_000_000, "Row 2 is not valid CSV"),
        (lambda: b",".join([b"title"] * 800_000), WIDE),
        (lambda: random.Random(1).randbytes(sheet.MAX_BYTES), "not an Excel workbook"),
        (lambda: b"\x89PNG\r\n\x1a\n" + bytes(1000), "The file is PNG, not XLSX or CSV."),
        (lambda: b"%PDF-1.7 words", "The file is PDF, not XLSX or CSV."),
        (lambda: b"x" * 100 * 1024**2, "larger than 5 MB"),
        (lambda: b"a" * 100 + b",title\nA,B", "field “" + "a" * 60 + "…”"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_at_once_and_costs_little(make, said):
    words, took, most = tried(make(), None)
    assert said in words[0]
    assert took < SECONDS
    assert most < MEGABYTES
