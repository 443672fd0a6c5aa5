"""Helpers for tests of backups: run a command, read the content of a portal, damage an archive."""

import io
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from PIL import Image as Pillow

from practices.models import User
from tests.databases import all_rows
from tests.factories import make_practice

PICTURE, OTHER = (f"images/{number * 12}-480.jpg" for number in ("0a", "0b"))


def jpeg(width: int = 480, kind: str = "JPEG", colour: int = 90) -> bytes:
    """Return the bytes of a JPEG."""
    stream = io.BytesIO()
    Pillow.new("L", (width, 20), colour).save(stream, kind)
    return stream.getvalue()


def fill() -> None:
    """Create two practices, an account and the files of two pictures."""
    (settings.MEDIA_ROOT / "images").mkdir(parents=True)
    (settings.MEDIA_ROOT / PICTURE).write_bytes(jpeg())
    (settings.MEDIA_ROOT / OTHER).write_bytes(jpeg(colour=9))
    make_practice("Bonds of Naga", slug="bonds", countries=("PH",), lessons=("Listen first.",))
    make_practice("Draft", slug="draft", status="draft")
    User.objects.create_user("rosa", password="x")


def run(command: str, *arguments: object, **options: object) -> str:
    said = io.StringIO()
    call_command(command, *map(str, arguments), stdout=said, **options)
    return said.getvalue()


def media() -> dict[str, bytes]:
    root = settings.MEDIA_ROOT
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def change(path: Path, name: str, content: bytes, keep: str = "") -> None:
    """Replace the content of an archive entry; with `keep`, its type stays the same."""
    with zipfile.ZipFile(path) as old:
        held = {info: old.read(info) for info in old.infolist()}
    with zipfile.ZipFile(path, "w") as new:
        for each, was in held.items():
            data = content if each.filename == name else was
            new.writestr(each if each.filename == keep else each.filename, data)


def refused(path: Path, **options: object) -> str:
    """Return the message of a restore that changes nothing."""
    rows, files = all_rows(), media()
    with pytest.raises(CommandError) as caught:
        run("restore", path, **{"replace": True, **options})
    assert (all_rows(), media()) == (rows, files)
    message = str(caught.value)
    assert message.endswith("\nNothing was changed.")
    return message.removesuffix("\nNothing was changed.")
