"""The OpenAPI document: `openapi.yaml`, completed from settings and code."""

from copy import deepcopy
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, reverse
from django.views.decorators.csrf import csrf_exempt
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from practices.api.base import ReadOnlyAPIMixin, conditional
from practices.api.guide import guide
from practices.exchange.formats import FORMATS
from practices.listing.filters import PracticeFilter
from practices.serializers.problems import ONLY_READS, problem

Document = dict[str, Any]
BINARY = {"type": "string", "format": "binary"}
FILE = Path(__file__).with_name("openapi.yaml")


class SchemaView(ReadOnlyAPIMixin, APIView):
    """The view of the OpenAPI 3.1 document."""

    @extend_schema(exclude=True)
    @conditional
    def get(self, request: Request) -> Response:
        self.params.check()
        return Response(contract(settings.SITE_URL))


@csrf_exempt  # nothing here changes anything
def docs(request: HttpRequest) -> HttpResponse:
    """Return the page with the guide and the reference."""
    if request.method not in {"GET", "HEAD"}:
        response = problem(405, str(ONLY_READS))
        response.headers["Allow"] = "GET, HEAD, OPTIONS"
        return response
    helpers = {"accepted": accepted, "kind_of": kind_of, "example_of": example_of}
    shown = {
        "guide": guide(settings.SITE_URL, settings.API_RATE),
        "contract": contract(settings.SITE_URL),
    }
    return render(request, "api_docs.html", shown | helpers)


@cache
def written() -> Document:
    """Return the parsed `openapi.yaml`."""
    return yaml.safe_load(FILE.read_text(encoding="utf-8"))


# Documents whose fields are sent as the request asks for them: in lists, with `fields`, after a search.
PARTIAL = ("Practice", "Lesson", "Actor", "Country", "Theme", "Objective", "Publication")


@cache
def documents() -> Document:
    """The schemas of the documents, as drf-spectacular reads them from the serializers."""
    patterns = [path("", include("practices.api.urls"))]
    made = SchemaGenerator(patterns=patterns).get_schema(public=True)["components"]["schemas"]
    schemas = {name: schema for name, schema in made.items() if not name.endswith(("Summary", "List"))}
    for schema in schemas.values():
        schema["additionalProperties"] = False
        schema["required"] = list(schema["properties"])
        for field in schema["properties"].values():
            # Labels of the admin, what only writers need, and a key of drf-spectacular’s own.
            for name in ("title", "readOnly", "x-spec-enum-id"):
                field.pop(name, None)
    for name in PARTIAL:
        del schemas[name]["required"]
    for name in ("Practice", "Lesson"):
        schemas[name]["properties"]["highlights"] = {"$ref": "#/components/schemas/Highlights"}
    return schemas


@lru_cache(maxsize=1)
def contract(site: str) -> Document:
    """Return the OpenAPI document for a site URL. It does not depend on the content."""
    made = deepcopy(written())
    common, groups = made.pop("x-common"), made.pop("x-groups")
    groups["filters"] = [name for name in PracticeFilter.base_filters if name not in groups["ordering"]]
    made["components"]["schemas"] |= deepcopy(documents())
    parameters = made["components"]["parameters"]
    fill(parameters)
    files = {kind.media_type: {"schema": {}} for kind in FORMATS.values()}
    for methods in made["paths"].values():
        operation = methods["get"]
        names = [name for group in operation.pop("x-parameters", []) for name in groups[group]]
        if operation["tags"] == ["Files"]:
            # Generators read the first type, as bytes; an answer has it where a request accepts it alone.
            plain = {"application/octet-stream": {"schema": BINARY}}
            own = operation["responses"]["200"]["content"]
            operation["responses"]["200"]["content"] = own or plain | files
        named = "file_format" in names or operation["tags"] == ["Files"]
        every = [name for name in common["parameters"] if not (named and name == "format")]
        listed = [reference(name) for name in [*names, *every]]
        if schema := operation.pop("x-fields", None):
            fields = list(made["components"]["schemas"][schema]["properties"])
            listed[names.index("fields")] = fields_parameter(parameters["fields"], fields)
        operation["parameters"] = [*operation.get("parameters", []), *listed]
        operation["responses"] = dict(sorted((operation["responses"] | common["responses"]).items()))
        if "page" in names:
            operation["responses"]["404"] = {"$ref": "#/components/responses/NotFound"}
    del parameters["fields"]  # each list has its own
    made["servers"] = [{"url": site}]
    made["info"]["contact"] = contact(site)
    made["info"]["title"] = f"{settings.SITE_NAME}: API"
    return made


def contact(site: str) -> Document:
    """Return the contact: the portal's e-mail address, if it has one, and its page “About”."""
    mail = {"email": settings.CONTACT_EMAIL} if settings.CONTACT_EMAIL else {}
    return {"name": str(settings.SITE_NAME), "url": site + reverse("about"), **mail}


def fill(parameters: Document) -> None:
    """Add the accepted values of each parameter that settings or code define."""
    parameters["language"]["schema"]["items"]["enum"] = list(dict(settings.CONTENT_LANGUAGES))
    parameters["ending"]["schema"]["enum"] = list(FORMATS)
    parameters["lang"]["schema"]["enum"] = list(dict(settings.LANGUAGES))


def reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/parameters/{name}"}


def fields_parameter(parameter: Document, fields: list[str]) -> Document:
    own = deepcopy(parameter)
    own["schema"]["items"]["enum"] = fields
    own["example"] = fields[:2]
    return own


# In words, for the page -------------------------------------------------------------------------------------

MAX_NAMED = 12  # values of a parameter


def accepted(schema: Document) -> str:
    """Return a description of the accepted values."""
    if schema.get("type") == "array":
        return f"{accepted(schema['items'])} May repeat, or separate values with commas.".lstrip()
    if values := schema.get("enum"):
        rest = len(values) - MAX_NAMED
        named = ", ".join(values[:MAX_NAMED])
        return f"One of {named}{f' and {rest} more' if rest > 0 else ''}."
    if schema.get("type") == "integer":
        most = f" to {schema['maximum']}" if "maximum" in schema else ""
        usual = f"; {schema['default']} when left out" if "default" in schema else ""
        return f"A number from {schema['minimum']}{most}{usual}."
    return f"At most {schema['maxLength']} characters." if "maxLength" in schema else ""


def kind_of(schema: Document) -> str:
    """The type of a field: `list of SlugAndName`, `string or null`."""
    if "$ref" in schema:
        return schema["$ref"].split("/")[-1]
    for choice in ("anyOf", "oneOf", "allOf"):
        if choice in schema:
            return " or ".join(map(kind_of, schema[choice]))
    kinds = schema.get("type", "any")
    text = " or ".join(kinds) if isinstance(kinds, list) else kinds
    if text == "array":
        return f"list of {kind_of(schema['items'])}"
    return f"{text} ({schema['format']})" if "format" in schema else text


def example_of(parameter: Document) -> str:
    """Return the example as it is written in a URL."""
    value = parameter["example"]
    if parameter["in"] == "path":
        return str(value)
    return f"{parameter['name']}={','.join(value) if isinstance(value, list) else value}"
