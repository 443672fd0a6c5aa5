"""What the form of a practice requests during typing."""

import json

import pytest
from django.http import QueryDict
from django.utils import timezone

from practices.editing.completeness import completeness, form_values, missing_from, stored_values
from practices.editing.duplicates import near
from practices.editing.form_ajax import PRESENCE_TIMEOUT
from practices.models import ActiveEditor, Actor, Place, Practice
from practices.values.projection import HEIGHT, WIDTH, project, unproject
from tests.admin_form import PracticePage
from tests.factories import make_actor, make_country, make_editor, make_person, make_practice

ASSIST = "/admin/practices/practice/assist/"
VIEWS = ["text", "period", "point", "completeness", "presence", "near-actors", "new-actor"]


@pytest.fixture
def editor(client, db):
    client.force_login(make_editor(first_name="Rosa", last_name="Diaz"))
    return client


def ask(client, what: str, **values) -> dict:
    return json.loads(client.get(f"{ASSIST}{what}/", values).content)


def tell(client, what: str, query: str = "", **values) -> dict:
    return json.loads(client.post(f"{ASSIST}{what}/{query}", values).content)


# Periods and texts ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("April 2009 – June 2011", {"read": "Understood as: April 2009 to June 2011"}),
        ("2013 and ongoing", {"read": "Understood as: since 2013"}),
        ("2014–2016", {"read": "Understood as: 2014–2016"}),
        ("N/A", {"read": "Understood as: not known"}),
        (" ", {"read": ""}),
        ("2011-2009", {"wrong": "“2011-2009” ends before it begins."}),
    ],
)
def test_a_period_is_said_as_it_is_understood(editor, text, answer):
    assert ask(editor, "period", text=text) == answer


def test_a_text_is_shown_as_the_public_page_shows_it(editor):
    answer = tell(editor, "text", text="A *b* <script>alert(1)</script>")
    assert answer == {"html": "<p>A <em>b</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>\n"}


@pytest.mark.parametrize("what", VIEWS)
def test_nothing_is_told_without_a_login(client, db, what):
    for answer in (
        client.get(f"{ASSIST}{what}/"),
        client.get(f"{ASSIST}{what}/", headers={"X-Requested-With": "admin-script"}),
    ):
        assert answer.status_code in (302, 401)


@pytest.mark.parametrize("what", VIEWS)
def test_nothing_is_told_to_who_may_not_see_practices(client, db, what):
    user = make_editor("helper")
    user.is_superuser = False
    user.save()
    client.force_login(user)
    assert client.get(f"{ASSIST}{what}/").status_code == 403


# Places --------------------------------------------------------------------------------------------------


def batangas() -> Place:
    make_country("PH", "Philippines")
    values = {"name": "Batangas", "latitude": "13.75", "longitude": "121.05"}
    return Place.objects.create(practice=make_practice(), order=1, country_id="PH", **values)


def test_a_name_that_is_known_has_its_coordinates(editor):
    batangas()
    x, y = project(13.75, 121.05)
    assert ask(editor, "point", name="batangas ", country="PH") == {
        "latitude": "13.75",
        "longitude": "121.05",
        "message": "Coordinates of Batangas, Philippines in another practice.",
        "x": round(x, 1),
        "y": round(y, 1),
    }


def test_the_same_name_in_another_country_is_not_meant(editor):
    batangas()
    make_country("IT", "Italy")
    answer = ask(editor, "point", name="Batangas", country="IT")
    assert answer["message"] == "Place name not found. Click on the map of Italy."
    assert "latitude" not in answer


def test_a_country_alone_is_its_middle_and_nothing_is_explained(editor):
    country = make_country("PH", "Philippines")
    country.latitude, country.longitude = 12.8797, 121.774
    country.save()
    answer = ask(editor, "point", country="PH")
    assert (answer["latitude"], answer["longitude"], answer["message"]) == (
        "12.88",
        "121.77",
        "Centre of Philippines.",
    )
    assert ask(editor, "point") == {
        "message": "Place name not found. Select the country, then click on the map."
    }
    assert ask(editor, "point", latitude="nan", longitude="x")["message"].startswith("Place name not found")


