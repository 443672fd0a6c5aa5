"""What a practice still lacks, in plain sentences, as stored or as in an editor's form."""

from collections.abc import Mapping
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import QueryDict
from django.utils.translation import gettext as _

from practices.history.snapshots import RELATIONS, take_snapshot
from practices.models import Practice

FEWEST_WORDS = 200  # of a story; the shortest of the first seventeen cases has some three hundred
FEWEST_LESSONS = 2


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
        (words("summary") > 0, _("A summary tells in a list what the case is about."), "id_summary"),
        (here("places", "country"), _("Nobody can find it on the map: add a place."), "places-group"),
        (
            here("places", "latitude") or not here("places", "country"),
            _("A place without coordinates has no mark on the map."),
            "places-group",
        ),
        (
            here("corridors", "origin"),
            _("Which countries does it link? Add a corridor, if there is one."),
            "corridors-group",
        ),
        (facts.get("period"), _("When did it happen? Give a period."), "id_period"),
        (
            facts.get("activity", "unknown") not in ("", "unknown"),
            _("Does it still run? Say so, and on which day it was checked."),
            "id_activity",
        ),
        (actors, _("Who took part? Add the actors."), "participations-group"),
        (
            not actors or any(row.get("role") == "lead" for row in actors),
            _("Who led it? One of the actors has the role “lead”."),
            "participations-group",
        ),
        (here("sources", "text"), _("Where does it come from? Add a source."), "sources-group"),
        (
            words("story") >= FEWEST_WORDS,
            _("The story is short: at least %(words)d words let a reader follow what was done.")
            % {"words": FEWEST_WORDS},
            "id_story",
        ),
        (
            len(here("lessons", "text")) >= FEWEST_LESSONS,
            _("What can others learn from it? Add at least %(lessons)d lessons.")
            % {"lessons": FEWEST_LESSONS},
            "lessons-group",
        ),
        (facts.get("themes"), _("Choose a theme, by which readers find it."), "id_themes"),
        (
            facts.get("objectives"),
            _("To which objectives of the Global Compact or of the SDGs is it related?"),
            "id_objectives",
        ),
    ]


def missing_from(facts: Facts) -> list[tuple[str, str]]:
    """Return the checks that do not pass: the sentence and the id of the part of the form."""
    return [(message, field) for there, message, field in checks(facts) if not there]


def completeness(facts: Facts) -> dict[str, object]:
    """Return what the meter shows: how many checks pass, of how many, in words, and which do not."""
    total, open_checks = len(checks(facts)), missing_from(facts)
    has = total - len(open_checks)
    message = _("%(has)d of %(all)d things a good case has") % {"has": has, "all": total}
    missing = [{"text": text, "field": field} for text, field in open_checks]
    return {"has": has, "of": total, "message": message, "missing": missing}
