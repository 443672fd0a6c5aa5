"""The change form of a practice: typed text is saved completely, or kept completely next to the error."""

import pytest

from practices.models import Practice
from practices.values.period import Period
from tests.admin_form import PracticePage, errors_of, form_of
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_objective,
    make_practice,
    make_publication,
    make_theme,
)

pytestmark = pytest.mark.django_db

ADD = "/admin/practices/practice/add/"
REFUSED_CHOICE = "“ZZ” was not found. Type part of a name and select one from the list."


@pytest.fixture
def editor(client):
    client.force_login(make_editor())
    return client


def change(practice: Practice) -> str:
    return f"/admin/practices/practice/{practice.pk}/change/"


def filled_page(client) -> PracticePage:
    """A new practice with a value in every kind of field and a row of every kind of child."""
    make_country("PH", "Philippines")
    make_country("IT", "Italy")
    page = PracticePage(client, ADD)
    page.fill(
        title="Bonds of migrants",
        slug="bonds-of-migrants",
        kind="thinking_point",
        language="fr",
        summary="A summary,\nin two lines.",
        period="April 2009 – June 2011",
        activity="running",
        activity_checked_on="2024-05-01",
        activity_checked_by="Rosa",
        story="A *story*[^1].\n\n[^1]: “Note” & <more>.",
        editors_note="A note.",
        themes=[str(make_theme("remittances").pk), str(make_theme("rights").pk)],
        objectives=[str(make_objective("gcm-20").pk)],
        publication=str(make_publication().pk),
    )
    page.add_row("places", name="Batangas", country="PH", latitude="13.75", longitude="121.05")
    page.add_row("places", country="IT")
    page.add_row("corridors", origin="PH", destination="IT")
    actor = make_actor("atikha").pk
    page.add_row("participations", actor=str(actor), role="lead", group="Civil society", note="Since 1996")
    page.add_row("sources", text="*Atikha*, 2012", url="https://example.org/a", date="Spring 2012")
    page.add_row("lessons", text="First lesson.")
    page.add_row("lessons", text="Second lesson.")
    return page


def rows(practice: Practice, child: str, *fields: str) -> list[tuple]:
    return list(getattr(practice, child).values_list("order", *fields))


def lessons(practice: Practice) -> list[tuple]:
    return rows(practice, "lessons", "text")


def kept(page: PracticePage, response) -> dict[str, tuple]:
    """Return what the returned page does not show as typed; nothing if all is correct."""
    shown = form_of(response, "practice_form")
    without = {"csrfmiddlewaretoken"}
    names = (page.data.keys() | shown.keys()) - without
    pairs = {name: (page.data.get(name), shown.get(name)) for name in names if "__prefix__" not in name}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


# A new practice ----------------------------------------------------------------------------------------


def test_a_practice_is_added_with_all_its_children_in_one_save(editor):
    response = filled_page(editor).save()
    assert (response.status_code, response["Location"]) == (302, "/admin/practices/practice/")
    practice = Practice.objects.get()
    assert (practice.title, practice.slug, practice.language) == (
        "Bonds of migrants",
        "bonds-of-migrants",
        "fr",
    )
    assert (practice.status, practice.kind, practice.activity) == ("draft", "thinking_point", "running")
    assert (str(practice.activity_checked_on), practice.activity_checked_by) == ("2024-05-01", "Rosa")
    assert practice.summary == "A summary,\nin two lines."
    assert practice.story.splitlines() == ["A *story*[^1].", "", "[^1]: “Note” & <more>."]
    assert (practice.editors_note, practice.publication.slug) == ("A note.", "booklet")
    assert practice.period == Period("2009-04/2011-06")
    assert {theme.slug for theme in practice.themes.all()} == {"remittances", "rights"}
    assert [objective.code for objective in practice.objectives.all()] == ["gcm-20"]
    places = [(place.name, place.country_id, place.latitude) for place in practice.places.all()]
    assert [(name, code, str(latitude)) for name, code, latitude in places] == [
        ("Batangas", "PH", "13.750"),
        ("", "IT", "None"),
    ]
    assert [corridor.code for corridor in practice.corridors.all()] == ["PH-IT"]
    assert rows(practice, "participations", "actor__slug", "role", "group", "note") == [
        (1, "atikha", "lead", "Civil society", "Since 1996")
    ]
    assert rows(practice, "sources", "text", "url", "date") == [
        (1, "*Atikha*, 2012", "https://example.org/a", Period("2012-21"))
    ]
    assert lessons(practice) == [(1, "First lesson."), (2, "Second lesson.")]


