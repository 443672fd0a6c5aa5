"""Forms that arrive too late or from a script: no typed text is lost, and no other site receives it."""

import json
import re
from datetime import timedelta

import pyotp
import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from practices.accounts.second_factor import hashed
from practices.models import Practice, SecondFactor, User
from practices.models.session import Session
from practices.workflow import transitions
from tests.admin_form import PracticePage, form_of
from tests.factories import make_editor, make_person, make_practice

pytestmark = pytest.mark.django_db

OURS = {"Origin": "http://testserver"}
SCRIPT = {"X-Requested-With": "admin-script"}


@pytest.fixture
def page():
    client = Client()
    client.force_login(make_editor())
    practice = make_practice(status="draft", lessons=("A lesson.",))
    page = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    page.fill(story="A “story” & <more>,\n\nin two paragraphs.", lessons__0__text="Another\n\nlesson.")
    page.data["_continue"] = "Save"
    return page


def typed_in(response) -> dict:
    """Return the fields of the page that submits the form again."""
    assert response.status_code == 403
    return form_of(response, "again")


def test_a_form_sent_after_the_login_ended_comes_back_whole_and_can_be_sent_again(page):
    Session.objects.all().delete()
    response = page.client.post(page.address, page.data, headers=OURS)
    assert "You are no longer logged in" in response.content.decode()
    again = typed_in(response)
    expected = {name: value for name, value in page.data.items() if value != []}
    assert again | {"csrfmiddlewaretoken": ""} == expected | {"csrfmiddlewaretoken": ""}
    page.client.login(username="editor", password="a good long password")
    assert page.client.post(page.address, again).status_code == 302
    assert Practice.objects.get().story == "A “story” & <more>,\n\nin two paragraphs."


def test_so_does_one_sent_after_two_hours_without_use(page, monkeypatch):
    later = timezone.now() + timedelta(hours=2, minutes=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    again = typed_in(page.client.post(page.address, page.data, headers=OURS))
    page.client.login(username="editor", password="a good long password")
    assert page.client.post(page.address, again).status_code == 302
    assert Practice.objects.get().story == page.data["story"]


def test_a_form_with_a_stale_token_comes_back_whole(page):
    client = Client(enforce_csrf_checks=True)
    client.cookies = page.client.cookies
    client.cookies[settings.CSRF_COOKIE_NAME] = "c" * 32
    response = client.post(page.address, page.data, headers=OURS)
    assert "This form has expired" in response.content.decode()
    assert typed_in(response)["story"] == page.data["story"]
    assert Practice.objects.get().story == "A story."


@pytest.mark.parametrize("origin", ["https://evil.example", "null", ""])
def test_another_sites_words_are_not_handed_on(page, origin):
    Session.objects.all().delete()
    if not origin.startswith("https"):
        del page.data["csrfmiddlewaretoken"]  # which no other site knows
    response = page.client.post(page.address, page.data, headers={"Origin": origin})
    assert response.status_code == 403
    assert "in two paragraphs" not in response.content.decode()


def test_a_password_is_never_written_into_a_page():
    client = Client(enforce_csrf_checks=True)
    response = client.post("/admin/login/", {"username": "rosa", "password": "secret words"}, headers=OURS)
    assert response.status_code == 403
    assert "secret words" not in response.content.decode()


def test_a_changed_account_comes_back_without_the_password_of_who_changed_it(page):
    address = f"/admin/practices/user/{User.objects.get().pk}/change/"
    data = form_of(page.client.get(address), "user_form")
    Session.objects.all().delete()
    data |= {"first_name": "Rosa", "own_password": "secret words"}
    response = page.client.post(address, data, headers=OURS)
    assert "secret words" not in response.content.decode()
    assert typed_in(response)["first_name"] == "Rosa"


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


# What was closed meanwhile ---------------------------------------------------------------------------------


@pytest.fixture
def written():
    """Return the page of a contributor's own draft, with their text."""
    owner = make_person("cora", "Contributors")
    practice = make_practice(status="draft", slug="own", owner=owner)
    client = Client()
    client.force_login(owner)
    page = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    page.fill(title="Bonds", story="日本\n\nمرحبا.", period="2014")
    return page


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        (["submit"], "The practice has been submitted for review. Only editors can change it now."),
        (["publish"], "open the practice, select “Edit in a draft”, and paste your text."),
        (["publish", "archive"], "The practice has been withdrawn. An editor can return it to draft"),
    ],
)
def test_what_was_typed_into_a_practice_that_was_closed_meanwhile_comes_back_with_the_reason(
    written, steps, words
):
    for step in steps:
        transitions.take_step(step, Practice.objects.get(), make_editor(step))
    response = written.client.post(written.address, written.data, headers=OURS)
    page = response.content.decode()
    assert words in page
    shown = dict(re.findall(r'<dt>(.*?)</dt><dd class="typed" dir="auto">(.*?)</dd>', page, re.S))
    assert (shown["title"], shown["story"], shown["period"]) == ("Bonds", "日本\n\nمرحبا.", "2014")
    assert not {"places TOTAL FORMS", "_seen", "_save"} & shown.keys()
    again = typed_in(response)
    script = written.client.post(written.address, written.data, headers=SCRIPT)
    assert (script.status_code, words in json.loads(script.content)["message"]) == (423, True)
    assert Practice.objects.get().title != "Bonds"
    transitions.take_step(
        "reopen" if "publish" in steps else "send-back", Practice.objects.get(), make_editor(), "!"
    )
    assert written.client.post(written.address, again).status_code == 302
    assert Practice.objects.get().title == "Bonds"


