"""What Schemathesis cannot read in the contract, as OpenAPI has no words for rules between parameters."""

from typing import Any

import schemathesis

DATA = {"page", "page_size", "facets", "fields", "updated_since", "cursor"}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    """Makes requests right that are refused although each of their parameters by itself is right."""
    if not (case.query and case.meta and case.meta.generation.mode.is_positive):
        return
    left_out = DATA if case.query.get("format", "json") != "json" else set()
    if {"cursor", "updated_since"} & case.query.keys():
        left_out = left_out | {"page", "ordering"}
    if all(str(case.query.get(name, "")).isdigit() for name in ("from", "to")):
        case.query["from"], case.query["to"] = sorted(int(case.query[name]) for name in ("from", "to"))
    for name in left_out:
        case.query.pop(name, None)
