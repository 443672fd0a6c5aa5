"""Children, such as places and lessons, for which a sheet lacks columns."""

from django.utils.translation import gettext as _

from practices.exchange.sheet import IN_COLUMNS, Line
from practices.history.snapshots import CHILDREN, Snapshot


def complete_rows(line: Line, given: Snapshot, before: Snapshot) -> Snapshot:
    """Return the values of a sheet; a child keeps its stored values in columns that the sheet lacks.

    Children are matched by the number in the headings, lessons by their own numbers.
    """
    made = dict(given)
    for name in IN_COLUMNS.keys() & line.numbers.keys() - {"lessons"}:
        held = dict(enumerate(before[name], start=1))
        pairs = zip(line.numbers[name], given[name], strict=True)
        made[name] = [as_texts(held.get(number, {})) | row for number, row in pairs]
    return made


def as_texts(row: Snapshot) -> dict[str, str]:
    """The values of a child as the texts of cells."""
    return {name: "" if value is None else str(value) for name, value in row.items()}


def removal_remarks(line: Line, given: Snapshot, before: Snapshot) -> list[str]:
    """Return a remark that names children that a row removes although the sheet lacks columns for them."""
    columns = set(line.columns)
    gone = [
        f"{CHILDREN[name][0]._meta.verbose_name} {row['number'] if name == 'lessons' else number}"
        for name, fields in IN_COLUMNS.items()
        if name in line.numbers
        for number, row in enumerate(before.get(name, []), start=1)
        if not all(f"{name}.{number}.{column}" in columns for column in fields)
        and not is_kept(name, number, row, line, given)
    ]
    message = _("This removes %(rows)s, because the sheet does not have all their columns.")
    return [message % {"rows": ", ".join(gone)}] if gone else []


def is_kept(name: str, number: int, row: Snapshot, line: Line, given: Snapshot) -> bool:
    """Return whether the sheet keeps a stored child; lessons are matched by their own numbers."""
    if name == "lessons":
        return any(str(other["number"]) == str(row["number"]) for other in given[name])
    return number in line.numbers[name] or row in given[name]
