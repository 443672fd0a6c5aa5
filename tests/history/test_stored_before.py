"""Snapshots, versions and imports that the portal stored before its names changed still restore.

`tests/data/stored_before_renames.json` was written by the code of commit 8538db4.
"""

import json
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission

from practices.exchange import imports
from practices.history import reference_versions
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import take_snapshot
from practices.models import Import, Practice, ReferenceVersion, Revision, Theme, User
from practices.workflow import transitions
from tests.factories import make_editor

pytestmark = pytest.mark.django_db

STORED = json.loads((Path(__file__).parents[1] / "data" / "stored_before_renames.json").read_text("utf-8"))


@pytest.fixture
def editor(jmdi: None) -> User:
    return make_editor()


def as_json(value: Any) -> Any:
    return json.loads(json.dumps(value))


def snapshot_like(practice: Practice, stored: dict) -> dict:
    """Return the practice's snapshot without fields that were added after `stored` was written."""

    def like(value: Any, example: Any) -> Any:
        if isinstance(example, dict):
            return {name: like(value[name], example[name]) for name in example}
        if isinstance(example, list) and len(example) == len(value):
            return [like(*pair) for pair in zip(value, example, strict=True)]
        return value

    return like(as_json(take_snapshot(practice)), stored)


def test_a_stored_snapshot_gives_the_same_practice(editor):
    stored = STORED["practice"]
    practice = Practice.objects.get(slug=stored["slug"])
    practice.lessons.all().delete()
    practice.themes.clear()
    assert snapshot_like(apply_snapshot(stored, practice), stored) == stored


def test_a_stored_version_of_a_deleted_practice_restores_it(editor):
    stored = STORED["practice"]
    Practice.objects.get(slug=stored["slug"]).delete()
    version = Revision.objects.create(key=990, slug=stored["slug"], action="deleted", snapshot=stored)
    restored = transitions.restore_practice(version, editor)
    assert snapshot_like(restored, stored) == stored | {"status": "draft"}


def test_a_stored_version_of_a_deleted_theme_restores_it_with_its_links(editor):
    stored = STORED["theme"]
    theme = Theme.objects.get(slug=stored["record"]["slug"])
    users = set(theme.practices.values_list("slug", flat=True))
    key = theme.pk
    theme.delete()
    version = ReferenceVersion.objects.create(
        kind=stored["kind"], key=key, title=stored["title"], action="deleted",
        snapshot=stored["record"], links=stored["links"],
    )  # fmt: skip
    row, changed = reference_versions.restore_row(version, editor)
    assert as_json(reference_versions.row_snapshot(row)) == stored["record"]
    assert (
        {practice.slug for practice in changed} == {slug for _key, slug in stored["links"]["themes"]} == users
    )


def test_a_stored_import_is_undone(editor):
    stored = STORED["import"]
    [done] = stored["done"]
    practice = Practice.objects.get(slug=done["before"]["slug"])
    apply_snapshot(stored["imported_record"], practice)
    version = Revision.objects.create(
        key=practice.pk, slug=practice.slug, action="imported", snapshot=stored["imported_record"]
    )
    row = Import.objects.create(
        file="old.csv", state="done", lines=stored["lines"],
        done=[done | {"key": practice.pk, "version": version.pk}],
    )  # fmt: skip
    assert imports.undo(row, editor) == [(done["title"], "changed")]
    assert snapshot_like(Practice.objects.get(pk=practice.pk), done["before"]) == done["before"]


def test_a_stored_import_that_was_only_tried_is_imported(editor):
    stored = STORED["import"]
    practice = Practice.objects.get(slug=stored["done"][0]["before"]["slug"])
    apply_snapshot(stored["done"][0]["before"], practice)
    row = Import.objects.create(file="old.csv", lines=stored["lines"])
    assert [outcome.action for outcome in imports.run_import(row, editor, apply=True)] == ["changed"]
    expected = stored["imported_record"]
    assert snapshot_like(Practice.objects.get(pk=practice.pk), expected) == expected


def test_the_permissions_of_a_renamed_model_are_renamed_with_it(db):
    migration = import_module("practices.migrations.0020_plain_names")
    now = set(Permission.objects.values_list("codename", "name"))
    assert ("view_activeeditor", "Can view active editor") in now
    migration.restore_permissions(apps, None)
    assert Permission.objects.filter(codename="view_presence", name="Can view presence").exists()
    migration.rename_permissions(apps, None)
    assert set(Permission.objects.values_list("codename", "name")) == now


def test_fields_that_no_longer_exist_are_named_and_the_rest_is_restored(client, editor):
    client.force_login(editor)
    practice = Practice.objects.get(slug=STORED["practice"]["slug"])
    transitions.take_step("reopen", practice, editor)
    now = as_json(take_snapshot(Practice.objects.get(pk=practice.pk)))
    older = now | {
        "title": "Older",
        "removed_field": "12 euros",
        "places": [row | {"region": "A"} for row in now["places"]],
    }
    version = Revision.objects.create(key=practice.pk, slug=practice.slug, action="changed", snapshot=older)
    address = f"/admin/practices/practice/version/{version.pk}/"
    assert "not restored: removed_field, places.region." in client.get(address).content.decode()
    assert client.post(address, {"comment": "Back."}).status_code == 302
    assert as_json(take_snapshot(Practice.objects.get(pk=practice.pk))) == now | {"title": "Older"}
    restored = Revision.objects.filter(action="restored").get()
    assert restored.comment.startswith("Back. Not restored")
    assert "removed_field, places.region" in restored.comment
    assert Revision.objects.get(pk=version.pk).snapshot == older


def test_a_field_of_a_theme_that_no_longer_exists_is_named_and_the_rest_is_restored(client, editor):
    client.force_login(editor)
    theme = Theme.objects.get(slug=STORED["theme"]["record"]["slug"])
    old = reference_versions.row_snapshot(theme) | {"name": "Older", "colour": "red"}
    version = ReferenceVersion.objects.create(
        kind="theme", key=theme.pk, title="Older", action="changed", snapshot=old
    )
    address = f"/admin/practices/theme/version/{version.pk}/"
    assert "not restored: colour." in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert Theme.objects.get(pk=theme.pk).name == "Older"
