"""Pictures: drawn anew without what the file carried, refused before they cost, shown where they may be."""

import json
import re
import struct
import zlib
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image as Pillow

from practices.models import Image, Practice, SecondFactor
from practices.pictures import PictureError, picture
from practices.records import record, write
from practices.views.preview import link
from tests.admin_form import PracticePage, errors_of
from tests.factories import make_editor, make_person, make_practice


def drawn(size=(1200, 800), kind: str = "JPEG", mode: str = "RGB", **options) -> bytes:
    stream = BytesIO()
    colour = {"RGB": (140, 58, 20), "RGBA": (140, 58, 20, 90), "L": 90, "P": 3, "CMYK": (9, 9, 9, 9)}[mode]
    Pillow.new(mode, size, colour).save(stream, kind, **options)
    return stream.getvalue()


def read(data: bytes):
    return picture(BytesIO(data), len(data))


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


def huge(side: int) -> bytes:
    """A PNG of a few bytes that says it is as wide and high as this."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    chunks = (
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


TOO_MANY = "The picture has too many pixels: at most 50 million are taken."
REFUSED = {
    "a bomb": (huge(60_000), TOO_MANY),
    "a small bomb": (huge(8_000), TOO_MANY),
    "cut off": (drawn()[:900], "The picture is damaged or cut off. Save it anew and try again."),
    "a text": (b"Hello", "This is no picture in JPEG, PNG or WebP."),
    "nothing": (b"", "This is no picture in JPEG, PNG or WebP."),
    "a drawing with a script": (
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "This is no picture in JPEG, PNG or WebP.",
    ),
    "a kind that browsers need no more": (drawn(kind="GIF"), "This is no picture in JPEG, PNG or WebP."),
    "a page": (b"<html><script>alert(1)</script>", "This is no picture in JPEG, PNG or WebP."),
    "a program": (
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9",
        "This is no picture in JPEG, PNG or WebP.",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_is_refused_with_its_reason(name):
    data, reason = REFUSED[name]
    with pytest.raises(PictureError, match=f"^{reason}$"):
        read(data)


def test_a_file_too_large_is_refused_unread():
    with pytest.raises(PictureError, match=r"^The file has 11 MB; at most 10 MB are taken\.$"):
        picture(None, 10 * 1024 * 1024 + 1)


def test_what_hides_behind_a_picture_is_left_out():
    data = drawn() + b"<script>alert(1)</script>"
    assert all(b"script" not in file for file in read(data).files.values())


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


@pytest.mark.parametrize("name", ["alt", "credit"])
def test_a_picture_needs_its_words(editor, name):
    response = with_picture(editor, make_practice(status="draft"), **{name: " "}).save()
    assert errors_of(response) == {f"images-0-{name}": ["This field is required."]}
    assert Image.objects.count() == 0


def test_a_wrong_file_is_refused_at_its_field(editor, folder):
    page = with_picture(editor, make_practice(status="draft"))
    page.data["images-0-file"] = upload(b"Hello")
    assert errors_of(page.save()) == {"images-0-file": ["This is no picture in JPEG, PNG or WebP."]}
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
    assert 'width="1200" height="800" alt="Women at a market" lang="es" loading="lazy"' in page
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
    kept = record(practice)
    assert kept["images"][0]["file"] == image.file.name
    practice.images.all().delete()
    write(kept, practice)
    assert practice.images.get().file.name == image.file.name
    (folder / "secret.jpg").write_text("secret")
    for name in ("secret.jpg", "../secret.jpg", f"images/{'a' * 24}-480.jpg"):
        with pytest.raises(Exception, match="is no picture of this portal"):
            write(kept | {"images": [kept["images"][0] | {"file": name}]}, practice)
