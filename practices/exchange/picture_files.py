"""Validation of picture files from outside the portal: in the folder of a collection or in a backup."""

import os
import stat
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from practices.models.images import NAME
from practices.values.pictures import MAX_BYTES, PictureError, damage_as_picture_error, open_image

STORED_FORMATS = {"jpg": "JPEG", "png": "PNG"}


def stored_pictures() -> Iterator[Path]:
    """Yield the files of the portal's pictures, without links and other files in the folder."""
    root = Path(settings.MEDIA_ROOT)
    for path in sorted(root.glob("images/*")):
        if NAME.fullmatch(path.relative_to(root).as_posix()) and stat.S_ISREG(path.lstat().st_mode):
            yield path


def plain_files(folder: Path) -> Iterator[Path]:
    """Yield all files below a folder. Raises ValueError with the first link, hard link or special file."""
    for path in sorted(folder.rglob("*")):
        found, name = path.lstat(), path.relative_to(folder).as_posix()
        if stat.S_ISLNK(found.st_mode):
            raise ValueError(f"{name} is a symbolic link, which is not accepted.")
        if not stat.S_ISDIR(found.st_mode) and not stat.S_ISREG(found.st_mode):
            raise ValueError(f"{name} is neither a file nor a folder.")
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            raise ValueError(f"{name} is a hard link to another file, which is not accepted. Copy the file.")
        if stat.S_ISREG(found.st_mode):
            yield path


def check_name(name: str, size: int) -> None:
    """Raise ValueError unless a file `media/…` has a possible name and size for a picture of the portal."""
    if not NAME.fullmatch(name.removeprefix("media/")) or not name.startswith("media/"):
        raise ValueError(
            f"{name} is not the name of a picture, such as media/images/<24 hexadecimal digits>-480.jpg."
        )
    if size > MAX_BYTES:
        raise ValueError(f"{name} has more than {MAX_BYTES // 1024**2} MB.")


def check_picture(name: str, file: BinaryIO, limited: bool = True) -> None:
    """Raise ValueError unless the file is a picture of the format and the width that its name states.

    Without `limited` it may be larger than a picture that is uploaded: earlier releases kept larger ones.
    """
    width, _dot, ending = name.rpartition("-")[2].partition(".")
    try:
        with damage_as_picture_error():
            image = open_image(file, limited)
    except PictureError as error:
        raise ValueError(f"{name}: {error}") from None
    if image.format != STORED_FORMATS[ending] or image.width != int(width):
        raise ValueError(
            f"{name} is not a picture in {STORED_FORMATS[ending]} with a width of {width} pixels."
        )


def read_picture(path: Path, name: str) -> bytes:
    """Return the validated content of a picture file. Does not follow links."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    check_name(name, len(data))
    check_picture(name, BytesIO(data))
    return data
