"""Pictures as the portal keeps them: drawn anew, in a few widths, without anything else the file carried."""

import warnings
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
FORMATS = ["JPEG", "PNG", "WEBP"]
WIDTHS = (480, 960, 1600)


class PictureError(ValueError):
    """Says to a person why a file is not taken."""


@dataclass(frozen=True)
class Picture:
    """A picture's files by their names, the largest last, and the size of that one."""

    files: dict[str, bytes]
    width: int
    height: int

    @property
    def name(self) -> str:
        return list(self.files)[-1]


def picture(file: BinaryIO, size: int) -> Picture:
    """Reads a JPEG, PNG or WebP file of `size` bytes. Raises PictureError for all else, before it costs.

    Where, when and with what it was taken is left out; the way it was held is applied. The same picture
    always has the same names.
    """
    from PIL import Image, ImageOps  # models name this module, and few requests bring a picture

    if size > MOST_BYTES:
        message = _("The file has %(size)d MB; at most %(most)d MB are taken.")
        raise PictureError(message % {"size": size // 1024**2 + 1, "most": MOST_BYTES // 1024**2})
    image = opened(file)
    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    ending, options = ("png", {}) if clear else ("jpg", {"quality": 82, "progressive": True})
    try:
        image = ImageOps.exif_transpose(image).convert("RGBA" if clear else "RGB")
    except (OSError, ValueError, SyntaxError, MemoryError):
        raise PictureError(_("The picture is damaged or cut off. Save it anew and try again.")) from None
    image.info.clear()
    largest = min(image.width, WIDTHS[-1])
    print_ = blake2b(image.tobytes() + repr(image.size).encode(), digest_size=12).hexdigest()
    files = {}
    for width in sorted({*(width for width in WIDTHS if width < largest), largest}):
        made = image.resize(
            (width, max(1, round(image.height * width / image.width))), Image.Resampling.LANCZOS
        )
        stream = BytesIO()
        made.save(stream, "PNG" if clear else "JPEG", optimize=True, **options)
        files[f"{print_}-{width}.{ending}"] = stream.getvalue()
    return Picture(files, made.width, made.height)


def opened(file: BinaryIO) -> Any:
    """The file as an image whose pixels are not read yet; a small file may unpack to a huge picture."""
    from PIL import Image, UnidentifiedImageError

    many = PictureError(
        _("The picture has too many pixels: at most %(most)d million are taken.")
        % {"most": MOST_PIXELS // 1_000_000}
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit, below, is lower
            image = Image.open(file, formats=FORMATS)
    except Image.DecompressionBombError:
        raise many from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise PictureError(_("This is no picture in JPEG, PNG or WebP.")) from None
    if image.width * image.height > MOST_PIXELS:
        raise many
    return image
