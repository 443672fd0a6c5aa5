"""Slugs of new rows: derived from the title or name, typed, or required; in forms, sheets and models."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from practices.exchange.name_index import checked_slug
from practices.models import Actor, Practice, Publication, Theme
from practices.values.text import slug_of
from tests.admin_form import PracticePage, errors_of, form_of
from tests.exchange.test_imports import a_csv, errors, import_rows
from tests.factories import make_actor, make_editor, make_person, make_practice, make_publication, make_theme

pytestmark = pytest.mark.django_db

ADD = "/admin/practices/practice/add/"
LONG = "migration and development " * 11
WANTED = "Enter a slug: letters a to z, digits and hyphens. A slug could not be created from the title “😀”."
NAME_WANTED = WANTED.replace("title", "name")
SLUGS = [
    ("Łódź", "lodz"),
    ("Straße", "strasse"),
    ("Größe", "grosse"),
    ("مهاجرون", "mhjrwn"),
    ("Мигранты", "migranty"),
    ("2013–2015", "2013-2015"),
]


@pytest.fixture
def editor(client):
    client.person = make_editor()
    client.force_login(client.person)
    return client


def add(client, **values: str):
    page = PracticePage(client, ADD)
    page.fill(**{"story": "A story."} | values)
    return page.save()


def change(practice: Practice) -> str:
    return f"/admin/practices/practice/{practice.pk}/change/"


# The form of a practice ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "slug"), [*SLUGS, (LONG[:250], slug_of(LONG, 96))])
def test_the_form_makes_an_empty_slug_from_the_title(editor, title, slug):
    assert add(editor, title=title).status_code == 302
    assert Practice.objects.get().slug == slug


def test_the_form_says_that_the_slug_may_stay_empty_and_no_script_fills_it(editor):
    page = editor.get(ADD).content.decode()
    assert "Leave empty to create it from the title." in page
    assert "data-prepopulated-fields" not in page or 'data-prepopulated-fields="[]"' in page


def test_a_title_that_another_person_used_gets_a_number(editor):
    make_practice("Bonds", slug="bonds")
    make_practice("Bonds", slug="bonds-2")
    add(editor, title="Bonds")
    assert Practice.objects.get(owner=editor.person).slug == "bonds-3"


def test_a_title_of_ones_own_that_yields_a_taken_slug_gets_a_number(editor):
    add(editor, title="Bonds")
    add(editor, title="Bonds!")
    slugs = Practice.objects.filter(owner=editor.person).order_by("pk").values_list("slug", flat=True)
    assert list(slugs) == ["bonds", "bonds-2"]


def test_a_new_practice_without_a_slug_that_is_saved_twice_is_said_to_be_saved(editor):
    make_practice("Bonds", slug="bonds", owner=make_person("cora", "Contributors"))
    page = PracticePage(editor, ADD)
    page.fill(title="Bonds", story="A story.")
    assert page.save().status_code == 302
    saved = Practice.objects.get(slug="bonds-2")
    response = page.save()
    [said] = errors_of(response)["slug"]
    assert said.startswith("You have already saved this practice.")
    assert change(saved) in said
    assert Practice.objects.count() == 2


@pytest.mark.parametrize("title", ["😀", "!!!"])
def test_a_title_that_yields_no_slug_is_asked_for_one(editor, title):
    response = add(editor, title=title)
    assert errors_of(response) == {"slug": [WANTED.replace("😀", title)]}
    assert Practice.objects.count() == 0
    assert add(editor, title=title, slug="smile").status_code == 302
    assert Practice.objects.get().slug == "smile"


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("Bonds–2013", "bonds-2013"),
        ("bonds—of\u2011migrants\u2212x", "bonds-of-migrants-x"),
        ("  bonds\u00a0", "bonds"),
        ("\ufeffbonds\u200b", "bonds"),
        ("–bonds-", "bonds"),
        ("a_b", "a_b"),
    ],
)
def test_a_typed_slug_is_put_in_order(editor, typed, slug):
    assert add(editor, title="A title", slug=typed).status_code == 302
    assert Practice.objects.get().slug == slug


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("my bonds!", "Remove from “my bonds!”: spaces, “!”."),
        ("Łódź", "Remove from “Łódź”: “ł”, “ó”, “ź”."),
        ("a\u00a0b", "Remove from “a‹NO-BREAK SPACE›b”: “‹NO-BREAK SPACE›”."),
        ("a/b", "Remove from “a/b”: “/”."),
    ],
)
def test_what_is_wrong_in_a_typed_slug_is_named(editor, typed, wrong):
    response = add(editor, title="A title", slug=typed)
    said = f"A slug may contain only letters a to z, digits and hyphens. {wrong}"
    assert errors_of(response) == {"slug": [said]}
    assert form_of(response, "practice_form")["slug"] == typed


def test_a_slug_of_dashes_alone_is_no_slug(editor):
    said = "“–_–” is not a slug. Use letters a to z, digits and hyphens."
    assert errors_of(add(editor, title="A title", slug="–_–")) == {"slug": [said]}


def test_a_long_wrong_slug_is_named_in_short():
    with pytest.raises(ValidationError) as refused:
        checked_slug("ab!" * 10_000)
    assert len(refused.value.messages[0]) < 200


@pytest.mark.parametrize("slug", ["bonds", "Old_Bonds-"])
def test_the_slug_of_a_practice_stays_when_its_title_changes(editor, slug):
    practice = make_practice("Bonds", slug=slug, status="draft", owner=editor.person)
    page = PracticePage(editor, change(practice))
    page.fill(title="Łódź")
    assert page.save().status_code == 302
    practice.refresh_from_db()
    assert (practice.title, practice.slug) == ("Łódź", slug)


def test_the_slug_of_a_practice_cannot_be_emptied(editor):
    practice = make_practice("Bonds", slug="bonds", status="draft", owner=editor.person)
    page = PracticePage(editor, change(practice))
    page.fill(slug=" ")
    assert errors_of(page.save()) == {"slug": ["Enter a slug: letters a to z, digits and hyphens."]}


# Themes, actors, publications ------------------------------------------------------------------------------

ROWS = {
    "theme": (Theme, {"name": "{}", "scheme": "jmdi", "order": "1", "definition": "A subject."}),
    "actor": (Actor, {"name": "{}"}),
    "publication": (Publication, {"title": "{}", "language": "en"}),
}


def send(client, kind: str, text: str, slug: str = ""):
    values = {name: value.format(text) for name, value in ROWS[kind][1].items()} | {"slug": slug}
    if kind == "publication":
        values["publisher"] = str(make_actor("publisher").pk)
    return client.post(f"/admin/practices/{kind}/add/", values)


@pytest.mark.parametrize("kind", ROWS)
@pytest.mark.parametrize(("text", "slug"), SLUGS)
def test_the_slug_of_a_theme_an_actor_and_a_publication_is_made_too(editor, kind, text, slug):
    assert send(editor, kind, text).status_code == 302
    assert ROWS[kind][0].objects.exclude(slug="publisher").get().slug == slug


def test_the_slug_of_an_actor_with_a_long_name_ends_with_a_whole_word(editor):
    assert send(editor, "actor", ("association of migrants " * 20)[:300].strip()).status_code == 302
    assert Actor.objects.get().slug == "association-of-migrants-" * 4 + "association-of"


@pytest.mark.parametrize("kind", ROWS)
def test_a_theme_an_actor_and_a_publication_without_letters_are_asked_for_a_slug(editor, kind):
    said = WANTED if kind == "publication" else NAME_WANTED
    response = send(editor, kind, "😀")
    assert response.context["adminform"].form.errors == {"slug": [said]}
    assert send(editor, kind, "😀", "Smile").status_code == 302
    assert ROWS[kind][0].objects.exclude(slug="publisher").get().slug == "smile"


@pytest.mark.parametrize("kind", ["actor", "publication"])
def test_an_actor_or_a_publication_that_is_sent_twice_is_added_once(editor, kind):
    assert send(editor, kind, "Bonds").status_code == 302
    said = "“Bonds” already exists. To add another one with this name, enter a slug for it."
    assert send(editor, kind, "Bonds").context["adminform"].form.errors == {"slug": [said]}
    assert send(editor, kind, "Bonds", "other-bonds").status_code == 302


@pytest.mark.parametrize("make", [make_theme, make_actor, make_publication])
def test_a_saved_row_keeps_its_slug(editor, make):
    row = make("Old_Slug")
    address = f"/admin/practices/{row._meta.model_name}/{row.pk}/change/"
    values = form_of(editor.get(address), f"{row._meta.model_name}_form")
    assert editor.post(address, values | {row.SLUG_SOURCE: "Another"}).status_code == 302
    row.refresh_from_db()
    assert (getattr(row, row.SLUG_SOURCE), row.slug) == ("Another", "Old_Slug")


# Sheets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("title", "slug"), [*SLUGS, (LONG[:250], slug_of(LONG, 96))])
def test_a_sheet_makes_the_slug_of_a_new_practice_from_its_title(editor, title, slug):
    _tried, [outcome] = import_rows(a_csv({"slug": "", "title": title, "story": "S"}), editor.person)
    assert (outcome.errors, Practice.objects.get().slug) == ([], slug)


@pytest.mark.parametrize(
    ("row", "where"), [({"slug": "", "title": "😀"}, ("slug", "A2")), ({"title": "😀"}, ("title", "A2"))]
)
def test_a_sheet_with_a_title_that_yields_no_slug_is_asked_for_one(editor, row, where):
    heading, cell = where
    _tried, [outcome] = import_rows(a_csv(row | {"story": "S"}), editor.person)
    assert errors(outcome) == {heading: (cell, WANTED)}
    assert Practice.objects.count() == 0


def test_a_sheet_gives_the_slug_of_a_title_that_yields_none(editor):
    data = a_csv({"slug": " Smile–1 ", "title": "😀", "story": "S"})
    import_rows(data, editor.person)
    assert Practice.objects.get().slug == "smile-1"
    _tried, [outcome] = import_rows(data, editor.person)
    assert (outcome.action, Practice.objects.count()) == ("same", 1)


def test_a_sheet_names_what_is_wrong_in_a_slug_that_it_gives(editor):
    _tried, [outcome] = import_rows(a_csv({"slug": "my smile", "title": "😀", "story": "S"}), editor.person)
    said = "A slug may contain only letters a to z, digits and hyphens. Remove from “my smile”: spaces."
    assert errors(outcome) == {"slug": ("A2", said)}


def test_a_sheet_knows_a_practice_by_its_slug_with_any_dashes(editor):
    make_practice("Bonds", slug="bonds-2013", status="draft")
    _tried, [outcome] = import_rows(a_csv({"slug": "Bonds–2013", "title": "Ties"}), editor.person)
    assert (outcome.action, Practice.objects.get().title) == ("changed", "Ties")


# Free slugs ------------------------------------------------------------------------------------------------


def test_a_free_slug_takes_one_query_however_many_have_the_title():
    for number in range(1, 6):
        make_actor(f"bonds-{number}" if number > 1 else "bonds")
    with CaptureQueriesContext(connection) as queries:
        assert Actor.free_slug("Bonds") == "bonds-6"
    assert len(queries) == 1


def test_a_free_slug_fits_its_field_whatever_its_number(monkeypatch):
    monkeypatch.setattr("practices.models.natural_keys.count", lambda start: iter([1, 100_000]))
    title = "a" * 200
    make_actor(Actor.slug_stem(title))
    slug = Actor.free_slug(title)
    assert (len(slug), slug.endswith("-100000")) == (120, True)


def test_a_program_that_cannot_ask_gets_its_fallback_and_others_an_error():
    make_actor("actor")
    assert Actor.free_slug("😀", fallback="actor") == "actor-2"
    assert Actor.free_slug("Łódź", fallback="actor") == "lodz"
    with pytest.raises(ValidationError) as refused:
        Actor.free_slug("😀")
    assert refused.value.messages == [NAME_WANTED]
