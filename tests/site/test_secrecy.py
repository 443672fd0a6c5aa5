"""Unpublished content leaves no trace: public bytes are the same with and without it."""

from io import BytesIO
from zipfile import ZipFile

import pytest

from practices.exchange.formats import FORMATS
from practices.models import Practice
from tests.factories import make_country, make_region
from tests.site.test_public_pages import CANARY, make_everything

pytestmark = pytest.mark.django_db

LIST = "/api/v1/practices/"
ADDRESSES = [
    *("/", "/practices/", "/practices/?q=shared", "/practices/open-published/", "/lessons/", "/countries/"),
    *("/countries/PH/", "/corridors/PH-IT/", "/actors/", "/actors/naga/", "/themes/", "/themes/savings/"),
    *("/feed/", "/feed/?q=shared", "/sitemap-practices.xml", "/suggest/?q=sha", f"/suggest/?q={CANARY[:4]}"),
    *(
        f"/api/v1/{noun}/"
        for noun in ("", "practices", "lessons", "removed", "actors", "countries", "themes")
    ),
    *(f"/api/v1/{noun}/" for noun in ("objectives", "publications", "schema", "docs")),
    *(f"/api/v1/{row}/" for row in ("practices/open-published", "lessons/open-published/1", "actors/naga")),
    *(f"/api/v1/{row}/" for row in ("countries/PH", "themes/savings", "objectives/gcm-20")),
    *("/api/v1/publications/open-published/", "/api/v1/lessons/?q=shared&facets=1"),
    *(
        f"{LIST}?{query}"
        for query in ("facets=1", "q=shared&facets=1", f"q={CANARY}", "actor=naga", "cursor=0")
    ),
    *(f"{LIST}?{query}" for query in ("updated_since=2020-01-01", "fields=slug,story,lessons,editors_note")),
    *(f"{LIST}?format={kind}" for kind in FORMATS),
    *(f"{LIST}open-published/?format={kind}" for kind in FORMATS),
    *(f"{LIST}{CANARY}-{status}/" for status in ("draft", "in-review", "archived", "draft-former")),
    *(f"/api/v1/actors/{CANARY}-draft-actor/", f"/api/v1/publications/{CANARY}-draft/"),
    *(f"/api/v1/lessons/{CANARY}-draft/1/", f"{LIST}?actor={CANARY}-draft-actor"),
]


def said(client, address: str) -> bytes:
    """Return the status and bytes of a response; of a workbook, its parts except the time of creation."""
    response = client.get(address)
    body = response.getvalue()
    if "format=xlsx" in address:
        parts = ZipFile(BytesIO(body))
        body = b"".join(parts.read(name) for name in sorted(parts.namelist()) if "core.xml" not in name)
    return f"{response.status_code} {response.headers['Content-Type']}\n".encode() + body


def test_public_bytes_are_the_same_with_what_is_not_public_and_without_it(client):
    make_country("IT", region=make_region("150", "Europe"))
    make_everything("open", "published")
    before = {address: said(client, address) for address in ADDRESSES}
    for status in ("draft", "in_review", "archived"):
        make_everything(CANARY, status)
    after = {address: said(client, address) for address in ADDRESSES}
    assert [address for address in ADDRESSES if before[address] != after[address]] == []
    asked = {address for address in ADDRESSES if CANARY in address}  # an answer may repeat the question
    found = {address for address, body in after.items() if CANARY.encode() in body.lower()}
    assert found <= asked
    for practice in Practice.objects.exclude(slug="open-published"):
        practice.status = "published"
        practice.save()
    shown = {address for address in ADDRESSES if CANARY.encode() in said(client, address).lower()}
    assert {LIST + "?facets=1", "/api/v1/lessons/", "/feed/", "/api/v1/actors/"} <= shown
    assert "/api/v1/schema/" not in shown  # the contract does not depend on the content
    assert {f"{LIST}?format={kind}" for kind in FORMATS} <= shown
