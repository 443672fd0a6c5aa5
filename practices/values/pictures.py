"""Conversion of pictures for storage: in sRGB, in a few widths, without metadata.

A picture is read by one thread at a time, in strips, so that its memory is bounded: that of its pixels as
they are decoded (MAX_PIXELS), and of the largest picture that is kept (MAX_STORED_PIXELS).
docs/reference/performance.md has the figures; tests/values/test_pictures.py measures them again with
`--thorough`.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from io import BytesIO
from threading import Lock
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

MAX_BYTES = 30 * 1024 * 1024
MAX_PIXELS = 25_000_000  # of a picture as it is decoded, in MAX_PIXELS_BY_FORMAT fewer for some formats
MAX_JPEG_PIXELS = 120_000_000  # of a JPEG, which is decoded at a half, a quarter or an eighth of its size
MAX_COEFFICIENTS = 50_000_000  # of a JPEG in several scans: its decoder keeps them all, 2 bytes each
MAX_SIDE = 20_000
MAX_ASPECT_RATIO = 50  # times the shorter side
MAX_STORED_PIXELS = 6_000_000  # of the largest size that is stored
ACCEPTED_FORMATS = ["JPEG", "PNG", "WEBP", "HEIF"]
MAX_PIXELS_BY_FORMAT = {"WEBP": 8_000_000}  # whose decoder holds several copies
# Stored pictures have no file of a new width, although their `srcset` would name it (models/images.py).
WIDTHS = (480, 960, 1600)
STRIP = 64  # rows that are converted at once
ONE_AT_A_TIME = Lock()
# What a file begins with, from which byte on, and what people call it.
SIGNATURES = [
    (0, b"GIF8", "GIF"),
    (0, b"BM", "BMP"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"%PDF", "PDF"),
    (0, b"\0\0\1\0", "ICO"),
    (0, b"8BPS", "Photoshop"),
    (8, b"avif", "AVIF"),
    (8, b"avis", "AVIF"),
    *((8, brand, "HEIC") for brand in (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"mif1", b"msf1")),
]


class PictureError(ValueError):
    """The file is not accepted; the message says why."""


@dataclass(frozen=True)
class Picture:
    """A picture's files by their names, the largest last, and the size of that one."""

    files: dict[str, bytes]
    width: int
    height: int

    @property
    def name(self) -> str:
        return list(self.files)[-1]


