"""The admin's pages of workflow, versions and accounts, on a dark phone and a light wide screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from practices.history import versions
from practices.workflow import transitions
from tests.factories import make_person, make_practice

pytestmark = [pytest.mark.e2e, pytest.mark.one_engine, pytest.mark.django_db(transaction=True)]

DESK = "/admin/practices/practice/"


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1440, "light")])
def test_no_barrier_and_nothing_wider_than_the_window(browser, live_server, width, scheme):
    boss = make_person("boss", "Administrators")
    live = make_practice("Bonds of migrants " * 6, lessons=("Ask women first.",))
    draft = transitions.prepare_change(live, boss)
    draft.title = "Seagulls"
    draft.save()
    version = versions.save_version(draft, "changed", boss, "New figures.")
    gone = make_practice()
    transitions.delete_practices([gone], boss)
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(f"{live_server.url}/admin/login/?next=/admin/")
    page.fill("#id_username", "boss")
    page.fill("#id_password", "a good long password")
    page.keyboard.press("Enter")
    page.wait_for_selector("#logout-form")
    found = {}
    for where in (
        DESK,
        f"{DESK}step/publish/?practice={draft.pk}",
        f"{DESK}{draft.pk}/history/",
        f"{DESK}version/{version.pk}/",
        f"{DESK}deleted/",
        f"{DESK}{draft.pk}/preview/",
        "/admin/account/",
        "/admin/account/second-factor/",
        "/admin/practices/auditentry/",
        "/admin/password_reset/",
    ):
        page.goto(live_server.url + where)
        barriers = [rule["id"] for rule in Axe().run(page).response["violations"]]
        found[where] = (barriers, page.evaluate("document.documentElement.scrollWidth"))
    page.close()
    assert found == dict.fromkeys(found, ([], width))