def test_what_was_typed_into_a_practice_that_is_gone_comes_back_with_the_reason(page):
    transitions.delete_practices(list(Practice.objects.all()), make_editor("other"))
    response = page.client.post(page.address, page.data, headers=OURS)
    assert "an editor can restore it under “Deleted practices”" in response.content.decode()
    assert typed_in(response)["story"] == page.data["story"]
    script = page.client.post(page.address, page.data, headers=SCRIPT)
    assert (script.status_code, "Deleted practices" in json.loads(script.content)["message"]) == (410, True)


def test_what_becomes_of_anothers_draft_is_not_told(written):
    for status in ("draft", "in_review", "published", "archived"):
        other = make_practice(status=status)
        address = f"/admin/practices/practice/{other.pk}/change/"
        response = written.client.post(address, written.data, headers=SCRIPT)
        assert (response.status_code, "no longer exists" in response.content.decode()) == (410, True)


def test_a_comment_on_a_step_that_another_took_meanwhile_comes_back(page):
    practice = Practice.objects.get()
    transitions.take_step("publish", practice, make_editor("other"))
    address = f"/admin/practices/practice/step/submit/?practice={practice.pk}"
    response = page.client.post(address, {"comment": "Why, in <words>."})
    assert "You can copy your comment" in response.content.decode()
    assert '<p class="typed" dir="auto">Why, in &lt;words&gt;.</p>' in response.content.decode()
    transitions.delete_practices([practice], make_editor("third"))
    response = page.client.post(address, {"comment": "Why, in words."}, headers=OURS)
    assert typed_in(response)["comment"] == "Why, in words."


# Before a login is complete --------------------------------------------------------------------------------


def with_code(user, client) -> None:
    SecondFactor.objects.create(user=user, secret="A" * 32, recovery=[hashed("aaaaabbbbb")])
    client.login(username=user.username, password="a good long password")


def with_new_password(user, client) -> None:
    User.objects.filter(pk=user.pk).update(must_change_password=True)


def with_factor_to_set_up(user, client) -> None:
    User.objects.filter(pk=user.pk).update(must_have_second_factor=True)


GOOD = "another good long password"


@pytest.mark.parametrize(
    ("spoil", "head", "way", "mend"),
    [
        (with_code, "Enter your code", "/admin/account/code/", {"code": "aaaaa-bbbbb"}),
        (
            with_new_password,
            "Choose a new password",
            "/admin/password_change/",
            {"old_password": "a good long password", "new_password1": GOOD, "new_password2": GOOD},
        ),
        (
            with_factor_to_set_up,
            "Set up two-factor authentication",
            "/admin/account/second-factor/",
            {},
        ),
    ],
)
def test_a_form_sent_before_the_login_is_complete_comes_back_and_is_saved_after_it(
    page, spoil, head, way, mend
):
    user = User.objects.get()
    spoil(user, page.client)
    response = page.client.post(page.address, page.data, headers=OURS)
    shown = response.content.decode()
    assert f"<h1>{head}</h1>" in shown
    assert f'<a href="{way}" target="_blank">' in shown
    again = typed_in(response)
    if way.endswith("second-factor/"):
        page.client.get(way)
        mend = {"code": pyotp.TOTP(page.client.session["new_secret"]).at(timezone.now())}
    assert page.client.post(way, mend).status_code in {200, 302}
    assert page.client.post(page.address, again).status_code == 302
    assert Practice.objects.get().story == page.data["story"]


def test_after_a_login_a_browser_sends_it_at_most_twice(page):
    """The login changes the token: the first submission is returned once more, with the new one."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = page.client.cookies
    Session.objects.all().delete()
    first = client.post(page.address, page.data | {"csrfmiddlewaretoken": token(client)}, headers=OURS)
    again = typed_in(first)
    login = {"username": "editor", "password": "a good long password", "csrfmiddlewaretoken": token(client)}
    assert client.post("/admin/login/", login, headers=OURS).status_code == 302
    second = client.post(page.address, again, headers=OURS)
    assert "This form has expired" in second.content.decode()
    assert client.post(page.address, typed_in(second), headers=OURS).status_code == 302
    assert Practice.objects.get().story == page.data["story"]


def token(client: Client) -> str:
    return form_of(client.get("/admin/login/"), "login-form")["csrfmiddlewaretoken"]