@pytest.mark.slow
def test_a_page_saved_untouched_changes_nothing(editor):
    filled_page(editor).save()
    practice = Practice.objects.get()
    before = form_of(editor.get(change(practice)), "practice_form")
    assert PracticePage(editor, change(practice)).save().status_code == 302
    after = form_of(editor.get(change(practice)), "practice_form")
    assert after | {"csrfmiddlewaretoken": ""} == before | {"csrfmiddlewaretoken": ""}


def test_an_empty_period_is_not_known(editor):
    page = filled_page(editor)
    page.fill(period="")
    assert page.save().status_code == 302
    assert Practice.objects.get().period is None


# What is refused ---------------------------------------------------------------------------------------

UNREADABLE = (
    "“the olden days” is not a period. Enter for example “2014–2016”, “April 2009 – June 2011”, "
    "“since 2002”, “until 2011”, or EDTF such as 2009-04/2011-06 and 2013/.."
)
WRONG = [
    ({"title": ""}, {"title": ["This field is required."]}),
    ({"summary": "word " * 61}, {"summary": ["The summary has 61 words. The maximum is 60."]}),
    (
        {"slug": "taken"},
        {"slug": ["Another practice has this slug. Enter a different slug."]},
    ),
    ({"period": "the olden days"}, {"period": [UNREADABLE]}),
    ({"period": "2011–2009"}, {"period": ["“2011–2009” ends before it begins."]}),
    ({"sources__0__date": "2011/2009"}, {"sources-0-date": ["“2011/2009” ends before it begins."]}),
    ({"activity_checked_on": ""}, {"__all__": ["Enter the date when you checked that it is running."]}),
    (
        {"places__0__latitude": ""},
        {"places-0-__all__": ["Enter both latitude and longitude, or leave both empty."]},
    ),
    (
        {"places__0__latitude": "90.5"},
        {"places-0-latitude": ["Ensure this value is less than or equal to 90."]},
    ),
    (
        {"corridors__0__destination": "PH"},
        {"corridors-0-destination": [
            "Select two different countries. Origin and destination are both Philippines."
        ]},
    ),
    ({"lessons__1__text": "", "lessons__1__order": "2"}, {"lessons-1-text": ["This field is required."]}),
    (
        {"lessons__1__order": "-1"},
        {"lessons-1-order": ["Ensure this value is greater than or equal to 0."]},
    ),
    ({"title": "", "period": "2011/2009"}, {
        "title": ["This field is required."],
        "period": ["“2011/2009” ends before it begins."],
    }),
]  # fmt: skip


@pytest.mark.parametrize(("values", "messages"), WRONG, ids=lambda value: "-".join(value))
def test_a_wrong_value_is_explained_and_nothing_typed_is_lost(editor, values, messages):
    make_practice(slug="taken")
    page = filled_page(editor)
    page.fill(**values)
    response = page.save()
    assert errors_of(response) == messages
    assert kept(page, response) == {}
    assert Practice.objects.count() == 1
    for said in messages.values():
        assert all(text.replace("'", "&#x27;") in response.content.decode() for text in said)


def test_a_country_that_does_not_exist_is_refused_and_all_else_is_kept(editor):
    page = filled_page(editor)
    page.fill(places__0__country="ZZ")
    response = page.save()
    assert errors_of(response) == {"places-0-country": [REFUSED_CHOICE]}
    assert kept(page, response) == {"places-0-country": ("ZZ", "")}


def test_an_actor_twice_in_one_role_is_refused_and_nothing_is_lost(editor):
    page = filled_page(editor)
    page.add_row("participations", actor=page.data["participations-0-actor"], role="lead")
    response = page.save()
    assert list(errors_of(response)) == ["participations-1-__all__", "participations"]
    assert kept(page, response) == {}
    assert Practice.objects.count() == 0


