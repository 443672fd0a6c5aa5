"""Accounts of editors: a one-time password opens nothing before a lasting one is chosen."""

import pytest
from django.core.exceptions import ValidationError

from practices.models import Practice, User
from practices.passwords import HouseWordsValidator
from tests.admin_form import form_of
from tests.factories import make_editor, make_practice

pytestmark = pytest.mark.django_db

LIST = "/admin/practices/practice/"
OLD, NEW = "one-time password", "a lasting phrase of mine"


@pytest.fixture
def newcomer(client):
    editor = User(username="rosa", is_staff=True, is_superuser=True)
    editor.set_one_time_password(OLD)
    editor.save()
    sent = client.post("/admin/login/?next=/admin/", {"username": "rosa", "password": OLD})
    assert (sent.status_code, sent["Location"]) == (302, "/admin/")
    return client


@pytest.mark.parametrize(
    "page",
    ["/admin/", LIST, f"{LIST}add/", "/admin/autocomplete/", "/admin/nowhere/", "/admin/practices/user/"],
)
def test_a_one_time_password_opens_only_the_page_for_a_lasting_one(newcomer, page):
    assert newcomer.get(page)["Location"] == "/admin/password_change/"
    assert newcomer.post(page).status_code == 403  # handed back, so that nothing typed is lost


def test_a_one_time_password_changes_nothing_but_itself(newcomer):
    practice = make_practice(status="draft")
    newcomer.post(LIST, {"action": "publish", "_selected_action": [practice.pk]})
    newcomer.post(f"{LIST}{practice.pk}/delete/", {"post": "yes"})
    assert Practice.objects.get().status == "draft"


def test_a_lasting_password_opens_the_desk(newcomer):
    assert "Old password" in newcomer.get("/admin/password_change/").content.decode()
    passwords = {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    assert newcomer.post("/admin/password_change/", passwords)["Location"] == "/admin/password_change/done/"
    assert list(newcomer.get(LIST).context["cl"].result_list) == []
    user = User.objects.get()
    assert user.must_change_password is False
    assert (user.check_password(NEW), user.check_password(OLD)) == (True, False)


def test_a_password_may_be_digits_alone(newcomer):
    passwords = {"old_password": OLD, "new_password1": "8305617294", "new_password2": "8305617294"}
    assert newcomer.post("/admin/password_change/", passwords).status_code == 302


@pytest.mark.parametrize(
    ("password", "accepted"),
    [
        ("usefulpractices", False),
        ("Useful-Práctices-2026!", False),
        ("migration&development", False),
        ("Admin12345678", False),
        ("harbourlights", False),  # the site's own name, here
        ("useful harbour of boats", True),
        ("practices xylo", True),
        ("8305617294", True),
    ],
)
def test_a_password_is_not_made_of_the_words_of_the_house(password, accepted, settings):
    settings.SITE_NAME = "Harbour Lights"
    try:
        HouseWordsValidator().validate(password)
        said = ""
    except ValidationError as error:
        [said] = error.messages
    assert said == (
        "" if accepted else "This password is made of words that stand on this site. Choose others."
    )


def test_no_other_site_can_use_the_cookies_and_no_script_the_session(newcomer):
    newcomer.get("/admin/password_change/")
    session, csrf = newcomer.cookies["sessionid"], newcomer.cookies["csrftoken"]
    assert (session["samesite"], csrf["samesite"], session["httponly"]) == ("Lax", "Lax", True)


@pytest.mark.parametrize(
    ("new", "again"),
    [("short", "short"), (NEW, NEW + "!"), ("password", "password"), ("useful portal", "useful portal")],
)
def test_a_refused_new_password_keeps_the_desk_closed(newcomer, new, again):
    passwords = {"old_password": OLD, "new_password1": new, "new_password2": again}
    assert newcomer.post("/admin/password_change/", passwords).context["form"].errors != {}
    assert newcomer.get("/admin/")["Location"] == "/admin/password_change/"
    assert User.objects.get().must_change_password is True


def test_a_one_time_password_can_be_left_by_logging_out(newcomer):
    newcomer.post("/admin/logout/")
    assert newcomer.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_an_editor_can_ask_another_to_choose_a_new_password(client):
    client.force_login(make_editor())
    colleague = make_editor("rosa")
    page = f"/admin/practices/user/{colleague.pk}/change/"
    data = form_of(client.get(page), "user_form") | {"must_change_password": "on"}
    assert client.post(page, data).status_code == 302
    colleague.refresh_from_db()
    assert colleague.must_change_password is True
