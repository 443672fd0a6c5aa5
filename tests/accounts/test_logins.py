"""Logins: limits, codes, sessions, forgotten passwords, and the audit log."""

import re
from datetime import timedelta
from hashlib import sha256

import pyotp
import pytest
from asgiref.sync import async_to_sync
from django.core import mail
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.environment import DUMMY_EMAIL_BACKEND
from practices.accounts.password_reset import mail_queue
from practices.accounts.second_factor import read_code
from practices.models import AuditEntry, SecondFactor, Session, User
from practices.models.session import SessionStore, hash_of
from tests.admin_form import form_of
from tests.databases import own_database
from tests.factories import make_editor, make_person, make_practice
from tests.html import plain

pytestmark = pytest.mark.django_db

PASSWORD = "a good long password"


def log_in(client: Client, username: str = "ed", password: str = PASSWORD, **extra):
    return client.post("/admin/login/?next=/admin/", {"username": username, "password": password}, **extra)


def actions(**fields) -> list[str]:
    """Return the entries of the audit log, the oldest first."""
    return list(AuditEntry.objects.filter(**fields).order_by("pk").values_list("action", flat=True))


@pytest.fixture
def person(db) -> User:
    return make_person("ed", "Editors", email="ed@example.org")


@pytest.fixture
def clock(monkeypatch):
    began = timezone.now().replace(second=1, microsecond=0)
    monkeypatch.setattr(timezone, "now", lambda: began)

    def move(**by: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: began + timedelta(**by))

    return move


# Limits ------------------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_right_one_opens_nothing_for_a_quarter_of_an_hour(
    client, clock, person
):
    for _attempt in range(5):
        assert "Enter the correct" in log_in(client, password="wrong").content.decode()
    refused = log_in(client).content.decode()
    assert "Too many attempts. Try again in 15 minutes." in refused
    assert log_in(client, "nobody").status_code == 200
    clock(minutes=15, seconds=1)
    assert log_in(client).status_code == 302


def test_a_stranger_who_guesses_elsewhere_locks_nobody_out(client, person):
    for _attempt in range(6):
        log_in(client, password="wrong", REMOTE_ADDR="203.0.113.9")
    assert log_in(client, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_one_who_tries_many_names_is_stopped(client, person):
    for number in range(30):
        log_in(client, f"name{number}", "password1", REMOTE_ADDR="203.0.113.9")
    assert "Too many attempts" in log_in(client, REMOTE_ADDR="203.0.113.9").content.decode()


def test_a_name_that_does_not_exist_is_locked_like_one_that_does(client, person):
    answers = []
    for name in ("ed", "nobody"):
        pages = [log_in(client, name, "wrong").content.decode() for _attempt in range(6)]
        answers.append([re.sub(rf'value="({name}|[\w]{{64}})"', "", page) for page in pages])
    assert answers[0] == answers[1]


def test_ipv6_addresses_of_one_network_are_counted_together(client, person):
    for number in range(5):
        log_in(client, password="wrong", REMOTE_ADDR=f"2001:db8:0:1::{number}")
    refused = log_in(client, REMOTE_ADDR="2001:db8:0:1:ffff::1").content.decode()
    assert "Too many attempts" in refused
    assert log_in(client, REMOTE_ADDR="2001:db8:0:2::1").status_code == 302


def test_each_way_of_writing_a_name_counts_as_the_same_name(client, person):
    for name in ("ed", "ED", "Ed", "ｅd", " ed "):
        log_in(client, name, "wrong")
    for name in ("ed", "ED"):
        assert "Too many attempts" in log_in(client, name).content.decode()


def refused_from_everywhere(action: str, name: str, number: int) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(
            action=action, about=name, address=f"10.0.{at // 200}.{at % 200}", network=f"10.0.0.{at % 200}"
        )
        for at in range(number)
    )


