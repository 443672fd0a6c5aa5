"""Differences between two snapshots of a practice: by field, by row, by word."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any

from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from practices.history.snapshots import CHILDREN, FIELDS, LESSON_NUMBER_FIELDS, LINKS, Snapshot
from practices.models import FormerSlug, Practice
from practices.models.fields import MarkdownField
from practices.values.period import in_words

SAME, OUT, IN = "same", "out", "in"
Part = tuple[str, str]  # whether the words stayed, went or came, and the words
WORDS = re.compile(r"\s+|\d+(?:[.,]\d+)+|\w+|[^\w\s]")
MIN_SIMILARITY = 0.5  # of 1: rows at least this similar are one row that changed
# Fields that are compared by words; others change as a whole.
COMPARED_BY_WORDS = {"title", *(row.name for row in Practice._meta.fields if isinstance(row, MarkdownField))}
MAX_COMPARED = 4_000  # paragraphs, or words of two paragraphs; more are shown as one gone and one new


@dataclass
class Change:
    """A field or a row that differs."""

    label: str
    parts: list[Part] = field(default_factory=list)
    remark: str = ""  # such as: new, removed, moved


def changes(before: Snapshot, after: Snapshot, read: "Reader | None" = None) -> list[Change]:
    """Return all differences in the order of the form.

    Fields that only one snapshot has are not compared. One query for each table that is named, once for all
    comparisons that share a reader.
    """
    read = read or Reader()
    both = [name for name in after if name in before and before[name] != after[name]]
    both = [name for name in both if name not in LESSON_NUMBER_FIELDS]
    found: list[Change] = []
    for name in both:
        if name in FIELDS:
            old, new = (read.text(Practice, name, one[name]) for one in (before, after))
            whole = merge_parts([(OUT, old), (IN, new)])
            found.append(
                Change(label(Practice, name), parts(old, new) if name in COMPARED_BY_WORDS else whole)
            )
        elif name == "lessons":
            found += of_rows(name, *comparable(before[name], after[name]), read)
        elif name in CHILDREN:
            found += of_rows(name, before[name], after[name], read)
        else:
            found.append(of_list(name, before[name], after[name], read))
    return found


def comparable(before: list[Snapshot], after: list[Snapshot]) -> tuple[list[Snapshot], list[Snapshot]]:
    """Return lessons without numbers if one of the snapshots is older than lesson numbers."""
    if all(row.get("number") for row in (*before, *after)):
        return before, after
    return tuple([{"text": row["text"]} for row in rows] for rows in (before, after))


def label(model: type[models.Model], name: str) -> str:
    return capfirst(str(model._meta.get_field(name).verbose_name))


class Reader:
    """Formats values of snapshots for people. Reads the names of each table once."""

    def __init__(self) -> None:
        self.names: dict[type[models.Model], dict[str, str]] = {}

    def text(self, model: type[models.Model], name: str, value: Any) -> str:
        column = model._meta.get_field(name)
        if value is None or value == "":
            return ""
        if column.is_relation:
            return self.named(column.related_model, value)
        if column.choices:
            return str(dict(column.flatchoices).get(value, value))
        if name in {"period", "date"}:
            return in_words(value)
        if isinstance(column, models.DateTimeField):
            return date_format(parse_datetime(value), "DATETIME_FORMAT")
        return str(value)

    def named(self, model: type[models.Model], key: str) -> str:
        """Return the name of a row of another table, or its key if the row is deleted."""
        if model not in self.names:
            self.names[model] = {row.key: str(row) for row in model._default_manager.all()}
        return self.names[model].get(key, key)

    def row(self, name: str, row: Snapshot) -> str:
        """Return a child in one line without its empty fields."""
        model, fields = CHILDREN[name]
        columns = [column for column in fields if column != "number"]  # of a lesson: in the label
        return " · ".join(text for column in columns if (text := self.text(model, column, row.get(column))))


def of_list(name: str, before: list[str], after: list[str], read: Reader) -> Change:
    """Return the items of a list that were added and removed."""
    model = Practice._meta.get_field(name).related_model
    names = {key: key if model is FormerSlug else read.named(model, key) for key in (*before, *after)}
    gone = [(OUT, names[key]) for key in before if key not in after]
    new = [(IN, names[key]) for key in after if key not in before]
    return Change(title_of(name), gone + new)


def title_of(name: str) -> str:
    column = Practice._meta.get_field(name)
    named = column.verbose_name if name in LINKS else column.related_model._meta.verbose_name_plural
    return capfirst(str(named))


@dataclass
class NumberedRow:
    number: int
    values: Snapshot

    @property
    def shown(self) -> int:
        """The number that readers see: of a lesson its permanent number, of other rows the position."""
        return self.values.get("number") or self.number

    @cached_property
    def words(self) -> set[str]:
        return {word for value in self.values.values() for word in WORDS.findall(str(value).casefold())}


def of_rows(name: str, before: list[Snapshot], after: list[Snapshot], read: Reader) -> Iterator[Change]:
    """Yield children that changed, were added, removed or moved. Equal rows are paired first, then similar
    ones."""
    old = [NumberedRow(number, values) for number, values in enumerate(before, start=1)]
    new = [NumberedRow(number, values) for number, values in enumerate(after, start=1)]
    pairs = paired(old, new, same_row, 1)
    if not any("number" in row.values for row in (*old, *new)):
        pairs += paired(old, new, row_similarity, MIN_SIMILARITY)
    singular = str(CHILDREN[name][0]._meta.verbose_name).capitalize()
    stayed = in_place(sorted(pairs, key=lambda pair: pair[0].number))
    for one, other in sorted(pairs, key=lambda pair: pair[1].number):
        moved = "" if one.number in stayed else _("moved from place %(number)d") % {"number": one.number}
        if one.values != other.values or moved:
            message = parts(read.row(name, one.values), read.row(name, other.values))
            yield Change(f"{singular} {other.shown}", message, moved)
    for row in old:
        yield Change(f"{singular} {row.shown}", [(OUT, read.row(name, row.values))], _("removed"))
    for row in new:
        yield Change(f"{singular} {row.shown}", [(IN, read.row(name, row.values))], _("new"))


def paired(
    old: list[NumberedRow], new: list[NumberedRow], nearness: Any, least: float
) -> list[tuple[NumberedRow, NumberedRow]]:
    """Remove pairs of rows from both lists and return them: for each new row the most similar, if similar
    enough."""
    found = []
    for other in list(new):
        one = max(old, key=lambda row, other=other: nearness(row, other), default=None)
        if one and nearness(one, other) >= least:
            found.append((one, other))
            old.remove(one)
            new.remove(other)
    return found


def same_row(one: NumberedRow, other: NumberedRow) -> float:
    """Return 1 for equal rows, and for lessons of the same number; else 0."""
    number = one.values.get("number")
    return float(number == other.values["number"] if number else one.values == other.values)


def row_similarity(one: NumberedRow, other: NumberedRow) -> float:
    """Return from 0 to 1 how many words two rows share; 1 if they name the same actor or address."""
    if any(one.values.get(name) and one.values[name] == other.values.get(name) for name in ("actor", "url")):
        return 1
    return len(one.words & other.words) / (len(one.words | other.words) or 1)


def in_place(pairs: list[tuple[NumberedRow, NumberedRow]]) -> set[int]:
    """Return the former positions of rows that kept their order among each other; the others were moved."""
    order = [other.number for _one, other in pairs]
    blocks = SequenceMatcher(None, order, sorted(order), autojunk=False).get_matching_blocks()
    return {pairs[block.a + step][0].number for block in blocks for step in range(block.size)}


def parts(before: str, after: str) -> list[Part]:
    """Return two texts as one list of parts: kept, removed and added words. Equal paragraphs are found
    first."""
    return merge_parts(
        part
        for one, other in blocks(re.split(r"(\n\n)", before), re.split(r"(\n\n)", after))
        for part in by_words("".join(one), "".join(other))
    )


def blocks(before: list[str], after: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the longest common subsequence of two lists and what is between, if they have at most
    MAX_COMPARED items.

    difflib's own comparison is cubic where words repeat: 32 s for 2,000 characters of “a a a” and “a b a b”.
    """
    if len(before) + len(after) > MAX_COMPARED:
        yield before, after
        return
    from rapidfuzz.distance import LCSseq  # slow to import

    start = new_start = 0
    equal = [step for step in LCSseq.opcodes(before, after) if step.tag == "equal"]
    for step in equal:
        yield before[start : step.src_start], after[new_start : step.dest_start]
        yield before[step.src_start : step.src_end], after[step.dest_start : step.dest_end]
        start, new_start = step.src_end, step.dest_end
    yield before[start:], after[new_start:]


def by_words(before: str, after: str) -> Iterator[Part]:
    old, new = WORDS.findall(before), WORDS.findall(after)
    if before == after or len(old) + len(new) > MAX_COMPARED:
        yield from [(SAME, before)] if before == after else [(OUT, before), (IN, after)]
        return
    for one, other in blocks(old, new):
        yield from [(SAME, "".join(one))] if one == other else [(OUT, "".join(one)), (IN, "".join(other))]


def merge_parts(found: Iterable[Part]) -> list[Part]:
    """Return the parts without empty ones, with neighbours of a kind joined."""
    whole: list[Part] = []
    for kind, text in found:
        if whole and whole[-1][0] == kind:
            whole[-1] = (kind, whole[-1][1] + text)
        elif text:
            whole.append((kind, text))
    return whole
