"""The form of a practice in a real browser, as an editor uses it."""

from contextlib import suppress

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Error, Page, expect

ADD = "/admin/practices/practice/add/"
# Signs of every kind, lines and paragraphs, in fields of every kind and in rows that are new.
TYPED = {
    "title": "Bonds of migrants — “one” & <two>",
    "summary": "What was done, where & by whom: 1 < 2.",
    "story": "First, with *emphasis*[^1].\n\n- one\n- two\n\nمرحبا, ñandú, 日本.\n\n[^1]: A “note”.",
    "period": "April 2009 – June 2011",
    "places-0-name": "Batangas",
    "sources-0-text": "*A work*, 2012",
    "lessons-0-text": "First lesson.\n\nIts second paragraph.",
    "lessons-1-text": "Second lesson.",
}
CHOSEN = {"places-0-country": ("PH", "Philippines"), "kind": ("thinking_point", "Thinking point")}


def log_in(context: BrowserContext, site: str, user) -> None:
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": site}])


def close(context: BrowserContext) -> None:
    """Close a window when its pages have loaded.

    Chromium may never close a window that is told to close during a navigation, and Playwright would wait
    without end.
    """
    for page in context.pages:
        with suppress(Error):
            page.wait_for_load_state("networkidle", timeout=5_000)
    context.close()


def address(practice=None) -> str:
    return f"/admin/practices/practice/{practice.pk}/change/" if practice else ADD


def type_in(page: Page, typed: dict[str, str] = TYPED, chosen: dict[str, tuple[str, str]] = CHOSEN) -> None:
    while not page.locator("[name=lessons-1-text]").count():
        page.get_by_role("button", name="Add another lesson").click()
    for name, text in typed.items():
        page.fill(f"[name={name}]", text)
    for name, (value, label) in chosen.items():
        page.evaluate(
            """([name, value, label]) => {
                const list = document.querySelector(`[name=${name}]`);
                if (![...list.options].some((one) => one.value === value)) list.add(new Option(label, value));
                list.value = value;
                list.dispatchEvent(new Event("change", { bubbles: true }));
            }""",
            [name, value, label],
        )


def typed_in(page: Page) -> dict[str, str]:
    """Return the values of the fields that `type_in` fills; a choice by its label."""
    texts = {name: page.input_value(f"[name={name}]") for name in TYPED}
    words = "select => select.selectedOptions[0].text"
    return texts | {name: page.eval_on_selector(f"[name={name}]", words) for name in CHOSEN}


def everything() -> dict[str, str]:
    return TYPED | {name: label for name, (_value, label) in CHOSEN.items()}


def stored(practice) -> dict[str, str]:
    """Return the same values from the database."""
    place = practice.places.get()
    lessons = [row.text for row in practice.lessons.all()]
    return {
        **{name: getattr(practice, name) for name in ("title", "summary", "story")},
        "period": practice.period.text,
        "places-0-name": place.name,
        "places-0-country": str(place.country),
        "sources-0-text": practice.sources.get().text,
        "lessons-0-text": lessons[0],
        "lessons-1-text": lessons[1],
        "kind": practice.get_kind_display(),
    }


def save(page: Page) -> None:
    page.locator("[type=submit][name=_save]").last.click()


def saved(page: Page) -> None:
    """Wait for the list that follows a save."""
    page.wait_for_url("**/admin/practices/practice/")


def says(page: Page, words: str) -> None:
    expect(page.locator("#outcome")).to_contain_text(words)


def bring_back(page: Page) -> None:
    page.get_by_role("button", name="Restore my text").first.click()
