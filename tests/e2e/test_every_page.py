"""Browser checks of every page: axe, widths, zoom, target sizes, messages of the console."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.e2e.pages import PAGES

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]
every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)

# All pairs of a width and a scheme were run by hand: docs/reference/performance.md. Colours do not depend
# on widths.
LOOKS = [
    (320, {"color_scheme": "light"}),
    (1440, {"color_scheme": "dark"}),
    (320, {"color_scheme": "light", "forced_colors": "active"}),
]
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


@every_page
def test_axe_finds_nothing(page, site, path):
    page.goto(site + path)
    found = []
    for width, media in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(**media)
        found += [
            (width, media, rule["id"]) for rule in Axe().run(page, options=RULES).response["violations"]
        ]
    assert found == []


SPACING = """
* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-block-end: 2em !important }
"""  # WCAG 2.2, 1.4.12
LARGE_TEXT = "html { font-size: 200% !important }"
# The size of the window (200 and 400 % are of 1280 by 1024) and the style added to the page.
STATES = {
    "a phone": ((320, 800), ""),
    "a tablet": ((768, 800), ""),
    "a desk": ((1440, 800), ""),
    "200 %": ((640, 512), ""),
    "400 %": ((320, 256), ""),
    "spaced text on a phone": ((320, 800), SPACING),
    "spaced text on a desk": ((1280, 800), SPACING),
    "large text": ((1280, 1024), LARGE_TEXT),
}
# Whether the page scrolls sideways, and the texts cut off by the box they stand in. A field scrolls; what
# screen readers alone are told is cut off on purpose, as is the second line of the site's name on a phone.
BROKEN = """style => {
    const added = document.head.appendChild(document.createElement('style'));
    added.textContent = style;
    const root = document.documentElement;
    const found = root.scrollWidth > root.clientWidth ? ['scrolls sideways'] : [];
    const cut = [...document.querySelectorAll('body *')]
        .filter(e => !e.closest('.visually-hidden, .site-name small, .search label, svg, input, [hidden]'))
        .filter(e => e.checkVisibility())
        .filter(e => !['visible', 'auto', 'scroll'].includes(getComputedStyle(e).overflowX)
            && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
        .map(e => 'cut off: ' + e.tagName + '.' + e.className);
    added.remove();
    return found.concat(cut);
}"""


def test_no_page_scrolls_sideways_or_cuts_a_text_off_zoomed_or_with_larger_text(browser, site):
    context = browser.new_context(bypass_csp=True)
    page, found = context.new_page(), []
    for name, path in PAGES.items():
        page.goto(site + path)
        for state, ((width, height), style) in STATES.items():
            page.set_viewport_size({"width": width, "height": height})
            found += [(name, state, what) for what in page.evaluate(BROKEN, style)]
    context.close()
    assert found == []


# What is a link inside a sentence may be lower.
LOW = """() => [...document.querySelectorAll(`
    nav a, .foot-links a, button, summary, .choice, .chips a, .order a, .view a, .machine a,
    .index li, .countries tr, .by-country li, .letter li, .letters a, .map-ways a,
    .steps a, .steps-below a, .tools a, .lesson-link a, .files a`)]
    .filter(e => e.checkVisibility() && e.getBoundingClientRect().height < 24)
    .map(e => e.textContent.trim())"""


def test_every_control_and_every_link_of_a_list_is_at_least_24_pixels_high(page, site):
    low = []
    for name, path in PAGES.items():
        page.goto(site + path)
        for width in (1440, 320):
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("for (const folded of document.querySelectorAll('.filters')) folded.open = true")
            low += [(name, width, text) for text in page.evaluate(LOW)]
    assert low == []


def test_the_console_stays_silent_and_nothing_comes_from_another_host_nor_leaves_a_cookie(browser, site):
    said, hosts = [], set()
    context = browser.new_context()
    page = context.new_page()
    page.on("console", lambda message: said.append((page.url.removeprefix(site), message.text)))
    page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    for path in PAGES.values():
        page.goto(site + path)
    lost = [path for name, path in PAGES.items() if name.startswith("no such page")]
    assert [path for path, _text in said] == lost  # Chromium says “404” there
    assert hosts == {site.split("/")[2]}
    assert context.cookies() == []
    context.close()
