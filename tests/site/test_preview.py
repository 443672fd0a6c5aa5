"""A preview of a draft is the public page, for people with the link, until the link expires."""

from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone

from practices.models import Practice
from practices.workflow import transitions
from practices.workflow.preview_links import SALT, link
from tests.factories import make_person, make_practice
from tests.workflow.test_transitions import full_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(db):
    return make_person("ed", "Editors")


def neighbours() -> None:
    """Practices that are related by shared values and by their words."""
    make_practice("Near", story="A zarzuela of gannets.", actors=("naga",), countries=("PH",))
    make_practice("In words", story="A zarzuela of gannets, too.")


def test_it_is_byte_for_byte_the_page_that_is_published(client, editor):
    neighbours()
    draft = full_practice(
        status="draft", story="A zarzuela of gannets.", period="2014/..", summary="In short."
    )
    shown = client.get(link(draft)[0])
    assert shown.status_code == 200
    transitions.take_step("publish", draft, editor)
    public = Practice.objects.get(pk=draft.pk)
    Practice.objects.filter(pk=draft.pk).update(updated_at=draft.updated_at)
    page = client.get("/practices/bonds/").content.decode()
    moment = public.published_at.isoformat()
    as_shown = shown.content.decode()
    assert "similar text" in page
    # The moments differ by the instant between the two.
    assert moment[:19] in page
    assert strip(as_shown) == strip(page)


def strip(page: str) -> list[str]:
    return [line for line in page.splitlines() if "datePublished" not in line]


def test_a_prepared_change_is_shown_under_the_address_that_it_will_have(client, editor):
    live = full_practice()
    draft = transitions.prepare_change(live, editor)
    draft.title = "Seagulls"
    draft.save()
    page = client.get(link(draft)[0]).content.decode()
    assert '<h1 lang="en" dir="ltr">Seagulls</h1>' in page
    assert "/practices/bonds/" in page
    assert draft.slug not in page
    assert "Bonds" not in page  # not even as a related practice


def test_nobody_keeps_it(client):
    response = client.get(link(make_practice(status="draft"))[0])
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert not response.cookies
    assert "cookie" not in response.headers.get("Vary", "").lower()


def test_a_link_holds_for_seven_days(client, monkeypatch):
    address, until = link(make_practice("Gulls", status="draft"))
    began = timezone.now()
    assert abs(until - began - timedelta(days=7)) < timedelta(minutes=1)
    for days, status in ((6.99, 200), (7.01, 410)):
        monkeypatch.setattr("django.core.signing.time.time", lambda d=days: began.timestamp() + d * 86400)
        response = client.get(address)
        assert (response.status_code, "Gulls" in response.content.decode()) == (status, status == 200)
        assert response.headers["Cache-Control"] == "no-store"
    assert "expires after 7 days" in response.content.decode()


def test_a_link_leads_to_what_was_published_and_ends_with_the_draft(client, editor):
    draft = make_practice(slug="one", status="draft")
    address = link(draft)[0]
    transitions.take_step("publish", draft, editor)
    assert client.get(address)["Location"] == "/practices/one/"
    transitions.take_step("archive", draft, editor)
    assert client.get(address).status_code == 410
    Practice.objects.all().delete()
    assert client.get(address).status_code == 410


@pytest.mark.parametrize("salt", ["other", SALT])
def test_a_link_of_ones_own_making_opens_nothing(client, salt, settings):
    practice = make_practice(status="draft")
    key = settings.SECRET_KEY if salt == "other" else "x" * 40
    token = signing.dumps(practice.pk, salt=salt, key=key)
    assert client.get(f"/preview/{token}/").status_code == 404


def test_it_is_for_reading_alone(client):
    address = link(make_practice(status="draft"))[0]
    assert [client.post(address).status_code, client.delete(address).status_code] == [405, 405]
