"""What a good case still lacks, in plain sentences, as stored or as it stands in an editor's form."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from practices.models import Practice

FEWEST_WORDS = 200  # of a story; the shortest of the first seventeen cases has some three hundred
FEWEST_LESSONS = 2


@dataclass(frozen=True)
class Facts:
    """As much of a practice as the sentences below ask for."""

    values: Mapping[str, str]  # its own fields, empty where nothing is in them
    rows: Mapping[str, list[Mapping[str, str]]]  # its children by kind

    def some(self, kind: str, field: str) -> bool:
        return any(row.get(field) for row in self.rows.get(kind, []))

    def words(self, field: str) -> int:
        return len(self.values.get(field, "").split())


def stored(practice: Practice) -> Facts:
    """Nine queries at the most."""
    values = {name: str(getattr(practice, name) or "") for name in ("summary", "story", "period", "activity")}
    for name in ("themes", "objectives"):
        values[name] = ",".join(str(row.pk) for row in getattr(practice, name).all())
    kinds = {
        "places": ("country_id", "latitude"),
        "corridors": ("origin_id",),
        "participations": ("actor_id", "role"),
        "sources": ("text", "url"),
        "lessons": ("text",),
    }
    rows = {
        kind: [
            {field.removesuffix("_id"): str(value or "") for field, value in row.items()}
            for row in getattr(practice, kind).values(*fields)
        ]
        for kind, fields in kinds.items()
    }
    return Facts(values, rows)


def typed(form: QueryDict) -> Facts:
    """Of a practice's form as it would be sent; rows that are to be removed do not count. No query."""
    values = {name: ",".join(form.getlist(name)).strip() for name in form if "-" not in name}
    rows: dict[str, list[dict[str, str]]] = {}
    for kind in (name.removesuffix("-TOTAL_FORMS") for name in form if name.endswith("-TOTAL_FORMS")):
        total = form[f"{kind}-TOTAL_FORMS"]
        for number in range(min(int(total), 1000) if total.isdecimal() else 0):
            start = f"{kind}-{number}-"
            row = {name.removeprefix(start): form[name].strip() for name in form if name.startswith(start)}
            if not row.get("DELETE"):
                rows.setdefault(kind, []).append(row)
    return Facts(values, rows)


def checks(facts: Facts) -> list[tuple[bool, str, str]]:
    """Each thing a good case has: whether it is there, what to say if not, and where in the form it goes."""
    lessons = sum(bool(row.get("text")) for row in facts.rows.get("lessons", []))
    leads = [
        row for row in facts.rows.get("participations", []) if row.get("actor") and row.get("role") == "lead"
    ]
    here = facts.some
    return [
        (facts.words("summary") > 0, _("A summary tells in a list what the case is about."), "id_summary"),
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
        (bool(facts.values.get("period")), _("When did it happen? Give a period."), "id_period"),
        (
            facts.values.get("activity", "unknown") not in ("", "unknown"),
            _("Does it still run? Say so, and on which day it was checked."),
            "id_activity",
        ),
        (here("participations", "actor"), _("Who took part? Add the actors."), "participations-group"),
        (
            bool(leads) or not here("participations", "actor"),
            _("Who led it? One of the actors has the role “lead”."),
            "participations-group",
        ),
        (here("sources", "text"), _("Where does it come from? Add a source."), "sources-group"),
        (
            facts.words("story") >= FEWEST_WORDS,
            _("The story is short: at least %(words)d words let a reader follow what was done.")
            % {"words": FEWEST_WORDS},
            "id_story",
        ),
        (
            lessons >= FEWEST_LESSONS,
            _("What can others learn from it? Add at least %(lessons)d lessons.")
            % {"lessons": FEWEST_LESSONS},
            "lessons-group",
        ),
        (bool(facts.values.get("themes")), _("Choose a theme, by which readers find it."), "id_themes"),
        (
            bool(facts.values.get("objectives")),
            _("To which objectives of the Global Compact or of the SDGs is it related?"),
            "id_objectives",
        ),
    ]


def lacking(facts: Facts) -> list[tuple[str, str]]:
    """What is not there yet: the sentence, and the id of the part of the form that it is about."""
    return [(said, field) for there, said, field in checks(facts) if not there]


def completeness(facts: Facts) -> dict[str, object]:
    """For the meter: how many things are there, of how many, in words, and what is not."""
    all_of_them, missing = len(checks(facts)), lacking(facts)
    has = all_of_them - len(missing)
    said = _("%(has)d of %(all)d things a good case has") % {"has": has, "all": all_of_them}
    lacks = [{"text": text, "field": field} for text, field in missing]
    return {"has": has, "of": all_of_them, "said": said, "lacks": lacks}
