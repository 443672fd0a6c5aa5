"""Accounts of editors: a one-time password opens nothing before a lasting one is chosen."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from practices.models import AuditEntry, Practice, User
from practices.passwords import HouseWordsValidator
from tests.admin_form import form_of
from tests.databases import own_database
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


@pytest.mark.parametrize(("hours", "good"), [(-1, True), (1, False)])
def test_an_unused_one_time_password_opens_nothing_after_a_week(client, monkeypatch, settings, hours, good):
    editor = User(username="rosa", is_staff=True)
    editor.set_one_time_password(OLD)
    editor.save()
    later = timezone.now() + timedelta(days=7, hours=hours)
    monkeypatch.setattr(timezone, "now", lambda: later)
    settings.PASSWORD_HASHERS = [  # the hash is renewed at this login, which saves the account
        "django.contrib.auth.hashers.PBKDF2SHA1PasswordHasher", *settings.PASSWORD_HASHERS,
    ]  # fmt: skip
    for _attempt in range(2):
        sent = client.post("/admin/login/?next=/admin/", {"username": "rosa", "password": OLD})
        assert sent.status_code == (302 if good else 200)
    if not good:
        assert "expired: it was good for seven days. Ask an administrator" in sent.content.decode()
        assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
        assert AuditEntry.objects.filter(action="one-time password expired", person=editor).count() == 2


def test_a_new_one_time_password_begins_a_new_week_and_a_lasting_one_has_no_end():
    editor = User(username="rosa")
    editor.set_one_time_password(OLD)
    editor.save()
    User.objects.update(one_time_until=timezone.now())
    editor.refresh_from_db()
    editor.set_one_time_password("another one")
    editor.save()
    editor.refresh_from_db()
    assert timedelta(days=6.9) < editor.one_time_until - timezone.now() <= timedelta(days=7)
    editor.must_change_password = False
    editor.save()
    editor.refresh_from_db()
    assert editor.one_time_until is None


def test_one_time_passwords_that_are_there_get_a_week_by_the_upgrade_which_can_be_taken_back(blank):
    with own_database(blank):
        editor, lasting = make_editor(), make_editor("rosa")
        call_command("migrate", "practices", "0009", verbosity=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE practices_user SET must_change_password = %s WHERE id = %s", [True, editor.pk]
            )
        call_command("migrate", verbosity=0)
        editor.refresh_from_db()
        lasting.refresh_from_db()
    assert timedelta(days=6.9) < editor.one_time_until - timezone.now() <= timedelta(days=7)
    assert lasting.one_time_until is None


def test_an_editor_can_ask_another_to_choose_a_new_password(client):
    client.force_login(make_editor())
    colleague = make_editor("rosa")
    page = f"/admin/practices/user/{colleague.pk}/change/"
    data = form_of(client.get(page), "user_form") | {"must_change_password": "on"}
    assert client.post(page, data).status_code == 302
    colleague.refresh_from_db()
    assert colleague.must_change_password is True
    assert timedelta(days=6.9) < colleague.one_time_until - timezone.now() <= timedelta(days=7)
