"""Pictures: written again without metadata, refused before they cost much, shown only where allowed."""

import json
import os
import re
import struct
import subprocess
import sys
import time
import zlib
from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from PIL import Image as Pillow

from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import take_snapshot
from practices.models import Image, Practice, SecondFactor
from practices.values.pictures import ONE_AT_A_TIME, PictureError, in_several_scans, process_picture
from practices.workflow.preview_links import link
from tests.admin_form import PracticePage, errors_of
from tests.factories import make_editor, make_person, make_practice


def drawn(size=(1200, 800), kind: str = "JPEG", mode: str = "RGB", **options) -> bytes:
    stream = BytesIO()
    colour = {"RGB": (140, 58, 20), "RGBA": (140, 58, 20, 90), "L": 90, "P": 3, "CMYK": (9, 9, 9, 9)}[mode]
    Pillow.new(mode, size, colour).save(stream, kind, **options)
    return stream.getvalue()


HEIC = (Path(__file__).parent.parent / "data" / "picture.heic").read_bytes()


def read(data: bytes):
    return process_picture(BytesIO(data), len(data))


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def editor(client, db):
    client.force_login(make_editor())
    return client


# The files -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "widths"),
    [
        ((300, 200), [300]),
        ((480, 10), [480]),
        ((1200, 800), [480, 960, 1200]),
        ((4000, 3000), [480, 960, 1600]),
        ((1000, 15000), [480, 632]),
        ((10_000, 9_000), [480, 960, 1600]),
    ],
)
def test_a_picture_is_kept_in_widths_up_to_its_own(size, widths):
    made = read(drawn(size))
    sizes = [Pillow.open(BytesIO(data)).size for data in made.files.values()]
    assert sizes == [(width, round(size[1] * width / size[0])) for width in widths]
    assert (made.width, made.height) == sizes[-1]
    assert [name.rsplit("-", 1)[1] for name in made.files] == [f"{width}.jpg" for width in widths]


def test_where_it_was_taken_and_with_what_is_left_out():
    exif = Pillow.Exif()
    exif[0x010F], exif[0x9003] = "Camera of Rosa", "2024:05:01 10:00:00"
    exif.get_ifd(0x8825)[2] = (13.0, 45.0, 0.0)
    for kind in ("JPEG", "PNG", "WEBP"):
        for data in read(drawn(kind=kind, exif=exif)).files.values():
            found = Pillow.open(BytesIO(data))
            assert b"Rosa" not in data
            assert not dict(found.getexif())
            assert not {"exif", "icc_profile", "xmp", "comment"} & found.info.keys()


def test_a_picture_held_upright_is_kept_upright():
    exif = Pillow.Exif()
    exif[0x0112] = 6  # turned by a quarter
    made = read(drawn((400, 300), exif=exif))
    assert (made.width, made.height) == (300, 400)


@pytest.mark.parametrize(("kind", "mode", "ending"), [
    ("PNG", "RGBA", "png"), ("PNG", "RGB", "jpg"), ("PNG", "P", "jpg"), ("PNG", "L", "jpg"),
    ("WEBP", "RGBA", "png"), ("WEBP", "RGB", "jpg"), ("JPEG", "L", "jpg"), ("JPEG", "CMYK", "jpg"),
])  # fmt: skip
def test_what_is_clear_stays_clear_and_all_else_is_a_photograph(kind, mode, ending):
    made = read(drawn((50, 50), kind, mode))
    assert made.name.endswith(f"-50.{ending}")
    assert Pillow.open(BytesIO(made.files[made.name])).mode == ("RGBA" if ending == "png" else "RGB")


def test_the_same_picture_has_the_same_names():
    assert read(drawn()).name == read(drawn(kind="JPEG")).name != read(drawn((1200, 801))).name