@pytest.mark.parametrize(
    ("group", "status", "own", "found"),
    [
        ("Contributors", "draft", False, False),
        ("Contributors", "in_review", False, False),
        ("Contributors", "archived", False, False),
        ("Contributors", "published", False, True),
        ("Contributors", "draft", True, True),
        ("Editors", "draft", False, True),
    ],
)
def test_a_place_is_offered_of_what_is_published_and_of_drafts_that_a_person_may_see(
    client, db, group, status, own, found
):
    person = make_person("cora", group)
    client.force_login(person)
    make_country("FJ", "Fiji")
    practice = make_practice(status=status, owner=person if own else make_person("carl", "Contributors"))
    values = {"name": "Zqxdraftplace", "latitude": "-17.12", "longitude": "178.32", "country_id": "FJ"}
    Place.objects.create(practice=practice, order=1, **values)
    for asked in ({"name": "Zqxdraftplac"}, {"name": "Zqxdraftplace", "country": "FJ"}):
        answer = ask(client, "point", **asked)
        assert (answer.get("latitude") == "-17.12") is found
        assert ("Zqxdraftplace" in answer["message"]) is found


@pytest.mark.parametrize(("group", "number"), [("Contributors", 2), ("Editors", 3)])
def test_an_actor_counts_the_practices_that_a_person_may_know_of(client, db, group, number):
    person = make_person("cora", group)
    make_practice(actors=("naga",))
    make_practice(actors=("naga",), status="draft", owner=person)
    make_practice(actors=("naga",), status="draft", owner=make_person("carl", "Contributors"))
    client.force_login(person)
    [row] = client.get("/admin/practices/actor/").context["cl"].result_list
    assert row.practices == number


def test_a_name_to_complete_never_tells_of_a_draft_of_somebody_else(client, db):
    client.force_login(make_person("cora", "Contributors"))
    make_practice("Zqxdraft of another", status="draft", owner=make_person("carl", "Contributors"))
    asked = [
        (model, "practice") for model in ("place", "lesson", "source", "image", "corridor", "participation")
    ]
    asked += [("practice", "replaces"), ("changelogentry", "practice"), ("activeeditor", "practice")]
    for model, field in asked:
        query = {"app_label": "practices", "model_name": model, "field_name": field, "term": "zqx"}
        answer = client.get("/admin/autocomplete/", query)
        assert answer.status_code == 403 or answer.json()["results"] == []


def test_a_click_on_the_map_is_a_place(editor):
    x, y = project(13.75, 121.05)
    answer = ask(editor, "point", x=str(x), y=str(y))
    assert (answer["latitude"], answer["longitude"]) == ("13.75", "121.05")


@pytest.mark.parametrize("latitude", [-58, -33.3, 0, 0.5, 45, 71.2, 84])
@pytest.mark.parametrize("longitude", [-168, -120.5, 0, 11.5, 100, 179.9])
def test_a_point_of_the_map_leads_back_to_where_it_is(latitude, longitude):
    assert unproject(*project(latitude, longitude)) == pytest.approx((latitude, longitude), abs=1e-6)


def test_beside_the_map_the_nearest_of_its_edge_is_meant():
    for x, y in [(-500, 0), (WIDTH * 2, HEIGHT / 2), (0, -900), (WIDTH, HEIGHT * 9)]:
        latitude, longitude = unproject(x, y)
        assert -90 <= latitude <= 90
        assert -180 <= longitude <= 180


# Actors --------------------------------------------------------------------------------------------------

KNOWN = {
    "atikha": ("Atikha Overseas Workers and Communities Initiative", "ATK"),
    "iom": ("International Organization for Migration", "IOM"),
    "naga": ("City of Naga", ""),
    "caja": ("Caja Municipal", ""),
}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "acronym", "found"),
    [
        ("Atikha Overseas Workers' and Comunities Initiative", "", ["atikha"]),  # a slip
        ("International Organisation for Migration", "", ["iom"]),
        ("Naga City", "", ["naga"]),
        ("City of Naga, Philippines", "", ["naga"]),
        ("naga, city of", "", ["naga"]),
        ("Something else", "iom", ["iom"]),
        ("IOM", "", ["iom"]),
        ("Association of women", "", []),
        ("", "", []),
    ],
)
def test_names_that_are_nearly_the_same_are_found(name, acronym, found):
    for slug, (known, short) in KNOWN.items():
        make_actor(slug, name=known, acronym=short)
    assert [actor.slug for actor in near(name, acronym)] == found


def test_the_near_ones_are_told_but_not_the_actor_itself(editor):
    actor = make_actor("naga", name="City of Naga", acronym="CN")
    row = {
        "id": str(actor.pk),
        "text": "City of Naga (CN)",
        "url": f"/admin/practices/actor/{actor.pk}/change/",
    }
    assert ask(editor, "near-actors", name="City of Nagga")["near"] == [row]
    assert ask(editor, "near-actors", name="City of Nagga", but=str(actor.pk))["near"] == []


