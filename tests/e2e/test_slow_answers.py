"""A list whose responses are late, out of order, errors or missing: no typed text is lost."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]

HOLD_ANSWERS = """() => {
  const fetched = window.fetch;
  window.held = [];
  window.fetch = async (url, options) => {
    const answer = await fetched(url, options);
    await new Promise((release) => window.held.push({ url: decodeURIComponent(url), release }));
    return answer;
  };
  window.waiting = (part) => window.held.find((one) => !one.released && one.url.includes(part));
  window.letGo = (part) => Object.assign(window.waiting(part), { released: true }).release();
}"""


@pytest.fixture
def page(page, site):
    page.goto(site + "/practices/")
    page.evaluate("window.still = true")  # gone once another page is loaded
    page.evaluate(HOLD_ANSWERS)
    return page


def wait_for_answer(page, part: str) -> None:
    page.wait_for_function("part => window.waiting(part)", arg=part)


def release(page, part: str) -> None:
    wait_for_answer(page, part)
    page.evaluate("part => window.letGo(part)", part)


def country(page, code: str):
    return page.locator(f"input[name=country][value={code}]")


def count(page):
    return page.locator("#results-count")


def test_a_year_typed_while_an_answer_comes_stays_with_the_focus_and_the_caret(page):
    page.get_by_label("From year").fill("2010")
    page.keyboard.press("Tab")
    wait_for_answer(page, "from=2010")
    page.keyboard.type("20")
    release(page, "from=2010")
    page.wait_for_url("**/practices/?from=2010")
    page.keyboard.type("14")
    assert page.get_by_label("To year").input_value() == "2014"
    assert page.get_by_role("alert").count() == 0
    page.keyboard.press("Tab")
    release(page, "to=2014")
    page.wait_for_url("**/practices/?from=2010&to=2014")
    expect(count(page)).to_have_text("13 practices")
    assert page.evaluate("window.still") is True


def test_words_typed_while_the_answer_to_a_choice_comes_stay(page):
    country(page, "PH").check()
    wait_for_answer(page, "country=PH")
    page.get_by_label("Search practices").press_sequentially("return")
    release(page, "country=PH")
    page.wait_for_url("**/practices/?country=PH")
    assert page.get_by_label("Search practices").input_value() == "return"
    expect(page.get_by_label("Search practices")).to_be_focused()
    page.keyboard.press("Enter")
    release(page, "/practices/?q=return")
    page.wait_for_url("**/practices/?q=return&country=PH")


def test_two_quick_choices_answered_in_the_other_order_both_stand(page):
    country(page, "EC").check()
    wait_for_answer(page, "country=EC")
    country(page, "PH").check()
    release(page, "country=EC&country=PH")
    expect(page.locator(".chips a span b")).to_have_text(["Ecuador", "Philippines"])
    both = count(page).inner_text()
    release(page, "?country=EC")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert count(page).inner_text() == both
    assert country(page, "EC").is_checked()
    assert country(page, "PH").is_checked()
    assert page.url.endswith("?country=EC&country=PH")


def test_a_filter_removed_while_the_answer_to_a_choice_comes_leaves_that_choice(page):
    country(page, "EC").check()
    release(page, "country=EC")
    expect(count(page)).to_have_text("4 practices")
    country(page, "PH").check()
    wait_for_answer(page, "country=EC&country=PH")
    page.locator(".chips a").click()
    release(page, "?country=PH")
    page.wait_for_url("**/practices/?country=PH")
    assert (country(page, "EC").is_checked(), country(page, "PH").is_checked()) == (False, True)


def test_half_a_year_is_not_asked_for_and_the_field_says_what_is_missing(page):
    page.get_by_label("From year").fill("20")
    page.keyboard.press("Tab")
    expect(page.get_by_label("From year")).to_have_accessible_description(
        "Enter “From year” as four digits, such as 2014."
    )
    country(page, "EC").check()
    release(page, "?country=EC")
    expect(count(page)).to_have_text("4 practices")
    assert page.evaluate("window.held.map((one) => new URL(one.url).search)") == ["?country=EC"]
    assert page.get_by_label("From year").input_value() == "20"
    expect(page.get_by_label("From year")).to_have_attribute("aria-invalid", "true")


def test_years_in_the_wrong_order_are_said_at_the_field_and_the_list_stays(page):
    country(page, "EC").check()
    release(page, "country=EC")
    expect(count(page)).to_have_text("4 practices")
    page.get_by_label("From year").fill("2015")
    page.keyboard.press("Tab")
    release(page, "from=2015")
    page.wait_for_url("**from=2015")
    page.get_by_label("To year").fill("2014")
    page.keyboard.press("Tab")
    release(page, "to=2014")
    expect(page.get_by_label("From year")).to_have_accessible_description(
        "“From year” (2015) must not be later than “To year” (2014)."
    )
    assert count(page).inner_text() == "4 practices"
    years = [page.get_by_label(label).input_value() for label in ("From year", "To year")]
    assert years == ["2015", "2014"]
    assert country(page, "EC").is_checked()


@pytest.mark.parametrize(
    "fail",
    [lambda route: route.abort(), lambda route: route.fulfill(status=503, body="<h1>Busy</h1>")],
    ids=["no answer", "an answer that is no list"],
)
def test_a_list_that_cannot_be_loaded_says_so_and_keeps_what_was_typed_and_chosen(page, fail):
    page.route("**/practices/?*", fail)
    page.get_by_label("Search practices").fill("work")
    country(page, "PH").check()
    if page.evaluate("window.held.length"):
        release(page, "country=PH")
    message = "The list could not be loaded. Your filters are kept."
    expect(page.locator(".failure")).to_contain_text(message)
    expect(page.locator(".failure")).to_be_in_viewport()
    assert page.get_by_role("status").filter(has_text=message).count() == 1
    assert country(page, "PH").is_checked()
    assert page.get_by_label("Search practices").input_value() == "work"
    assert page.url.endswith("/practices/")
    page.unroute_all()
    page.get_by_role("link", name="Try again").click()
    release(page, "country=PH")
    page.wait_for_url("**/practices/?q=work&country=PH")
    assert not page.get_by_role("link", name="Try again").is_visible()
    assert page.evaluate("window.still") is True


def test_an_answer_that_comes_after_back_changes_nothing(page):
    country(page, "EC").check()
    release(page, "country=EC")
    expect(count(page)).to_have_text("4 practices")
    country(page, "PH").check()
    wait_for_answer(page, "country=EC&country=PH")
    page.go_back()
    page.wait_for_function("() => window.held.some((one) => one.url.endsWith('/practices/'))")
    page.evaluate("window.held.find((one) => one.url.endsWith('/practices/')).release()")
    expect(count(page)).to_have_text("17 practices")
    release(page, "country=EC&country=PH")
    page.evaluate("() => new Promise(requestAnimationFrame)")
    assert count(page).inner_text() == "17 practices"
    assert not country(page, "EC").is_checked()
    assert not country(page, "PH").is_checked()


def test_after_back_years_and_words_are_those_of_the_address(page):
    page.get_by_label("From year").fill("2010")
    page.keyboard.press("Tab")
    release(page, "from=2010")
    page.wait_for_url("**?from=2010")
    page.get_by_label("Search practices").fill("work")
    page.keyboard.press("Enter")
    release(page, "q=work")
    page.wait_for_url("**?q=work&from=2010")
    page.go_back()
    wait_for_answer(page, "/?from=2010")
    page.evaluate("window.held.at(-1).release()")
    expect(page.get_by_label("Search practices")).to_have_value("")
    expect(page.get_by_label("From year")).to_have_value("2010")


def test_after_back_a_focus_on_a_link_of_the_list_stays_in_the_list(page):
    country(page, "EC").check()
    release(page, "country=EC")
    expect(count(page)).to_have_text("4 practices")
    page.get_by_role("link", name="Excel (XLSX)").focus()
    page.go_back()
    page.wait_for_function("() => window.held.length === 2")
    page.evaluate("window.held[1].release()")
    expect(count(page)).to_have_text("17 practices")
    expect(count(page)).to_be_focused()


@pytest.mark.parametrize("width", [1440, 320])
def test_the_new_count_is_visible_and_read_out_where_a_year_was_typed(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    if width == 320:
        page.locator(".filters > summary").click()
    page.get_by_label("To year").scroll_into_view_if_needed()
    page.get_by_label("To year").fill("2003")
    page.keyboard.press("Tab")
    release(page, "to=2003")
    page.wait_for_url("**?to=2003")
    number = count(page).inner_text()
    expect(page.get_by_role("button", name=re.compile(f"^Show {number}$"))).to_be_in_viewport()
    assert page.get_by_role("status").filter(has_text=number).count() == 1


def test_words_typed_after_a_failure_stay_when_one_tries_again(page):
    page.route("**/practices/?*", lambda route: route.abort())
    country(page, "PH").check()
    expect(page.locator(".failure")).to_be_visible()
    page.get_by_label("Search practices").fill("return")
    page.get_by_label("To year").fill("20")
    page.unroute_all()
    page.get_by_role("link", name="Try again").click()
    release(page, "country=PH")
    page.wait_for_url("**/practices/?country=PH")
    expect(count(page)).to_be_focused()
    assert page.get_by_label("Search practices").input_value() == "return"
    assert page.get_by_label("To year").input_value() == "20"


def test_a_filter_whose_removal_failed_is_removed_when_one_tries_again(page):
    country(page, "EC").check()
    release(page, "country=EC")
    expect(count(page)).to_have_text("4 practices")
    page.route("**/practices/", lambda route: route.abort())
    page.locator(".chips a").click()
    expect(page.locator(".failure")).to_be_visible()
    page.unroute_all()
    page.get_by_role("link", name="Try again").click()
    page.wait_for_function("() => window.held.some((one) => one.url.endsWith('/practices/'))")
    page.evaluate("window.held.at(-1).release()")
    expect(count(page)).to_have_text("17 practices")
    assert not country(page, "EC").is_checked()


@pytest.mark.parametrize("path", ["/practices/", "/lessons/"])
@pytest.mark.parametrize("name", ["Skip to results", "Skip to content"])
def test_a_skip_link_fetches_nothing_and_keeps_what_was_typed(page, site, path, name):
    page.goto(site + path)
    page.evaluate(HOLD_ANSWERS)
    page.locator("#q").fill("budget")
    page.get_by_label("From year").fill("20")
    page.get_by_role("link", name=name).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#*")
    page.go_back()
    page.wait_for_url(f"**{path}")
    country(page, "EC").check()
    release(page, "country=EC")  # the answers come in the order of their requests
    page.wait_for_url(f"**{path}?q=budget&country=EC")
    assert page.evaluate("window.held.map((one) => new URL(one.url).search)") == ["?q=budget&country=EC"]
    assert page.locator("#q").input_value() == "budget"
    assert page.get_by_label("From year").input_value() == "20"


def test_a_link_of_the_errors_leads_to_its_field_and_keeps_what_was_typed(page, site):
    page.goto(site + "/practices/?from=2015&to=2010")
    page.evaluate(HOLD_ANSWERS)
    page.get_by_label("To year").fill("20")
    page.get_by_role("alert").get_by_role("link", name="From year").click()
    page.wait_for_url("**#from")
    expect(page.get_by_label("From year")).to_be_focused()
    assert page.evaluate("window.held.length") == 0
    assert page.get_by_label("To year").input_value() == "20"


def test_after_back_over_a_skip_link_the_list_of_the_address_is_shown(page):
    country(page, "EC").check()
    release(page, "country=EC")
    expect(count(page)).to_have_text("4 practices")
    page.get_by_role("link", name="Skip to results").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**?country=EC#results-count")
    page.go_back()
    page.wait_for_url("**?country=EC")
    page.go_back()
    page.wait_for_function("() => window.held.some((one) => one.url.endsWith('/practices/'))")
    page.evaluate("window.held.at(-1).release()")
    expect(count(page)).to_have_text("17 practices")


@pytest.mark.parametrize(("year", "lists"), [("20", []), ("2010", ["?to=2010"])])
def test_a_year_typed_before_a_practice_was_opened_acts_or_is_explained_after_back(page, year, lists):
    page.get_by_label("To year").fill(year)
    page.goto(page.locator(".card h3 a").first.evaluate("link => link.href"))
    page.go_back()
    expect(page.get_by_label("To year")).to_have_value(year)
    if lists:
        page.wait_for_url("**/practices/?to=2010")
    else:
        expect(page.get_by_label("To year")).to_have_accessible_description(
            "Enter “To year” as four digits, such as 2014."
        )
        assert page.url.endswith("/practices/")
