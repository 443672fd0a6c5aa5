"""A collection is exported to a folder and imported unchanged, or not at all."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from django.apps import apps
from django.core import serializers
from django.core.management import CommandError, call_command

from practices.exchange.collection import KINDS
from practices.models import (
    Actor,
    ContentVersion,
    FormerSlug,
    Image,
    Practice,
    Publication,
    Revision,
    Synonym,
    Theme,
)
from practices.models.content_version import bump_content_version
from practices.search.indexing import batch_reindex
from tests.archives import jpeg
from tests.factories import make_actor, make_practice, make_publication, make_region, make_theme

KEPT = ["region", "country", "actortype", "theme", "objective", "synonym", "actor", "publication", "practice",
        "place", "participation", "source", "lesson", "image", "corridor", "formerslug"]  # fmt: skip


@pytest.fixture(autouse=True)
def media(db, settings, tmp_path) -> Path:
    """A folder of uploaded files with one file."""
    settings.MEDIA_ROOT = tmp_path / "media"
    (settings.MEDIA_ROOT / "images").mkdir(parents=True)
    (settings.MEDIA_ROOT / PICTURE).write_bytes(jpeg(800))
    return settings.MEDIA_ROOT


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "export"


PICTURE = f"images/{'0a' * 12}-800.jpg"
LATER = datetime(2199, 1, 1, tzinfo=UTC)


def everything() -> dict[str, list[str]]:
    """Return the whole collection as Django serialises it, with natural keys and no primary keys."""
    return {
        name: sorted(
            serializers.serialize(
                "json", [row], use_natural_foreign_keys=True,
                use_natural_primary_keys=name not in {"region", "country"},
            )
            for row in apps.get_model("practices", name).objects.all()
        )
        for name in KEPT
    }  # fmt: skip


def run(command: str, *arguments: object, **options: bool) -> str:
    said = io.StringIO()
    call_command(command, *map(str, arguments), stdout=said, **options)
    return said.getvalue()


def wipe() -> None:
    """Delete all rows of the collection."""
    with batch_reindex():
        Practice.objects.all().delete()
        Publication.objects.all().delete()
        for name in reversed(KEPT[:7]):
            rows = apps.get_model("practices", name).objects.all()
            if name in {"theme", "actor", "region"}:
                rows.update(parent=None)
            rows.delete()
    assert not any(everything().values())


def make_collection() -> None:
    """A published practice with all relations, a draft, an archived and a renamed one."""
    umbrella = make_actor("umbrella", name="Umbrella")
    make_actor("atikha", "diaspora-organisations", name="Átikha & “sons”", acronym="A", parent=umbrella)
    make_theme("savings", make_theme("remittances"))
    make_region("035", "South-eastern Asia", make_region("142", "Asia"))
    publication = make_publication(date="2015", url="https://example.org/book", note="*Printed* twice.")
    publication.funders.set([umbrella, make_actor("funder")])
    practice = make_practice(
        "=Sen “Bonds” 👩‍🌾 العودة", slug="sen", kind="thinking_point", period="2014-03/..",
        activity="running", activity_checked_on="2026-01-02", activity_checked_by="the desk",
        editors_note="A note.", story="One\n\ntwo\x07 three\u2028four", countries=("PH", "IT"),
        corridors=("PH-IT", "IT-PH"), themes=("savings",), objectives=("gcm-20", "sdg-10.7"),
        lessons=("First.", "Second."), sources=("*Ant*", "Bee"), publication=publication,
        published_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    )  # fmt: skip
    practice.places.filter(order=1).update(name="Naga", latitude="13.622", longitude="-123.195")
    practice.participations.create(order=1, actor=make_actor("atikha"), role="lead", group="G", note="N.")
    practice.images.create(order=1, file=PICTURE, width=800, height=600, alt="A quay", credit="The desk")
    practice.sources.filter(order=1).update(url="https://example.org/a", date="2014-05")
    make_practice("Canary draft", slug="canary-draft", status="draft", lessons=("Canary.",))
    make_practice("Canary archived", slug="canary-archived", status="archived")
    renamed = make_practice("Renamed", slug="first")
    renamed.slug = "second"
    renamed.save()
    scheduled = make_practice("Canary scheduled", slug="canary-scheduled", status="in_review")
    beside = make_practice("Canary beside", slug="a-canary-beside", status="draft")
    Practice.objects.filter(pk=scheduled.pk).update(publish_at=LATER)
    Practice.objects.filter(pk=beside.pk).update(replaces=practice)
    Synonym.objects.create(words="seafarers, marinos")
    # Moments that nobody would write by saving now.
    moment = datetime(2020, 2, 3, 4, 5, 6, 789, tzinfo=UTC)
    Practice.objects.filter(slug="sen").update(created_at=moment, updated_at=moment)
    bump_content_version()


def listing(client) -> bytes:
    """Return a search in the API without the times at which this portal changed its rows."""
    found = client.get("/api/v1/practices/?page_size=100&q=women").content
    return re.sub(rb'"changed_at":"[^"]*",?', b"", found)


def digests(folder: Path) -> dict[str, str]:
    """Return the digests of what an import reads; public/ contains times of this portal."""
    files = json.loads((folder / "check.json").read_text())["files"]
    return {name: value for name, value in files.items() if not name.startswith("public/")}


@pytest.mark.slow
def test_the_cases_come_back_as_they_were_into_an_empty_portal(jmdi, folder, client, media):
    with batch_reindex():
        make_collection()
    before, listed = everything(), listing(client)
    said = run("export_all", folder)
    assert "practices: 23" in said
    wipe()
    shutil.rmtree(media)
    said = run("import_all", folder, apply=True)
    assert "of which practices: 23." in said
    assert everything() == before
    assert ContentVersion.objects.get().next_due == LATER
    assert listing(client) == listed
    assert (media / PICTURE).read_bytes() == jpeg(800)
    run("export_all", again := folder.with_name("again"))
    assert digests(again) == digests(folder)
    assert "Rows changed: 0, of which practices: 0." in run("import_all", folder, apply=True)


def test_a_portal_with_other_rows_keeps_them_and_takes_those_of_the_folder(folder):
    make_collection()
    before = everything()
    run("export_all", folder)
    sen = Practice.objects.get(slug="sen")
    sen.title, sen.status = "Otherwise", "draft"
    sen.save()
    sen.lessons.all().delete()
    Theme.objects.filter(slug="savings").update(name="Otherwise")
    Practice.objects.get(slug="canary-draft").delete()
    make_practice("Here before", slug="here", actors=("here",))
    run("import_all", folder, apply=True)
    after = everything()
    assert Practice.objects.get(slug="sen").pk == sen.pk
    assert {name: set(rows) - set(before[name]) for name, rows in after.items() if rows != before[name]} == {
        name: {row for row in after[name] if '"here"' in row}
        for name in ("practice", "actor", "participation")
    }
    assert {name: set(rows) - set(after[name]) for name, rows in before.items()} == {
        name: set() for name in KEPT
    }


def test_without_apply_an_import_says_what_it_would_change_and_changes_nothing(folder, media):
    make_collection()
    run("export_all", folder)
    Practice.objects.filter(slug="sen").update(title="As it was here")
    Practice.objects.filter(slug="second").update(title="As it was here, too")
    make_practice("Only here", slug="here")
    Theme.objects.filter(slug="savings").update(name="Named here")
    (media / PICTURE).unlink()
    before, versions = everything(), Revision.objects.count()
    said = run("import_all", folder, replace=True)
    assert "Dry run, nothing was changed. Rows to change: 3, of which practices: 2. Add --apply" in said
    assert (everything(), Revision.objects.count()) == (before, versions)
    assert not (media / PICTURE).exists()


def test_with_replace_an_import_says_which_practices_it_deletes_and_how_many_rows(folder):
    make_practice("Kept", slug="kept")
    run("export_all", folder)
    make_practice("Only here", slug="here")
    make_practice("A draft here", slug="draft-here", status="draft")
    make_theme("theme-here")
    said = run("import_all", folder, replace=True)
    assert "Rows to delete: 3 (themes 1, practices 2)." in said
    assert "Practice to delete: Only here (here, Published)" in said
    assert "Practice to delete: A draft here (draft-here, Draft)" in said
    assert "Kept" not in said
    said = run("import_all", folder, replace=True, apply=True)
    assert "Rows deleted: 3 (themes 1, practices 2)." in said
    assert "Practice deleted: Only here (here, Published)" in said
    assert "Rows deleted: 0.\n" in run("import_all", folder, replace=True, apply=True)


def test_with_replace_only_what_was_exported_is_left(folder):
    make_collection()
    before = everything()
    run("export_all", folder)
    sen = Practice.objects.get(slug="sen")
    sen.slug = "elsewhere"
    sen.save()
    sen.former_slugs.create(slug="lost")
    over = make_actor("over")
    make_actor("under", parent=over)
    make_theme("part", make_theme("whole"))
    make_practice(
        "Here before", slug="here", actors=("under",), themes=("part",), countries=("XK",),
        publication=make_publication("other", publisher=over),
    )  # fmt: skip
    run("import_all", folder, replace=True, apply=True)
    assert everything() == before


def test_each_practice_that_an_import_changes_or_deletes_keeps_what_it_was(folder):
    make_practice("As exported", slug="sen")
    make_practice("Untouched", slug="then")
    run("export_all", folder)
    Practice.objects.filter(slug="sen").update(title="As it was here")
    make_practice("Only here", slug="here")
    run("import_all", folder, replace=True, apply=True)
    kept = [(row.action, row.snapshot["title"]) for row in Revision.objects.order_by("pk")]
    assert kept == [
        ("found", "Only here"),
        ("deleted", "Only here"),
        ("found", "As it was here"),
        ("imported", "As exported"),
    ]


def test_a_practice_that_was_renamed_here_or_there_is_the_same_practice(folder):
    practice = make_practice("Sen", slug="first")
    practice.slug = "second"
    practice.save()
    run("export_all", folder)
    FormerSlug.objects.all().delete()
    Practice.objects.update(slug="first", title="As it was")
    run("import_all", folder, apply=True)
    assert Practice.objects.get() == practice
    assert list(Practice.objects.values_list("slug", "title")) == [("second", "Sen")]
    assert list(FormerSlug.objects.values_list("slug", flat=True)) == ["first"]


def test_what_may_be_given_away_has_nothing_unpublished(folder):
    make_collection()
    run("export_all", folder)
    for path in (folder / "public").rglob("*"):
        assert "canary" not in (path.name + (path.read_text() if path.is_file() else "")).lower()
    assert "Canary" in (folder / "data" / "practices.jsonl").read_text()
    names = {path.relative_to(folder / "public").as_posix() for path in (folder / "public").rglob("*.*")}
    assert names == {"practices.csv", "practices.geojson", "practices/sen.md", "practices/second.md"}
    with (folder / "public" / "practices.csv").open(newline="", encoding="utf-8") as file:
        assert [row["slug"] for row in csv.DictReader(file)] == ["second", "sen"]


def test_a_page_in_markdown_has_facts_in_front_and_its_texts_below(folder):
    make_collection()
    run("export_all", folder)
    _nothing, front, text = (folder / "public" / "practices" / "sen.md").read_text().split("---\n", 2)
    facts = yaml.safe_load(front)
    assert (facts["title"], facts["period"]["edtf"]) == ("=Sen “Bonds” 👩‍🌾 العودة", "2014-03/..")
    assert [row["code"] for row in facts["countries"]] == ["PH", "IT"]
    assert text == (
        "\n# =Sen “Bonds” 👩‍🌾 العودة\n\nOne\n\ntwo\x07 three\u2028four\n\n## Lessons learned\n\n"
        "### 1\n\nFirst.\n\n### 2\n\nSecond.\n\n## Editors’ note\n\nA note.\n"
    )


# What is wrong is named, and nothing is changed


def edit(folder: Path, name: str, number: int, values: dict) -> None:
    """Change fields of a line; `...` removes one."""
    path = folder / "data" / f"{name}.jsonl"
    lines = path.read_text().split("\n")
    row = json.loads(lines[number - 1]) | values
    lines[number - 1] = json.dumps({field: value for field, value in row.items() if value is not ...})
    path.write_text("\n".join(lines))


OUTSIDE = "Enter a year from 1900 to 2200 instead of"
RING = "A practice cannot replace itself or a pending change."
WRONG = [
    ("themes", {"name": ...}, "name: This field is missing."),
    ("themes", {"colour": "red"}, "colour: This field does not exist."),
    ("themes", {"name": ""}, "name: This field cannot be blank."),
    ("themes", {"slug": ["a"]}, "slug: “['a']” is not text."),
    ("themes", {"order": "first"}, "order: “first” value must be an integer."),
    ("themes", {"slug": "a\0"}, "slug: “a\0” is not text."),
    ("actors", {"type": "none"}, "type: “none” was not found."),
    ("publications", {"funders": ["none"]}, "funders: “none” was not found."),
    ("publications", {"funders": "none"}, "funders: “none” is not a list."),
    ("publications", {"date": "someday"}, "date: "),
    ("practices", {"title": ""}, "title: This field cannot be blank."),
    ("practices", {"themes": ["none"]}, "themes: “none” was not found."),
    ("practices", {"lessons": [{"text": "a"}, {"text": ""}]}, "lessons.2.text: This field cannot be blank."),
    ("practices", {"places": [{"name": "", "country": "ZZ"}]}, "places.1.country: “ZZ” was not found."),
    ("practices", {"colour": "red"}, "colour: A practice has no such field."),
    ("practices", {"updated_at": "today"}, "updated_at: “today” value has an invalid format."),
    ("practices", {"updated_at": 5}, "updated_at: “5” is not a date."),
    ("practices", {"activity_checked_on": 5}, "activity_checked_on: “5” is not a date."),
    ("practices", {"activity_checked_on": True}, "activity_checked_on: “True” is not a date."),
    ("practices", {"created_at": "9999-12-31T23:59:59-23:59"}, f"created_at: {OUTSIDE} 9999."),
    ("practices", {"published_at": "0001-01-01T00:00:00+14:00"}, f"published_at: {OUTSIDE} 1."),
    ("practices", {"updated_at": "1899-12-31"}, f"updated_at: {OUTSIDE} 1899."),
    ("practices", {"publish_at": "2201-01-01T00:00:00Z"}, f"publish_at: {OUTSIDE} 2201."),
    ("practices", {"replaces": "then", "status": "draft"}, f"replaces: {RING}"),
    ("practices", {"replaces": "none"}, "replaces: “none” was not found."),
]  # fmt: skip


@pytest.mark.parametrize(("name", "values", "message"), WRONG)
def test_a_wrong_value_is_named_with_its_file_line_and_field(folder, name, values, message):
    make_theme("savings")
    make_practice(slug="sen", publication=make_publication())
    make_practice(slug="then")
    run("export_all", folder)
    number = 2 if name == "practices" else 1
    edit(folder, name, number, values)
    Practice.objects.filter(slug="sen").update(title="Otherwise")
    before = everything()
    with pytest.raises(CommandError) as raised:
        run("import_all", folder, edited=True, apply=True)
    assert str(raised.value).startswith(f"data/{name}.jsonl, line {number}, {message}")
    assert str(raised.value).endswith("\nNothing was changed.")
    assert everything() == before


@pytest.mark.parametrize("slugs", [("a", "b"), ("a", "b", "c")])
def test_practices_that_replace_each_other_are_refused(folder, slugs):
    for slug in slugs:
        make_practice(slug=slug, status="draft")
    run("export_all", folder)
    for number, slug in enumerate((*slugs[1:], slugs[0]), start=1):
        edit(folder, "practices", number, {"replaces": slug})
    with pytest.raises(CommandError) as raised:
        run("import_all", folder, edited=True, apply=True)
    said = f"data/practices.jsonl, line 2, replaces: {RING}\nNothing was changed."
    assert (str(raised.value), Practice.objects.exclude(replaces=None).exists()) == (said, False)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "{",
            "this is not JSON: Expecting property name enclosed in double quotes: line 1 column 2 (char 1).",
        ),
        ("", "this is not JSON: Expecting value"),
        ("[]", "Each line must contain one JSON object."),
        ("\udcff", "this is not JSON: 'utf-8' codec can't decode byte 0xff in position 0"),
    ],
)
def test_a_line_that_is_no_row_is_named(folder, line, message):
    make_practice(slug="sen")
    run("export_all", folder)
    with (folder / "data" / "practices.jsonl").open("ab") as file:
        file.write(f"{line}\n".encode(errors="surrogateescape"))
    with pytest.raises(CommandError, match="Nothing was changed") as raised:
        run("import_all", folder, edited=True, apply=True)
    assert str(raised.value).startswith(f"data/practices.jsonl, line 2, {message}")


@pytest.mark.parametrize("name", ["data/practices.jsonl", "public/practices.csv", f"media/{PICTURE}"])
def test_a_file_that_was_changed_or_lost_since_the_export_is_named(folder, name):
    make_practice(slug="sen")
    run("export_all", folder)
    with (folder / name).open("a") as file:
        file.write("\n")
    with pytest.raises(
        CommandError, match=rf"^{name} was changed since the export. To import it, add --edited"
    ):
        run("import_all", folder, apply=True)
    (folder / name).unlink()
    with pytest.raises(CommandError, match=rf"^{name} is missing."):
        run("import_all", folder, apply=True)


def test_a_folder_that_is_no_export_is_refused(folder, tmp_path):
    with pytest.raises(CommandError, match=r"is not an export: check.json cannot be read \(No such file"):
        run("import_all", tmp_path, apply=True)
    folder.mkdir()
    numbers = json.dumps({"files": {}, "lines": dict.fromkeys(KINDS, float("inf"))})
    for text in ("[]", "{}", '{"files": 1, "lines": {}}', "x", "[" * 100_000, '{"a":' * 100_000, numbers):
        (folder / "check.json").write_text(text)
        with pytest.raises(CommandError, match=r"^check.json does not have the format of `export_all`"):
            run("import_all", folder, edited=True, apply=True)


NEW = f"images/{'0c' * 12}-480.jpg"
NO_FORMAT = "This is not a JPEG, PNG, WebP or HEIC image."
BY_NAME = " is not the name of a picture, such as media/images/<24 hexadecimal digits>-480.jpg."
NO_PICTURE = "is not a picture in JPEG with a width of 480 pixels."


def listed(folder: Path, name: str) -> None:
    """Add a file to the check file, as a person would who builds a folder by hand."""
    known = json.loads((folder / "check.json").read_text())
    known["files"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "check.json").write_text(json.dumps(known))


HOSTILE = {
    "not listed": (NEW, jpeg(), False, f"media/{NEW} is not listed in check.json."),
    "beside": ("passwd.txt", b"x", True, f"media/passwd.txt{BY_NAME}"),
    "in another folder": (f"other/{NEW}", jpeg(), True, f"media/other/{NEW}{BY_NAME}"),
    "of another kind": (NEW[:-3] + "svg", b"<svg/>", True, f"media/{NEW[:-3]}svg{BY_NAME}"),
    "no picture": (
        NEW,
        b"root:x:0:0",
        True,
        f"media/{NEW}: This is not a JPEG, PNG, WebP or HEIC image.",
    ),
    "of another width": (NEW, jpeg(481), True, f"media/{NEW} {NO_PICTURE}"),
    "of another format": (NEW, jpeg(kind="PNG"), True, f"media/{NEW} {NO_PICTURE}"),
}


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_no_export_has_is_named_and_nothing_is_done(folder, media, name, edited):
    path, data, is_listed, said = HOSTILE[name]
    make_practice(slug="sen")
    run("export_all", folder)
    Practice.objects.all().delete()
    (folder / "media" / path).parent.mkdir(exist_ok=True, parents=True)
    (folder / "media" / path).write_bytes(data)
    if is_listed:
        listed(folder, f"media/{path}")
    before = sorted(media.rglob("*"))
    with pytest.raises(CommandError) as raised:
        run("import_all", folder, edited=edited, apply=True)
    assert str(raised.value).splitlines()[0] == said
    assert (sorted(media.rglob("*")), Practice.objects.exists()) == (before, False)


LINKED = {
    "a picture": (f"media/{NEW}", "is a symbolic link, which is not accepted."),
    "the folder of pictures": ("media/images/more", "is a symbolic link, which is not accepted."),
    "data": ("data/more.jsonl", "is a symbolic link, which is not accepted."),
    "the check file": ("check.json", "is a symbolic link, which is not accepted."),
}


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("name", LINKED)
def test_a_symbolic_link_is_named_and_not_followed(folder, media, tmp_path, name, edited):
    path, said = LINKED[name]
    secret = tmp_path / "secret"
    secret.write_bytes(jpeg())
    make_practice(slug="sen")
    run("export_all", folder)
    (folder / path).unlink(missing_ok=True)
    (folder / path).symlink_to(secret)
    if path != "check.json":
        listed(folder, path)
    with pytest.raises(CommandError) as raised:
        run("import_all", folder, edited=edited, apply=True)
    assert str(raised.value).splitlines()[0] == f"{path} {said}"
    assert not (media / NEW).exists()


def test_a_hard_link_and_a_special_file_are_named(folder, media, tmp_path):
    (tmp_path / "secret").write_bytes(jpeg())
    make_practice(slug="sen")
    run("export_all", folder)
    (folder / "media" / NEW).hardlink_to(tmp_path / "secret")
    listed(folder, f"media/{NEW}")
    with pytest.raises(CommandError, match=rf"^media/{NEW} is a hard link to another file"):
        run("import_all", folder, edited=True, apply=True)
    (folder / "media" / NEW).unlink()
    os.mkfifo(folder / "media" / NEW)
    with pytest.raises(CommandError, match=rf"^media/{NEW} is neither a file nor a folder"):
        run("import_all", folder, edited=True, apply=True)


@pytest.mark.parametrize("name", ["check.json", "data/practices.jsonl"])
def test_a_pipe_in_the_place_of_a_file_is_named_and_not_opened(folder, monkeypatch, name):
    make_practice(slug="sen")
    run("export_all", folder)
    (folder / name).unlink()
    os.mkfifo(folder / name)

    def opened(path: Path, *arguments: object, **options: object) -> None:
        pytest.fail(f"{path} was opened")  # it would never be read to its end

    monkeypatch.setattr(Path, "open", opened)
    monkeypatch.setattr(Path, "read_text", opened)
    with pytest.raises(CommandError, match=rf"^{name} is neither a file nor a folder"):
        run("import_all", folder, edited=True, apply=True)


def test_a_trial_finds_the_pictures_of_a_folder_and_keeps_none(folder, media):
    practice = make_practice(slug="sen")
    fields = {"file": PICTURE, "width": 800, "height": 20, "alt": "A market", "credit": "Rosa"}
    Image.objects.bulk_create([Image(practice=practice, order=1, **fields)])
    run("export_all", folder)
    Practice.objects.all().delete()
    shutil.rmtree(media)
    assert "Rows to change" in run("import_all", folder)
    assert not list(media.rglob("*.*"))
    run("import_all", folder, apply=True)
    assert (media / PICTURE).read_bytes() == jpeg(800)


def test_a_picture_that_the_portal_has_is_not_replaced(folder, media):
    make_practice(slug="sen")
    run("export_all", folder)
    (folder / "media" / PICTURE).write_bytes(jpeg(800, colour=1))
    run("import_all", folder, edited=True, apply=True)
    assert (media / PICTURE).read_bytes() == jpeg(800)


def test_an_export_leaves_out_what_is_no_picture(folder, media, tmp_path):
    (media / "notes.txt").write_text("note")
    (media / NEW).symlink_to(tmp_path)
    make_practice(slug="sen")
    run("export_all", folder)
    assert [path.name for path in (folder / "media").rglob("*.*")] == [PICTURE.rpartition("/")[2]]
    run("import_all", folder, apply=True)


@pytest.mark.parametrize("line", ["[" * 200_000, '{"a": ' * 100_000])
def test_a_line_nested_too_deeply_is_named(folder, line):
    make_practice(slug="sen")
    run("export_all", folder)
    with (folder / "data" / "practices.jsonl").open("a") as file:
        file.write(f"{line}\n")
    with pytest.raises(CommandError, match=r"^data/practices.jsonl, line 2, "):
        run("import_all", folder, edited=True, apply=True)


def test_files_that_cannot_be_copied_leave_nothing_changed(folder, media):
    make_practice(slug="sen")
    run("export_all", folder)
    Practice.objects.all().delete()
    shutil.rmtree(media)
    media.write_text("no folder")
    with pytest.raises(CommandError, match=r"File exists: .*\nNothing was changed"):
        run("import_all", folder, apply=True)
    assert not Practice.objects.exists()


def test_files_of_an_import_that_fails_are_taken_away_again(folder, media):
    make_collection()
    run("export_all", folder)
    edit(folder, "practices", 1, {"title": ""})
    (media / PICTURE).unlink()
    (media / "kept.txt").write_text("kept")
    with pytest.raises(CommandError, match="Nothing was changed"):
        run("import_all", folder, edited=True, apply=True)
    assert [path.name for path in media.rglob("*.*")] == ["kept.txt"]


def test_an_export_writes_over_nothing(folder):
    folder.mkdir()
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match=r"is not empty. Enter a new or empty folder"):
        run("export_all", folder)
    assert [path.name for path in folder.iterdir()] == ["mine.txt"]


def test_a_change_during_an_export_leaves_no_folder(folder, monkeypatch):
    make_practice()
    monkeypatch.setattr("practices.exchange.collection.write_public", lambda *_: bump_content_version())
    with pytest.raises(CommandError, match="The collection was changed during the export"):
        run("export_all", folder)
    assert not list(folder.parent.glob("export*"))


def test_a_terminal_sees_how_far_it_is(folder):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    for number in range(3):
        make_practice(slug=f"p-{number}")
    said = Terminal()
    call_command("export_all", str(folder), stdout=said)
    assert (
        "\r##########.................... 1/3 practices\r####################.......... 2/3"
        in said.getvalue()
    )
    assert "############################## 3/3 practices\n" in said.getvalue()
    Practice.objects.all().delete()
    said = Terminal()
    call_command("import_all", str(folder), apply=True, stdout=said)
    assert "\r####################.......... 2/3 practices\r##############################" in said.getvalue()


def test_actors_come_after_those_they_are_part_of(folder):
    make_actor("a", parent=make_actor("b", parent=make_actor("c")))
    run("export_all", folder)
    rows = [json.loads(line) for line in (folder / "data" / "actors.jsonl").read_text().splitlines()]
    assert [row["slug"] for row in rows] == ["c", "b", "a"]
    Actor.objects.update(parent=None)
    Actor.objects.all().delete()
    run("import_all", folder, apply=True)
    assert Actor.objects.get(slug="a").parent.parent.slug == "c"
