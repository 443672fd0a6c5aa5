"""Completeness checks of a practice, as stored or as in an editor's form."""

from collections.abc import Mapping
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.utils.translation import gettext as _

from practices.history.snapshots import RELATIONS, take_snapshot
from practices.models import Practice

MIN_WORDS = 200  # of a story; the shortest of the first seventeen cases has some three hundred
MIN_LESSONS = 2


# A practice's fields by name and its children by kind: of its record, or of a form, all as texts.
Facts = Mapping[str, Any]


def stored_values(practice: Practice) -> Facts:
    """Return the values of a stored practice. At most fourteen queries."""
    prefetch_related_objects([practice], *RELATIONS)
    return take_snapshot(practice)


def form_values(form: QueryDict) -> Facts:
    """Return the values of a submitted form without rows that are to be removed. No query."""
    facts: dict[str, Any] = {name: ",".join(form.getlist(name)).strip() for name in form if "-" not in name}
    for kind in (name.removesuffix("-TOTAL_FORMS") for name in form if name.endswith("-TOTAL_FORMS")):
        total = form[f"{kind}-TOTAL_FORMS"]
        facts[kind] = []
        for number in range(min(int(total), 1000) if total.isdecimal() else 0):
            start = f"{kind}-{number}-"
            row = {name.removeprefix(start): form[name].strip() for name in form if name.startswith(start)}
            if not row.get("DELETE"):
                facts[kind].append(row)
    return facts


def checks(facts: Facts) -> list[tuple[Any, str, str]]:
    """Return each check: whether it passes, the sentence if it does not, and the id of its part of the
    form."""

    def here(kind: str, field: str) -> list:
        return [row for row in facts.get(kind, []) if row.get(field)]

    def words(field: str) -> int:
        return len(facts.get(field, "").split())

    actors = here("participations", "actor")
    return [
        (words("summary") > 0, _("Add a summary, which is shown in lists."), "id_summary"),
        (
            here("places", "country"),
            _("Add a place, so that the practice appears on the map."),
            "places-group",
        ),
        (
            here("places", "latitude") or not here("places", "country"),
            _("Add the coordinates of each place, so that it appears on the map."),
            "places-group",
        ),
        (
            here("corridors", "origin"),
            _("Add a corridor, if the practice links two countries."),
            "corridors-group",
        ),
        (facts.get("period"), _("Add a period."), "id_period"),
        (
            facts.get("activity", "unknown") not in ("", "unknown"),
            _("Enter whether the practice is still running, and the date when you checked."),
            "id_activity",
        ),
        (actors, _("Add the actors who took part."), "participations-group"),
        (
            not actors or any(row.get("role") == "lead" for row in actors),
            _("Give the role “lead” to the actor that led the practice."),
            "participations-group",
        ),
        (here("sources", "text"), _("Add a source."), "sources-group"),
        (
            words("story") >= MIN_WORDS,
            _("Extend the story to at least %(words)d words.") % {"words": MIN_WORDS},
            "id_story",
        ),
        (
            len(here("lessons", "text")) >= MIN_LESSONS,
            _("Add at least %(lessons)d lessons for others.") % {"lessons": MIN_LESSONS},
            "lessons-group",
        ),
        (facts.get("themes"), _("Add at least one theme."), "id_themes"),
        (
            facts.get("objectives"),
            _(
                "Add the related objectives of the Global Compact for Migration or the Sustainable "
                "Development Goals (SDGs)."
            ),
            "id_objectives",
        ),
    ]


def missing_from(facts: Facts) -> list[tuple[str, str]]:
    """Return the checks that do not pass: the sentence and the id of the part of the form."""
    return [(message, field) for there, message, field in checks(facts) if not there]


def completeness(facts: Facts) -> dict[str, object]:
    """Return the number of checks that pass, the number of all, the text of the meter, and the others."""
    total, open_checks = len(checks(facts)), missing_from(facts)
    has = total - len(open_checks)
    message = _("Completeness: %(has)d of %(all)d") % {"has": has, "all": total}
    missing = [{"text": text, "field": field} for text, field in open_checks]
    return {"has": has, "of": total, "message": message, "missing": missing}
