"""Values of imported rows: resolves names of other rows to keys and lists all errors; writes nothing."""

from copy import copy
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from practices.exchange.cell_values import Errors, parse_values
from practices.exchange.name_index import NameIndex, build_index, show_invisible
from practices.history.snapshot_values import over_limit, set_values
from practices.history.snapshots import CHILDREN, FIELDS, LINKS, Snapshot
from practices.models import Practice
from practices.values.coordinates import outside_remark

# Fields of a practice and of its children that hold a name or key of another row: "country" → Country.
RELATED_MODELS: dict[str, type[models.Model]] = {
    name: model._meta.get_field(name).related_model
    for model, names in ((Practice, (*FIELDS, *LINKS)), *CHILDREN.values())
    for name in names
    if model._meta.get_field(name).is_relation
}


class RowValues:
    """Converts the values of rows with an index of existing names. One query for each table of names."""

    def __init__(self) -> None:
        self.indexes: dict[type[models.Model], NameIndex] = {}

    def index(self, column: str) -> NameIndex:
        model = RELATED_MODELS[column]
        if model not in self.indexes:
            self.indexes[model] = build_index(model)
        return self.indexes[model]

    def resolve(
        self, given: Snapshot, errors: Errors, numbers: dict[str, list[int]] | None = None
    ) -> Snapshot:
        """Return the values as a snapshot has them, with names of other rows resolved to keys.

        `numbers`: for each kind of children the numbers that their headings have, where these differ.
        """
        fields = {name: value for name, value in given.items() if not isinstance(value, list)}
        made, wrong = parse_values(Practice, fields)
        add_errors(errors, wrong)
        if made.get("publication"):
            made["publication"] = self.key("publication", made["publication"], "publication", errors)
        for name in LINKS:
            if name in given:
                items = [part for item in given[name] for part in self.parts(name, item)]
                made[name] = sorted({self.key(name, item, name, errors) for item in items})
        for name in CHILDREN:
            if name in given:
                rows = list(enumerate(given[name], start=1))
                shown = (numbers or {}).get(name) or [number for number, _row in rows]
                for (number, row), heading in zip(rows, shown, strict=True):
                    add_errors(errors, missing_fields(name, number, row, heading))
                made[name] = [self.child(name, number, row, errors) for number, row in rows]
        if "corridors" in made:
            made["corridors"].sort(key=lambda row: tuple(row.values()))
        return made

    def parts(self, name: str, item: str) -> list[str]:
        """Return the names in a text, separated by semicolons, or by commas if all names are known."""
        index, parts = self.index(name), [part.strip() for part in item.split(",")]
        several = len(parts) > 1 and not index.find(item) and all(map(index.find, parts))
        return parts if several else [item]

    def child(self, name: str, number: int, values: Snapshot, errors: Errors) -> Snapshot:
        row, wrong = parse_values(CHILDREN[name][0], with_all_fields(name, values))
        add_errors(errors, {f"{name}.{number}.{column}": messages for column, messages in wrong.items()})
        for column in row.keys() & RELATED_MODELS.keys():
            path = name if name == "corridors" else f"{name}.{number}.{column}"
            row[column] = row[column] or ""
            if path not in errors or name == "corridors":
                row[column] = self.key(column, row[column], path, errors)
        return row

    def key(self, column: str, called: str, path: str, errors: Errors) -> str:
        """The key of the row with that name; adds an error if no row has it, or several have."""
        index = self.index(column)
        found = index.find(called)
        if len(found) == 1:
            return found[0].key
        if found:
            values = {
                "value": show_invisible(called),
                "names": "; ".join(row.label for row in found[:10]),
                "key": _("code") if RELATED_MODELS[column].KEY == "code" else _("slug"),
            }
            message = _(
                "“%(value)s” matches several entries: %(names)s. Enter the %(key)s in brackets instead."
            )
            message %= values
        else:
            message = unknown_name(column, called, index)
        errors.setdefault(path, []).append(message)
        return called

    def point_remarks(self, given: Snapshot) -> list[str]:
        """Return a remark for each place whose point lies outside its country."""
        index = self.index("country")
        remarks = []
        for place in given.get("places", []):
            country = index.by_key.get(place["country"])
            numbers = place["latitude"], place["longitude"]
            if country and all(isinstance(number, float) for number in numbers):
                remarks.append(outside_remark(country.key, country.label, *numbers))
        return list(filter(None, remarks))


