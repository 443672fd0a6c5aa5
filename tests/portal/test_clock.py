"""A clock that is wrong for a while: nothing is public early, and nothing fails then or later."""

import time
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from practices.models import content_version
from practices.workflow.preview_links import link
from practices.workflow.transitions import publish_scheduled, take_step
from tests.admin_form import PracticePage
from tests.factories import make_editor, make_practice

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
PUBLIC = [
    "/",
    "/practices/",
    "/practices/canary/",
    "/lessons/",
    "/feed/",
    "/sitemap.xml",
    "/api/v1/practices/",
]
DESK = ["/admin/", "/admin/practices/practice/", "/admin/practices/auditentry/", "/admin/account/"]
DAYS = pytest.mark.parametrize("days", [1, -1, 366, -366])
MINUTE = 60


@pytest.fixture
def clock(monkeypatch):
    """Move all clocks that the portal reads by this many seconds."""
    now, seconds, nanoseconds = timezone.now, time.time, time.time_ns

    def move(by: float) -> None:
        monkeypatch.setattr(timezone, "now", lambda: now() + timedelta(seconds=by))
        monkeypatch.setattr(time, "time", lambda: seconds() + by)
        monkeypatch.setattr(content_version, "time_ns", lambda: nanoseconds() + round(by * 1e9))

    return move


@DAYS
def test_what_is_scheduled_is_public_at_its_moment_and_not_before(client, clock, days):
    """The time is that of the clock at that moment: the portal has no other."""
    wrong = days * 86_400
    due = timezone.now() + timedelta(seconds=max(wrong, 0) + 2 * MINUTE)
    take_step("publish", make_practice("Seagulls", slug="gulls", status="draft"), make_editor(), "", due)
    for moved in (wrong, 0, max(wrong, 0) + MINUTE):
        clock(moved)
        assert publish_scheduled() == []
        assert "Seagulls" not in client.get("/practices/").content.decode()
        assert client.get("/practices/gulls/").status_code == 404
    clock(max(wrong, 0) + 3 * MINUTE)
    assert "Seagulls" in client.get("/practices/").content.decode()
    clock(0)  # what is public stays so
    assert "Seagulls" in client.get("/practices/").content.decode()


@DAYS
def test_every_page_is_served_and_forms_are_saved_while_the_clock_is_wrong_and_after_it_is_right(clock, days):
    editor, reader = make_editor(), Client()
    make_practice("Canary", slug="canary", lessons=("Save early.",))
    draft = make_practice("Draft", status="draft")
    preview, _until = link(draft)
    desk = Client()
    desk.force_login(editor)
    for moved in (days * 86_400, 0):
        clock(moved)
        assert {address: reader.get(address).status_code for address in PUBLIC} == dict.fromkeys(PUBLIC, 200)
        assert reader.get(preview).status_code == (410 if moved == 366 * 86_400 else 200)
        if moved > 0:
            assert desk.get("/admin/").status_code == 302  # the login has ended
            desk.force_login(editor)
        assert {address: desk.get(address).status_code for address in DESK} == dict.fromkeys(DESK, 200)
        page = PracticePage(desk, f"/admin/practices/practice/{draft.pk}/change/")
        page.fill(summary=f"Saved at {moved}")
        assert page.save().status_code == 302
        draft.refresh_from_db()
        assert draft.summary == f"Saved at {moved}"


def test_refused_logins_of_a_time_to_come_close_no_door(client, clock):
    make_editor()
    typed = {"username": "editor", "password": "wrong"}
    clock(366 * 86_400)
    for _attempt in range(6):
        page = client.post("/admin/login/", typed).content.decode()
    assert "Too many attempts" in page
    clock(0)
    answer = client.post("/admin/login/?next=/admin/", typed | {"password": "a good long password"})
    assert answer.status_code == 302
