"""The map in a browser: by keyboard, by mouse, without JavaScript, narrow and wide."""

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]

MARKS = {320: "narrow", 768: "narrow", 1440: "wide"}


def test_the_map_is_walked_by_keyboard_shows_where_one_is_and_leads_on_without_javascript(browser, site):
    context = browser.new_context(viewport={"width": 1440, "height": 900}, java_script_enabled=False)
    page = context.new_page()
    page.goto(site + "/countries/")
    page.get_by_role("link", name="Go to the table").focus()
    seen = []
    for _stop in range(20):
        page.keyboard.press("Tab")
        link = page.locator(".map a:focus")
        assert link.evaluate("link => parseFloat(getComputedStyle(link).outlineWidth)") == 3
        seen.append(link.locator("title").text_content())
    assert seen[:7] == [
        "Costa Rica: 1 practice",
        "Ecuador: 4 practices",
        "El Salvador: 2 practices",
        "Morocco: 2 practices",
        "Philippines: 6 practices",
        "Senegal: 2 practices",
        "From Ecuador to Spain: 2 practices",
    ]
    assert len(set(seen)) == 20
    page.get_by_role("link", name="Philippines: 6 practices").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/countries/PH/")
    context.close()


@pytest.mark.parametrize(("width", "shown"), MARKS.items())
def test_each_width_shows_its_own_marks_and_none_hides_another(page, site, width, shown):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + "/countries/")
    for name in set(MARKS.values()):
        assert page.locator(f".marks.{name}").is_visible() == (name == shown)
    points = page.evaluate(
        """name => [...document.querySelectorAll(`.marks.${name} .spot`)].map(mark => {
            const place = new DOMPoint(...mark.getAttribute('d').match(/[\\d.]+/g).slice(0, 2))
                .matrixTransform(mark.getScreenCTM());
            return [place.x, place.y, parseFloat(getComputedStyle(mark).strokeWidth)];
        })""",
        shown,
    )
    assert page.evaluate(
        "document.querySelector('.world').getBoundingClientRect().width >= Math.min(innerWidth - 128, 850)"
    )  # no smaller than what the marks are made for
    for x, y, size in points:
        for other_x, other_y, other_size in points:
            away = ((x - other_x) ** 2 + (y - other_y) ** 2) ** 0.5
            assert away == 0 or away >= (size + other_size) / 2 - 2


def test_a_country_is_a_link_where_it_is_drawn(page, site):
    page.goto(site + "/countries/")
    page.locator(".world").scroll_into_view_if_needed()
    hit = page.evaluate(
        """() => {
            const box = document.querySelector('.country[href="/countries/MA/"]').getBoundingClientRect();
            for (let x = box.left; x < box.right; x += 2) for (let y = box.top; y < box.bottom; y += 2)
                if (document.elementFromPoint(x, y)?.closest('a')?.getAttribute('href') === '/countries/MA/')
                    return [x, y];
        }"""
    )
    page.mouse.click(*hit)
    page.wait_for_url("**/countries/MA/")


def test_the_list_of_a_narrowed_map_has_the_practices_the_map_shows(page, site):
    page.goto(site + "/countries/?theme=migrant-remittances&country=PH")
    said = page.locator(".lede").inner_text()
    page.locator(".map-ways a").first.click()
    page.wait_for_url("**/practices/?theme=migrant-remittances&country=PH")
    assert said.startswith(page.locator("#results-count").inner_text())
