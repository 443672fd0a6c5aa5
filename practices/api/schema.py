"""The contract: `openapi.yaml` with what the database and the settings know, for programs and readers."""

from copy import deepcopy
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from practices.api.door import JSON, Door
from practices.catalogue import Catalogue, catalogue_of
from practices.documents import to_json
from practices.exchange.formats import FORMATS
from practices.models.version import content_version

Document = dict[str, Any]
FILE = Path(__file__).with_name("openapi.yaml")
# Parameter → the one of the filters whose values it accepts.
BY_CATALOGUE = ("country", "region", "theme", "actor", "actor_type", "objective")
SINGLE = {"home": "country", "home_type": "actor_type"}


class Schema(Door):
    """OpenAPI 3.1."""

    def answer(self, request: Request) -> HttpResponse:
        self.asked.check()
        return HttpResponse(to_json(contract(self.version)), content_type=JSON)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """The same for people to read."""
    helpers = {"accepted": accepted, "kind_of": kind_of, "example_of": example_of}
    return render(request, "api_docs.html", {"contract": contract(content_version()), **helpers})


@cache
def written() -> Document:
    """The file as it is."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


def fields_of(schema: str) -> list[str]:
    """The fields of a document, in their order."""
    return list(written()["components"]["schemas"][schema]["properties"])


@lru_cache(maxsize=2)
def contract(version: str) -> Document:
    """The whole contract at a version of the content."""
    known = catalogue_of(version)
    made = deepcopy(written())
    common, groups = made.pop("x-common"), made.pop("x-groups")
    parameters = made["components"]["parameters"]
    fill(parameters, known)
    for path in made["paths"].values():
        operation = path["get"]
        names = [name for group in operation.pop("x-parameters", []) for name in groups[group]]
        if "file_format" in names:
            kinds = {kind.media_type: {"schema": {}} for kind in FORMATS.values()}
            operation["responses"]["200"]["content"] |= kinds
        every = [name for name in common["parameters"] if f"file_{name}" not in names]
        listed = [reference(name) for name in [*names, *every]]
        if schema := operation.pop("x-fields", None):
            listed[names.index("fields")] = fields_parameter(parameters["fields"], schema)
        operation["parameters"] = [*operation.get("parameters", []), *listed]
        operation["responses"] = dict(sorted((operation["responses"] | common["responses"]).items()))
        if "page" in names:
            operation["responses"]["404"] = {"$ref": "#/components/responses/NotFound"}
    del parameters["fields"]  # each list has its own
    made["servers"] = [{"url": settings.SITE_URL}]
    made["info"]["title"] = f"{settings.SITE_NAME}: API"
    return made


def fill(parameters: Document, known: Catalogue) -> None:
    """The values that each parameter accepts. An empty one is passed over, as forms send it."""
    for name in BY_CATALOGUE:
        rows = known.by["actor"] if name == "actor" else known.rows(name)
        parameters[name]["schema"]["items"]["enum"] = ["", *sorted(rows)]
    for name, alike in SINGLE.items():
        parameters[name]["schema"]["enum"] = parameters[alike]["schema"]["items"]["enum"]
    for name in ("country", "theme", "objective"):
        parameters[f"{name}_key"]["schema"]["enum"] = sorted(known.rows(name))
    codes = "|".join(sorted(known.countries))
    parameters["corridor"]["schema"]["items"]["pattern"] = rf"^(?!(..)-\1$)(({codes})-({codes}))?$"
    parameters["language"]["schema"]["items"]["enum"] = ["", *dict(settings.CONTENT_LANGUAGES)]
    for name in ("kind", "activity"):
        parameters[name]["schema"]["items"]["enum"].insert(0, "")
    parameters["file_format"]["schema"]["enum"] = ["json", *FORMATS]
    parameters["lang"]["schema"]["enum"] = list(dict(settings.LANGUAGES))


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def fields_parameter(parameter: Document, schema: str) -> Document:
    own = deepcopy(parameter)
    own["schema"]["items"]["enum"] = fields_of(schema)
    own["example"] = fields_of(schema)[:2]
    return own


# In words, for the page -------------------------------------------------------------------------------------

MOST_NAMED = 12  # values of a parameter


def accepted(schema: Document) -> str:
    """What a value may be."""
    if schema.get("type") == "array":
        several = "Several, parted by commas." if "minItems" in schema else "May repeat."
        return f"{accepted(schema['items'])} {several}"
    if values := [value for value in schema.get("enum", ()) if value != ""]:
        rest = len(values) - MOST_NAMED
        named = ", ".join(values[:MOST_NAMED])
        return f"One of {named}{f' and {rest} more' if rest > 0 else ''}."
    schema = schema["anyOf"][0] if "const" in schema.get("anyOf", [{}])[-1] else schema
    if schema.get("type") == "integer":
        most = f" to {schema['maximum']}" if "maximum" in schema else ""
        usual = f"; {schema['default']} when left out" if "default" in schema else ""
        return f"A number from {schema['minimum']}{most}{usual}."
    return f"At most {schema['maxLength']} characters." if "maxLength" in schema else ""


def kind_of(schema: Document) -> str:
    """The type of a field: `list of SlugAndName`, `string or null`."""
    if "$ref" in schema:
        return schema["$ref"].split("/")[-1]
    if "anyOf" in schema:
        return " or ".join(map(kind_of, schema["anyOf"]))
    kinds = schema.get("type", "any")
    text = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if text == "array":
        return f"list of {kind_of(schema['items'])}"
    return f"{text} ({schema['format']})" if "format" in schema else text


def example_of(parameter: Document) -> str:
    """As it stands in an address."""
    value = parameter["example"]
    if parameter["in"] == "path":
        return str(value)
    return f"{parameter['name']}={','.join(value) if isinstance(value, list) else value}"