def test_an_actor_is_added_on_the_spot_with_a_slug_of_its_own(editor):
    make_actor("city-of-naga")
    answer = editor.post(f"{ASSIST}new-actor/", {"name": "City of Naga", "acronym": "CN"})
    actor = Actor.objects.get(slug="city-of-naga-2")
    assert answer.status_code == 201
    assert json.loads(answer.content) == {"id": str(actor.pk), "text": "City of Naga (CN)"}
    assert editor.post(f"{ASSIST}new-actor/", {"name": "مدينة"}).status_code == 201
    assert Actor.objects.get(name="مدينة").slug == "mdynh"


def test_an_actor_whose_name_yields_no_slug_is_asked_for_one_on_the_spot(editor):
    fresh = editor.get(f"{ASSIST}new-actor/").content.decode()
    assert 'name="slug"' not in fresh
    answer = editor.post(f"{ASSIST}new-actor/", {"name": "😀"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'name="slug"' in page
    said = "Enter a slug: letters a to z, digits and hyphens. A slug could not be created from the name “😀”."
    assert f"<li>{said}</li>" in page
    answer = editor.post(f"{ASSIST}new-actor/", {"name": "😀", "slug": " Happy–Town "})
    assert answer.status_code == 201
    assert Actor.objects.get().slug == "happy-town"


def test_an_actor_sent_twice_on_the_spot_is_added_once(editor):
    assert editor.post(f"{ASSIST}new-actor/", {"name": "City of Naga"}).status_code == 201
    answer = editor.post(f"{ASSIST}new-actor/", {"name": "City of Naga"})
    assert answer.status_code == 422
    said = "“City of Naga” already exists. To add another one with this name, enter a slug for it."
    assert said in answer.content.decode()
    assert Actor.objects.count() == 1


def test_an_actor_without_a_name_is_refused_in_the_small_form(editor):
    answer = editor.post(f"{ASSIST}new-actor/", {"acronym": "CN"})
    assert answer.status_code == 422
    assert "This field is required." in answer.content.decode()
    assert Actor.objects.count() == 0


# Who else is there ---------------------------------------------------------------------------------------


def test_who_else_has_it_open_is_named_until_they_are_gone(editor, client):
    practice, other = make_practice(), make_practice()
    query = f"?of={practice.pk}"
    assert tell(editor, "presence", query) == {"message": ""}
    client.force_login(make_editor("juan"))
    assert tell(client, "presence", query) == {"message": "Rosa Diaz is also editing this."}
    assert tell(client, "presence", f"?of={other.pk}") == {"message": ""}
    client.force_login(make_editor("ana"))
    assert tell(client, "presence", query)["message"] in {
        "Rosa Diaz, juan are also editing this.",
        "juan, Rosa Diaz are also editing this.",
    }
    ActiveEditor.objects.update(seen_at=timezone.now() - PRESENCE_TIMEOUT)
    assert tell(client, "presence", query) == {"message": ""}
    for key in ("", "x", "9" * 30, "0"):
        assert tell(client, "presence", f"?of={key}") == {"message": ""}


# What a practice lacks --------------------------------------------------------------------------------


def test_an_empty_case_lacks_everything_and_each_sentence_leads_to_its_field(editor):
    practice = make_practice(story="", summary="", status="draft")
    found = missing_from(stored_values(practice))
    assert len(found) == 11  # not what asks for something of what is not there: coordinates, a lead
    page = editor.get(f"/admin/practices/practice/{practice.pk}/change/").content.decode()
    for said, field in found:
        assert said in page.replace("&#x27;", "'").replace("&amp;", "&")
        assert f'id="{field}"' in page
    assert completeness(stored_values(practice))["message"] == "Completeness: 2 of 13"


@pytest.mark.slow
@pytest.mark.usefixtures("jmdi")
def test_the_form_and_the_database_lack_the_same(editor):
    for practice in Practice.objects.all()[:5]:
        practice.status = "draft"
        practice.save()
        data = PracticePage(editor, f"/admin/practices/practice/{practice.pk}/change/").data
        sent = QueryDict(mutable=True)
        for name, value in data.items():
            sent.setlist(name, value if isinstance(value, list) else [value])
        assert missing_from(form_values(sent)) == missing_from(stored_values(practice))
        assert tell(editor, "completeness", **data) == completeness(stored_values(practice))


def test_a_row_to_be_removed_does_not_count():
    sent = {"lessons-TOTAL_FORMS": "3", "lessons-0-text": "A", "lessons-1-text": "B", "lessons-2-text": " "}
    assert "lessons-group" not in {field: said for said, field in missing_from(form_values(query(sent)))}
    removed = sent | {"lessons-1-DELETE": "on"}
    assert "lessons-group" in {field: said for said, field in missing_from(form_values(query(removed)))}
    assert missing_from(form_values(query({"lessons-TOTAL_FORMS": "many"})))


def query(values: dict[str, str]) -> QueryDict:
    sent = QueryDict(mutable=True)
    sent.update(values)
    return sent
