"""Workflow buttons of the form of a practice save first; leaving unsaved text asks for confirmation."""

import pytest
from playwright.sync_api import expect

from practices.models import Practice
from practices.workflow.preview_links import link
from tests.e2e import admin_pages
from tests.factories import make_country, make_editor, make_person, make_practice, make_theme

TEXTS = ("summary", "story", "editors_note", "sources", "lessons", "participations")
pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def opened(browser, live_server):
    """Open a page of the admin for a user in a new window."""
    contexts = []

    def open_page(person, path: str, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        admin_pages.log_in(context, live_server.url, person)
        page = context.new_page()
        page.goto(live_server.url + path)
        return page

    yield open_page
    for context in contexts:
        admin_pages.close(context)


@pytest.fixture
def editor():
    return make_editor()


def draft(**fields) -> Practice:
    return make_practice(**{"status": "draft", "title": "Old", "slug": "old"} | fields)


def press(page, name: str) -> None:
    button = page.get_by_role("button", name=name, exact=True)
    expect(button).to_have_count(1)
    button.click()


@pytest.mark.parametrize("javascript", [True, False])
def test_typed_text_is_what_is_published(opened, editor, javascript):
    practice = draft()
    page = opened(editor, admin_pages.address(practice), java_script_enabled=javascript)
    page.locator("#id_story").fill("Typed just now.")
    press(page, "Save and publish…")
    press(page, "Publish")
    page.wait_for_url(f"**{admin_pages.address(practice)}")
    practice.refresh_from_db()
    assert (practice.status, practice.story) == ("published", "Typed just now.")


@pytest.mark.parametrize("javascript", [True, False])
def test_typed_text_of_a_contributor_is_what_is_submitted(opened, javascript):
    author = make_person("author", "Contributors")
    practice = draft(owner=author)
    page = opened(author, admin_pages.address(practice), java_script_enabled=javascript)
    page.locator("#id_story").fill("Typed just now.")
    assert page.get_by_role("button", name="publish").count() == 0
    press(page, "Save and submit for review…")
    press(page, "Submit for review")
    page.wait_for_url(f"**{admin_pages.address(practice)}")
    practice.refresh_from_db()
    assert (practice.status, practice.story) == ("in_review", "Typed just now.")


def test_the_preview_shows_what_is_typed(opened, editor):
    practice = draft()
    page = opened(editor, admin_pages.address(practice))
    page.locator("#id_story").fill("Typed just now.")
    press(page, "Save and preview")
    page.get_by_role("link", name="Open preview").click()
    expect(page.locator("#story")).to_contain_text("Typed just now.")
    assert link(practice)[0].split("/")[1] == "preview"


def test_an_unchanged_form_goes_to_the_step_without_a_save(opened, editor):
    practice = draft()
    before = practice.updated_at
    page = opened(editor, admin_pages.address(practice))
    press(page, "Save and publish…")
    page.wait_for_url("**/step/publish/**")
    assert Practice.objects.get().updated_at == before


def test_each_step_has_one_control(opened, editor):
    page = opened(editor, admin_pages.address(draft()))
    named = page.locator(":is(a, button):visible").all_inner_texts()
    steps = [name for name in named if any(step in name.lower() for step in ("publish", "submit", "send"))]
    assert steps == ["Save and submit for review…", "Save and publish…"]
    assert page.get_by_role("button", name="Save", exact=True).count() == 1
    assert page.get_by_role("button", name="Preview", exact=True).count() == len(TEXTS)  # of single texts
    assert page.get_by_role("link", name="Preview").count() == 0


def test_a_link_of_the_page_asks_when_there_is_unsaved_text(opened, editor):
    practice = draft()
    page = opened(editor, admin_pages.address(practice))
    page.locator("#id_story").fill("Typed just now.")
    page.get_by_role("link", name="History").click()
    question = page.get_by_role("dialog", name="This form has unsaved changes")
    expect(question).to_be_visible()
    question.get_by_role("button", name="Stay on this page").click()
    assert page.url.endswith(admin_pages.address(practice))
    assert page.locator("#id_story").input_value() == "Typed just now."
    page.get_by_role("link", name="History").click()
    question.get_by_role("button", name="Leave without saving").click()
    page.wait_for_url("**/history/")
    page.go_back()
    page.get_by_role("button", name="Restore my text").click()
    assert page.locator("#id_story").input_value() == "Typed just now."


@pytest.mark.parametrize("way", ["reload", "back", "close"])
def test_the_browser_asks_when_there_is_unsaved_text(opened, editor, live_server, way):
    practice = draft()
    page = opened(editor, "/admin/practices/practice/")
    page.goto(live_server.url + admin_pages.address(practice))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#id_story").press_sequentially("!")
    if way == "reload":
        page.reload()
    elif way == "back":
        page.evaluate("history.back()")
        page.wait_for_url("**/admin/practices/practice/")
    else:
        with page.expect_event("close"):
            page.close(run_before_unload=True)
    assert asked == ["beforeunload"]


def test_an_unchanged_or_saved_form_is_left_without_a_question(opened, editor):
    practice = draft(lessons=("A",), countries=("PH",))
    page = opened(editor, admin_pages.address(practice))
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.locator("#id_story").press("End")  # a key, so that the browser would ask
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/history/")
    page.go_back()
    page.locator("#id_story").fill("Typed.")
    press(page, "Save and continue editing")
    expect(page.locator(".messagelist")).to_contain_text("changed successfully")
    page.reload()
    page.get_by_role("link", name="History").click()
    page.wait_for_url("**/history/")
    assert asked == []


def test_after_back_to_the_form_of_a_new_practice_its_lists_and_rows_are_there(opened, editor):
    make_country("PH", "Philippines")
    theme = make_theme("rights")
    page = opened(editor, admin_pages.ADD)
    admin_pages.type_in(page)
    page.evaluate(
        """([key, name]) => {
            const list = document.querySelector("[name=themes]");
            list.add(new Option(name, key, true, true));
            list.dispatchEvent(new Event("change", { bubbles: true }));
        }""",
        [str(theme.pk), theme.name],
    )
    page.fill("[name=slug]", "bonds")
    admin_pages.save(page)
    admin_pages.saved(page)
    page.go_back()
    expect(page.locator("[name=places-0-country] option:checked")).to_have_text("Philippines")
    expect(page.locator("[name=themes] option:checked")).to_have_text(theme.name)
    assert admin_pages.typed_in(page) == admin_pages.everything()
    admin_pages.save(page)
    admin_pages.says(page, "You have already saved this practice.")
    page.locator("#outcome").get_by_role("link", name="Open the saved practice").click()
    page.wait_for_url(f"**{admin_pages.address(Practice.objects.get())}")
