"""A real browser on a real server with the 17 cases."""

import os
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

playwright = pytest.importorskip("playwright.sync_api", reason="requirements/e2e.txt is not installed")

CHROMIUM = os.environ.get("CHROMIUM", "")
# No network of its own, and no sandbox, which Chromium cannot have as root.
SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """In CI, run a browser test again that fails or hangs for five minutes; the last line counts it (“1
    rerun”).

    A browser on a busy machine is a second program with its own clock. A rerun still points to a fault in the
    test or the page. On other machines nothing runs twice.
    """
    for item in items if os.environ.get("CI") == "true" else ():
        if item.get_closest_marker("e2e"):
            item.add_marker(pytest.mark.flaky(reruns=1))
            # By a thread, which ends the process: Playwright, once it waits for a browser, hears no signal.
            item.add_marker(pytest.mark.timeout(300, method="thread"))


@pytest.fixture(scope="session")
def driver() -> Iterator["playwright.Playwright"]:
    if not CHROMIUM:
        pytest.skip("no Chromium: install it (on Debian: apt install chromium) and run dev.py test")
    # Playwright keeps an event loop in this thread, in which Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as driver:
        yield driver
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser(driver: "playwright.Playwright") -> Iterator["playwright.Browser"]:
    browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def shared_server(browser, django_db_setup, django_db_blocker, fixture_files) -> Iterator[str]:
    with django_db_blocker.unblock():
        call_command("loaddata", *fixture_files, verbosity=0)
        server = LiveServer("127.0.0.1")
        yield server.url
        server.thread.terminate()  # not stop(): a browser may let its connections go a moment later


@pytest.fixture
def site(request: pytest.FixtureRequest, shared_server: str, db: None) -> str:
    """The address of a server with the 17 cases, one for all tests: they only read.

    A test that writes uses `live_server` and `jmdi`, and has the database to itself.
    """
    if request.node.get_closest_marker("django_db"):
        pytest.fail("The database of `site` is shared. A test that needs its own takes live_server and jmdi.")
    return shared_server


@pytest.fixture
def page(browser) -> Iterator["playwright.Page"]:
    """A window of 1440 pixels without animations, so that no intermediate colour is measured."""
    page = browser.new_page(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    yield page
    page.close()
