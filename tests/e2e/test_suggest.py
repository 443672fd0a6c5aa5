"""Suggestions during typing, with a keyboard, a mouse and a screen reader."""

import re
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]

COSTA_RICA = [
    "Costa Rica Country",
    "Canada → Costa Rica Corridor",
    "Costa Rica → United States Corridor",
    "United States → Costa Rica Corridor",
    "Diaspora of Costa Ricans in the United States of America Actor",
    "Immigrants from the United States of America and Canada in Costa Rica Actor",
    "Cooperatives in Costa Rica: Mapping and understanding migrant communities and savings Practice",
]


def typed(page, address: str, text: str):
    """Return the search box of a page after `text` was typed and answered."""
    page.goto(address)
    box = page.get_by_role("combobox", name="Search practices")
    with page.expect_response(f"**/suggest/?q={quote(text)}"):  # a slow hand has more than one answer
        box.press_sequentially(text)
    expect(box).to_have_attribute("aria-expanded", "true")
    return box


def options(page) -> list[str]:
    return [text.replace("\n", " ") for text in page.get_by_role("option").all_inner_texts()]


def chosen(page) -> str:
    """Return the option that a screen reader announces as selected."""
    name = page.evaluate("document.activeElement.getAttribute('aria-activedescendant')")
    if not name:
        return ""
    assert page.locator("[role=option][aria-selected=true]").get_attribute("id") == name
    return page.locator(f"#{name} b").inner_text()


@pytest.mark.parametrize("path", ["/", "/practices/?country=PH", "/nothing-here/"])
def test_typing_shows_options_and_says_how_many(page, site, path):
    box = typed(page, site + path, "costa ri")
    shown = options(page)
    assert shown[:6] == COSTA_RICA[:6]
    assert [option.split()[-1] for option in shown[6:]] == ["Practice"]
    expect(page.locator(".search-row [role=status]")).to_have_text("7 suggestions")
    assert (chosen(page), box.get_attribute("aria-autocomplete")) == ("", "list")
    assert box.get_attribute("aria-controls") == page.get_by_role("listbox").get_attribute("id")


def test_the_keyboard_goes_round_and_follows_what_it_chose(page, site):
    typed(page, site + "/", "costa ri")
    seen = []
    for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
        seen.append(chosen(page)[:5])
    assert seen == ["Costa", "Canad", "Costa", "Coope", "Costa", "", "Coope"]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/countries/CR/")


def test_a_click_follows_an_option(page, site):
    typed(page, site + "/", "costa ri")
    page.get_by_role("option", name="Diaspora of Costa Ricans").click()
    page.wait_for_url("**/actors/diaspora-of-costa-ricans-in-the-**")
    assert page.locator("h1").inner_text() == "Diaspora of Costa Ricans in the United States of America"


def test_enter_with_no_option_chosen_searches_for_the_text(page, site):
    typed(page, site + "/", "costa ri")
    page.keyboard.press("Enter")
    page.wait_for_url("**/practices/?q=costa+ri")


def test_escape_closes_the_list_and_keeps_the_text_and_down_opens_it_again(page, site):
    box = typed(page, site + "/", "costa ri")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert (box.input_value(), chosen(page), box.get_attribute("aria-expanded")) == ("costa ri", "", "false")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("listbox")).to_be_visible()
    assert chosen(page)[:5] == "Coope"
    page.keyboard.press("Escape")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    assert chosen(page) == ""


def test_tab_closes_the_list_and_goes_on_to_the_button(page, site):
    typed(page, site + "/", "costa ri")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert page.evaluate("document.activeElement.textContent") == "Search"
    assert page.url == site + "/"


