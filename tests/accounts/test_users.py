"""Accounts of editors: a one-time password allows nothing but choosing a lasting one."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from practices.accounts.passwords import SiteWordsValidator
from practices.models import AuditEntry, Practice, User
from tests.admin_form import form_of
from tests.databases import own_database
from tests.factories import make_editor, make_person, make_practice

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
def test_a_password_is_not_made_of_the_words_of_the_site(password, accepted, settings):
    settings.SITE_NAME = "Harbour Lights"
    try:
        SiteWordsValidator().validate(password)
        said = ""
    except ValidationError as error:
        [said] = error.messages
    assert said == (
        "" if accepted else "This password consists of words that appear on this site. Choose other words."
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
        assert "expired after seven days. Ask an administrator" in sent.content.decode()
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


@pytest.mark.slow
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


# Names ---------------------------------------------------------------------------------------------------


LOGIN = "/admin/login/?next=/admin/"
TAKEN = "An account with this name already exists."


@pytest.mark.parametrize("typed", ["rosa", "ROSA", "Rosa", "Ｒosa", " rosa "])
def test_a_name_opens_the_admin_in_any_case(client, typed):
    make_editor("Rosa")
    answer = client.post(LOGIN, {"username": typed, "password": "a good long password"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert AuditEntry.objects.get(action="logged in").about == "Rosa"


def test_a_name_beyond_ascii_opens_the_admin_in_any_case(client):
    make_editor("élodie")
    make_editor("Ωmega")
    for typed in ("ÉLODIE", "e\u0301lodie", "ωMEGA"):
        assert client.post(LOGIN, {"username": typed, "password": "a good long password"}).status_code == 302
    assert client.post(LOGIN, {"username": "élodi", "password": "a good long password"}).status_code == 200


@pytest.mark.parametrize("typed", ["straße", "STRASSE", "Strasse", "STRAẞE"])
@pytest.mark.parametrize("name", ["straße", "STRASSE"])
def test_a_name_with_a_letter_of_two_capitals_opens_the_admin(client, name, typed):
    make_editor(name)
    client.post(LOGIN, {"username": typed, "password": "a good long password"})
    assert AuditEntry.objects.get(action="logged in").about == name


def test_of_two_accounts_that_count_as_the_same_each_is_found_by_its_own_name(django_assert_num_queries):
    first, second = make_editor("straße"), make_editor("STRASSE")
    for name, account in (("straße", first), ("STRASSE", second), ("Strasse", first)):
        with django_assert_num_queries(1):
            assert User.objects.get_by_natural_key(name) == account


def test_the_database_refuses_a_name_that_differs_in_case():
    make_editor("rosa")
    for make in (
        lambda: make_editor("ROSA"),
        lambda: User.objects.bulk_create([User(username="Rosa")]),
        lambda: User.objects.filter(pk=make_editor("carl").pk).update(username="rOsA"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("ROSA", TAKEN),
        ("Ｒosa", TAKEN),
        ("ÉLODIE", TAKEN),
        ("STRASSE", TAKEN),
        ("Straße", TAKEN),
        ("ro sa", "Enter a valid username."),
        ("ro\u00a0sa", "Enter a valid username."),
        ("ro\u200bsa", "Enter a valid username."),
        ("ro\u202esa", "Enter a valid username."),
        ("ro\u2060sa", "Enter a valid username."),
        ("ro\u00adsa", "Enter a valid username."),
        ("ro\u3164sa", "contains an invisible character (U+1160)"),
        ("ro\u115fsa", "contains an invisible character (U+115F)"),
        ("ro\uffa0sa", "contains an invisible character (U+1160)"),
        ("carla", ""),
    ],
)
@pytest.mark.parametrize("page", ["add", "change"])
def test_a_name_that_looks_like_another_is_refused_at_its_field(client, page, name, said):
    client.force_login(make_editor("boss"))
    make_editor("rosa")
    make_editor("élodie")
    make_editor("straße")
    other = make_editor("other", email="other@example.org")
    address = "/admin/practices/user/" + ("add/" if page == "add" else f"{other.pk}/change/")
    data = form_of(client.get(address), "user_form") | {"username": name}
    if page == "add":
        data |= {"email": "a@example.org", "groups": [Group.objects.first().pk]}
        data |= {"password1": NEW, "password2": NEW}
    answer = client.post(address, data)
    if said:
        errors = answer.context["adminform"].form.errors
        assert said in str(errors["username"])
        assert set(errors) == {"username"}
    else:
        assert answer.status_code == 302
        assert User.objects.filter(username=name).exists()


def test_one_may_change_the_case_of_a_name(client):
    client.force_login(make_editor("boss"))
    other = make_editor("rosa", email="rosa@example.org")
    address = f"/admin/practices/user/{other.pk}/change/"
    data = form_of(client.get(address), "user_form") | {"username": "Rosa"}
    assert client.post(address, data).status_code == 302
    assert User.objects.get(pk=other.pk).username == "Rosa"


@pytest.mark.slow
def test_the_upgrade_names_the_accounts_whose_names_differ_in_case_and_goes_on_without_them(blank):
    with own_database(blank):
        call_command("migrate", "practices", "0017", verbosity=0)
        for name in ("Rosa", "carl", "rosa"):
            User.objects.bulk_create([User(username=name, last_login=datetime(2026, 3, 9, tzinfo=UTC))])
        with pytest.raises(CommandError) as refused:
            call_command("migrate", "practices", "0018", verbosity=0)
        keys = dict(User.objects.values_list("username", "pk"))
        assert (
            f"“Rosa” (number {keys['Rosa']}, last login 2026-03-09); "
            f"“rosa” (number {keys['rosa']}, last login 2026-03-09). Rename"
        ) in str(refused.value)
        assert "carl" not in str(refused.value)
        User.objects.filter(username="rosa").update(username="rosa2")
        call_command("migrate", verbosity=0)
        assert User.objects.get_by_natural_key("ROSA").username == "Rosa"
        call_command("migrate", "practices", "0017", verbosity=0)
        call_command("migrate", verbosity=0)


# Passwords in any form of their letters ------------------------------------------------------------------


COMPOSED, APART = "caf\u00e9 et ﬁn de l\u2019\u00e9t\u00e9", "cafe\u0301 et fin de l\u2019e\u0301te\u0301"


@pytest.mark.parametrize(("chosen", "typed"), [(COMPOSED, APART), (APART, COMPOSED), (APART, APART)])
@pytest.mark.parametrize("way", ["set", "made", "superuser"])
def test_a_password_opens_the_admin_in_any_form_of_its_letters(client, chosen, typed, way):
    if way == "superuser":
        User.objects.create_superuser("rosa", password=chosen)
    else:
        User.objects.create_user("rosa", password=chosen if way == "made" else None, is_staff=True)
    if way == "set":
        user = User.objects.get()
        user.set_password(chosen)
        user.save()
    assert client.post(LOGIN, {"username": "rosa", "password": typed}).status_code == 302
    assert client.post(LOGIN, {"username": "rosa", "password": typed + "x"}).status_code == 200


def test_a_password_from_before_opens_the_admin_in_the_form_in_which_it_was_stored(client):
    User.objects.create_user("rosa", is_staff=True)
    User.objects.update(password=make_password(APART))
    assert client.post(LOGIN, {"username": "rosa", "password": APART}).status_code == 302
    assert Client().post(LOGIN, {"username": "rosa", "password": COMPOSED}).status_code == 200


@pytest.mark.parametrize("password", ["wrong", "wro\u0301ng"])
def test_a_name_that_does_not_exist_costs_as_many_hashes_as_a_wrong_password(client, monkeypatch, password):
    hashes = []
    make_editor("rosa")
    inner = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *given: hashes.append(1) or inner(self, *given)
    )
    numbers = []
    for name in ("rosa", "nobody"):
        hashes.clear()
        client.post(LOGIN, {"username": name, "password": password})
        numbers.append(len(hashes))
    assert numbers == [1 + (not password.isascii())] * 2


def test_one_wrong_password_counts_once_however_many_forms_it_has(client):
    make_editor("rosa")
    client.post(LOGIN, {"username": "rosa", "password": APART})
    assert AuditEntry.objects.filter(action="login refused").count() == 1


# Accounts that may not come in ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"is_active": False}, "Your account is not active. Ask an administrator to select “Active”"),
        (
            {"is_staff": False},
            "Your account may not use the editors’ pages. Ask an administrator to select “Staff status”",
        ),
    ],
)
def test_what_is_wrong_with_an_account_is_said_after_the_right_password_only(client, fields, said):
    make_person("rosa", "Editors", **fields)
    wrong = client.post(LOGIN, {"username": "rosa", "password": "wrong"})
    unknown = client.post(LOGIN, {"username": "rosb", "password": "wrong"})
    told = [answer.context["form"].non_field_errors() for answer in (wrong, unknown)]
    assert told[0] == told[1]
    assert "Enter the correct username and password. Only the password is case-sensitive" in str(told[0])
    right = client.post(LOGIN, {"username": "rosa", "password": "a good long password"})
    assert said in str(right.context["form"].non_field_errors())
    assert "Enter the correct" not in right.content.decode()
    assert "sessionid" not in client.cookies
    assert client.get("/admin/").status_code == 302
    assert AuditEntry.objects.filter(action="login not admitted", about="rosa").count() == 1


def test_the_session_of_an_account_that_is_switched_off_opens_nothing(client):
    rosa = make_person("rosa", "Editors")
    client.force_login(rosa)
    assert client.get("/admin/").status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_an_account_without_a_group_is_told_so(client):
    User.objects.create_user("rosa", password="a good long password", is_staff=True)
    client.post(LOGIN, {"username": "rosa", "password": "a good long password"})
    shown = client.get("/admin/")
    assert ["Your account has no group" in str(said) for said in shown.context["messages"]] == [True]
    User.objects.get().groups.add(Group.objects.get(name="Contributors"))
    assert list(client.get("/admin/").context["messages"]) == []


@pytest.mark.parametrize("following", ["https://evil.example/", "//evil.example", "", None, "javascript:a"])
def test_a_login_leads_into_the_admin_wherever_it_was_to_lead(client, following):
    make_editor("rosa")
    data = {"username": "rosa", "password": "a good long password"}
    address = "/admin/login/" + ("" if following is None else f"?next={following}")
    assert client.post(address, data)["Location"] == "/admin/"
    client.logout()
    if following is not None:
        assert client.post("/admin/login/", data | {"next": following})["Location"] == "/admin/"


# New accounts --------------------------------------------------------------------------------------------


@pytest.fixture
def boss(client):
    client.force_login(make_person("boss", "Administrators"))
    return client


ADD = "/admin/practices/user/add/"


def test_one_page_makes_a_colleague_an_editor(boss):
    data = form_of(boss.get(ADD), "user_form")
    assert (data["is_staff"], data["must_change_password"]) == ("on", "on")
    assert "edit more user options" not in boss.get(ADD).content.decode()
    editors = Group.objects.get(name="Editors")
    filled = {"username": "rosa", "email": "rosa@example.org", "groups": [editors.pk]}
    assert boss.post(ADD, data | filled | {"password1": OLD, "password2": OLD}).status_code == 302
    rosa = User.objects.get(username="rosa")
    assert (rosa.is_staff, rosa.must_change_password, rosa.is_superuser) == (True, True, False)
    assert (list(rosa.groups.all()), rosa.email) == ([editors], "rosa@example.org")
    assert timedelta(days=6.9) < rosa.one_time_until - timezone.now() <= timedelta(days=7)
    client = Client()
    client.post(LOGIN, {"username": "rosa", "password": OLD})
    assert client.get("/admin/")["Location"] == "/admin/password_change/"


def test_a_new_account_needs_an_email_address_and_a_group(boss):
    filled = {"username": "rosa", "password1": OLD, "password2": OLD}
    errors = boss.post(ADD, form_of(boss.get(ADD), "user_form") | filled).context["adminform"].form.errors
    assert set(errors) == {"email", "groups"}
    assert not User.objects.filter(username="rosa").exists()


def test_a_lasting_password_can_be_given_to_a_new_account(boss):
    data = form_of(boss.get(ADD), "user_form")
    del data["must_change_password"]
    contributors = Group.objects.get(name="Contributors")
    filled = {"username": "rosa", "email": "r@example.org", "groups": [contributors.pk]}
    boss.post(ADD, data | filled | {"password1": NEW, "password2": NEW})
    rosa = User.objects.get(username="rosa")
    assert (rosa.must_change_password, rosa.one_time_until, rosa.check_password(NEW)) == (False, None, True)


def test_single_permissions_are_shown_to_superusers_only(boss):
    rosa = make_person("rosa", "Editors")
    page = f"/admin/practices/user/{rosa.pk}/change/"
    assert "user_permissions" not in boss.get(page).content.decode()
    root = Client()
    root.force_login(make_editor("root"))
    assert 'name="user_permissions"' in root.get(page).content.decode()
