"""The transferred bytes of a first visit, with everything the page loads."""

import brotli
import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]

# The address, and at most how many bytes. Six requests at most.
BUDGETS = {
    "home": ("/", 40_000),
    "results": ("/practices/", 50_000),
    "a search": ("/practices/?q=remittances", 50_000),
    "lessons": ("/lessons/", 50_000),
    "a practice": ("/practices/migrants-resource-centre-batangas/", 40_000),
    "the longest practice": ("/practices/mainstreaming-migration-naga-city/", 40_000),
    "the map": ("/countries/", 90_000),
    "a country": ("/countries/PH/", 60_000),
}
MAX_REQUESTS = 6


def weight(url: str, body: bytes) -> int:
    """Return the compressed size: pages with quality 4, static files with the highest quality."""
    return len(brotli.compress(body, quality=11 if "/static/" in url else 4))


@pytest.mark.parametrize("name", BUDGETS)
def test_a_first_visit_stays_within_its_budget(browser, site, name):
    path, most = BUDGETS[name]
    context = browser.new_context()
    page = context.new_page()
    answers = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(site + path, wait_until="networkidle")
    loaded = {answer.url.removeprefix(site): weight(answer.url, answer.body()) for answer in answers}
    context.close()
    assert "/static/css/site.css" in loaded
    assert (sum(loaded.values()) <= most, len(loaded) <= MAX_REQUESTS) == (True, True), loaded
