"""The form of a practice for an editor: by keyboard, by mouse, on a phone."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from practices.models import Actor, Practice
from tests.e2e import admin_pages
from tests.factories import (
    make_actor,
    make_country,
    make_editor,
    make_practice,
    make_publication,
    make_theme,
)

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]
WORLD = "0 0 1000 439"


@pytest.fixture
def editor():
    return make_editor(first_name="Rosa", last_name="Diaz")


@pytest.fixture
def opened(browser, live_server, editor):
    """Open a page of the admin in a new window; report at the end what the console said."""
    contexts, said = [], []

    def open_page(path: str, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        admin_pages.log_in(context, live_server.url, editor)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(live_server.url + path)
        return page

    open_page.said = said
    yield open_page
    for context in contexts:
        admin_pages.close(context)
    assert [
        text for text in said if "Failed to load resource" not in text
    ] == []  # that is how Chromium names a 422


def draft(**fields) -> Practice:
    return make_practice(status="draft", **fields)


def lessons(page) -> list[str]:
    return [field.input_value() for field in page.locator(".row [name^=lessons][name$=text]").all()]


# Rows in order -------------------------------------------------------------------------------------------


def test_lessons_are_put_in_order_with_buttons_and_it_is_said(opened):
    practice = draft(lessons=("A", "B", "C"))
    page = opened(admin_pages.address(practice))
    group = page.locator("#lessons-group")
    first = group.locator(".row").first
    first.get_by_role("button", name="Move down").focus()
    page.keyboard.press("Enter")
    expect(page.locator("body > [role=status]").first).to_have_text("Lesson 1 is now number 2 of 3")
    page.keyboard.press("Enter")
    expect(page.locator("body > [role=status]").first).to_have_text("Lesson 1 is now number 3 of 3")
    assert page.evaluate("document.activeElement.textContent") == "Move up"  # the other one can do no more
    assert lessons(page) == ["B", "C", "A"]
    admin_pages.save(page)
    admin_pages.saved(page)
    assert [(row.order, row.text) for row in practice.lessons.all()] == [(1, "B"), (2, "C"), (3, "A")]


def test_lessons_are_put_in_order_by_dragging(opened):
    practice = draft(lessons=("A", "B", "C"))
    page = opened(admin_pages.address(practice), viewport={"width": 1200, "height": 2400})
    rows = page.locator("#lessons-group .row")
    rows.first.scroll_into_view_if_needed()
    grip, last = rows.first.locator(".grip").bounding_box(), rows.last.bounding_box()
    page.mouse.move(grip["x"] + 5, grip["y"] + 5)
    page.mouse.down()
    page.mouse.move(grip["x"] + 5, last["y"] + last["height"] - 5, steps=6)
    page.mouse.up()
    assert lessons(page) == ["B", "C", "A"]
    admin_pages.save(page)
    admin_pages.saved(page)
    assert [row.text for row in practice.lessons.all()] == ["B", "C", "A"]


def test_a_new_lesson_among_others_keeps_its_place_and_a_removed_one_goes(opened):
    practice = draft(lessons=("A", "B"))
    page = opened(admin_pages.address(practice))
    page.get_by_role("button", name="Add another lesson").click()
    page.fill("[name=lessons-2-text]", "N")
    page.locator("#lessons-2").get_by_role("button", name="Move up").click()
    page.locator("#lessons-0").get_by_label("Remove").check()
    admin_pages.save(page)
    admin_pages.saved(page)
    assert [(row.order, row.text) for row in practice.lessons.all()] == [(1, "N"), (2, "B")]


# Help while typing ---------------------------------------------------------------------------------------


def test_a_period_is_answered_while_one_types(opened):
    page = opened(admin_pages.ADD)
    page.get_by_label("Period").press_sequentially("April 2009 – June 2011")
    expect(page.locator("output[for=id_period]")).to_have_text("Understood as: April 2009 to June 2011")
    page.get_by_label("Period").fill("the olden days")
    expect(page.locator("output[for=id_period]")).to_contain_text("is not a period")


def test_a_text_is_formatted_and_previewed(opened):
    page = opened(admin_pages.ADD)
    story = page.locator("#id_story")
    story.fill("one")
    story.press("Control+a")
    story.press("Control+b")
    assert story.input_value() == "**one**"
    story.press("Control+End")
    tools = page.get_by_role("group", name="Formatting: Story")
    tools.get_by_role("button", name="Footnote").click()
    page.keyboard.type("A note.")
    assert story.input_value() == "**one**[^1]\n\n[^1]: A note."
    story.press("Control+z")
    assert story.input_value() != "**one**[^1]\n\n[^1]: A note."
    story.fill("one\ntwo")
    story.press("Control+a")
    tools.get_by_role("button", name="Numbered list").click()
    assert story.input_value() == "1. one\n2. two"
    tools.get_by_role("button", name="Preview").click()
    preview = page.locator(".field-story .markdown-preview")
    expect(preview.locator("ol > li")).to_have_text(["one", "two"])
    tools.get_by_role("button", name="Preview").click()
    expect(story).to_be_visible()


def test_coordinates_come_from_a_name_or_from_the_map(opened):
    make_practice(countries=("PH",)).places.update(name="Batangas", latitude="13.75", longitude="121.05")
    practice = draft(countries=("PH",))
    practice.places.update(name="Batangas")
    page = opened(admin_pages.address(practice))
    row = page.locator("#places-0")
    row.get_by_role("button", name="Find coordinates by name").click()
    expect(row.get_by_label("Latitude")).to_have_value("13.75")
    expect(row.locator(".place-tools [role=status]")).to_have_text(
        "Coordinates of Batangas, Country PH in another practice."
    )
    row.get_by_text("Select on the map").click()
    expect(row.locator("svg")).not_to_have_attribute("viewBox", WORLD)  # it shows the place
    row.get_by_role("button", name="Whole world").click()
    expect(row.locator("svg")).to_have_attribute("viewBox", WORLD)
    box = row.locator("svg").bounding_box()
    row.locator("svg").click(position={"x": box["width"] / 2, "y": box["height"] / 2})
    expect(row.get_by_label("Longitude")).not_to_have_value("121.05")
    assert 10 < float(row.get_by_label("Longitude").input_value()) < 13
    assert 5 < float(row.get_by_label("Latitude").input_value()) < 25


def test_an_actor_is_added_on_the_spot_after_a_look_at_those_alike(opened):
    make_actor("naga", name="City of Naga")
    page = opened(admin_pages.ADD)
    page.locator("#participations-0 .add-related").click()
    dialog = page.get_by_role("dialog", name="New actor")
    dialog.get_by_label("Name").fill("City of Nagga")
    expect(dialog.get_by_role("button", name="City of Naga")).to_be_visible()
    dialog.get_by_label("Name").fill("Atikha")
    expect(dialog.get_by_role("button", name="City of Naga")).to_have_count(0)
    dialog.get_by_label("Acronym").fill("ATK")
    dialog.get_by_role("button", name="Add actor").click()
    expect(page.locator("#participations-0 .select2-selection")).to_have_text("Atikha (ATK)")
    assert page.input_value("[name=participations-0-actor]") == str(Actor.objects.get(slug="atikha").pk)
    page.locator("#participations-0 .add-related").click()
    dialog.get_by_label("Name").fill("naga, city of")
    dialog.get_by_role("button", name="City of Naga").click()
    expect(page.locator("#participations-0 .select2-selection")).to_have_text("City of Naga")


def test_who_else_edits_it_is_named_and_what_is_lacking_is_counted(opened, browser, live_server):
    practice = draft()
    page = opened(admin_pages.address(practice))
    other = browser.new_context()
    admin_pages.log_in(other, live_server.url, make_editor("juan"))
    second = other.new_page()
    second.goto(live_server.url + admin_pages.address(practice))
    expect(second.locator("#active-editors")).to_have_text("Rosa Diaz is also editing this.")
    admin_pages.close(other)
    expect(page.locator("#completeness")).to_contain_text("Add a period.")
    page.fill("[name=period]", "2013")
    expect(page.locator("#completeness")).not_to_contain_text("Add a period.")


def test_of_two_versions_one_is_chosen_and_all_else_is_kept(opened):
    practice = draft(story="The story.", lessons=("One.",))
    page = opened(admin_pages.address(practice))
    page.fill("[name=story]", "Mine.")
    page.fill("[name=lessons-0-text]", "Mine too.")
    page.fill("[name=title]", "My title")
    Practice.objects.filter(pk=practice.pk).update(story="Theirs.")
    practice.lessons.update(text="Theirs too.")
    admin_pages.save(page)
    dialog = page.get_by_role("dialog", name="Two versions")
    expect(dialog.locator("legend")).to_have_text(["Story", "Lesson 1"])
    dialog.get_by_role("group", name="Story").get_by_label("Their version").check()
    dialog.get_by_role("button", name="Save selection").click()
    admin_pages.saved(page)
    practice.refresh_from_db()
    assert (practice.title, practice.story, practice.lessons.get().text) == (
        "My title",
        "Theirs.",
        "Mine too.",
    )


# By keyboard, on a phone, for everyone -------------------------------------------------------------------


def press_to(page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _step in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"Tab never comes to {selector}")


def pick(page, selector: str, words: str) -> None:
    """Type into a list that searches, and choose the result."""
    press_to(page, selector)
    page.keyboard.press("Enter")
    page.keyboard.type(words)
    expect(page.locator(".select2-results__option--highlighted")).to_contain_text(words)
    page.keyboard.press("Enter")


def test_a_first_case_is_typed_with_the_keyboard_alone(opened):
    """A page of the booklet in other words: title, place, period, actor, source, story, lesson, theme."""
    make_country("PH", "Philippines")
    make_country("IT", "Italy")
    make_actor("batangas", name="Province of Batangas")
    make_theme("communities")
    page = opened(admin_pages.ADD)
    expect(page.locator("#id_title")).to_be_focused()  # the first field, before any button
    page.keyboard.type("A town and its people in Rome")
    press_to(page, "#id_summary")
    page.keyboard.type("A province and a city agreed to work together.")
    press_to(page, "#id_places-0-name")
    page.keyboard.type("Batangas")
    pick(page, "#places-0 .select2-selection", "Philippines")
    pick(page, ".field-origin .select2-selection", "Philippines")
    pick(page, ".field-destination .select2-selection", "Italy")
    press_to(page, "#id_period")
    page.keyboard.type("since 2002")
    pick(page, "#participations-0 .select2-selection", "Province of Batangas")
    press_to(page, "#id_participations-0-role")
    page.keyboard.type("Lead")
    press_to(page, "#id_sources-0-text")
    page.keyboard.type("A report, 2010")
    press_to(page, "#id_story")
    page.keyboard.type("It began with a visit.")
    press_to(page, "#id_lessons-0-text")
    page.keyboard.type("Ask those who left first.")
    press_to(page, "#lessons-group [data-add]")
    page.keyboard.press("Enter")
    page.keyboard.type("Write down who does what.")
    pick(page, ".field-themes .select2-search__field, .field-themes .select2-selection", "Communities")
    press_to(page, "[type=submit][name=_save]")
    page.keyboard.press("Enter")
    admin_pages.saved(page)
    practice = Practice.objects.get()
    assert (practice.slug, practice.status) == ("a-town-and-its-people-in-rome", "draft")
    assert [str(place) for place in practice.places.all()] == ["Batangas, Philippines"]
    assert [corridor.code for corridor in practice.corridors.all()] == ["PH-IT"]
    assert practice.period.edtf == "2002/.."
    assert [str(row) for row in practice.participations.all()] == ["Province of Batangas (Lead)"]
    assert [row.text for row in practice.lessons.all()] == [
        "Ask those who left first.",
        "Write down who does what.",
    ]
    assert [theme.slug for theme in practice.themes.all()] == ["communities"]


def pages(practice: Practice) -> list[str]:
    actor, publication = Actor.objects.first(), practice.publication
    admin_urls = [
        "",
        "practices/practice/",
        "practices/practice/add/",
        f"practices/practice/{practice.pk}/change/",
    ]
    admin_urls += [f"practices/practice/{practice.pk}/{page}/" for page in ("history", "delete", "preview")]
    admin_urls += [f"practices/practice/step/submit/?practice={practice.pk}", "practices/practice/deleted/"]
    admin_urls += ["practices/actor/", "practices/actor/add/", f"practices/actor/{actor.pk}/change/"]
    admin_urls += [
        "practices/publication/",
        f"practices/publication/{publication.pk}/change/",
        "practices/theme/add/",
    ]
    admin_urls += [f"practices/actor/{actor.pk}/{page}/" for page in ("delete", "history")]
    admin_urls += [f"practices/practice/owner/?practice={practice.pk}", "practices/theme/deleted/"]
    admin_urls += ["practices/synonym/add/", "practices/country/", "practices/user/", "password_change/"]
    return [f"/admin/{page}" for page in admin_urls]


@pytest.mark.parametrize(("width", "scheme"), [(375, "light"), (1280, "dark")])
def test_every_page_of_the_desk_fits_and_axe_finds_nothing(opened, live_server, width, scheme):
    practice = draft(
        countries=("PH", "IT"), actors=("atikha",), corridors=("PH-IT",), lessons=("A", "B"), sources=("S",),
        themes=("rights",), objectives=("gcm-20",), publication=make_publication(),
    )  # fmt: skip
    page = opened("/admin/", viewport={"width": width, "height": 800}, color_scheme=scheme)
    found = []
    for path in pages(practice):
        page.goto(live_server.url + path)
        found += [
            (path, rule["id"], rule["nodes"][0]["html"][:200])
            for rule in Axe().run(page).response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append((path, "scrolls sideways", ""))
    assert found == []
    opened.said.clear()  # the checker itself needs styles that the policy refuses


def test_what_opens_over_the_form_is_for_everyone_too(opened):
    practice = draft(lessons=("A",), countries=("PH",))
    page = opened(admin_pages.address(practice), viewport={"width": 375, "height": 800})
    page.fill("[name=title]", "")
    admin_pages.save(page)
    expect(page.locator("#outcome")).to_contain_text("This field is required.")
    page.locator("#places-0 details summary").click()
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.fill("[name=title]", "Mine")
    Practice.objects.filter(pk=practice.pk).update(title="Theirs", story="Theirs.")
    page.fill("[name=story]", "Mine.")
    admin_pages.save(page)
    expect(page.get_by_role("dialog", name="Two versions")).to_be_visible()
    assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.get_by_role("button", name="Back to the form").last.click()
    assert page.evaluate("document.documentElement.scrollWidth") == 375
    opened.said.clear()


def test_a_text_says_how_much_room_is_left_and_is_never_cut(opened):
    page = opened(admin_pages.ADD)
    story, said = page.locator("#id_story"), page.locator(".field-story .markdown [role=status]")
    story.fill("a" * 44_999)
    expect(said).to_have_text("")
    story.fill("a" * 49_000)
    expect(said).to_have_text("Characters left: 1,000")
    story.fill("a" * 51_000)
    expect(said).to_have_text("Too long. Characters to remove: 1,000")
    expect(story).to_have_value("a" * 51_000)