def test_leaving_the_box_closes_the_list_and_so_does_emptying_it(page, site):
    box = typed(page, site + "/", "costa ri")
    page.locator("h1").click()
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("listbox")).to_be_visible()
    box.fill("c")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_what_has_no_suggestion_is_said_and_shows_no_list(page, site):
    box = typed(page, site + "/", "costa ri")
    box.press_sequentially("xx")
    expect(page.locator(".search-row [role=status]")).to_have_text("No suggestions")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_one_pause_asks_once_and_a_text_too_long_asks_nothing(page, site):
    asked = []
    page.on("request", lambda request: "/suggest/" in request.url and asked.append(request.url))
    page.clock.install()
    page.goto(site + "/")
    box = page.get_by_role("combobox", name="Search practices")
    page.clock.pause_at(page.evaluate("Date.now()") + 1000)
    box.press_sequentially("costa")
    page.clock.run_for(149)
    assert asked == []
    with page.expect_response("**/suggest/**"):
        page.clock.run_for(1)
    expect(page.get_by_role("listbox")).to_be_visible()
    box.fill("x" * 101)
    page.clock.run_for(150)
    expect(page.get_by_role("listbox")).to_be_hidden()
    assert asked == [site + "/suggest/?q=costa"]


def test_an_arrow_waits_for_the_options_of_what_is_typed(page, site):
    """A person can be faster than the connection: an option of earlier words must not be chosen, nor a choice
    lost."""
    box = typed(page, site + "/", "costa ri")
    held = []
    page.route("**/suggest/**", lambda route: held.append(route))
    with page.expect_request("**/suggest/?q=senegal"):
        box.fill("senegal")
        page.keyboard.press("ArrowDown")
    assert chosen(page) == ""
    held.pop().continue_()
    expect(box).to_have_attribute("aria-activedescendant", re.compile("-0$"))
    assert chosen(page) == "Senegal"
    page.keyboard.press("Enter")
    page.wait_for_url("**/countries/SN/")


@pytest.mark.parametrize("failure", ["refused", "broken", "not JSON"])
def test_a_failure_is_silent_and_the_box_still_searches(page, site, failure):
    answers = {
        "refused": lambda route: route.abort(),
        "broken": lambda route: route.fulfill(status=400, json={"error": "No."}),
        "not JSON": lambda route: route.fulfill(body="<html>"),
    }
    said = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route("**/suggest/**", answers[failure])
    page.goto(site + "/")
    box = page.get_by_role("combobox", name="Search practices")
    box.press_sequentially("costa")
    page.wait_for_timeout(400)
    expect(page.get_by_role("listbox")).to_be_hidden()
    page.keyboard.press("Enter")
    page.wait_for_url("**/practices/?q=costa")
    assert said == []


def test_the_page_below_the_list_does_not_move(page, site):
    page.goto(site + "/")
    places = "[...document.querySelectorAll('h2, .hint, button')].map(e => e.getBoundingClientRect().top)"
    before = page.evaluate(places)
    typed(page, site + "/", "costa ri")
    assert page.evaluate(places) == before


def test_without_javascript_the_plain_box_searches(browser, site):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/")
    box = page.get_by_label("Search practices")
    assert box.get_attribute("role") is None
    box.fill("costa rica")
    page.keyboard.press("Enter")
    page.wait_for_url("**/practices/?q=costa+rica")
    context.close()


LOOKS = [
    (320, "ltr", {"color_scheme": "light"}),
    (1440, "rtl", {"color_scheme": "dark"}),
    (320, "rtl", {"color_scheme": "light", "forced_colors": "active"}),
]
LOW = "[...document.querySelectorAll('[role=option]')].filter(e => e.offsetHeight < 24).length"


def test_with_the_list_open_axe_finds_nothing_and_nothing_scrolls_sideways(page, site):
    typed(page, site + "/", "co")
    page.keyboard.press("ArrowDown")
    for width, direction, media in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(**media)
        page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
        found = [rule["id"] for rule in Axe().run(page).response["violations"]]
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        assert (width, direction, found, wide, page.evaluate(LOW)) == (width, direction, [], False, 0)
