"""What readers do, step by step."""

import pytest

pytestmark = pytest.mark.e2e
one_engine = pytest.mark.one_engine


def test_a_reader_searches_narrows_and_opens_a_practice_without_javascript(browser, site):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(site + "/")
    page.get_by_label("Search practices").fill("remittances")
    page.get_by_role("button", name="Search").click()
    page.locator("input[name=country][value=CR]").check()
    page.get_by_role("button", name="Show practices").click()
    assert page.locator("#results-count").inner_text() == "1 practice"
    page.get_by_role("link", name="Cooperatives in Costa Rica").click()
    assert page.locator("h1").inner_text().startswith("Cooperatives in Costa Rica")
    context.close()


@one_engine
def test_on_a_phone_the_filters_are_folded_and_open_by_keyboard(page, site):
    page.set_viewport_size({"width": 375, "height": 800})
    page.goto(site + "/practices/")
    country = page.locator("input[name=country][value=EC]")
    assert not country.is_visible()
    page.locator(".filters > summary").focus()
    page.keyboard.press("Enter")
    assert country.is_visible()


@one_engine
def test_on_a_wide_screen_the_filters_and_facts_stand_open(page, site):
    page.goto(site + "/practices/")
    assert page.locator("input[name=country][value=EC]").is_visible()
    page.goto(site + "/practices/story-of-hugo-salinas/")
    assert page.locator(".more-facts dt", has_text="First published in").is_visible()


def test_no_half_of_the_first_page_stands_empty_on_a_tablet(page, site):
    page.set_viewport_size({"width": 768, "height": 1000})
    page.goto(site)
    boxes = [page.locator(f"section{name}").bounding_box() for name in (".by-theme", ".by-lesson")]
    assert boxes[1]["width"] > 2 * boxes[0]["width"]
