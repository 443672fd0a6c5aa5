"""A save of a practice takes at most 45 queries, whatever the number of its rows."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext

from practices.history import versions
from practices.history.snapshots import take_snapshot
from practices.models import Practice, Revision, User
from practices.workflow import transitions
from tests.admin_form import PracticePage
from tests.factories import make_editor, make_person, make_practice

pytestmark = [pytest.mark.slow, pytest.mark.django_db]

IMAGE = "images/0123456789abcdef01234567-1.png"
MAX_QUERIES = 45  # transactions and savepoints included


def with_rows(rows: int, **fields) -> Practice:
    """A practice with this many rows of each kind."""
    names = ("one", "two", "three")[:rows]
    practice = make_practice(
        "Hidden", slug="hidden", countries=("PH", "IT", "SN")[:rows], themes=names, actors=names,
        objectives=("gcm-1", "gcm-2", "gcm-3")[:rows], lessons=names, sources=names,
        corridors=("PH-IT", "PH-SN", "IT-SN")[:rows], **fields,
    )  # fmt: skip
    for order in range(1, rows + 1):
        practice.images.create(order=order, file=IMAGE, width=1, height=1, alt="A", credit="B")
    return practice


@pytest.fixture(autouse=True)
def image_file() -> None:
    if not default_storage.exists(IMAGE):
        default_storage.save(IMAGE, ContentFile(b"a picture"))


def cost(client, person: User, practice: Practice) -> int:
    """Return the queries of a save that changes the title and a row."""
    client.force_login(person)
    page = PracticePage(client, f"/admin/practices/practice/{practice.pk}/change/")
    page.fill(title="Still hidden", lessons__0__text="Another lesson.")
    with CaptureQueriesContext(connection) as queries:
        response = page.save()
    assert response.status_code == 302, response.context["errors"]
    assert Practice.objects.get(pk=practice.pk).lessons.first().text == "Another lesson."
    return len(queries)


def draft_with_history(rows: int, person: User) -> Practice:
    practice = with_rows(rows, status="draft", owner=person)
    versions.save_version(practice, versions.Action.CREATED, person)
    return practice


def draft_without_history(rows: int, person: User) -> Practice:
    return with_rows(rows, status="draft", owner=person)


def change_of_a_public_practice(rows: int, person: User) -> Practice:
    return transitions.prepare_change(with_rows(rows, owner=person), person)


@pytest.mark.parametrize("make", [draft_with_history, draft_without_history, change_of_a_public_practice])
@pytest.mark.parametrize("group", ["Contributors", "Editors", "superuser"])
def test_a_save_stays_within_its_budget_with_one_row_of_each_kind_and_with_three(client, make, group):
    costs = []
    for rows in (1, 3):
        name = f"{group} {rows}"
        person = make_editor(name) if group == "superuser" else make_person(name, group)
        practice = make(rows, person)
        costs.append(cost(client, person, practice))
        Practice.objects.all().delete()
    assert costs[0] == costs[1]
    assert max(costs) <= MAX_QUERIES


def test_the_version_before_the_first_change_is_the_practice_as_it_was_stored(client):
    practice = with_rows(2, status="draft")
    before = take_snapshot(Practice.objects.get(pk=practice.pk))
    cost(client, make_editor(), practice)
    first, second = Revision.objects.filter(key=practice.pk).order_by("pk")
    assert (first.action, first.snapshot) == (versions.Action.FOUND, before)
    assert (second.action, second.snapshot["title"]) == (versions.Action.CHANGED, "Still hidden")
    assert [row["text"] for row in second.snapshot["lessons"]] == ["Another lesson.", "two"]
