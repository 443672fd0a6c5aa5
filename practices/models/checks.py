"""Validation of a practice and its rows with as few queries as possible.

A form with twenty rows would otherwise need a hundred queries: three queries for each check constraint, one
for each related row.
"""

from collections.abc import Collection
from typing import Any

from django.db import models


class CheckedInPython(models.Model):
    """A row whose check constraints are also rules of its validators, choices or `validate_constraints`.

    `full_clean()` leaves the constraints themselves to the database, and does not query related rows that are
    already loaded.
    """

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        relations = [field for field in self._meta.concrete_fields if field.is_relation]
        loaded = {field.name for field in relations if field.is_cached(self) and getattr(self, field.name)}
        super().clean_fields({*(exclude or ()), *loaded})

    def get_constraints(self) -> list[tuple[type[models.Model], list[Any]]]:
        return [
            (model, [rule for rule in rules if not isinstance(rule, models.CheckConstraint)])
            for model, rules in super().get_constraints()
        ]
