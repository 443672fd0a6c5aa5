"""The direction of texts follows their language, wherever they are shown, edited or fed."""

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import CharField

from practices.models import Practice
from practices.models.fields import LineField
from practices.values.text import FSI, PDI, direction, isolated, lang_dir, one_line
from tests.factories import make_actor, make_editor, make_practice
from tests.html import get, part

pytestmark = pytest.mark.one_engine

TITLE = "عودة المهاجرين (2015)"
TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))


@pytest.fixture
def arabic(db) -> Practice:
    return make_practice(
        TITLE,
        slug="arabic",
        language="ar",
        summary="ملخص (1)",
        story="قصة.",
        lessons=("درس.",),
        countries=("MA",),
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ar", "rtl"), ("ar-MA", "rtl"), ("fa", "rtl"), ("he", "rtl"), ("ur-PK", "rtl"), ("az-Arab", "rtl"),
     ("en", "ltr"), ("fr-CA", "ltr"), ("ar-Latn", "ltr"), ("arn", "ltr"), ("", "ltr"), ("AR_EG", "rtl")],
)  # fmt: skip
def test_a_language_code_decides_the_direction(language, expected):
    assert direction(language) == expected


def test_the_attributes_of_a_language_are_escaped():
    assert lang_dir('"><b') == 'lang="&quot;&gt;&lt;b" dir="ltr"'


@pytest.mark.parametrize(
    "template", TEMPLATES, ids=lambda path: path.relative_to(settings.BASE_DIR).as_posix()
)
def test_a_template_that_sets_a_language_sets_the_direction_too(template: Path):
    text = template.read_text(encoding="utf-8")
    for tag in re.findall(r'(?<![a-z])lang="(?:[^"{]|{{.*?}})*"[^>]*>', text):
        assert "dir=" in tag, tag


@pytest.mark.parametrize(
    ("address", "element"),
    [
        ("/practices/arabic/", "h1"),
        ("/practices/arabic/", "div"),
        ("/practices/arabic/", "bdi"),
        ("/practices/", "a"),
        ("/practices/?q=المهاجرين", "p"),
        ("/lessons/", "div"),
        ("/countries/", "a"),
        ("/", "blockquote"),
        ("/feed/", "li"),
    ],
)
def test_a_text_of_a_practice_has_its_own_direction(client, arabic, address, element):
    page = client.get(address).content.decode().replace("&lt;", "<").replace("&gt;", ">")
    assert re.search(rf'<{element}[^>]* lang="ar" dir="rtl"', page)
    assert re.search(r'<(?!entry)[^>]*lang="ar">', page) is None


def test_a_title_without_markup_is_isolated(client, arabic):
    page = get(client, "/practices/arabic/")
    assert part(page, "<title>", "</title>") == f"<title>{FSI}{TITLE}{PDI} – Useful practices"
    assert f'<meta property="og:title" content="{TITLE}">' in page
    feed = client.get("/feed/").content.decode()
    assert f"<title>{FSI}{TITLE}{PDI}</title>" in feed
    make_practice("From left to right", slug="english")
    assert "<title>From left to right – Useful practices" in get(client, "/practices/english/")


def test_data_for_programs_has_the_text_as_it_is(client, arabic):
    assert client.get("/api/v1/practices/arabic/").json()["title"] == TITLE
    for name in ("cite.bib", "cite.ris"):
        assert FSI not in client.get(f"/practices/arabic/{name}").content.decode()
    assert FSI not in b"".join(client.get("/api/v1/practices/?format=csv")).decode()


def test_texts_are_typed_and_listed_in_their_own_direction_at_the_desk(client, arabic):
    client.force_login(make_editor())
    Practice.objects.update(status="draft")
    page = get(client, f"/admin/practices/practice/{arabic.pk}/change/")
    for name in ("title", "summary", "story", "lessons-0-text", "places-0-name", "sources-__prefix__-text"):
        assert re.findall(rf'<(?:input|textarea)[^>]* name="{name}"[^>]* dir="(\w+)"', page) == ["auto"], name
    for name in ("slug", "period", "sources-__prefix__-url"):
        assert " dir=" not in re.search(rf'<input[^>]* name="{name}"[^>]*>', page)[0]
    assert f'<span lang="ar" dir="rtl">{TITLE}</span>' in get(client, "/admin/practices/practice/")
    assert f"{FSI}{TITLE}{PDI}" in part(page, '<div class="breadcrumbs">', "</div>")
    actor = make_actor("a", name="منظمة")
    assert 'dir="auto"' in part(get(client, f"/admin/practices/actor/{actor.pk}/change/"), 'name="name"', ">")


def test_only_texts_from_right_to_left_are_isolated():
    assert isolated("A title") == "A title"
    assert isolated("عودة") == f"{FSI}عودة{PDI}"
    assert isolated("Return (עברית)") == f"{FSI}Return (עברית){PDI}"


# What nobody sees ---------------------------------------------------------------------------------------


CONTROLS = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x200E, 0xFEFF, 0xAD, 0x2060, 0xE0041, 0]


@pytest.mark.parametrize("code", CONTROLS)
def test_an_invisible_control_is_dropped_from_a_line(code):
    assert one_line(f"A{chr(code)}b") == "Ab"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("A\tb", "A b"),
        ("A\nb\u2028c", "A b c"),
        (" A ", "A"),
        ("«\u00a0Aide\u00a0»", "«\u00a0Aide\u00a0»"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("👩\u200d👧", "👩\u200d👧"),
        ("\u0601\u0664", "\u0601\u0664"),
    ],
)
def test_a_line_keeps_what_is_seen_and_what_scripts_need(typed, kept):
    assert one_line(typed) == kept


def test_a_title_of_invisible_characters_alone_is_missing(db):
    practice = Practice(title="\u202e\u200b", slug="x", story="A.")
    with pytest.raises(ValidationError) as refused:
        practice.full_clean()
    assert refused.value.message_dict["title"] == ["This field cannot be blank."]


def test_a_form_keeps_a_line_without_overrides_and_a_text_with_isolates_only(client, db):
    practice = Practice(
        title="Plan \u202edesrever\u202c\tnow", slug="x", story="A \u202eb\u202c \u2068c\u2069."
    )
    practice.full_clean()
    assert practice.title == "Plan desrever now"
    assert practice.story == "A b \u2068c\u2069."


# Codes, addresses of a slug and what the portal itself writes are not typed as a line.
NOT_TYPED = {
    "code", "alpha3", "numeric", "language", "slug", "url", "title_sort", "period", "date",
}  # fmt: skip


@pytest.mark.parametrize(
    "model",
    [
        model
        for model in apps.get_app_config("practices").get_models()
        if "title" in dir(model) or "name" in dir(model)
    ],
    ids=lambda model: model.__name__,
)
def test_every_title_and_name_that_people_type_is_kept_as_a_line(model):
    if model.__name__ in {
        "Revision",
        "AuditEntry",
        "ReferenceVersion",
        "Import",
        "User",
    }:  # copies, names of files, and a name of Django's
        return
    for field in model._meta.fields:
        if isinstance(field, CharField) and not field.choices and field.name not in NOT_TYPED:
            assert isinstance(field, LineField), field
