"""Forms of the desk that come too late, or from a script: nothing typed is lost, no other site gets it."""

import json

import pytest
from django.conf import settings
from django.test import Client

from practices.models import Practice
from practices.models.session import Session
from tests.admin_form import PracticePage, form_of
from tests.factories import make_editor, make_practice

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver"}
SCRIPT = {"X-Requested-With": "desk"}


@pytest.fixture
def page():
    client = Client()
    client.force_login(make_editor())
    practice = make_practice(status="draft", lessons=("A lesson.",))
    page = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    page.fill(story="A “story” & <more>,\n\nin two paragraphs.", lessons__0__text="Another\n\nlesson.")
    page.data["_continue"] = "Save"
    return page


def handed_back(response) -> dict:
    """The fields of the page that sends it again."""
    assert response.status_code == 403
    response.status_code = 200
    page = response.content.decode().replace('<form method="post"', '<form id="again" method="post"')
    response.content = page
    return form_of(response, "again")


def test_a_form_sent_after_the_login_ended_comes_back_whole_and_can_be_sent_again(page):
    Session.objects.all().delete()
    response = page.client.post(page.address, page.data, headers=OURS)
    assert "You are no longer logged in" in response.content.decode()
    again = handed_back(response)
    expected = {name: value for name, value in page.data.items() if value != []}
    assert again | {"csrfmiddlewaretoken": ""} == expected | {"csrfmiddlewaretoken": ""}
    page.client.login(username="editor", password="a good long password")
    assert page.client.post(page.address, again).status_code == 302
    assert Practice.objects.get().story == "A “story” & <more>,\n\nin two paragraphs."


def test_a_form_with_a_stale_token_comes_back_whole(page):
    client = Client(enforce_csrf_checks=True)
    client.cookies = page.client.cookies
    client.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
    response = client.post(page.address, page.data, headers=OURS)
    assert "This form has gone stale" in response.content.decode()
    assert handed_back(response)["story"] == page.data["story"]
    assert Practice.objects.get().story == "A story."


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_another_sites_words_are_not_handed_on(page, origin):
    Session.objects.all().delete()
    response = page.client.post(page.address, page.data, headers={"Origin": origin})
    assert response.status_code == 403
    assert "in two paragraphs" not in response.content.decode()


def test_a_password_is_never_written_into_a_page():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/admin/login/", {"username": "rosa", "password": "secret words"}, headers=OURS)
    assert response.status_code == 403
    assert "secret words" not in response.content.decode()


# To scripts ------------------------------------------------------------------------------------------------


def test_a_script_is_told_where_to_go_after_a_save(page):
    response = page.client.post(page.address, page.data, headers=SCRIPT)
    assert json.loads(response.content) == {"to": page.address}


def test_a_script_is_told_what_is_wrong_at_which_field(page):
    page.fill(title="", lessons__0__text="")
    page.add_row("places", name="Batangas", country="")
    page.data["sources-0-url"] = "no address"
    response = page.client.post(page.address, page.data, headers=SCRIPT)
    assert response.status_code == 422
    found = {error["field"]: error["messages"] for error in json.loads(response.content)["errors"]}
    assert set(found) == {"title", "lessons-0-text", "places-0-country", "sources-0-text", "sources-0-url"}
    assert found["title"] == ["This field is required."]
    labels = {error["field"]: error["label"] for error in json.loads(response.content)["errors"]}
    assert labels["places-0-country"] == "Country"


def test_a_script_is_told_that_the_login_ended(page):
    Session.objects.all().delete()
    assert page.client.post(page.address, page.data, headers=SCRIPT).status_code == 401
    assert page.client.get("/admin/token/", headers=SCRIPT).status_code == 401


def test_a_script_gets_a_fresh_token_and_who_it_is_for(page):
    answer = json.loads(page.client.get("/admin/token/", headers=SCRIPT).content)
    assert answer["user"] == page.client.session["_auth_user_id"]
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = page.client.cookies
    data = page.data | {"csrfmiddlewaretoken": answer["token"]}
    assert strict.post(page.address, data, headers=SCRIPT).status_code == 200


def test_a_script_never_takes_for_saved_what_was_deleted_meanwhile(page):
    Practice.objects.all().delete()
    assert page.client.post(page.address, page.data, headers=SCRIPT).status_code == 410


def test_nor_what_was_sent_with_a_password_for_one_login(page):
    user = make_editor("new")
    user.must_change_password = True
    user.save()
    page.client.force_login(user)
    assert page.client.post(page.address, page.data, headers=SCRIPT).status_code == 401
