"""A practice that one editor closes while another types: the text stays and can be read afterwards."""

import pytest
from playwright.sync_api import expect

from practices.workflow import transitions
from tests.e2e import admin_pages
from tests.factories import make_editor, make_practice

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def saved_too_late(context, live_server, practice):
    """The page of an editor who typed a story while another published the practice."""
    admin_pages.log_in(context, live_server.url, make_editor())
    page = context.new_page()
    page.goto(live_server.url + admin_pages.address(practice))
    page.fill("[name=story]", "First.\n\n<b>Second</b>.")
    transitions.take_step("publish", practice, make_editor("other"))
    admin_pages.save(page)
    return page


def test_a_text_typed_into_what_is_published_meanwhile_stays_and_can_be_copied_later(browser, live_server):
    practice = make_practice(status="draft")
    context = browser.new_context()
    page = saved_too_late(context, live_server, practice)
    admin_pages.says(page, "The practice has been published.")
    assert page.input_value("[name=story]") == "First.\n\n<b>Second</b>."
    page.wait_for_selector("#form-state[data-autosaved=yes]", state="attached")
    page.close()
    page = context.new_page()
    page.goto(live_server.url + admin_pages.address(practice))
    page.get_by_text("Text to copy").click()
    expect(page.locator("#autosaved dt", has_text="story").locator("+ dd")).to_have_text(
        "First. <b>Second</b>."
    )
    expect(page.get_by_role("button", name="Restore my text")).to_have_count(0)
    admin_pages.close(context)


def test_without_scripts_the_page_that_hands_it_back_shows_it(browser, live_server):
    practice = make_practice(status="draft")
    context = browser.new_context(java_script_enabled=False)
    page = saved_too_late(context, live_server, practice)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Not saved: someone changed this while you were editing"
    )
    expect(page.locator("dd.typed", has_text="First.")).to_be_visible()
    admin_pages.close(context)