def test_a_refused_page_can_be_mended_and_saved(editor):
    page = filled_page(editor)
    page.fill(period="2011/2009")
    page.data = form_of(page.save(), "practice_form")
    page.fill(period="2009/2011")
    assert page.save().status_code == 302
    practice = Practice.objects.get()
    assert practice.period == Period("2009/2011")
    assert (practice.places.count(), practice.lessons.count()) == (2, 2)


# The order of the rows ---------------------------------------------------------------------------------

ORDERS = {
    "swap 1 and 2": ({"0__order": "2", "1__order": "1"}, "BAC"),
    "turn round": ({"0__order": "3", "2__order": "1"}, "CBA"),
    "the first goes last": ({"0__order": ""}, "BCA"),
    "gaps close up": ({"0__order": "70", "1__order": "40", "2__order": "50"}, "BCA"),
    "equal numbers keep their places": ({"0__order": "2"}, "ABC"),
    "delete the first": ({"0__DELETE": "on"}, "BC"),
    "delete the middle": ({"1__DELETE": "on"}, "AC"),
    "delete the last": ({"2__DELETE": "on"}, "AB"),
    "delete the middle and swap the others": ({"1__DELETE": "on", "0__order": "3", "2__order": "1"}, "CA"),
    "delete the last and swap the others": ({"2__DELETE": "on", "0__order": "2", "1__order": "1"}, "BA"),
    "delete two": ({"0__DELETE": "on", "1__DELETE": "on"}, "C"),
    "delete one whose text was cleared": ({"0__DELETE": "on", "0__text": ""}, "BC"),
    "delete all": ({"0__DELETE": "on", "1__DELETE": "on", "2__DELETE": "on"}, ""),
}


@pytest.mark.parametrize("name", ORDERS)
def test_rows_follow_their_numbers_which_close_up_from_one(editor, name):
    values, expected = ORDERS[name]
    practice = make_practice(status="draft", lessons=("A", "B", "C"))
    keys = {letter: practice.lessons.get(text=letter).pk for letter in "ABC"}
    other = make_practice(status="draft", lessons=("X", "Y"))
    page = PracticePage(editor, change(practice))
    page.fill(**{f"lessons__{field}": value for field, value in values.items()})
    assert page.save().status_code == 302
    assert lessons(practice) == list(enumerate(expected, start=1))
    assert {row.text: row.pk for row in practice.lessons.all()} == {text: keys[text] for text in expected}
    assert lessons(other) == [(1, "X"), (2, "Y")]


@pytest.mark.parametrize(
    ("number", "expected"), [("", "ABCN"), ("0", "ABCN"), ("1", "ANBC"), ("4", "ABCN"), ("99", "ABCN")]
)
def test_a_new_row_goes_where_its_number_says_and_without_one_last(editor, number, expected):
    practice = make_practice(status="draft", lessons=("A", "B", "C"))
    page = PracticePage(editor, change(practice))
    page.add_row("lessons", text="N", order=number)
    assert page.save().status_code == 302
    assert lessons(practice) == list(enumerate(expected, start=1))


def test_a_new_row_takes_the_number_of_a_deleted_one(editor):
    practice = make_practice(status="draft", lessons=("A", "B", "C"))
    page = PracticePage(editor, change(practice))
    page.fill(lessons__0__DELETE="on", lessons__0__text="")
    page.add_row("lessons", text="N", order="1")
    assert page.save().status_code == 302
    assert lessons(practice) == [(1, "N"), (2, "B"), (3, "C")]


@pytest.mark.parametrize(
    ("child", "field", "made_by"),
    [
        ("places", "country_id", "countries"),
        ("participations", "actor__slug", "actors"),
        ("sources", "text", "sources"),
        ("lessons", "text", "lessons"),
    ],
)
def test_every_kind_of_row_can_change_places(editor, child, field, made_by):
    practice = make_practice(status="draft", **{made_by: ("PH", "IT")})
    before = [value for _order, value in rows(practice, child, field)]
    page = PracticePage(editor, change(practice))
    page.fill(**{f"{child}__0__order": "2", f"{child}__1__order": "1"})
    assert page.save().status_code == 302
    assert rows(practice, child, field) == list(enumerate(reversed(before), start=1))


