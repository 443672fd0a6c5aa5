"""What Schemathesis cannot read in the contract: OpenAPI has no words for rules between parameters, and none
for values that the content decides."""

from typing import Any

import schemathesis

NOT_OF_FILES = {"page", "facets", "fields", "updated_since", "cursor"}
# Of what editors make the contract tells the form; these are there.
THERE = {
    "country": ["PH", "sn"],
    "region": ["035", "002"],
    "theme": ["migrant-remittances", "using-networks"],
    "actor": ["atikha", "associations-of-migrants-ecuador"],
    "actor_type": ["local-authorities", "civil-society"],
    "corridor": ["PH-IT", "SN-FR"],
    "objective": ["gcm-20", "SDG-10.7"],
}


def blank(value: Any) -> bool:
    """Whether a value asks for nothing: so do empty ones, which forms send and no client needs."""
    if isinstance(value, list):
        return all(map(blank, value))
    return value is None or not str(value).replace(",", " ").strip()


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    """Leaves out wrong requests that are wrong by an empty value alone, perhaps."""
    return not (
        case.meta and case.meta.generation.mode.is_negative and any(map(blank, (case.query or {}).values()))
    )


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Makes requests right that are refused although each of their parameters by itself is right."""
    if not (case.query and case.meta and case.meta.generation.mode.is_positive):
        return
    for name in THERE.keys() & case.query.keys():
        values = case.query[name] if isinstance(case.query[name], list) else [case.query[name]]
        case.query[name] = [THERE[name][number % 2] for number, _value in enumerate(values)]
    left_out = NOT_OF_FILES if case.query.get("format", "json") != "json" else set()
    if {"cursor", "updated_since"} & case.query.keys():
        left_out = left_out | {"page", "ordering"}
    if all(str(case.query.get(name, "")).isdigit() for name in ("from", "to")):
        case.query["from"], case.query["to"] = sorted(int(case.query[name]) for name in ("from", "to"))
    for name in left_out:
        case.query.pop(name, None)
