"""Every change of public content creates a version of the practice and a log entry that names it."""

import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from practices.history import reference_versions, versions
from practices.history.snapshots import take_snapshot
from practices.models import (
    Actor,
    AuditEntry,
    Import,
    Practice,
    ReferenceVersion,
    Revision,
    Synonym,
    Theme,
    User,
)
from practices.serializers.fields import to_json
from practices.serializers.practices import practice_document
from practices.workflow import transitions
from tests.admin_form import PracticePage, form_of
from tests.exchange.test_import_booklet import ONE_CASE
from tests.exchange.test_imports import a_csv
from tests.factories import make_actor, make_country, make_person, make_practice, make_publication

COMMANDS = Path(settings.BASE_DIR, "practices", "management", "commands")
LIST = "/admin/practices/practice/"

pytestmark = pytest.mark.django_db


class Portal:
    """Two public practices that share a theme, an actor and a publication; a draft, and a scheduled one."""

    def __init__(self, tmp_path: Path) -> None:
        self.folder = tmp_path
        self.person = make_person("boss", "Administrators")
        publication = make_publication()
        publication.funders.add(make_actor("eu"))
        shared = {"themes": ("savings",), "actors": ("atikha",), "publication": publication}
        self.one = make_practice("One", slug="one", **shared)
        self.two = make_practice("Two", slug="two", **shared)
        self.other = make_practice("Other", slug="other")
        self.draft = make_practice("Draft", slug="draft", status="draft", **shared)
        self.due = make_practice("Due", slug="due", status="in_review")
        Practice.objects.filter(pk=self.due.pk).update(publish_at=timezone.now())
        make_country("RU", "Ruritania")
        self.client = Client()
        self.client.force_login(self.person)

    def run(self, command: str, *arguments: object, **options: object) -> None:
        call_command(command, *map(str, arguments), stdout=StringIO(), **options)

    def refused(self, command: str, *arguments: object, **options: object) -> None:
        with pytest.raises(CommandError):
            self.run(command, *arguments, **options)

    def file(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def post(self, address: str, **data: object) -> None:
        response = self.client.post(address, data)
        assert response.status_code in {200, 302}, response.status_code
        if response.streaming:
            list(response.streaming_content)

    def page(self, row: object, what: str) -> str:
        return reverse(f"admin:practices_{row._meta.model_name}_{what}", args=[row.pk])

    def save(self, row: object, **values: str) -> None:
        address = self.page(row, "change")
        self.post(address, **{**form_of(self.client.get(address), f"{row._meta.model_name}_form"), **values})

    def chosen(self, model: str, action: str, *rows: object, **more: str) -> None:
        keys = [row.pk for row in rows]
        self.post(f"/admin/practices/{model}/", action=action, _selected_action=keys, **more)

    def step(self, name: str, *practices: Practice) -> None:
        keys = "&".join(f"practice={row.pk}" for row in practices)
        self.post(f"{LIST}step/{name}/?{keys}", comment="So.")

    def exported(self) -> Path:
        """A folder of the whole collection in which “One” has another title and the theme another name."""
        folder = self.folder / "export"
        self.run("export_all", folder)
        for name, key, values in (
            ("practices", "one", {"title": "Uno"}),
            ("themes", "savings", {"name": "Money"}),
        ):
            path = folder / "data" / f"{name}.jsonl"
            rows = [json.loads(line) for line in path.read_text().splitlines()]
            rows = [row | (values if row["slug"] == key else {}) for row in rows]
            path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
        return folder

    def fixture(self) -> Path:
        row = Theme.objects.get(slug="savings")
        fields = {"slug": row.slug, "name": "Money", "scheme": row.scheme, "order": 1, "definition": "D."}
        return self.file("themes.yaml", yaml.safe_dump([{"model": "practices.theme", "fields": fields}]))

    def sheet(self, **values: str) -> Path:
        return self.file("sheet.csv", a_csv(values))


@pytest.fixture
def portal(tmp_path, settings) -> Portal:
    settings.MEDIA_ROOT = tmp_path / "media"
    return Portal(tmp_path)


def public() -> dict[int, str]:
    """Return what readers see of each public practice, without the time of its last change."""
    found = {}
    for practice in Practice.objects.published().with_relations():
        practice.updated_at = practice.changed_at = None
        found[practice.pk] = to_json(practice_document(practice))
    return found


def unnoted(before: dict[int, str], version: int, entry: int) -> tuple[set[str], set[str]]:
    """Return the titles of practices whose public content changed, and of those without a new version."""
    now = public()
    keys = {key for key in {*before, *now} if before.get(key) != now.get(key)}
    versions = Revision.objects.filter(pk__gt=version)
    named = {row["key"] for line in AuditEntry.objects.filter(pk__gt=entry) for row in line.practices}
    kept = set(versions.values_list("key", flat=True)) & named
    titles = {key: json.loads(text)["title"] for key, text in {**now, **before}.items()}
    return {titles[key] for key in keys}, {titles[key] for key in keys - kept}


def changes_of(portal: Portal, deed: Callable[[Portal], object]) -> set[str]:
    """Run an action; return the practices that changed for readers, each of which must have a log entry."""
    before = public()
    version, entry = newest(Revision), newest(AuditEntry)
    deed(portal)
    changed, lost = unnoted(before, version, entry)
    assert lost == set(), "public content changed without a version and a line of the log"
    return changed


def newest(model: type) -> int:
    return model.objects.order_by("pk").values_list("pk", flat=True).last() or 0


NONE: set[str] = set()
BOTH = {"One", "Two"}
# Each command as it changes most, and what of the public content it changes.
COMMANDS_DO: dict[str, tuple[Callable[[Portal], object], set[str]]] = {
    "copy_database": (lambda portal: portal.refused("copy_database", source="sqlite:///none"), NONE),
    "export_all": (lambda portal: portal.run("export_all", portal.folder / "export"), NONE),
    "import_all": (
        lambda portal: portal.run("import_all", portal.exported(), edited=True, apply=True), BOTH,
    ),
    "import_booklet": (
        lambda portal: portal.run(
            "import_booklet", portal.file("b.txt", ONE_CASE), "--apply", "--status", "published"
        ),
        {"Wells of Overbrook"},
    ),
    "import_practices": (
        lambda portal: portal.run(
            "import_practices", portal.sheet(slug="one", title="Uno"), user="boss", apply=True
        ),
        NONE,
    ),
    "loaddata": (lambda portal: portal.run("loaddata", portal.fixture(), verbosity=0), BOTH),
    "bootstrap": (lambda portal: portal.run("bootstrap"), NONE),
    "publish_scheduled": (lambda portal: portal.run("publish_scheduled"), {"Due"}),
    "rebuild_search": (lambda portal: portal.run("rebuild_search"), NONE),
    "cleanup": (lambda portal: portal.run("cleanup"), NONE),
}  # fmt: skip
ELSEWHERE = {"backup", "restore"}  # test_backup.py, on a database of its own


def test_every_command_is_in_the_table():
    names = {path.stem for path in COMMANDS.glob("*.py")} - {"__init__"}
    assert names == {*COMMANDS_DO, *ELSEWHERE}


@pytest.mark.parametrize("name", COMMANDS_DO)
def test_no_command_changes_public_content_without_a_version_and_a_line_of_the_log(portal, name):
    deed, expected = COMMANDS_DO[name]
    assert changes_of(portal, deed) == expected


TRIALS = {
    "import_all": lambda portal: portal.run("import_all", portal.exported(), edited=True, replace=True),
    "import_booklet": lambda portal: portal.run("import_booklet", portal.file("b.txt", ONE_CASE)),
    "import_practices": lambda portal: portal.run(
        "import_practices", portal.sheet(title="New", story="S."), user="boss"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TRIALS)
def test_without_apply_an_import_changes_no_row(portal, name):
    def rows() -> list:
        models = (Practice, Theme, Actor, Synonym, Revision, ReferenceVersion, AuditEntry)
        return [list(model.objects.order_by("pk").values()) for model in models]

    before = rows()
    TRIALS[name](portal)
    assert rows() == before


def test_every_command_that_imports_is_tried_without_apply():
    names = {path.stem for path in COMMANDS.glob("import_*.py")}
    assert names == set(TRIALS)
    for name in names:
        assert '"--apply"' in (COMMANDS / f"{name}.py").read_text()


def prepared(portal: Portal) -> None:
    """Publish a pending change of “One”."""
    draft = transitions.prepare_change(portal.one, portal.person)
    page = PracticePage(portal.client, f"{LIST}{draft.pk}/change/")
    page.fill(story="Otherwise.")
    assert page.save().status_code == 302
    portal.step("publish", draft)


def restored(portal: Portal, row: object) -> None:
    """Delete a row that practices show, and restore it."""
    reference_versions.delete_rows([row], portal.person)
    version = reference_versions.deleted_rows(type(row)).get()
    portal.post(reverse(f"admin:practices_{version.kind}_version", args=[version.pk]))


def renamed_back(portal: Portal) -> None:
    actor = Actor.objects.get(slug="atikha")
    portal.save(actor, name="Otherwise")
    version = ReferenceVersion.objects.get(action="found")
    portal.post(reverse("admin:practices_actor_version", args=[version.pk]))
    assert Actor.objects.get(pk=actor.pk).name == "Atikha"
    portal.save(Actor.objects.get(pk=actor.pk), acronym="A")


def imported(portal: Portal) -> None:
    with portal.sheet(slug="one", title="Uno").open("rb") as file:
        list(portal.client.post(f"{LIST}import/", {"file": file}).streaming_content)
    key = Import.objects.get().pk
    portal.post(f"{LIST}import/{key}/")
    assert Practice.objects.filter(replaces=portal.one, title="Uno").exists()
    portal.post(f"{LIST}import/{key}/")
    assert not Practice.objects.filter(replaces=portal.one).exists()


def back(portal: Portal) -> None:
    transitions.delete_practices([portal.draft], portal.person)
    portal.post(f"{LIST}version/{versions.deleted_practices().get().pk}/")


def actor(slug: str) -> Actor:
    return Actor.objects.get(slug=slug)


def theme() -> Theme:
    return Theme.objects.get(slug="savings")


DESK: dict[str, tuple[Callable[[Portal], object], set[str]]] = {
    "a theme is renamed": (lambda portal: portal.save(theme(), name="Money"), BOTH),
    "a theme is deleted": (lambda portal: portal.post(portal.page(theme(), "delete"), post="yes"), BOTH),
    "chosen themes are deleted": (
        lambda portal: portal.chosen("theme", "delete_selected", theme(), post="yes"), BOTH,
    ),
    "a deleted theme is restored": (lambda portal: restored(portal, theme()), NONE),
    "an actor is renamed": (lambda portal: portal.save(actor("atikha"), name="Money"), BOTH),
    "an actor is renamed back": (renamed_back, BOTH),
    "a funder is deleted": (lambda portal: portal.post(portal.page(actor("eu"), "delete"), post="yes"), BOTH),
    "chosen funders are deleted": (
        lambda portal: portal.chosen("actor", "delete_selected", actor("eu"), post="yes"), BOTH,
    ),
    "a publisher is renamed": (lambda portal: portal.save(actor("publisher"), name="Press"), BOTH),
    "a publication is renamed": (lambda portal: portal.save(portal.one.publication, title="Book"), BOTH),
    "a publication loses its funders": (lambda portal: portal.save(portal.one.publication, funders=[]), BOTH),
    "synonyms are changed": (
        lambda portal: portal.save(Synonym.objects.create(words="a, b"), words="a, c"), NONE,
    ),
    "a prepared change is published": (prepared, {"One"}),
    "chosen practices are archived": (lambda portal: portal.step("archive", portal.one, portal.two), BOTH),
    "chosen practices become drafts": (lambda portal: portal.step("reopen", portal.one, portal.two), BOTH),
    "a draft is published": (lambda portal: portal.step("publish", portal.draft), {"Draft"}),
    "a practice is deleted": (
        lambda portal: portal.post(f"{LIST}{portal.one.pk}/delete/", post="yes"), {"One"},
    ),
    "chosen practices are deleted": (
        lambda portal: portal.chosen("practice", "delete_selected", portal.one, portal.two, post="yes"), BOTH,
    ),
    "a deleted practice is restored": (back, NONE),
    "a practice has another owner": (
        lambda portal: portal.post(f"{LIST}owner/?practice={portal.one.pk}", owner="nobody"), NONE,
    ),
    "a sheet is imported and undone": (imported, NONE),
    "an account is deleted": (
        lambda portal: portal.chosen("user", "delete_selected", make_person("x", "Editors"), post="yes"),
        NONE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DESK)
def test_nothing_at_the_desk_changes_public_content_without_a_version_and_a_line_of_the_log(portal, name):
    deed, expected = DESK[name]
    assert changes_of(portal, deed) == expected


def test_every_class_of_the_admin_that_can_change_content_keeps_versions():
    """A new class either belongs to rows that nobody changes, or keeps versions as the others do."""
    site = admin.site
    free = {"user", "group", "auditentry", "practice"}
    for model, its in site._registry.items():
        if model._meta.model_name in free or not its.has_change_permission(Superuser()):
            continue
        assert type(its).delete_model.__module__ == "practices.editing.reference_base", model
        assert type(its).save_related.__module__ == "practices.editing.reference_base", model
        assert "list_editable" not in vars(type(its)), model


class Superuser:
    """A request of a superuser."""

    user = User(is_superuser=True, is_active=True)
    method = "POST"


def test_what_practices_were_before_is_kept_where_no_version_holds_it(portal):
    portal.run("loaddata", portal.fixture(), verbosity=0)
    assert [row.action for row in versions.versions_of(portal.one.pk)] == ["changed", "found"]
    entry = AuditEntry.objects.get(action="fixtures loaded")
    assert (entry.about, entry.comment) == ("themes.yaml", "")
    assert [row.title for row in ReferenceVersion.objects.order_by("pk")] == ["Savings", "Money"]
    version = ReferenceVersion.objects.earliest("pk")
    reference_versions.restore_row(version, portal.person)
    assert Theme.objects.get().name == "Savings"


def test_fixtures_that_change_nothing_leave_no_line(portal):
    fields = {"words": "a, b"}
    path = portal.file("synonyms.yaml", yaml.safe_dump([{"model": "practices.synonym", "fields": fields}]))
    portal.run("loaddata", path, verbosity=0)
    versions, entries = Revision.objects.count(), AuditEntry.objects.count()
    portal.run("loaddata", path, verbosity=0)
    assert (Revision.objects.count(), AuditEntry.objects.count()) == (versions, entries)


def test_a_theme_that_an_import_of_the_collection_deletes_can_be_restored(portal):
    folder = portal.folder / "export"
    portal.run("export_all", folder)
    make_practice("Late", slug="late")
    late = Theme.objects.create(slug="late", name="Late", scheme="jmdi", order=99, definition="D.")
    portal.one.themes.add(late)
    shutil.rmtree(portal.folder / "media", ignore_errors=True)

    def deed(portal: Portal) -> None:
        portal.run("import_all", folder, replace=True, apply=True)

    assert changes_of(portal, deed) == {"One", "Late"}
    assert take_snapshot(Practice.objects.get(slug="one"))["themes"] == ["savings"]
    reference_versions.restore_row(reference_versions.deleted_rows(Theme).get(), portal.person)
    assert Theme.objects.filter(slug="late").exists()