def test_a_name_is_closed_after_a_hundred_from_everywhere_but_not_where_its_owner_comes_from(
    client, clock, person
):
    log_in(client, REMOTE_ADDR="203.0.113.9")
    refused_from_everywhere("login refused", "ed", 99)
    assert log_in(Client(), REMOTE_ADDR="198.51.100.7").status_code == 302
    refused_from_everywhere("login refused", "ed", 1)
    assert "Too many attempts" in log_in(Client(), REMOTE_ADDR="198.51.100.8").content.decode()
    assert log_in(Client(), REMOTE_ADDR="203.0.113.9").status_code == 302
    for _attempt in range(5):
        log_in(Client(), password="wrong", REMOTE_ADDR="203.0.113.9")
    assert "Too many attempts" in log_in(Client(), REMOTE_ADDR="203.0.113.9").content.decode()


def test_a_network_from_which_others_come_is_not_known_for_a_name(client, clock, person):
    make_person("other", "Editors")
    log_in(Client(), "other", REMOTE_ADDR="203.0.113.9")
    refused_from_everywhere("login refused", "ed", 100)
    assert "Too many attempts" in log_in(client, REMOTE_ADDR="203.0.113.9").content.decode()


def test_a_network_is_known_for_thirty_days(client, clock, person):
    log_in(client, REMOTE_ADDR="203.0.113.9")
    AuditEntry.objects.update(at=timezone.now() - timedelta(days=31))
    refused_from_everywhere("login refused", "ed", 100)
    assert "Too many attempts" in log_in(Client(), REMOTE_ADDR="203.0.113.9").content.decode()


@pytest.mark.parametrize(("number", "good"), [(19, True), (20, False)])
def test_codes_are_closed_after_twenty_wrong_ones_from_everywhere(client, with_codes, number, good):
    log_in(client, REMOTE_ADDR="203.0.113.9")
    refused_from_everywhere("code refused", "ed", number)
    right = pyotp.TOTP(with_codes[0]).at(timezone.now())
    answer = client.post("/admin/account/code/", {"code": right}, REMOTE_ADDR="203.0.113.9")
    assert answer.status_code == (302 if good else 200)


def test_wrong_codes_from_elsewhere_do_not_keep_the_owner_out(client, with_codes, clock):
    app = pyotp.TOTP(with_codes[0])
    here = {"REMOTE_ADDR": "203.0.113.9"}
    log_in(client, **here)
    assert client.post("/admin/account/code/", {"code": app.at(timezone.now())}, **here).status_code == 302
    for number in range(6):  # somebody else knows the password
        thief = Client(REMOTE_ADDR=f"2001:db8:0:{number}::1")
        log_in(thief)
        for wrong in range(4):
            give(thief, f"00000{wrong}")
    clock(minutes=3)
    log_in(thief)
    assert give(thief, app.at(timezone.now())) == 200  # also a right one, so that guessing has an end
    owner = Client(**here)
    log_in(owner)
    assert give(owner, app.at(timezone.now())) == 302


