"""The page of a practice in a browser: copying, links of lessons, print, and size."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import expect

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine]

ADDRESS = "/practices/migrants-resource-centre-batangas/"


@pytest.fixture
def reader(browser, site):
    """A page with JavaScript that may use the clipboard."""
    context = browser.new_context(viewport={"width": 1000, "height": 800}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
    yield context.new_page()
    context.close()


def clipboard(page, form: str = "text/plain") -> str:
    return page.evaluate(
        """async form => {
            const [item] = await navigator.clipboard.read();
            return (await item.getType(form)).text();
        }""",
        form,
    )


def test_a_citation_is_copied_as_text_and_with_its_italics(reader, site):
    reader.goto(site + ADDRESS)
    citation = reader.locator(".citation").first.inner_text()
    reader.get_by_role("button", name="Copy the citation in APA style").click()
    expect(reader.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert citation.startswith("Joint Migration and Development Initiative. (n.d.). Migrants Resource Centre")
    assert clipboard(reader) == citation
    assert "<em>Useful practices on migration and local development</em>" in clipboard(reader, "text/html")


def test_the_link_to_a_lesson_is_copied_without_the_results_one_came_from(reader, site):
    reader.goto(f"{site}{ADDRESS}?in=country%3DPH")
    reader.get_by_role("button", name="Copy link to lesson 3").press("Enter")
    expect(reader.get_by_role("status").filter(has_text="Copied")).to_have_count(1)
    assert clipboard(reader) == f"{settings.SITE_URL}{ADDRESS}#lesson-3"


def test_only_the_last_copy_is_announced(reader, site):
    reader.goto(site + ADDRESS)
    for name in ("Copy link", "Copy the citation in Chicago style"):
        reader.get_by_role("button", name=name, exact=True).click()
        status = reader.get_by_role("button", name=name, exact=True).locator("+ [role=status]")
        expect(status).to_have_text("Copied")
    expect(reader.get_by_role("status").filter(has_text="Copied")).to_have_count(1)


def test_a_clipboard_that_refuses_is_no_success(page, site):
    page.goto(site + ADDRESS)
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Copy link", exact=True).click()
    expect(page.get_by_role("status").filter(has_text=re.compile("."))).to_have_text(["Could not copy"])


def test_without_javascript_no_button_is_seen_and_a_citation_is_taken_whole_with_one_click(browser, site):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.goto(site + ADDRESS)
    assert page.locator("main button").count() == 8
    assert page.locator("main button:visible").count() == 0
    citation = page.locator(".citation").first
    assert citation.evaluate("element => getComputedStyle(element).userSelect") == "all"
    with page.expect_download() as download:
        page.get_by_role("link", name="RIS file").click()
    assert download.value.suggested_filename == "migrants-resource-centre-batangas.ris"
    context.close()


def test_the_link_of_a_lesson_leads_to_it_and_marks_its_number(reader, site):
    reader.goto(site + ADDRESS)
    reader.get_by_role("link", name="Link to this lesson (4)").click()
    assert reader.url == f"{site}{ADDRESS}#lesson-4"
    lesson = reader.locator("#lesson-4")
    expect(lesson).to_be_in_viewport()
    number = "element => getComputedStyle(element, '::before').backgroundColor"
    assert lesson.evaluate(number) == "rgb(251, 227, 166)"
    assert reader.locator("#lesson-3").evaluate(number) == "rgba(0, 0, 0, 0)"


def test_a_reader_walks_through_the_results_and_back_without_javascript(browser, site):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1000, "height": 800})
    page = context.new_page()
    page.goto(site + "/practices/?country=SN&ordering=title")
    page.locator(".card h3 a").first.click()
    assert "1 of 2" in page.locator(".steps").inner_text()
    page.get_by_role("link", name="Next ").first.click()
    assert "2 of 2" in page.locator(".steps").inner_text()
    page.locator(".steps").get_by_role("link", name="Back to 2 results").click()
    assert page.url == f"{site}/practices/?country=SN&ordering=title"
    context.close()


def test_on_a_phone_the_first_facts_stand_above_the_story_and_the_rest_is_folded(page, site):
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(site + ADDRESS)
    first = page.locator(".first-facts")
    assert first.locator("dt:visible").all_inner_texts() == ["Where", "When", "Activity", "Who"]
    assert first.bounding_box()["y"] < page.locator("#story").bounding_box()["y"]
    assert first.bounding_box()["height"] < 230  # eight lines on the narrowest of phones
    assert not page.get_by_role("heading", name="National Government").is_visible()
    page.get_by_text("All actors, themes and first publication").click()
    assert page.get_by_role("heading", name="National Government").is_visible()


def test_on_a_wide_screen_who_took_part_is_told_once(page, site):
    page.goto(site + ADDRESS)
    assert page.locator(".facts dt:visible", has_text="Who").count() == 1


@pytest.mark.parametrize("width", [768, 1024, 1440])
def test_lines_of_the_story_have_sixty_to_seventy_five_letters(page, site, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(site + ADDRESS)
    longest = page.evaluate(
        """() => {
            const text = document.querySelector('#story p').firstChild, range = document.createRange();
            const lines = {};
            for (let at = 0; at < text.length; at += 1) {
                range.setStart(text, at);
                range.setEnd(text, at + 1);
                const {top} = range.getBoundingClientRect();
                lines[top] = (lines[top] ?? '') + text.data[at];
            }
            return Math.max(...Object.values(lines).map(line => line.trim().length));
        }"""
    )
    assert 60 <= longest <= 75


# Paper


def test_on_paper_there_is_the_text_its_address_and_no_navigation(page, site):
    page.set_viewport_size({"width": 643, "height": 900})
    page.goto(f"{site}{ADDRESS}?in=country%3DPH")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("nav:visible, button:visible, footer:visible, summary:visible").count() == 0
    assert page.locator("h2:visible").all_inner_texts() == [
        "Key facts",  # for screen readers alone
        "Story",
        "Lessons learned",
        "Cite this practice",
        "Editors’ notes",
    ]
    assert page.locator(".printed").inner_text().startswith(f"{settings.SITE_URL}{ADDRESS} · ")
    assert page.get_by_role("heading", name="National Government").is_visible()
    colours = page.evaluate(
        """() => {
            const shown = [...document.querySelectorAll('main *')].filter(e => e.checkVisibility());
            return [...new Set(shown.map(e => getComputedStyle(e).color))];
        }"""
    )
    assert colours == ["rgb(0, 0, 0)"]
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"


def test_on_paper_the_addresses_of_links_are_written_out(page, site):
    page.goto(site + ADDRESS)
    page.emulate_media(media="print")
    written = page.locator(".facts a[href^=http]").evaluate_all(
        "links => links.map(link => getComputedStyle(link, '::after').content)"
    )
    assert written == ['" <http://www.migration4development.org/>"']


def test_the_pages_of_paper_are_numbered(page, site):
    page.goto(site + ADDRESS)
    rules = page.evaluate(
        """() => [...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
            .filter(rule => rule.media?.mediaText === 'print').flatMap(rule => [...rule.cssRules])
            .filter(rule => rule.type === CSSRule.PAGE_RULE).map(rule => rule.cssText)"""
    )
    assert [bool(re.search("counter\\(page\\)", rule)) for rule in rules] == [True]
    sheets = len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4", prefer_css_page_size=True)))
    assert 3 <= sheets <= 4


# Weight


def test_a_first_visit_takes_at_most_six_requests(browser, site):
    asked = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url.removeprefix(site)))
    page.goto(site + ADDRESS, wait_until="networkidle")
    assert sorted(asked) == sorted(
        [
            ADDRESS,
            *(f"/static/{it}" for it in ("css/site.css", "img/icon.svg", "js/copy.js", "js/suggest.js")),
        ]
    )
