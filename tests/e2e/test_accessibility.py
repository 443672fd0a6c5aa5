"""What the accessibility statement names, beyond axe: zoom, spaced text, forced colours, the keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.test_pages import PAGES

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

# WCAG 2.2, 1.4.12
SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""
LARGE_TEXT = "html { font-size: 200% !important }"

# Texts cut off by the box they stand in. A field scrolls; what screen readers alone are told is cut off
# on purpose, as is the second line of the site's name on a phone.
CUT_OFF = """() => [...document.querySelectorAll('body *')]
    .filter(e => !e.closest('.visually-hidden, .site-name small, svg, input, [hidden]'))
    .filter(e => e.checkVisibility())
    .filter(e => !['visible', 'auto', 'scroll'].includes(getComputedStyle(e).overflowX)
        && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
    .map(e => e.tagName + '.' + e.className)"""
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def broken(browser, site: str, width: int, height: int, css: str = "") -> list:
    """The pages that scroll sideways or cut a text off at this size of window with this style added."""
    context = browser.new_context(viewport={"width": width, "height": height}, bypass_csp=True)
    page, found = context.new_page(), []
    for name, path in PAGES.items():
        page.goto(site + path)
        if css:
            page.add_style_tag(content=css)
        if page.evaluate(SIDEWAYS):
            found.append((name, "scrolls sideways"))
        found += [(name, element) for element in page.evaluate(CUT_OFF)]
    context.close()
    return found


@pytest.mark.parametrize("zoom", [2, 4])
def test_zoomed_in_a_window_of_1280_pixels_no_page_scrolls_sideways_or_cuts_a_text_off(browser, site, zoom):
    assert broken(browser, site, 1280 // zoom, 1024 // zoom) == []


@pytest.mark.parametrize("width", [320, 1280])
def test_text_may_be_spaced_as_wcag_asks(browser, site, width):
    assert broken(browser, site, width, 800, SPACING) == []


def test_text_alone_may_be_twice_as_large(browser, site):
    assert broken(browser, site, 1280, 1024, LARGE_TEXT) == []


def test_axe_finds_nothing_in_forced_colours(browser, site):
    page = browser.new_page(forced_colors="active")
    found = []
    for name, path in PAGES.items():
        page.goto(site + path)
        found += [(name, rule["id"]) for rule in Axe().run(page).response["violations"]]
    page.close()
    assert found == []


# What can be reached with Tab, in the order of the page. (Chromium calls what stands in a hidden part of a
# drawing visible, though it draws nothing of it.)
STOPS = """() => {
    const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, summary');
    window.stops = [...all].filter(e =>
        e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length && e.tabIndex >= 0);
    return window.stops.length;
}"""
HERE = """() => {
    const e = document.activeElement, style = getComputedStyle(e), box = e.getClientRects()[0];
    const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    return [
        window.stops.indexOf(e),
        style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        top !== null && (e.contains(top) || top.contains(e) || !!top.closest('label')
            || !!e.ownerSVGElement?.contains(top)),  // a mark on the country it stands in
    ];
}"""


@pytest.mark.parametrize(("width", "colours"), [(320, "active"), (1440, "active"), (1440, "none")])
def test_tab_reaches_everything_in_order_and_shows_where_it_is(browser, site, width, colours):
    page = browser.new_page(
        viewport={"width": width, "height": 800}, forced_colors=colours, reduced_motion="reduce"
    )
    wrong = []
    for name, path in PAGES.items():
        page.goto(site + path)
        for number in range(page.evaluate(STOPS)):
            page.keyboard.press("Tab")
            place, ringed, uncovered = page.evaluate(HERE)
            if (place, ringed, uncovered) != (number, True, True):
                wrong.append((name, number, place, ringed, uncovered))
                break
    page.close()
    assert wrong == []