def process_picture(file: BinaryIO, size: int) -> Picture:
    """Return the files to store for a JPEG, PNG, WebP or HEIC file of `size` bytes. Raises PictureError for
    other files.

    Place, time and camera are removed; orientation and colour profile are applied. The same picture always
    gets the same names.
    """
    if size > MAX_BYTES:
        message = _("The file has %(size)d MB. The maximum is %(most)d MB.")
        raise PictureError(message % {"size": size // 1024**2 + 1, "most": MAX_BYTES // 1024**2})
    with ONE_AT_A_TIME, damage_as_picture_error():
        return render(open_image(file))


@contextmanager
def damage_as_picture_error() -> Iterator[None]:
    """Convert errors of decoders to PictureError; a broken file may raise any exception."""
    try:
        yield
    except PictureError:
        raise
    except MemoryError:
        raise PictureError(_("The image is too large. Make it smaller.")) from None
    except Exception as error:
        message = _("The image is damaged or incomplete. Save it again and try again.")
        raise PictureError(message) from error


# Opening ---------------------------------------------------------------------------------------------------


def open_image(file: BinaryIO, limited: bool = True) -> Any:
    """Open a file as an image without reading its pixels: a small file may contain a huge picture.

    Without `limited` the image may have more pixels than are read here: for files that are only looked at.
    """
    from pi_heif import register_heif_opener
    from PIL import Image, UnidentifiedImageError

    register_heif_opener(thumbnails=False)
    file.seek(0)
    head = file.read(32)
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limits below are lower
            image = Image.open(file, formats=ACCEPTED_FORMATS)
    except Image.DecompressionBombError:
        raise too_many_pixels(MAX_PIXELS) from None
    except UnidentifiedImageError:
        raise PictureError(rejection_message(head)) from None
    if limited:
        check_size(image, file)
    return Heic(file) if image.format == "HEIF" else image


class Heic:
    """A HEIC picture with the interface that `shrink()` needs, already upright. Its rows are read from the
    memory of its decoder; Pillow's own reader copies all of them first.
    """

    format = "HEIF"

    def __init__(self, file: BinaryIO) -> None:
        from pi_heif import open_heif

        file.seek(0)
        self.heif = open_heif(file, convert_hdr_to_8bit=True)
        self.mode, self.size, self.info = self.heif.mode, self.heif.size, self.heif.info
        self.width, self.height = self.size

    def crop(self, box: tuple[int, int, int, int]) -> Any:
        from PIL import Image

        _left, top, width, bottom = box
        rows = memoryview(self.heif.data)[top * self.heif.stride : bottom * self.heif.stride]
        return Image.frombytes(self.mode, (width, bottom - top), rows, "raw", self.mode, self.heif.stride)

    def getexif(self) -> dict[int, int]:
        return {}

    def close(self) -> None:
        self.heif = None


def rejection_message(head: bytes) -> str:
    """Return why a file that begins with `head` is not accepted; names its format if it is known."""
    name = next((name for start, sign, name in SIGNATURES if head[start:].startswith(sign)), "")
    if name == "HEIC":
        return _("This HEIC file cannot be read. Export the image as JPEG and try again.")
    if name:
        message = _("Files in %(format)s are not accepted. Save the image as JPEG or PNG and try again.")
        return message % {"format": name}
    return _("This is not a JPEG, PNG, WebP or HEIC image.")


def check_size(image: Any, file: BinaryIO) -> None:
    """Raise PictureError if reading the pixels would need too much memory."""
    longer, shorter = max(image.size), min(image.size)
    pixels = longer * shorter
    if longer > MAX_SIDE:
        message = _("The image has %(width)d × %(height)d pixels. The maximum for each side is %(most)d.")
        raise PictureError(message % {"width": image.width, "height": image.height, "most": MAX_SIDE})
    if longer > MAX_ASPECT_RATIO * shorter:
        message = _(
            "The image has %(width)d × %(height)d pixels. The longer side may be at most %(most)d "
            "times the shorter side."
        )
        raise PictureError(message % {"width": image.width, "height": image.height, "most": MAX_ASPECT_RATIO})
    most = MAX_PIXELS_BY_FORMAT.get(image.format, MAX_PIXELS)
    if image.format in {"JPEG", "MPO"}:
        most = MAX_JPEG_PIXELS
        if (
            pixels > MAX_PIXELS // 4
            and in_several_scans(file)
            and coefficient_count(image) > MAX_COEFFICIENTS
        ):
            message = _("The image is a progressive JPEG with too many pixels. Save it as a standard JPEG.")
            raise PictureError(message)
    if pixels > most:
        raise too_many_pixels(most)


def too_many_pixels(most: int) -> PictureError:
    message = _("The image has too many pixels. The maximum is %(most)d million.")
    return PictureError(message % {"most": most // 1_000_000})


def in_several_scans(file: BinaryIO) -> bool:
    """Return whether a JPEG is progressive, or stores its components one after the other (ITU-T T.81,
    B.2).
    """
    place, components = file.tell(), 0
    file.seek(2)
    try:
        while len(head := file.read(4)) == 4 and head[0] == 0xFF:
            marker, length = head[1], int.from_bytes(head[2:])
            data = file.read(max(length - 2, 0))
            if marker in {0xC0, 0xC1}:
                components = data[5] if len(data) > 5 else 0
            elif 0xC2 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
                return True
            elif marker == 0xDA:
                return not data or data[0] < components
        return True
    finally:
        file.seek(place)


def coefficient_count(image: Any) -> int:
    """Return the number of coefficients of a JPEG: one for each pixel and component, fewer at a lower
    resolution.
    """
    shares = [across * down for _number, across, down, _table in image.layer]
    return int(image.width * image.height * sum(shares) / max(shares))


# Drawing ---------------------------------------------------------------------------------------------------


def render(image: Any) -> Picture:
    """Return the files to store of an opened image."""
    from PIL import Image

    clear = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    ending, options = ("png", {}) if clear else ("jpg", {"quality": 82, "progressive": True})
    made = shrink(image, "RGBA" if clear else "RGB")
    print_ = blake2b(made.tobytes() + repr(made.size).encode(), digest_size=12).hexdigest()
    files = {}
    for width in sorted({*(width for width in WIDTHS if width < made.width), made.width}):
        height = max(1, round(made.height * width / made.width))
        stream = BytesIO()
        one = made if width == made.width else made.resize((width, height), Image.Resampling.LANCZOS)
        one.save(stream, "PNG" if clear else "JPEG", optimize=True, **options)
        files[f"{print_}-{width}.{ending}"] = stream.getvalue()
    return Picture(files, made.width, made.height)


def shrink(image: Any, mode: str) -> Any:
    """The image upright, in sRGB, at most as large as the largest stored size, without metadata.

    It is processed in strips: each is converted and made narrower, and only the result is made lower.
    """
    from PIL import Image, ImageOps

    turned = image.getexif().get(0x0112, 1) in {5, 6, 7, 8}
    width, height = stored_size(*reversed(image.size)) if turned else stored_size(*image.size)
    across, down = (height, width) if turned else (width, height)
    exif = image.getexif()
    if image.format in {"JPEG", "MPO"}:
        image.draft(None, (across, down))
        if image.width * image.height > MAX_PIXELS:
            raise too_many_pixels(MAX_PIXELS)
    convert = make_converter(image, mode)
    narrow = Image.new(mode, (across, image.height))
    for top in range(0, image.height, STRIP):
        strip = convert(image.crop((0, top, image.width, min(top + STRIP, image.height))))
        narrow.paste(strip.resize((across, strip.height), Image.Resampling.LANCZOS), (0, top))
    image.close()
    made = narrow.resize((across, down), Image.Resampling.LANCZOS)
    if turned or exif.get(0x0112, 1) != 1:
        made.getexif()[0x0112] = exif[0x0112]
        made = ImageOps.exif_transpose(made)
    made.info.clear()
    return made


def stored_size(width: int, height: int) -> tuple[int, int]:
    """The largest stored size of a picture: at most 1600 pixels wide, and MAX_STORED_PIXELS pixels."""
    kept = min(width, WIDTHS[-1], int((MAX_STORED_PIXELS * width / height) ** 0.5))
    return max(1, kept), max(1, round(height * kept / width))


# Colours ---------------------------------------------------------------------------------------------------


def make_converter(image: Any, mode: str) -> Callable[[Any], Any]:
    """Return a function that converts a strip of the image to sRGB in `mode` (RGB or RGBA). Ignores damaged
    profiles.
    """
    transform, source = profile_transform(image)

    def convert(strip: Any) -> Any:
        if strip.mode.startswith("I"):  # 16 bits of grey
            strip = strip.convert("I").point(lambda value: value * (1 / 257)).convert("L")
        if transform is None:
            return strip.convert(mode)
        from PIL import ImageCms

        alpha = strip.convert("RGBA").getchannel("A") if mode == "RGBA" else None
        coloured = ImageCms.applyTransform(strip.convert(source), transform)
        if alpha is not None:
            coloured.putalpha(alpha)
        return coloured

    return convert


def profile_transform(image: Any) -> tuple[Any, str]:
    """Return the transform from the image's colour profile to sRGB and its input mode; None without a valid
    profile.
    """
    profile = image.info.get("icc_profile")
    if not profile:
        return None, ""
    from PIL import ImageCms

    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        source = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}[own.profile.xcolor_space.strip()]
        if (source == "CMYK") != (image.mode == "CMYK"):
            return None, ""
        return ImageCms.buildTransform(own, ImageCms.createProfile("sRGB"), source, "RGB"), source
    except (ImageCms.PyCMSError, OSError, KeyError, TypeError, ValueError):
        return None, ""
