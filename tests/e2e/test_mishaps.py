"""Twelve failures while an editor works: every text is restored exactly as typed."""

import os
import signal
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError
from django.db.backends.utils import CursorWrapper
from playwright.sync_api import Error

from practices.editing.practice_admin import PracticeAdmin
from practices.models import Practice
from practices.models.session import Session
from tests.e2e import admin_pages
from tests.e2e.conftest import CHROMIUM, SWITCHES
from tests.factories import make_country, make_editor, make_practice

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine, pytest.mark.django_db(transaction=True)]


class Mishaps:
    """Each method causes the failure in its name and ends where the text can be saved again."""

    def __init__(self, driver, site: str, folder: Path, editor, monkeypatch) -> None:
        self.driver, self.site, self.folder = driver, site, folder
        self.editor, self.monkeypatch = editor, monkeypatch
        self.context = self.opened()

    def begin(self, practice: Practice | None) -> None:
        self.practice, self.address = practice, self.site + admin_pages.address(practice)
        admin_pages.log_in(self.context, self.site, self.editor)
        self.page = self.context.new_page()
        self.page.goto(self.address)

    def opened(self):
        return self.driver.chromium.launch_persistent_context(
            self.folder, executable_path=CHROMIUM, args=SWITCHES
        )

    @contextmanager
    def routed(self, act):
        self.page.route(
            self.address, lambda route: act(route) if route.request.method == "POST" else route.continue_()
        )
        yield
        self.page.unroute_all()

    def refused(self, words: str) -> None:
        admin_pages.save(self.page)
        admin_pages.says(self.page, words)

    def reopened(self) -> None:
        self.page = self.context.new_page()
        self.page.goto(self.address)
        admin_pages.bring_back(self.page)

    # The mishaps ---------------------------------------------------------------------------------------

    def login_expired(self) -> None:
        Session.objects.all().delete()
        self.refused("you are no longer logged in")
        login = self.page.context.new_page()
        login.goto(self.site + "/admin/login/")
        login.fill("[name=username]", "editor")
        login.fill("[name=password]", "a good long password")
        login.click("[type=submit]")
        login.wait_for_url(self.site + "/admin/")  # Chromium may never close a page on its way to another
        login.close()
        self.page.locator("#login-again").get_by_role("button", name="Back to the form").click()

    def csrf_rotated(self) -> None:
        """The token of the page is invalid: the form requests a new one by itself."""
        self.context.add_cookies([{"name": settings.CSRF_COOKIE_NAME, "value": "c" * 32, "url": self.site}])

    def database_down(self) -> None:
        def down(*args, **kwargs):
            raise OperationalError("the database is gone")

        with self.monkeypatch.context() as patch:
            patch.setattr(CursorWrapper, "execute", down)
            self.refused("something went wrong on the server")

    def worker_killed(self) -> None:
        with self.routed(lambda route: route.abort("connectionreset")):
            self.refused("the portal cannot be reached")

    def too_large(self) -> None:
        with self.routed(lambda route: route.fulfill(status=413, body="<h1>413</h1>")):
            self.refused("the form is too large")

    def failure(self) -> None:
        def fail(*args, **kwargs):
            raise RuntimeError

        with self.monkeypatch.context() as patch:
            patch.setattr(PracticeAdmin, "save_model", fail)
            self.refused("something went wrong on the server")

    def validation_error(self) -> None:
        self.page.fill("[name=period]", "the olden days")
        self.refused("is not a period")
        self.page.fill("[name=period]", admin_pages.TYPED["period"])

    def conflict(self) -> None:
        """Another editor changes the practice; a new practice cannot have its slug, because another has taken
        it."""
        if self.practice is None:
            self.page.fill("[name=slug]", "taken")
            make_practice(slug="taken", lessons=("Not this one.",))
            self.refused("Another practice has this slug")
            self.page.fill("[name=slug]", "another-slug")
            return
        Practice.objects.filter(pk=self.practice.pk).update(story="The other’s story.")
        self.practice.lessons.update(text="The other’s lesson.")
        self.refused("someone else has changed this")
        dialog = self.page.locator("#edit-conflict")
        assert "The other’s story." in dialog.text_content()
        assert "Its second paragraph." in dialog.text_content()
        dialog.get_by_role("button", name="Back to the form").click()
        admin_pages.save(self.page)
        dialog.get_by_role("button", name="Save selection").click()
        admin_pages.saved(self.page)
        self.page.goto(self.address)

    def offline(self) -> None:
        self.context.set_offline(True)
        self.refused("the portal cannot be reached")
        self.context.set_offline(False)

    def tab_crash(self) -> None:
        self.page.wait_for_selector("#form-state[data-autosaved=yes]", state="attached")
        with suppress(Error):
            self.page.goto("chrome://crash")
        self.reopened()

    def back_button(self) -> None:
        self.page.go_back()
        self.reopened()

    def restart(self) -> None:
        """The browser is killed, as by a power failure."""
        self.page.wait_for_selector("#form-state[data-autosaved=yes]", state="attached")
        for process in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = process.read_bytes().split(b"\0")
                if f"--user-data-dir={self.folder}".encode() in words:
                    os.kill(int(process.parent.name), signal.SIGKILL)
        with suppress(Error):
            self.context.close()
        (self.folder / "SingletonLock").unlink(missing_ok=True)
        self.context = self.opened()
        admin_pages.log_in(self.context, self.site, self.editor)
        self.reopened()


NAMES = [
    *("login_expired", "csrf_rotated", "database_down", "worker_killed", "too_large", "failure"),
    *("validation_error", "conflict", "offline", "tab_crash", "back_button", "restart"),
]

# A browser that dies now and then takes the driver along, which then waits for ever: with --thorough alone.
FATAL = {"tab_crash", "restart"}


@pytest.mark.parametrize("kind", ["add", "edit"])
def test_every_text_comes_back_after_every_mishap(
    driver, live_server, tmp_path, monkeypatch, pytestconfig, kind
):
    make_country("PH", "Philippines")
    mishaps = Mishaps(driver, live_server.url, tmp_path, make_editor(), monkeypatch)
    wrong = {}
    for name in NAMES:
        if name in FATAL and not pytestconfig.getoption("thorough"):
            continue
        practice = None
        if kind == "edit":
            practice = make_practice(
                status="draft", lessons=("A lesson.",), countries=("PH",), sources=("A source.",)
            )
        mishaps.begin(practice)
        admin_pages.type_in(mishaps.page)
        getattr(mishaps, name)()
        if (shown := admin_pages.typed_in(mishaps.page)) != admin_pages.everything():
            wrong[name, "shown"] = shown
        admin_pages.save(mishaps.page)
        admin_pages.saved(mishaps.page)
        made = Practice.objects.get(title=admin_pages.TYPED["title"])
        if (stored := admin_pages.stored(made)) != admin_pages.everything():
            wrong[name, "stored"] = stored
        Practice.objects.all().delete()
        mishaps.page.close()
    admin_pages.close(mishaps.context)
    assert wrong == {}


def test_what_is_still_being_written_when_one_leaves_comes_back_too(
    driver, live_server, tmp_path, monkeypatch
):
    make_country("PH", "Philippines")
    mishaps = Mishaps(driver, live_server.url, tmp_path, make_editor(), monkeypatch)
    mishaps.begin(None)
    mishaps.page.evaluate("IDBObjectStore.prototype.put = () => ({ transaction: {} })")  # it never ends
    admin_pages.type_in(mishaps.page)
    mishaps.back_button()
    assert admin_pages.typed_in(mishaps.page) == admin_pages.everything()
    admin_pages.close(mishaps.context)
