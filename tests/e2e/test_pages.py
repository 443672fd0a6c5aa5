"""What only a browser can tell: widths, colours, keyboard, what the console says."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PAGES = {
    "home": "/",
    "all practices": "/practices/",
    "a narrowed list": "/practices/?country=PH&country=EC&theme=migrant-capacities&from=2005",
    "a list with nothing in it": "/practices/?q=xylophone&country=CR",
    "a list that cannot be shown": "/practices/?country=ZZ",
    "a practice with footnotes": "/practices/story-of-hugo-salinas/",
    "a practice with groups of actors": "/practices/migrants-resource-centre-batangas/",
    "countries": "/countries/",
    "a country": "/countries/PH/",
    "a country one only migrates to": "/countries/IT/",
    "a narrowed map": "/countries/?theme=migrant-remittances&from=2005",
    "a corridor": "/corridors/EC-ES/",
    "actors": "/actors/",
    "an actor": "/actors/atikha/",
    "themes": "/themes/",
    "a theme": "/themes/migrant-remittances/",
    "about": "/about/",
    "help": "/help/",
    "accessibility": "/accessibility/",
    "no such page": "/nothing-here/",
    "no such page, with pages it may have meant": "/practices/cooperative-in-costa-rica/",
}
WIDTHS = (320, 768, 1440)


def test_no_page_scrolls_sideways_at_any_width(browser, site):
    wide = []
    for width in WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 800})
        for name, path in PAGES.items():
            page.goto(site + path)
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide.append((name, width))
        page.close()
    assert wide == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(browser, site, scheme):
    found = []
    for width in (320, 1440):
        page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
        for name, path in PAGES.items():
            page.goto(site + path)
            found += [(name, width, rule["id"]) for rule in Axe().run(page).response["violations"]]
        page.close()
    assert found == []


def test_the_console_stays_silent_and_nothing_comes_from_another_host(browser, site):
    said, hosts = [], set()
    page = browser.new_page()
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for name, path in PAGES.items():
        if not name.startswith("no such page"):  # Chromium says “404” there
            page.goto(site + path)
    page.close()
    assert said == []
    assert hosts == {site.split("/")[2]}


def test_no_page_sets_a_cookie(browser, site):
    context = browser.new_context()
    page = context.new_page()
    for path in PAGES.values():
        page.goto(site + path)
    assert context.cookies() == []
    context.close()


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(browser, site):
    page = browser.new_page()
    page.goto(site + "/practices/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.close()


def test_a_reader_searches_narrows_and_opens_a_practice_without_javascript(browser, site):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.goto(site + "/")
    page.get_by_label("Search the practices").fill("remittances")
    page.get_by_role("button", name="Search").click()
    page.locator("input[name=country][value=CR]").check()
    page.get_by_role("button", name="Show these practices").click()
    assert page.locator("#results-count").inner_text() == "1 practice"
    page.get_by_role("link", name="Cooperatives in Costa Rica").click()
    assert page.locator("h1").inner_text().startswith("Cooperatives in Costa Rica")
    context.close()


def test_on_a_phone_the_filters_are_folded_and_open_by_keyboard(browser, site):
    page = browser.new_page(viewport={"width": 375, "height": 800})
    page.goto(site + "/practices/")
    country = page.locator("input[name=country][value=EC]")
    assert not country.is_visible()
    page.locator(".filters > summary").focus()
    page.keyboard.press("Enter")
    assert country.is_visible()
    page.close()


def test_on_a_wide_screen_the_filters_and_facts_stand_open(browser, site):
    page = browser.new_page(viewport={"width": 1440, "height": 800})
    page.goto(site + "/practices/")
    assert page.locator("input[name=country][value=EC]").is_visible()
    page.goto(site + "/practices/story-of-hugo-salinas/")
    assert page.locator(".more-facts dt", has_text="First published in").is_visible()
    page.close()


def test_every_control_is_at_least_24_pixels_high(browser, site):
    page = browser.new_page(viewport={"width": 320, "height": 800})
    page.goto(site + "/practices/?country=PH&theme=migrant-capacities")
    page.locator(".filters > summary").click()
    small = page.evaluate(
        """() => [...document.querySelectorAll('button, summary, .chips a, .choice, nav a, .foot-links a')]
            .filter(element => element.checkVisibility() && element.getBoundingClientRect().height < 24)
            .map(element => element.textContent.trim())"""
    )
    page.close()
    assert small == []