def huge(width: int, height: int = 0) -> bytes:
    """A PNG of a few bytes that claims this width and height."""
    head = struct.pack(">IIBBBBB", width, height or width, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


TOO_MANY = "The image has too many pixels. The maximum is 25 million."
REFUSED = {
    "a bomb": (huge(60_000), TOO_MANY),
    "a wide one": (
        huge(20_001, 1_000),
        "The image has 20001 × 1000 pixels. The maximum for each side is 20000.",
    ),
    "a thread": (
        huge(2, 101),
        "The image has 2 × 101 pixels. The longer side may be at most 50 times the shorter side.",
    ),
    "a photograph of a very large sensor": (
        drawn((12_001, 10_000), mode="L"),
        "The image has too many pixels. The maximum is 120 million.",
    ),
    "a large WebP": (
        drawn((2_900, 2_800), "WEBP", method=0),
        "The image has too many pixels. The maximum is 8 million.",
    ),
    "a large progressive photograph": (
        drawn((5_900, 5_900), progressive=True),
        "The image is a progressive JPEG with too many pixels. Save it as a standard JPEG.",
    ),
    "a damaged HEIC": (
        HEIC[:300],
        "This HEIC file cannot be read. Export the image as JPEG and try again.",
    ),
    "a GIF": (
        drawn(kind="GIF", mode="P"),
        "Files in GIF are not accepted. Save the image as JPEG or PNG and try again.",
    ),
    "a TIFF": (
        drawn(kind="TIFF"),
        "Files in TIFF are not accepted. Save the image as JPEG or PNG and try again.",
    ),
    "a BMP": (
        drawn(kind="BMP"),
        "Files in BMP are not accepted. Save the image as JPEG or PNG and try again.",
    ),
    "an AVIF": (
        b"\0\0\0 ftypavif" + b"\0" * 20,
        "Files in AVIF are not accepted. Save the image as JPEG or PNG and try again.",
    ),
    "a PDF": (b"%PDF-1.7 ...", "Files in PDF are not accepted. Save the image as JPEG or PNG and try again."),
    "a small bomb": (huge(8_000), TOO_MANY),
    "cut off": (drawn()[:900], "The image is damaged or incomplete. Save it again and try again."),
    "a text": (b"Hello", "This is not a JPEG, PNG, WebP or HEIC image."),
    "nothing": (b"", "This is not a JPEG, PNG, WebP or HEIC image."),
    "a drawing with a script": (
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "This is not a JPEG, PNG, WebP or HEIC image.",
    ),
    "a page": (b"<html><script>alert(1)</script>", "This is not a JPEG, PNG, WebP or HEIC image."),
    "a drawing program's file": (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9",
        "This is not a JPEG, PNG, WebP or HEIC image.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_its_reason(name):
    data, reason = REFUSED[name]
    with pytest.raises(PictureError) as refused:
        read(data)
    assert str(refused.value) == reason


def test_a_file_too_large_is_refused_unread():
    with pytest.raises(PictureError, match=r"^The file has 31 MB\. The maximum is 30 MB\.$"):
        process_picture(None, 30 * 1024 * 1024 + 1)


def test_what_hides_behind_a_picture_is_left_out():
    data = drawn() + b"<script>alert(1)</script>"
    assert all(b"script" not in file for file in read(data).files.values())


def seen(data: bytes) -> tuple[int, int, int]:
    """Return the colour in the middle of the largest stored picture."""
    made = read(data)
    kept = Pillow.open(BytesIO(made.files[made.name])).convert("RGB")
    return kept.getpixel((kept.width // 2, kept.height // 2))


def near(colour: tuple, expected: tuple, by: int = 2) -> bool:
    return all(abs(one - other) <= by for one, other in zip(colour, expected, strict=True))


# The colorants (s15Fixed16, adapted to D50) and the exponent of Adobe RGB (1998) and of Display P3.
ADOBE_RGB = (
    (0.60974, 0.31111, 0.01947),
    (0.20528, 0.62567, 0.06087),
    (0.14919, 0.06322, 0.74457),
    2.19921875,
)
DISPLAY_P3 = ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407), 2.2)


def profile(red: tuple, green: tuple, blue: tuple, exponent: float) -> bytes:
    """An ICC profile of version 2 with three colorants and one curve (ICC.1:2001-04)."""

    def number(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    curve = b"curv\0\0\0\0\0\0\0\1" + struct.pack(">H", round(exponent * 256)) + b"\0\0"
    points = {b"rXYZ": red, b"gXYZ": green, b"bXYZ": blue, b"wtpt": (0.9642, 1, 0.8249)}
    tags = {name: b"XYZ \0\0\0\0" + b"".join(map(number, point)) for name, point in points.items()}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, place = b"", b"", 132 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data
    head = struct.pack(">I4s4s4s4s4s12s4s", 0, b"", b"\2\x10\0\0", b"mntr", b"RGB ", b"XYZ ", b"", b"acsp")
    head = head.ljust(68, b"\0") + number(0.9642) + number(1) + number(0.8249)
    whole = head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
    return struct.pack(">I", len(whole)) + whole[4:]


@pytest.mark.parametrize(
    ("own", "colour", "expected"),
    [(ADOBE_RGB, (61, 170, 91), (0, 172, 85)), (DISPLAY_P3, (61, 170, 91), (0, 174, 80))],
)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_colours_of_another_profile_become_those_of_srgb(own, colour, expected, kind):
    stream = BytesIO()
    options = {"lossless": True} if kind == "WEBP" else {}
    Pillow.new("RGB", (60, 40), colour).save(stream, kind, icc_profile=profile(*own), **options)
    assert near(seen(stream.getvalue()), expected, by=4)
    assert "icc_profile" not in Pillow.open(BytesIO(list(read(stream.getvalue()).files.values())[-1])).info


def test_what_can_be_seen_through_keeps_that_when_its_colours_are_converted():
    stream = BytesIO()
    Pillow.new("RGBA", (60, 40), (61, 170, 91, 90)).save(stream, "PNG", icc_profile=profile(*ADOBE_RGB))
    made = read(stream.getvalue())
    kept = Pillow.open(BytesIO(made.files[made.name])).getpixel((5, 5))
    assert near(kept, (0, 172, 85, 90))


@pytest.mark.parametrize("damage", [b"", b"no profile", profile(*ADOBE_RGB)[:200], profile(*ADOBE_RGB)[:-40]])
def test_a_damaged_profile_is_ignored(damage):
    stream = BytesIO()
    Pillow.new("RGB", (60, 40), (61, 170, 91)).save(stream, "PNG", icc_profile=damage)
    assert near(seen(stream.getvalue()), (61, 170, 91))


@pytest.mark.parametrize("kind", ["CMYK", "L"])
def test_a_profile_of_other_colours_than_the_picture_s_is_ignored(kind):
    stream = BytesIO()
    Pillow.new(kind, (60, 40), (0, 0, 0, 0) if kind == "CMYK" else 120).save(
        stream, "JPEG", icc_profile=profile(*ADOBE_RGB)
    )
    assert near(seen(stream.getvalue()), (255, 255, 255) if kind == "CMYK" else (120, 120, 120), by=9)


@pytest.mark.parametrize(
    ("mode", "colour", "expected"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 90, (90, 90, 90)),
        ("LA", (90, 255), (90, 90, 90)),
        ("I;16", 90 * 257, (90, 90, 90)),
        ("P", 0, (0, 0, 0)),
    ],
)
def test_every_depth_keeps_its_colours(mode, colour, expected):
    stream = BytesIO()
    Pillow.new(mode, (60, 40), colour).save(stream, "PNG")
    assert near(seen(stream.getvalue()), expected)


def test_strips_join_without_a_seam():
    stream = BytesIO()
    slope = Pillow.linear_gradient("L").resize((500, 400))
    slope.save(stream, "PNG")
    made = read(stream.getvalue())
    kept = Pillow.open(BytesIO(made.files[made.name])).convert("L")
    assert (made.width, made.height) == (500, 400)
    assert all(abs(kept.getpixel((250, y)) - slope.getpixel((250, y))) <= 2 for y in range(400))


def test_a_picture_of_a_phone_in_heic_is_accepted():
    made = read(HEIC)
    assert (made.width, made.height, made.name[-7:]) == (64, 48, "-64.jpg")
    assert near(seen(HEIC), (140, 58, 20), by=6)
    assert all(b"Rosa" not in data for data in made.files.values())


def test_a_jpeg_whose_components_stand_one_after_the_other_counts_as_progressive():
    data = drawn((64, 64))
    scan = data.index(b"\xff\xda")
    apart = data[:scan] + b"\xff\xda\x00\x08\x01" + data[scan + 5 :]
    assert [in_several_scans(BytesIO(each)) for each in (data, apart, drawn(progressive=True))] == [
        False,
        True,
        True,
    ]


@pytest.mark.parametrize("error", [MemoryError, OSError, IndexError, struct.error, RuntimeError])
def test_no_error_of_a_decoder_gets_out(monkeypatch, error):
    def fail(*_given):
        raise error

    monkeypatch.setattr("practices.values.pictures.shrink", fail)
    with pytest.raises(PictureError):
        read(drawn((20, 20)))


def test_one_picture_is_read_at_a_time(monkeypatch):
    held = []
    monkeypatch.setattr(
        "practices.values.pictures.open_image", lambda file: held.append(ONE_AT_A_TIME.locked()) or file
    )
    monkeypatch.setattr("practices.values.pictures.render", lambda image: image)
    read(b"")
    assert held == [True]
    assert not ONE_AT_A_TIME.locked()


# The figures of docs/reference/performance.md: the peak of a process's memory above what it has before the
# picture.
DEAREST = {
    "grey": ("L", (5_000, 5_000), "PNG", {}),
    "grey with transparency": ("LA", (5_000, 5_000), "PNG", {}),
    "with transparency, tall": ("RGBA", (1_600, 15_600), "PNG", {}),
    "colours": ("RGB", (2_772, 9_018), "PNG", {}),
    "WebP": ("RGBA", (2_828, 2_828), "WEBP", {"lossless": True, "method": 0}),
    "photograph of 108 million pixels": ("RGB", (12_000, 9_000), "JPEG", {}),
    "progressive photograph": ("RGB", (5_700, 5_700), "JPEG", {"progressive": True}),
}
MEASURED = """
import resource, sys
from io import BytesIO
from PIL import Image, ImageCms
from practices.values.pictures import picture
data = open(sys.argv[1], "rb").read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
picture(BytesIO(data), len(data))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize("name", DEAREST)
def test_a_picture_takes_at_most_150_megabytes(name, tmp_path, pytestconfig):
    if not pytestconfig.getoption("thorough"):
        pytest.skip("with --thorough")
    mode, size, kind, options = DEAREST[name]
    colour = {"L": 90, "LA": (90, 9), "RGB": (140, 58, 20), "RGBA": (140, 58, 20, 90)}[mode]
    Pillow.new(mode, size, colour).save(tmp_path / "picture", kind, **options)
    run = [sys.executable, "-c", f"import django; django.setup(){MEASURED}", tmp_path / "picture"]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "portal.settings"}
    done = subprocess.run(run, capture_output=True, text=True, env=environment, check=True)
    assert int(done.stdout) < 150


# The form ---------------------------------------------------------------------------------------------------


def upload(data: bytes | None = None, name: str = "photo.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, drawn() if data is None else data, "image/jpeg")


def with_picture(client, practice: Practice, **values) -> PracticePage:
    page = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    page.data["images-0-file"] = upload()
    page.add_row("images", **{"alt": "Women at a market", "credit": "Rosa, by consent"} | values)
    return page


def test_a_picture_is_added_with_its_words(editor, folder):
    practice = make_practice(status="draft")
    assert with_picture(editor, practice, caption="Batangas").save().status_code == 302
    image = practice.images.get()
    assert (image.order, image.alt, image.caption, image.credit) == (
        1,
        "Women at a market",
        "Batangas",
        "Rosa, by consent",
    )
    assert (image.width, image.height) == (1200, 800)
    assert sorted(path.name.rsplit("-", 1)[1] for path in folder.glob("images/*")) == [
        "1200.jpg",
        "480.jpg",
        "960.jpg",
    ]
    page = PracticePage(editor, f"/admin/practices/practice/{practice.pk}/change/")
    page.fill(images__0__alt="Other words")
    assert page.save().status_code == 302
    again = practice.images.get()
    assert (again.alt, again.file.name, again.width) == ("Other words", image.file.name, 1200)


def test_a_picture_is_drawn_before_the_transaction_of_the_form_begins(editor, monkeypatch):
    practice, outside = make_practice(status="draft"), len(connection.atomic_blocks)
    held = []

    def watched(file, size):
        held.append(len(connection.atomic_blocks) - outside)
        return process_picture(file, size)

    monkeypatch.setattr("practices.models.images.process_picture", watched)
    assert with_picture(editor, practice).save().status_code == 302
    assert held == [0]
    assert practice.images.count() == 1


@pytest.mark.parametrize("name", ["alt", "credit"])
def test_a_picture_needs_its_words(editor, name):
    response = with_picture(editor, make_practice(status="draft"), **{name: " "}).save()
    assert errors_of(response) == {f"images-0-{name}": ["This field is required."]}
    assert Image.objects.count() == 0


def test_a_wrong_file_is_refused_at_its_field(editor, folder):
    page = with_picture(editor, make_practice(status="draft"))
    page.data["images-0-file"] = upload(b"Hello")
    assert errors_of(page.save()) == {"images-0-file": ["This is not a JPEG, PNG, WebP or HEIC image."]}
    assert not list(folder.glob("**/*.*"))


# Where it is seen -------------------------------------------------------------------------------------------


def make_image(practice: Practice, **fields) -> Image:
    values = {"order": 1, "file": upload(), "alt": "Women at a market", "credit": "Rosa"}
    return practice.images.create(**values | fields)


@pytest.mark.django_db
def test_a_practice_shows_its_pictures_with_size_and_words(client):
    image = make_image(make_practice(slug="one", language="es"), caption="Batangas & “more”")
    page = client.get("/practices/one/").content.decode()
    stem = image.url.removesuffix("-1200.jpg")
    assert (
        f'<img src="{stem}-1200.jpg" srcset="{stem}-480.jpg 480w, {stem}-960.jpg 960w, {stem}-1200.jpg 1200w"'
        in page
    )
    assert 'width="1200" height="800" alt="Women at a market" lang="es" dir="ltr" loading="lazy"' in page
    assert "Batangas &amp; “more”" in page
    document = json.loads(client.get("/api/v1/practices/one/").content)
    host = "http://testserver"
    assert document["images"] == [{
        "url": f"{host}{stem}-1200.jpg", "width": 1200, "height": 800,
        "alt": "Women at a market", "caption": "Batangas & “more”", "credit": "Rosa",
        "sizes": [{"url": f"{host}{stem}-{width}.jpg", "width": width} for width in (480, 960, 1200)],
    }]  # fmt: skip


@pytest.mark.django_db
def test_a_picture_is_public_only_with_a_practice(client):
    practice = make_practice(status="draft")
    image = make_image(practice)
    addresses = [url for url, _width in image.sizes]
    assert [client.get(url).status_code for url in addresses] == [404] * 3
    practice.status = "published"
    practice.save()
    for url in addresses:
        response = client.get(url)
        assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
        assert response["Cache-Control"].startswith("public, max-age=0, s-maxage=5")
        assert response["X-Content-Type-Options"] == "nosniff"
        assert Pillow.open(BytesIO(response.content)).format == "JPEG"
        assert client.get(url, headers={"If-None-Match": response["ETag"]}).status_code == 304
    practice.status = "archived"
    practice.save()
    assert [client.get(url).status_code for url in addresses] == [404] * 3


@pytest.mark.django_db
def test_a_preview_shows_its_own_pictures_to_whoever_has_the_link(client):
    practice, other = make_practice(status="draft"), make_practice(status="draft")
    image, foreign = make_image(practice), make_image(other, file=upload(drawn((50, 50))))
    address, _until = link(practice)
    page = client.get(address).content.decode()
    [shown] = re.findall(r'<img src="([^"]+)"', page)
    assert shown == f"{image.url}?preview={address.split('/')[2]}"
    response = client.get(shown)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    assert client.get(shown.replace(image.url, foreign.url)).status_code == 404
    assert client.get(f"{image.url}?preview=made-up").status_code == 404


@pytest.mark.django_db
def test_a_preview_s_pictures_end_with_it(client, monkeypatch):
    practice = make_practice(slug="one", status="draft")
    image = make_image(practice)
    shown = f"{image.url}?preview={link(practice)[0].split('/')[2]}"
    answers = {}
    for status in ("draft", "in_review", "archived", "published", "draft"):
        practice.status = status
        practice.save()
        response = client.get(shown)
        answers[status] = (response.status_code, response.headers.get("Cache-Control", "").split(",")[0])
    assert answers == {
        "draft": (200, "private"),
        "in_review": (200, "private"),
        "archived": (404, "private"),
        "published": (200, "public"),  # as without the link
    }
    now = time.time()
    monkeypatch.setattr("django.core.signing.time.time", lambda: now + 8 * 24 * 3600)
    assert client.get(shown).status_code == 404
    monkeypatch.undo()
    assert client.get(shown).status_code == 200
    practice.images.all().delete()  # the draft changed
    assert client.get(shown).status_code == 404
    make_image(practice)
    assert client.get(shown).status_code == 200
    practice.delete()
    assert client.get(shown).status_code == 404


def test_editors_see_the_picture_of_a_draft_and_no_cache_keeps_it(editor):
    response = editor.get(make_image(make_practice(status="draft")).url)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")


@pytest.mark.django_db
def test_a_contributor_sees_the_pictures_of_their_own_drafts_alone(client):
    cora, carl = (make_person(name, "Contributors") for name in ("cora", "carl"))
    image = make_image(make_practice(status="draft", owner=cora))
    for person, status in ((cora, 200), (carl, 404)):
        client.force_login(person)
        assert client.get(image.url).status_code == status


@pytest.mark.django_db
@pytest.mark.parametrize("due", ["code", "password", "second factor", "staff", "nothing"])
def test_a_picture_of_a_draft_is_shown_after_all_that_comes_before_the_admin(client, due):
    cora = make_person("cora", "Contributors", is_staff=due != "staff")
    image = make_image(make_practice(status="draft", owner=cora))
    cora.must_change_password = due == "password"
    cora.must_have_second_factor = due == "second factor"
    cora.save()
    if due == "code":
        SecondFactor.objects.create(user=cora, secret="A" * 32)
    client.force_login(cora)
    assert client.get(image.url).status_code == (200 if due == "nothing" else 404)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name", ["../secret.jpg", "..%2Fsecret.jpg", "a.jpg", f"{'a' * 24}-480.svg", f"{'a' * 24}-480.jpg"]
)
def test_no_other_file_is_served(client, folder, name):
    (folder / "images").mkdir()
    for path in ("secret.jpg", "images/a.jpg", f"images/{'a' * 24}-480.svg", f"images/{'a' * 24}-480.jpg"):
        (folder / path).write_text("secret")
    assert client.get(f"/media/images/{name}").status_code == 404


@pytest.mark.django_db
def test_a_record_brings_a_picture_back_and_no_file_that_is_not_ours(folder):
    practice = make_practice()
    image = make_image(practice)
    kept = take_snapshot(practice)
    assert kept["images"][0]["file"] == image.file.name
    practice.images.all().delete()
    apply_snapshot(kept, practice)
    assert practice.images.get().file.name == image.file.name
    (folder / "secret.jpg").write_text("secret")
    for name in ("secret.jpg", "../secret.jpg", f"images/{'a' * 24}-480.jpg"):
        with pytest.raises(Exception, match="is not an image of this portal"):
            apply_snapshot(kept | {"images": [kept["images"][0] | {"file": name}]}, practice)
