"""Permissions in the admin: each rule for each role and each status of a practice."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Permission
from django.test import RequestFactory

from practices.editing.practice_admin import PracticeAdmin
from practices.models import Practice, User
from practices.workflow import permissions, transitions
from tests.factories import make_editor, make_person, make_practice

pytestmark = pytest.mark.django_db

DAY = datetime(2026, 1, 1, tzinfo=UTC)
# Each state a practice can be in: its status, and whether it ever was public.
STATES = {
    "draft": {"status": "draft"},
    "draft that was public": {"status": "draft", "published_at": DAY},
    "in review": {"status": "in_review"},
    "in review that was public": {"status": "in_review", "published_at": DAY},
    "published": {"status": "published", "published_at": DAY},
    "archived": {"status": "archived", "published_at": DAY},
}
PEOPLE = ["owner", "other", "editor", "administrator", "superuser", "publisher", "nobody"]
EDITORS = {"editor", "administrator", "superuser", "publisher"}
OWN = EDITORS | {"owner"}
# State → who may see, change and delete it.
TABLE = {
    "draft": (OWN, OWN, OWN),
    "draft that was public": (OWN, OWN, EDITORS),
    "in review": (OWN, EDITORS, EDITORS),
    "in review that was public": (OWN, EDITORS, EDITORS),
    "published": (OWN, set(), EDITORS),
    "archived": (OWN, set(), EDITORS),
}
# State → step → who may take it.
STEPS = {
    "draft": {"submit": OWN, "publish": EDITORS},
    "in review": {"send-back": EDITORS, "publish": EDITORS},
    "published": {"archive": EDITORS, "reopen": EDITORS},
    "archived": {"reopen": EDITORS},
}


@pytest.fixture
def people() -> dict[str, Any]:
    """An account for each role; `publisher` has the one permission that makes an editor."""
    publisher = User.objects.create_user("publisher", is_staff=True)
    publisher.user_permissions.add(Permission.objects.get(codename="publish_practice"))
    return {
        "owner": make_person("owner", "Contributors"),
        "other": make_person("other", "Contributors"),
        "editor": make_person("editor", "Editors"),
        "administrator": make_person("administrator", "Administrators"),
        "superuser": make_editor("superuser"),
        "publisher": publisher,
        "nobody": AnonymousUser(),
    }


def allowed(people: dict[str, Any], may: Any) -> set[str]:
    return {name for name, person in people.items() if may(person)}


@pytest.mark.parametrize("state", STATES)
def test_who_may_see_change_and_delete_a_practice(people, state):
    practice = make_practice(owner=people["owner"], **STATES[state])
    found = [
        allowed(people, lambda person, rule=rule: rule(person, practice))
        for rule in (permissions.may_see, permissions.may_change, permissions.may_delete)
    ]
    assert found == list(TABLE[state])


@pytest.mark.parametrize("state", STATES)
def test_the_admin_asks_the_same_rules_and_the_rights_of_the_group(people, state):
    practice = make_practice(owner=people["owner"], **STATES[state])
    desk = PracticeAdmin(Practice, admin.site)

    def asks(name: str) -> set[str]:
        def may(person: Any) -> bool:
            request = RequestFactory().get("/")
            request.user = person
            return bool(getattr(desk, f"has_{name}_permission")(request, practice))

        return allowed(people, may)

    seen, changed, deleted = (rule - {"publisher"} for rule in TABLE[state])
    assert (asks("view"), asks("change"), asks("delete")) == (seen, changed, deleted)


@pytest.mark.parametrize("state", STEPS)
def test_who_may_take_which_step(people, state):
    practice = make_practice(owner=people["owner"], **STATES[state])
    found = {
        name: who
        for name, step in transitions.STEPS.items()
        if (who := allowed(people, lambda person, step=step: transitions.may_take(step, person, practice)))
    }
    assert found == STEPS[state]


@pytest.mark.parametrize("status", ["draft", "in_review"])
def test_a_practice_without_an_owner_is_the_editors_alone(people, status):
    practice = make_practice(status=status)
    for rule in (permissions.may_see, permissions.may_change, permissions.may_delete):
        assert allowed(people, lambda person, rule=rule: rule(person, practice)) == EDITORS


def test_the_list_at_the_desk_holds_all_for_editors_and_their_own_for_contributors(people):
    own = make_practice(owner=people["owner"], status="draft")
    every = {own, make_practice(owner=people["other"], status="in_review"), make_practice()}
    seen = {name: set(permissions.seen_by(people[name])) for name in PEOPLE if name != "nobody"}
    assert seen == {
        "owner": {own},
        "other": every - {own} - {row for row in every if row.owner_id is None},
        **dict.fromkeys(EDITORS, every),
    }
