"""Exports all content, including drafts, to a folder and imports it; without accounts and history.

check.json     for each file its SHA-256, and how many lines it has if it is one of data/
data/          what the import reads: a JSON object for each row, which refers to others by natural keys
media/         uploaded files
public/        what is published: practices.csv, practices.geojson, practices/<slug>.md
"""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import file_digest
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from practices.exchange.downloads import load_in_batches
from practices.exchange.formats import FORMATS
from practices.exchange.markdown import practice_markdown
from practices.exchange.picture_files import check_name, plain_files, read_picture, stored_pictures
from practices.history import reference_versions, versions
from practices.history.lesson_numbers import with_lesson_numbers
from practices.history.reference_versions import columns, row_snapshot
from practices.history.snapshot_values import save_values, set_values
from practices.history.snapshot_writer import apply_snapshot
from practices.history.snapshots import RELATIONS, Snapshot, json_value, take_snapshot
from practices.models import (
    Actor,
    ActorType,
    Country,
    FormerSlug,
    Objective,
    Practice,
    Publication,
    Region,
    Revision,
    Synonym,
    Theme,
)
from practices.models.content_version import content_version
from practices.search.indexing import batch_reindex
from practices.workflow.transitions import set_next_due

CHECK = "check.json"
TABLES: dict[str, type[models.Model]] = {  # each after those that it refers to
    "regions": Region,
    "countries": Country,
    "actor_types": ActorType,
    "themes": Theme,
    "objectives": Objective,
    "synonyms": Synonym,
    "actors": Actor,
    "publications": Publication,
}
KINDS = (*TABLES, "practices")
WORKFLOW = ("updated_at", "publish_at", "replaces")
ROWS = (*RELATIONS, "replaces")
BATCH_SIZE = 100
MAX_LINE_BYTES = 10 * 1024 * 1024
Progress = Callable[[str, int, int], None]  # what is worked at, how many rows are done, of how many


class CollectionError(Exception):
    """The folder cannot be written or read; names file, line and field."""


def rows_to_export(name: str) -> Iterator[Snapshot]:
    """Yield the lines of a file of data/, each row after the rows that it refers to."""
    if name == "practices":
        yield from map(practice_line, in_batches(Practice.objects.prefetch_related(*ROWS)))
    else:
        yield from map(row_snapshot, parents_first(TABLES[name]))


def in_batches(practices: models.QuerySet) -> Iterator[Practice]:
    """Return an iterator of practices by slug, a hundred in memory; pending changes of public practices come
    last.
    """
    rows = practices.values_list("replaces", "slug", "pk")
    pks = [pk for _is_change, _slug, pk in sorted((bool(live), slug, pk) for live, slug, pk in rows)]
    return load_in_batches(practices, pks, BATCH_SIZE)


def practice_line(practice: Practice) -> Snapshot:
    """The snapshot with the fields of the workflow. No query after a prefetch of ROWS."""
    return take_snapshot(practice) | {name: json_value(practice, name) for name in WORKFLOW}


def parents_first(model: type[models.Model]) -> list[models.Model]:
    known = {row.pk: row for row in model.objects.all()}

    def depth(row: models.Model) -> int:
        parent = getattr(row, "parent_id", None)
        return depth(known[parent]) + 1 if parent else 0

    return sorted(known.values(), key=lambda row: (depth(row), row.key))


# Export ----------------------------------------------------------------------------------------------------


