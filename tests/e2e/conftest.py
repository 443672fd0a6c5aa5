"""A real browser on a real server with the 17 cases."""

import os
from collections.abc import Iterator

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="requirements/e2e.txt is not installed")

CHROMIUM = os.environ.get("CHROMIUM", "")
# No network of its own, and no sandbox, which Chromium cannot have as root.
SWITCHES = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]


@pytest.fixture(scope="session")
def browser() -> Iterator["playwright.Browser"]:
    if not CHROMIUM:
        pytest.skip("no Chromium: install it (on Debian: apt install chromium) and run dev.py test")
    # Playwright keeps an event loop in this thread, in which Django would refuse to use the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(live_server, jmdi) -> str:
    """The address of a server with the 17 cases."""
    return live_server.url
