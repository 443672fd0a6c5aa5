"""The direction that a browser gives to Arabic texts inside English pages."""

import pytest

from tests.factories import make_practice

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine, pytest.mark.django_db(transaction=True)]

TITLE = "عودة المهاجرين (2015)"


def direction(locator) -> str:
    return locator.first.evaluate("element => getComputedStyle(element).direction")


def test_arabic_texts_run_from_right_to_left_and_the_page_around_them_does_not(page, live_server):
    make_practice(TITLE, slug="arabic", language="ar", summary="ملخص (1).", story="قصة.", lessons=("درس.",))
    page.goto(f"{live_server.url}/practices/arabic/")
    for name in ("h1", ".lede", "#story .prose", ".lessons .prose", ".citation bdi"):
        assert (name, direction(page.locator(name))) == (name, "rtl")
    for name in ("body", "#story-head", ".citation"):
        assert (name, direction(page.locator(name))) == (name, "ltr")
    page.goto(f"{live_server.url}/practices/?q=المهاجرين")
    for name, expected in {
        ".card h3 a": "rtl",
        ".card-summary": "rtl",
        ".card-themes": "ltr",
        "#q": "rtl",
    }.items():
        assert (name, direction(page.locator(name))) == (name, expected)
    assert direction(page.locator(".chips b")) == "rtl"


def test_the_bracket_of_an_arabic_title_closes_on_its_left(page, live_server):
    make_practice(TITLE, slug="arabic", language="ar")
    page.goto(f"{live_server.url}/practices/")
    first, last = page.locator(".card h3 a").evaluate(
        """element => {
          const place = (offset) => {
            const range = document.createRange();
            range.setStart(element.firstChild, offset);
            range.setEnd(element.firstChild, offset + 1);
            return range.getBoundingClientRect().left;
          };
          return [place(0), place(element.textContent.length - 1)];
        }"""
    )
    assert last < first