@pytest.mark.parametrize(("proxies", "address"), [(1, "198.51.100.7"), (0, "10.0.0.1")])
def test_behind_a_proxy_the_address_is_the_last_that_it_names(client, settings, proxies, address, person):
    settings.PROXIES = proxies
    log_in(client, REMOTE_ADDR="10.0.0.1", headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    assert AuditEntry.objects.get().address == address


# Codes -------------------------------------------------------------------------------------------------


def set_up(client: Client) -> tuple[str, list[str]]:
    """Turn codes on as a user does; return the key and the recovery codes of the pages."""
    page = client.get("/admin/account/second-factor/").content.decode()
    assert "<svg" in page
    key = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    code = pyotp.TOTP(key).at(timezone.now())
    shown = client.post("/admin/account/second-factor/", {"code": code}).content.decode()
    return key, re.findall(r"<li>((?:[a-z2-9]{6}-){3}[a-z2-9]{6})</li>", shown)


@pytest.fixture
def with_codes(client, clock, person):
    """A logged-out user, a minute after codes were set up."""
    log_in(client)
    key, recovery = set_up(client)
    client.logout()
    clock(minutes=1)
    return key, recovery


def give(client: Client, code: str) -> int:
    return client.post("/admin/account/code/", {"code": code}).status_code


def test_with_codes_on_a_password_opens_nothing_but_the_page_for_the_code(client, with_codes):
    assert log_in(client).status_code == 302
    for page in ("/admin/", "/admin/practices/practice/", "/admin/password_change/", "/admin/account/",
                 "/admin/account/second-factor/", "/admin/autocomplete/"):  # fmt: skip
        assert client.get(page)["Location"] == "/admin/account/code/", page
        assert client.post(page).status_code == 403, page  # handed back, so that nothing typed is lost
    assert give(client, pyotp.TOTP(with_codes[0]).at(timezone.now())) == 302
    assert client.get("/admin/").status_code == 200
    assert actions() == ["logged in", "second factor on", "logged out", "logged in", "second factor given"]


@pytest.mark.parametrize(("seconds", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_code_is_good_in_its_half_minute_the_one_before_and_the_one_after(
    client, with_codes, seconds, good
):
    log_in(client)
    code = pyotp.TOTP(with_codes[0]).at(timezone.now() + timedelta(seconds=seconds))
    assert give(client, code) == (302 if good else 200)


def test_a_code_is_good_once(client, with_codes):
    code = pyotp.TOTP(with_codes[0]).at(timezone.now())
    log_in(client)
    assert give(client, code) == 302
    other = Client()
    log_in(other)
    assert give(other, code) == 200


def test_a_code_of_a_fast_clock_is_good_once_and_so_are_those_before_it(client, with_codes, clock):
    app = pyotp.TOTP(with_codes[0])
    log_in(client)
    assert give(client, app.at(timezone.now() + timedelta(seconds=30))) == 302
    for seconds in (0, 30):
        other = Client()
        log_in(other)
        assert give(other, app.at(timezone.now() + timedelta(seconds=seconds))) == 200
    clock(minutes=2)
    assert give(other, app.at(timezone.now() + timedelta(seconds=30))) == 302


@pytest.mark.parametrize(
    "written",
    [
        "163-910",
        "163\u00a0910",
        "\u200e163\u202f910\u200f",
        "\u0661\u0666\u0663\u0669\u0661\u0660",  # Arabic
        "\u06f1\u06f6\u06f3\u06f9\u06f1\u06f0",  # Persian
        "\u0967\u096c\u0969-\u096f\u0967\u0966",  # Devanagari
        "１６３９１０",
        "163\u2013910\ufeff",
        "code: 163.910.",
    ],
)
def test_a_code_is_read_in_any_script_and_with_anything_between_its_digits(written):
    assert read_code(written, "0123456789") == "163910"


@pytest.mark.parametrize(
    "change",
    [
        str.upper,
        lambda code: code.replace("-", "\u00a0"),
        lambda code: code.replace("-", "\u2013"),
        lambda code: f"\u200f{code}\u200e",
        lambda code: code.translate({ord("2"): "\u0662", ord("7"): "７", ord("a"): "Ａ", ord("b"): "ｂ"}),
    ],
)
def test_a_recovery_code_is_read_in_any_form(client, with_codes, change):
    log_in(client)
    assert give(client, "00000\u0660") == 200
    assert give(client, change(with_codes[1][3])) == 302


def test_a_recovery_code_is_good_once_and_only_its_hash_is_kept(client, with_codes):
    code = with_codes[1][3]
    assert len(set(with_codes[1])) == 10
    assert code not in str(SecondFactor.objects.get().recovery)
    log_in(client)
    assert give(client, code.upper().replace("-", " ")) == 302
    other = Client()
    log_in(other)
    assert give(other, code) == 200
    assert len(SecondFactor.objects.get().recovery) == 9


def test_after_five_wrong_codes_no_code_opens(client, with_codes, clock):
    log_in(client)
    for number in range(5):
        assert give(client, f"00000{number}") == 200
    assert give(client, pyotp.TOTP(with_codes[0]).at(timezone.now())) == 200
    clock(minutes=17)
    assert give(client, pyotp.TOTP(with_codes[0]).at(timezone.now())) == 302


def test_a_wrong_first_code_turns_nothing_on(client, person):
    log_in(client)
    client.get("/admin/account/second-factor/")
    page = client.post("/admin/account/second-factor/", {"code": "000000"}).content.decode()
    assert "This code is not correct" in page
    assert "After 5 wrong codes you must wait 15 minutes." in page
    assert not SecondFactor.objects.exists()


@pytest.mark.parametrize("of_all", [False, True])
def test_codes_can_be_required_and_then_nothing_opens_before_they_are_set_up(
    client, settings, person, of_all
):
    settings.REQUIRE_SECOND_FACTOR = of_all
    User.objects.update(must_have_second_factor=not of_all)
    log_in(client)
    assert client.get("/admin/practices/practice/")["Location"] == "/admin/account/second-factor/"
    set_up(client)
    assert client.get("/admin/practices/practice/").status_code == 200
    page = "/admin/account/second-factor/"
    assert "Turn off two-factor authentication" not in client.get(page).content.decode()


def test_codes_are_turned_off_and_recovery_codes_renewed_with_one_more_code(client, clock, person):
    log_in(client)
    key, recovery = set_up(client)
    page = "/admin/account/second-factor/"
    assert client.post(page, {"do": "off", "code": "000000"}).status_code == 200
    assert SecondFactor.objects.exists()
    clock(minutes=2)
    renewed = client.post(page, {"do": "renew", "code": pyotp.TOTP(key).at(timezone.now())}).content.decode()
    fresh = re.findall(r"<li>((?:[a-z2-9]{6}-){3}[a-z2-9]{6})</li>", renewed)
    assert (len(fresh), set(fresh) & set(recovery)) == (10, set())
    assert client.post(page, {"do": "off", "code": fresh[0]}).status_code == 302
    assert not SecondFactor.objects.exists()


# Sessions ----------------------------------------------------------------------------------------------


def test_people_see_where_they_are_logged_in_and_end_it_elsewhere(person):
    phone, desk, other = Client(), Client(), Client()
    log_in(phone, headers={"User-Agent": "A phone"}, REMOTE_ADDR="203.0.113.9")
    log_in(desk, headers={"User-Agent": "A desk"})
    make_person("other", "Editors")
    log_in(other, "other")
    page = desk.get("/admin/account/").content.decode()
    assert page.index("A desk") < page.index("A phone")
    assert "203.0.113.9" in page
    assert desk.post("/admin/account/").status_code == 302
    assert desk.get("/admin/account/").status_code == 200
    assert phone.get("/admin/account/")["Location"].startswith("/admin/login/")
    assert other.get("/admin/account/").status_code == 200
    assert "sessions ended" in actions(person=person)


def test_a_login_ends_after_two_hours_without_use(client, clock, person):
    log_in(client)
    for hours in (1.9, 3.8):
        clock(hours=hours)
        assert client.get("/admin/").status_code == 200
    clock(hours=5.81)
    assert client.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_a_login_ends_after_twelve_hours_however_busy(client, clock, person):
    log_in(client)
    for hour in range(1, 12):
        clock(hours=hour)
        assert client.get("/admin/").status_code == 200
    clock(hours=12, seconds=1)
    assert client.get("/admin/").status_code == 302


def test_a_form_that_is_left_open_keeps_no_login_alive(client, clock, person):
    log_in(client)
    clock(hours=1.9)
    assert client.post("/admin/practices/practice/assist/presence/?of=1").status_code == 200
    clock(hours=2.1)
    assert client.get("/admin/").status_code == 302


def test_that_somebody_is_there_is_written_down_every_few_minutes_alone(client, clock, person):
    log_in(client)
    written = []
    for minutes in (1, 4, 6, 8, 10, 12):
        clock(minutes=minutes)
        with CaptureQueriesContext(connection) as asked:
            client.get("/admin/account/")
        if any(query["sql"].startswith("UPDATE") for query in asked):
            written.append(minutes)
    assert written == [6, 12]


def test_a_page_is_shown_where_that_cannot_be_written_down(client, clock, person, monkeypatch):
    def fail(*args, **fields):
        raise OperationalError("database or disk is full")

    log_in(client)
    clock(hours=1)
    monkeypatch.setattr(QuerySet, "update", fail)
    assert client.get("/admin/").status_code == 200


def test_logging_out_empties_the_browsers_cache_and_leaves_what_was_typed(client, person):
    log_in(client)
    assert "Clear-Site-Data" not in client.get("/admin/logout/").headers
    assert client.post("/admin/logout/").headers["Clear-Site-Data"] == '"cache"'


def test_the_table_of_sessions_holds_hashes_of_their_keys_and_a_hash_opens_nothing(client, person):
    log_in(client)
    key = client.cookies["sessionid"].value
    [row] = Session.objects.values()
    assert row["session_key"] == sha256(key.encode()).hexdigest()
    assert key not in str(row)
    assert key not in str(Session.objects.get().get_decoded())
    thief = Client()
    thief.cookies["sessionid"] = row["session_key"]
    assert thief.get("/admin/")["Location"] == "/admin/login/?next=/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_session_has_a_new_key_after_the_login_and_after_the_code(client, with_codes):
    client.cookies["sessionid"] = "a" * 32  # as somebody else may have set it
    seen = ["a" * 32]
    log_in(client)
    seen.append(client.cookies["sessionid"].value)
    give(client, pyotp.TOTP(with_codes[0]).at(timezone.now()))
    seen.append(client.cookies["sessionid"].value)
    assert len(set(seen)) == 3
    assert list(Session.objects.values_list("pk", flat=True)) == [hash_of(seen[2])]
    client.post("/admin/logout/")
    assert not Session.objects.exists()


def test_a_store_knows_its_own_keys_and_deletes_one_by_its_key():
    kept, other = SessionStore(), SessionStore()
    kept["a"] = other["a"] = 1
    kept.create()
    other.create()
    assert SessionStore().exists(kept.session_key)
    assert not SessionStore().exists(hash_of(kept.session_key))
    SessionStore().delete(other.session_key)
    SessionStore().delete()
    assert (SessionStore().exists(other.session_key), SessionStore().exists(kept.session_key)) == (
        False,
        True,
    )


def test_a_session_that_is_made_asynchronously_is_stored_under_the_hash_of_its_key():
    store = SessionStore()
    async_to_sync(store.acreate)()
    assert Session.objects.get().pk == hash_of(store.session_key)


@pytest.mark.slow
def test_sessions_with_readable_keys_end_by_the_upgrade_which_can_be_taken_back(blank):
    with own_database(blank):
        person = make_editor()
        for to in ("0011", "0012"):
            Session.objects.create(pk=f"a{to}", session_data="", expire_date=timezone.now())
            call_command("migrate", "practices", to, verbosity=0)
            assert Session.objects.count() == 0
        assert User.objects.get() == person


# A forgotten password ----------------------------------------------------------------------------------


def ask(client: Client, email: str) -> tuple[int, str, str]:
    response = client.post("/admin/password_reset/", {"email": email})
    mail_queue.submit(int).result()  # once it has run, the letter before it is sent
    return response.status_code, response["Location"], response.content.decode()


def test_the_answer_to_a_forgotten_password_tells_nothing_and_a_letter_goes_to_whom_it_concerns(
    client, person, settings
):
    settings.SITE_URL = "https://practices.example"
    elsewhere = Client()
    log_in(elsewhere)
    answers = {ask(client, email) for email in ("ed@example.org", "nobody@example.org")}
    assert answers == {(302, "/admin/password_reset/done/", "")}
    [letter] = mail.outbox
    assert letter.to == ["ed@example.org"]
    link = re.search(r"//practices\.example(/admin/reset/\S+)", letter.body)[1]
    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    new = {"new_password1": "another good phrase", "new_password2": "another good phrase"}
    assert client.post(address, new)["Location"] == "/admin/reset/done/"
    assert elsewhere.get("/admin/").status_code == 302
    assert client.get(link, follow=True).context["validlink"] is False
    assert log_in(client, password="another good phrase").status_code == 302
    assert "password reset" in actions(person=person)


def test_no_more_than_twenty_letters_go_to_one_address_from_everywhere(client, person):
    refused_from_everywhere("password reset asked", "ed@example.org", 20)
    ask(client, "Ed@example.org")
    assert mail.outbox == []


def test_no_more_than_five_letters_go_to_one_address(client, person):
    answers = {ask(client, email) for email in ["ed@example.org"] * 5 + ["ED@example.org"] * 2}
    assert (len(answers), len(mail.outbox)) == (1, 5)


@pytest.mark.parametrize("contact", ["", "desk@practices.example"])
def test_where_no_e_mail_can_be_sent_the_page_says_whom_to_ask_and_makes_no_link(
    client, person, settings, contact, caplog, capfd
):
    settings.EMAIL_BACKEND, settings.CONTACT_EMAIL = DUMMY_EMAIL_BACKEND, contact
    for response in (
        client.get("/admin/password_reset/"),
        client.post("/admin/password_reset/", {"email": "ed@example.org"}),
    ):
        said = plain(response.content.decode())
        assert response.status_code == 200
        assert "This portal cannot send e-mail" in said
        assert (f"or write to {contact}" in said) == bool(contact)
    mail_queue.submit(int).result()
    assert (mail.outbox, actions(action="password reset asked")) == ([], [])
    assert "/admin/reset/" not in caplog.text + "".join(capfd.readouterr())


# The log, and the accounts of others --------------------------------------------------------------------


def test_administrators_change_accounts_which_the_log_tells_and_nobody_changes_the_log(client, person):
    boss = make_person("boss", "Administrators")
    client.force_login(boss)
    page = f"/admin/practices/user/{person.pk}/change/"
    data = form_of(client.get(page), "user_form") | {"first_name": "Edith", "must_have_second_factor": "on"}
    assert client.post(page, data).status_code == 302
    line = AuditEntry.objects.filter(action="account changed").get()
    assert (line.person, line.about, line.comment) == (
        boss, "ed", "Changed First name and Must use two-factor authentication."
    )  # fmt: skip
    log = "/admin/practices/auditentry/"
    assert client.get(log).context["cl"].result_count == 2
    for address in (f"{log}add/", f"{log}{line.pk}/change/", f"{log}{line.pk}/delete/"):
        assert client.post(address, {"post": "yes"}).status_code == 403
    client.post(log, {"action": "delete_selected", "_selected_action": [line.pk], "post": "yes"})
    assert AuditEntry.objects.filter(pk=line.pk).exists()


def test_an_email_address_is_changed_by_ones_own_password_alone(client, person):
    boss = make_person("boss", "Administrators")
    client.force_login(boss)
    for user in (person, boss):
        page = f"/admin/practices/user/{user.pk}/change/"
        data = form_of(client.get(page), "user_form") | {"email": "new@example.org"}
        assert data["own_password"] == ""
        for wrong in ("", "", "wrong", "wrong"):  # one that is left out is no attempt
            said = client.post(page, data | {"own_password": wrong}).content.decode()
            assert "Enter your own password to change the e-mail address." in said
            assert "wrong" not in said.replace("wrong-", "")
        user.refresh_from_db()
        assert user.email != "new@example.org"
        assert client.post(page, data | {"own_password": PASSWORD}).status_code == 302
        user.refresh_from_db()
        assert user.email == "new@example.org"
    assert actions(action="login refused", about="boss") == ["login refused"] * 4
    assert AuditEntry.objects.filter(action="account changed").first().comment == "Changed Email address."
    data["email"] = "third@example.org"
    client.post(page, data | {"own_password": "wrong"})
    refused = client.post(page, data | {"own_password": PASSWORD}).content.decode()
    assert "Too many attempts. Try again in 15 minutes." in refused


def test_who_is_no_superuser_makes_and_changes_none(client, person):
    client.force_login(make_person("boss", "Administrators"))
    root = make_editor("root")
    looked_at = client.get(f"/admin/practices/user/{root.pk}/change/")
    assert looked_at.context["has_change_permission"] is False
    assert "own password" not in looked_at.content.decode().lower()
    for page in (f"{root.pk}/change/", f"{root.pk}/password/", f"{root.pk}/delete/"):
        assert client.post(f"/admin/practices/user/{page}", {"post": "yes"}).status_code == 403
    page = f"/admin/practices/user/{person.pk}/change/"
    data = form_of(client.get(page), "user_form")
    assert {"is_superuser", "user_permissions"} & set(data) == set()
    client.post(page, data | {"is_superuser": "on"})
    assert User.objects.get(pk=person.pk).is_superuser is False
    chosen = {"_selected_action": [root.pk, person.pk]}
    client.post("/admin/practices/user/", {"action": "require_second_factor", **chosen})
    assert list(User.objects.filter(must_have_second_factor=True)) == [person]


def test_a_lost_phone_is_mended_by_an_administrator(client, with_codes, person):
    boss = Client()
    boss.force_login(make_person("boss", "Administrators"))
    log_in(client)
    chosen = {"_selected_action": [person.pk]}
    boss.post("/admin/practices/user/", {"action": "take_second_factor_away", **chosen})
    boss.post("/admin/practices/user/", {"action": "end_sessions", **chosen})
    assert not Session.objects.filter(user=person).exists()
    log_in(client)
    assert client.get("/admin/").status_code == 200
    assert actions(person__username="boss", about="ed") == ["second factor removed", "sessions ended"]


def test_what_somebody_may_not_is_in_the_log(client):
    cora = make_person("cora", "Contributors")
    client.force_login(cora)
    log, step = "/admin/practices/auditentry/", "/admin/practices/practice/step/publish/"
    assert client.get("/admin/practices/practice/").status_code == 200
    assert client.get(log, REMOTE_ADDR="203.0.113.9").status_code == 403
    assert client.post(f"{step}?practice={make_practice(status='draft', owner=cora).pk}").status_code == 403
    lines = AuditEntry.objects.filter(action="refused", person=cora).order_by("pk")
    assert list(lines.values_list("about", "comment", "address")) == [
        (log, "GET", "203.0.113.9"), (step, "POST", "127.0.0.1")
    ]  # fmt: skip


def test_a_password_of_ones_own_choice_is_in_the_log(client, person):
    log_in(client)
    new = {"old_password": PASSWORD, "new_password1": "another phrase", "new_password2": "another phrase"}
    assert client.post("/admin/password_change/", new).status_code == 302
    assert actions(person=person) == ["logged in", "password changed"]


def test_once_a_day_old_lines_of_the_log_and_ended_logins_are_taken_away(client, person, capsys):
    for name, days in (("old", 401), ("young", 399)):
        line = AuditEntry.objects.create(action=name)
        AuditEntry.objects.filter(pk=line.pk).update(at=timezone.now() - timedelta(days=days))
    log_in(client)
    log_in(Client())
    Session.objects.filter(pk=hash_of(client.session.session_key)).update(expire_date=timezone.now())
    call_command("cleanup")
    assert actions() == ["young", "logged in", "logged in"]
    assert Session.objects.count() == 1
    assert capsys.readouterr().out == "Deleted 1 entries of the audit log older than 400 days.\n"