def missing_fields(name: str, number: int, values: Snapshot, heading: int) -> Errors:
    """Return errors for children without a required country or actor; they name a missing column."""
    model, fields = CHILDREN[name]
    errors: Errors = {}
    for column in fields if name != "corridors" else ():
        if column not in RELATED_MODELS or values.get(column):
            continue
        names = {"field": model._meta.get_field(column).verbose_name}
        message = _("Enter the %(field)s.") % names
        if column not in values:
            path = f"{name}.{heading}.{column}"
            message += " " + _("The sheet has no column “%(path)s”.") % {"path": path}
        errors[f"{name}.{number}.{column}"] = [message]
    return errors


def unknown_name(column: str, called: str, index: NameIndex) -> str:
    """Return the error for an unknown name, with similar names."""
    message = _("“%(value)s” was not found.") % {"value": show_invisible(called)}
    if near := index.alike(called):
        return message + " " + _("Did you mean %(names)s?") % {"names": "; ".join(row.label for row in near)}
    return message + (" " + _("Add the actor first.") if column == "actor" else "")


def add_errors(errors: Errors, more: Errors) -> None:
    """Add errors; a path keeps its first error, because its cell could not be read."""
    for path, messages in more.items():
        errors.setdefault(path, messages)


def with_all_fields(name: str, row: Snapshot) -> Snapshot:
    """Return a child with all fields; fields without a column are empty."""
    model, fields = CHILDREN[name]
    return {column: row.get(column, model._meta.get_field(column).get_default()) for column in fields}


def without_defaults(given: Snapshot) -> Snapshot:
    """Return the values for an existing practice: an empty cell does not change a required field."""
    return {name: value for name, value in given.items() if value != "" or not has_default(name)}


def has_default(name: str) -> bool:
    field = Practice._meta.get_field(name)
    return not field.blank and field.has_default()


# All that is wrong -----------------------------------------------------------------------------------------


def validation_errors(practice: Practice | None, given: Snapshot) -> Errors:
    """Return all errors in the values of a row, in fields and children. Writes nothing."""
    errors: Errors = {}
    row = copy(practice) if practice else Practice()
    fields = {name: given[name] for name in FIELDS if name in given and name != "slug"}
    set_values(row, fields, "", errors, leave_out={"slug"})
    for name, (model, _fields) in CHILDREN.items():
        if message := over_limit(given.get(name, [])):
            errors[name] = [message]
        for number, values in enumerate(given.get(name, []), start=1):
            child = model() if name == "corridors" else model(order=number)
            set_values(child, values, f"{name}.{number}.", errors, leave_out={"practice"})
        errors.update(duplicate_errors(name, given.get(name, [])))
    return errors


def duplicate_errors(name: str, rows: list[Snapshot]) -> Errors:
    """Return errors for children that repeat another one of the practice, of kinds that must be unique."""
    model, fields = CHILDREN[name]
    errors: Errors = {}
    for rule in model._meta.constraints:
        columns = [column for column in getattr(rule, "fields", ()) if column in fields]
        if not columns:
            continue
        seen: set[tuple[Any, ...]] = set()
        for number, row in enumerate(rows, start=1):
            values = tuple(row[column] for column in columns)
            if values in seen and any(values):  # several lessons may be new, without a number
                errors[f"{name}.{number}"] = [str(rule.violation_error_message)]
            seen.add(values)
    return errors