def export_collection(folder: Path, progress: Progress) -> dict[str, int]:
    """Write the collection to a new folder, or nothing; return the number of rows of each kind.

    Raises CollectionError if the folder is not empty, or if the collection changed during the export.
    """
    if folder.exists() and any(folder.iterdir()):
        raise CollectionError(f"{folder} is not empty. Enter a new or empty folder.")
    version = content_version()
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        counts = {name: write_lines(part / "data" / f"{name}.jsonl", name, progress) for name in KINDS}
        write_public(part / "public", progress)
        for path in stored_pictures():
            copy = part / "media" / path.relative_to(settings.MEDIA_ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
        if content_version() != version:
            raise CollectionError("The collection was changed during the export. Export it again.")
        files = sorted(path for path in part.rglob("*") if path.is_file())
        check = {
            "files": {path.relative_to(part).as_posix(): sha256_of(path) for path in files},
            "lines": counts,
        }
        text = json.dumps(check, indent=1, ensure_ascii=False)
        (part / CHECK).write_text(f"{text}\n", encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return counts


def write_lines(path: Path, name: str, progress: Progress) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    total = TABLES.get(name, Practice).objects.count()
    done = 0
    with path.open("w", encoding="utf-8") as file:
        for done, row in enumerate(rows_to_export(name), start=1):
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            progress(name, done, total)
    return done


def write_public(folder: Path, progress: Progress) -> None:
    """Write the published practices in the public formats, and a text file of each."""
    published = Practice.objects.published().with_relations()
    pages = folder / "practices"
    pages.mkdir(parents=True)
    for name in ("csv", "geojson"):
        with (folder / f"practices.{name}").open("wb") as file:
            file.writelines(FORMATS[name].write(in_batches(published)))
    total = published.count()
    for done, practice in enumerate(in_batches(published), start=1):
        (pages / f"{practice.slug}.md").write_text(practice_markdown(practice), encoding="utf-8")
        progress("public", done, total)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


# Import ----------------------------------------------------------------------------------------------------


class RolledBack(Exception):
    """Rolls back the transaction of a trial import."""


@dataclass
class ImportResult:
    """What an import of a collection does, or would do."""

    changed: dict[str, int]  # kind → rows made or changed
    deleted: dict[str, int]  # kind → rows deleted
    titles: list[str] = field(default_factory=list)  # of the practices deleted, each with slug and status


def import_collection(
    folder: Path, progress: Progress, replace: bool = False, edited: bool = False, apply: bool = False
) -> ImportResult:
    """Read a folder that `export_collection` wrote, all or nothing; return what it changed and deleted.

    Without `apply` it rolls back the transaction and removes the pictures again.

    A row of the folder takes the place of the one with the same natural key, a practice also of the one that
    has a former address of it; other rows stay. With `replace` these go, and so what is left is what was
    exported. Raises CollectionError if a file is not as it was exported (unless `edited`), if the folder
    contains a link, an invalid picture or a file that its check file does not list, or if a line is wrong.
    """
    counts = check_files(folder, edited)
    slugs = {str(values.get("slug")) for _number, values in read_json_lines(folder, "practices")}
    changed, titles = dict.fromkeys(counts, 0), []
    result = ImportResult(changed, dict.fromkeys(counts, 0), titles)
    record_changes = reference_versions.recorded_changes("collection imported", folder.name)
    with suppress(RolledBack), copied_pictures(folder / "media"), batch_reindex(), record_changes as gone:
        if replace:
            FormerSlug.objects.all().delete()
            for practice in Practice.objects.filter(pk__in=pks_except(Practice, slugs)):
                versions.ensure_first_version(practice)
                versions.save_version(practice, Revision.Action.DELETED, None)
                gone.append(practice)
                titles.append(f"{practice.title} ({practice.slug}, {practice.get_status_display()})")
                Practice.objects.filter(pk=practice.pk).delete()
        keys: dict[str, set[str]] = {name: set() for name in TABLES}
        for name, total in counts.items():
            for number, values in read_json_lines(folder, name):
                with error_location(name, number):
                    if name == "practices":
                        changed[name] += write_practice(values, slugs)
                    else:
                        keys[name].add(str(values.get(TABLES[name].KEY)))
                        changed[name] += write_row(TABLES[name], values)
                progress(name, number, max(number, total))
        if replace:
            result.deleted["practices"] = len(titles)
            for name, model in reversed(TABLES.items()):
                result.deleted[name] = delete_except(model, keys[name])
        set_next_due()
        if not apply:
            raise RolledBack
    return result


@contextmanager
def copied_pictures(source: Path) -> Iterator[None]:
    """Copy the pictures of a folder into MEDIA_ROOT, and delete the new ones if the block fails.

    Pictures that the portal already has stay: the name of a picture is a digest of its content.
    """
    new = []
    try:
        for path in plain_files(source):
            name = path.relative_to(source)
            with as_collection_error():
                data = read_picture(path, f"media/{name.as_posix()}")
            kept = settings.MEDIA_ROOT / name
            settings.MEDIA_ROOT.mkdir(parents=True, exist_ok=True)
            kept.parent.mkdir(exist_ok=True)
            if not kept.exists():
                new.append(kept)
                kept.write_bytes(data)
        yield
    except BaseException:
        for kept in new:
            with suppress(OSError):
                kept.unlink()
        raise


@contextmanager
def as_collection_error() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise CollectionError(str(error)) from None


def check_files(folder: Path, edited: bool) -> dict[str, int]:
    """Compare every file with its checksum; return the number of lines of each file of data/.

    Refuses links and special files before it opens any file, because reading some would never end.
    """
    try:
        (folder / CHECK).lstat()
        with as_collection_error():
            there = {path.relative_to(folder).as_posix(): path for path in plain_files(folder)}
        known = json.loads((folder / CHECK).read_text(encoding="utf-8"))
        files = dict(known["files"])
        counts = {name: int(known["lines"][name]) for name in KINDS}
    except OSError as error:
        raise CollectionError(
            f"{folder} is not an export: {CHECK} cannot be read ({error.strerror})."
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise CollectionError(f"{CHECK} does not have the format of `export_all`.") from None
    with as_collection_error():
        for name, path in there.items():
            if name not in files and name != CHECK:
                raise ValueError(f"{name} is not listed in {CHECK}.")
            if name.split("/")[0] == "media":
                check_name(name, path.stat().st_size)
    for name, value in () if edited else files.items():
        if name not in there:
            raise CollectionError(f"{name} is missing.")
        if sha256_of(folder / name) != value:
            raise CollectionError(f"{name} was changed since the export. To import it, add --edited.")
    return counts


def read_json_lines(folder: Path, name: str) -> Iterator[tuple[int, Snapshot]]:
    """The rows of a file of data/ with the number of each line."""
    path = folder / "data" / f"{name}.jsonl"
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), start=1):
                with error_location(name, number):
                    if len(line) > MAX_LINE_BYTES:
                        raise ValidationError(_("The line is too long. The maximum is 10 MB."))
                    values = json.loads(line.strip())
                    if not isinstance(values, dict):
                        raise ValidationError(_("Each line must contain one JSON object."))
                yield number, values
    except OSError as error:
        raise CollectionError(f"data/{name}.jsonl cannot be read ({error.strerror}).") from None


@contextmanager
def error_location(name: str, number: int) -> Iterator[None]:
    """Turn errors of the block into a CollectionError that names the file and the line."""
    try:
        yield
    except (ValidationError, ValueError, RecursionError) as error:
        if not isinstance(error, ValidationError):  # of the reader of JSON
            messages = [f"this is not JSON: {error}."]
        elif hasattr(error, "error_dict"):
            messages = [f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items()]
        else:
            messages = error.messages
        place = f"data/{name}.jsonl, line {number}"
        raise CollectionError("\n".join(f"{place}, {text}" for text in messages)) from None


def write_row(model: type[models.Model], values: Snapshot) -> bool:
    """Create or update the row with this natural key from a line; return whether anything changed."""
    fields = {field.name for field in columns(model)}
    wrong = {name: [_("This field does not exist.")] for name in values.keys() - fields}
    wrong |= {name: [_("This field is missing.")] for name in fields - values.keys()}
    if wrong:
        raise ValidationError(wrong)
    key = model.KEY
    row = model.objects.filter(**{key: str(values[key]).replace("\0", "")}).first() or model()
    if not row._state.adding and row_snapshot(row) == values:
        return False
    save_values(row, values, {})
    return True


def write_practice(values: Snapshot, slugs: set[str]) -> bool:
    """Create or update a practice from a line and save a version; return whether anything changed.

    `slugs` are those of the folder: a former slug among them does not identify the practice.
    """
    slug, former = str(values.get("slug")).replace("\0", ""), values.get("former_slugs")
    known = Practice.objects.prefetch_related(*ROWS)
    held = known.filter(slug=slug).first()
    if held is None and isinstance(former, list):
        held = known.filter(slug__in={str(slug).replace("\0", "") for slug in former} - slugs).first()
    now = practice_line(held) if held else {}
    values = with_lesson_numbers(values, now.get("lessons", []))
    if held and now | values == now:  # a line may be older than a field
        return False
    if held:
        versions.ensure_first_version(held)
        Practice.objects.filter(pk=held.pk).update(publish_at=None, replaces=None)
    practice = apply_snapshot({name: value for name, value in values.items() if name not in WORKFLOW}, held)
    errors: dict[str, list[str]] = {}
    steps = {name: values.get(name) for name in WORKFLOW if values.get(name) or name != "updated_at"}
    set_values(practice, steps, "", errors)
    if practice.replaces and in_chain(practice):
        errors["replaces"] = [_("A practice cannot replace itself or a pending change.")]
    if errors:
        raise ValidationError(errors)
    # Not by saving, which would set the moment of the last change to now.
    Practice.objects.filter(pk=practice.pk).update(**{name: getattr(practice, name) for name in steps})
    versions.save_version(practice, Revision.Action.IMPORTED, None)
    return True


def in_chain(draft: Practice) -> bool:
    """Return whether a practice replaces itself, replaces a pending change, or is itself replaced. One
    query.
    """
    live = draft.replaces
    return live.pk == draft.pk or bool(live.replaces_id) or Practice.objects.filter(replaces=draft).exists()


def pks_except(model: type[models.Model], keys: set[str]) -> list[Any]:
    """The primary keys of the rows whose natural keys are not among these."""
    rows = model.objects.values_list("pk", model.KEY)
    return [pk for pk, key in rows if key not in keys]


def delete_except(model: type[models.Model], keep: set[str]) -> int:
    """Delete the rows that the folder lacks, each with a version; return their number."""
    gone = pks_except(model, keep)
    rows = model.objects.filter(pk__in=gone)
    for row in rows if model in reference_versions.KINDS.values() else ():
        reference_versions.save_row_version(
            row, reference_versions.Action.DELETED, None, links=reference_versions.links_to(row)
        )
    if hasattr(model, "parent"):
        rows.update(parent=None)  # so that a row and its parent can go together
    rows.delete()
    return len(gone)
