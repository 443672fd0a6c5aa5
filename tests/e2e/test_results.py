"""The list in a browser: it changes in place and keeps focus, open parts, scroll position and history."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]


@pytest.fixture
def page(page, site):
    page.goto(site + "/practices/")
    page.evaluate("window.still = true")  # gone once another page is loaded
    return page


def count(page) -> str:
    return page.locator("#results-count").inner_text()


def wait_for(page, words: str) -> None:
    page.wait_for_function("words => document.querySelector('#results-count').innerText === words", arg=words)


def test_a_choice_changes_the_list_in_place_and_keeps_the_focus(page):
    page.locator("input[name=country][value=EC]").check()
    wait_for(page, "4 practices")
    assert page.evaluate("window.still") is True
    assert page.url.endswith("/practices/?country=EC")
    assert page.title() == "Practices: Country: Ecuador – Useful practices"
    focused = page.evaluate("[document.activeElement.name, document.activeElement.value]")
    assert focused == ["country", "EC"]
    assert page.get_by_role("status").filter(has_text="4 practices").count() == 1
    twin = page.locator("link[rel=alternate][type='application/json']")
    assert twin.get_attribute("href") == "/api/v1/practices/?country=EC"


def test_a_chip_takes_its_choice_off_again(page):
    page.locator("input[name=country][value=EC]").check()
    wait_for(page, "4 practices")
    page.locator(".chips a").click()
    wait_for(page, "17 practices")
    assert page.evaluate("window.still") is True
    assert page.evaluate("document.activeElement.id") == "results-count"
    assert not page.locator("input[name=country][value=EC]").is_checked()


def test_back_and_forward_lead_through_the_lists(page):
    page.locator("input[name=country][value=EC]").check()
    wait_for(page, "4 practices")
    page.locator("input[name=country][value=PH]").check()
    page.wait_for_url(re.compile("country=PH"))
    page.go_back()
    wait_for(page, "4 practices")
    page.go_back()
    wait_for(page, "17 practices")
    page.go_forward()
    wait_for(page, "4 practices")
    assert page.locator("input[name=country][value=EC]").is_checked()


def test_a_search_changes_the_list_in_place_and_still_suggests(page):
    page.get_by_label("Search practices").fill("remittances")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=remittances"))
    page.wait_for_selector(".card mark")
    assert page.evaluate("window.still") is True
    page.get_by_label("Search practices").fill("costa ri")
    page.wait_for_selector("[role=option]")


def test_what_was_unfolded_stays_so(page):
    page.set_viewport_size({"width": 375, "height": 800})
    page.locator(".filters > summary").click()
    page.locator("input[name=country][value=EC]").check()
    wait_for(page, "4 practices")
    assert page.locator("input[name=country][value=EC]").is_visible()


def test_the_button_below_the_filters_says_how_many_and_leads_to_them(page):
    page.set_viewport_size({"width": 375, "height": 800})
    page.locator(".filters > summary").click()
    page.locator("input[name=country][value=EC]").check()
    wait_for(page, "4 practices")
    page.get_by_role("button", name="Show 4 practices").click()
    expect(page.locator(".filters:not([open])")).to_be_attached()
    expect(page.locator("#results-count")).to_be_focused()
    expect(page.locator("#results-count")).to_be_in_viewport()


def test_years_act_when_one_leaves_the_field(page):
    page.get_by_label("To year").fill("2003")
    page.keyboard.press("Tab")
    page.wait_for_url("**/practices/?to=2003")
    assert not page.get_by_role("button", name="Show practices").is_visible()


def test_a_wrong_value_has_its_error_at_its_field_and_leaves_the_rest(page):
    page.locator("input[name=country][value=EC]").check()
    wait_for(page, "4 practices")
    page.get_by_label("From year").fill("20x4")
    page.keyboard.press("Enter")
    expect(page.get_by_label("From year")).to_have_accessible_description(
        "“20x4” is not a valid choice. Accepted: a year, such as 2014."
    )
    expect(page.get_by_label("From year")).to_be_focused()
    expect(page.get_by_role("alert")).to_contain_text("From year: “20x4” is not a valid choice.")
    assert page.get_by_label("From year").input_value() == "20x4"
    assert page.locator("input[name=country][value=EC]").is_checked()
    assert count(page) == "4 practices"
    page.get_by_label("From year").fill("")
    page.keyboard.press("Tab")
    expect(page.get_by_label("From year")).to_have_accessible_description("")
    assert page.get_by_role("alert").count() == 0


def test_a_practice_is_opened_and_back_leads_to_the_same_place(page):
    page.locator("input[name=country][value=EC]").check()
    wait_for(page, "4 practices")
    page.locator(".card h3 a").nth(3).scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    page.locator(".card h3 a").nth(3).click()
    page.wait_for_url(re.compile("/practices/[a-z]"))
    page.go_back()
    wait_for(page, "4 practices")
    page.wait_for_function("place => Math.abs(scrollY - place) < 50", arg=place)


@pytest.mark.parametrize("question", ["q=remitances", "q=remittances&country=PH"])
def test_a_phone_without_javascript_shows_the_first_result_at_once_and_orders_in_a_fold(
    browser, site, question
):
    context = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/practices/?{question}")
    title = page.locator(".card h3").first.bounding_box()
    assert title["y"] + title["height"] < 640
    nav = page.get_by_role("navigation", name="Main")
    assert len({link.bounding_box()["y"] for link in nav.get_by_role("link").all()}) == 1  # one line
    page.get_by_text("Sort by: Best match", exact=True).click()
    page.get_by_role("link", name="Newest first, then by title").click()
    page.wait_for_url("**ordering=-published")
    assert page.get_by_text("Sort by: Newest first, then by title", exact=True).is_visible()
    context.close()


def test_two_tabs_from_the_search_box_lead_past_the_filters(page):
    page.locator(".search button").focus()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to results")
    assert skip.evaluate(
        "link => link === document.activeElement && getComputedStyle(link).clipPath === 'none'"
    )
    page.keyboard.press("Enter")
    expect(page.locator("#results-count")).to_be_focused()


def test_on_paper_stand_the_question_and_the_rows_and_nothing_to_press(page, site):
    page.goto(site + "/practices/?country=EC")
    page.emulate_media(media="print")
    assert "Country: Ecuador" in page.locator(".printed").inner_text()
    assert page.locator(".card").count() == 4
    for name in (".view", ".filters", ".order", ".chips", ".machine", ".search", ".skip"):
        assert (name, page.locator(name).first.is_visible()) == (name, False)


def test_lessons_change_in_place_as_practices_do(page, site):
    page.goto(site + "/lessons/")
    page.evaluate("window.still = true")
    page.locator("input[name=country][value=EC]").check()
    page.wait_for_url(re.compile("/lessons/.country=EC"))
    expect(page.locator("[role=status]:not(:empty)")).to_be_attached()
    assert page.evaluate("window.still") is True
    assert re.fullmatch(r"\d+ lessons", count(page))
