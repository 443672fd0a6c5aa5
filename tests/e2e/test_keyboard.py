"""Tab reaches every control in the order of the page, and the focus is visible."""

import pytest

from tests.e2e.pages import PAGES

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]

# One of each kind: further states of a list have the same stops.
KINDS = [
    *("home", "a narrowed list", "a list with nothing in it", "lessons", "a practice within results"),
    *("countries", "a country", "a corridor", "a narrowed list of actors", "an actor", "themes", "a theme"),
    *("help", "no such page"),
]
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


@pytest.mark.parametrize(("width", "colours"), [(320, "active"), (1440, "none")])
def test_tab_reaches_everything_in_order_and_shows_where_it_is(page, site, width, colours):
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(forced_colors=colours)
    wrong = []
    for name in KINDS:
        page.goto(site + PAGES[name])
        for number in range(page.evaluate(STOPS)):
            page.keyboard.press("Tab")
            place, ringed, uncovered = page.evaluate(HERE)
            if (place, ringed, uncovered) != (number, True, True):
                wrong.append((name, number, place, ringed, uncovered))
                break
    assert wrong == []


def test_the_skip_link_is_the_first_stop_and_leads_to_the_content(page, site):
    page.goto(site + "/practices/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