def test_a_refused_reordering_is_shown_as_typed_and_changes_nothing(editor):
    practice = make_practice(status="draft", lessons=("A", "B"))
    page = PracticePage(editor, change(practice))
    page.fill(lessons__0__order="2", lessons__1__order="1", title="")
    response = page.save()
    assert errors_of(response) == {"title": ["This field is required."]}
    assert kept(page, response) == {}
    assert lessons(practice) == [(1, "A"), (2, "B")]


# Sent twice ------------------------------------------------------------------------------------------------

SAVED = "You have already saved this practice."


def test_a_new_practice_that_is_saved_twice_is_said_to_be_saved_with_a_link(editor):
    page = PracticePage(editor, ADD)
    page.fill(title="Bonds", slug="bonds", story="A story.")
    assert page.save().status_code == 302
    practice = Practice.objects.get()
    response = page.save()
    link = f'<a href="{change(practice)}">Open the saved practice</a>'
    assert errors_of(response) == {"slug": [f"{SAVED} {link}"]}
    assert f"{SAVED} {link}" in response.content.decode()
    answer = editor.post(ADD, page.data, headers={"X-Requested-With": "admin-script"})
    assert answer.json()["errors"] == [
        {
            "field": "slug",
            "label": "Slug",
            "messages": [SAVED],
            "url": change(practice),
            "url_text": "Open the saved practice",
        }
    ]


@pytest.mark.parametrize("other", [{"title": "Another title"}, {"owner": None}])
def test_a_slug_of_another_practice_is_no_second_save(editor, other):
    page = PracticePage(editor, ADD)
    page.fill(title="Bonds", slug="bonds", story="A story.")
    page.save()
    Practice.objects.update(**other)
    response = page.save()
    assert errors_of(response) == {"slug": ["Another practice has this slug. Enter a different slug."]}


def test_a_title_with_marks_of_html_is_no_html_in_the_second_answer(editor):
    page = PracticePage(editor, ADD)
    page.fill(title="<b>Bonds</b>", slug="bonds", story="A story.")
    page.save()
    assert "<b>Bonds" not in page.save().content.decode()


# Steps from the form ---------------------------------------------------------------------------------------


def test_the_form_of_a_draft_has_its_steps_as_buttons_that_save_and_no_links_to_them(editor):
    practice = make_practice(status="draft")
    page = editor.get(change(practice)).content.decode()
    for step in ("preview", "submit", "publish"):
        assert page.count(f'name="_step" value="{step}"') == 1
    assert f'<a href="/admin/practices/practice/step/publish/?practice={practice.pk}">' not in page
    assert f'<a href="/admin/practices/practice/{practice.pk}/preview/">' not in page
    assert page.count('name="_save"') == 1


def test_what_is_public_has_its_steps_as_links_since_nothing_can_be_typed(editor):
    practice = make_practice()
    page = editor.get(change(practice)).content.decode()
    assert f'<a href="/admin/practices/practice/step/archive/?practice={practice.pk}">Withdraw</a>' in page
    assert f'<a href="/admin/practices/practice/{practice.pk}/preview/">Preview</a>' in page
    assert 'name="_step"' not in page


@pytest.mark.parametrize(
    ("step", "leads_to"),
    [
        ("publish", "/admin/practices/practice/step/publish/?practice={}"),
        ("preview", "/admin/practices/practice/{}/preview/"),
        ("archive", "/admin/practices/practice/"),  # not open to a draft
    ],
)
def test_a_step_from_the_form_saves_first(editor, step, leads_to):
    practice = make_practice(status="draft")
    page = PracticePage(editor, change(practice))
    page.fill(story="Typed just now.")
    page.data["_step"] = step
    assert page.save()["Location"] == leads_to.format(practice.pk)
    practice.refresh_from_db()
    assert practice.story == "Typed just now."


def test_a_step_from_a_form_with_an_error_is_not_taken(editor):
    practice = make_practice(status="draft")
    page = PracticePage(editor, change(practice))
    page.fill(story="", title="Typed")
    page.data["_step"] = "publish"
    response = page.save()
    assert errors_of(response) == {"story": ["This field is required."]}
    assert Practice.objects.get().title != "Typed"
