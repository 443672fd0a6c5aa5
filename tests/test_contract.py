"""The contract: valid, complete, told in words, and kept by every answer."""

import json
import os
import re
import subprocess
import sys

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from practices.api.door import Door
from practices.api.doors import DOORS
from practices.api.schema import contract, fields_of
from practices.api.views import LessonDetail, PracticeDetail
from practices.filters import PracticeFilter
from practices.models.version import content_version
from tests.databases import own_database
from tests.factories import make_country, make_practice
from tests.served import served

SCHEMA = "/api/v1/schema/"


@pytest.fixture
def told(client, db) -> dict:
    make_country("PH")
    make_country("IT")
    make_practice(slug="a", countries=("PH",), actors=("naga",))
    make_practice(slug="b", status="draft", actors=("hidden",))
    return client.get(SCHEMA).json()


def operations(told: dict) -> dict[str, dict]:
    return {path: methods["get"] for path, methods in told["paths"].items()}


def resolved(told: dict, part: dict) -> dict:
    if "$ref" not in part:
        return part
    _hash, *names = part["$ref"].split("/")
    for name in names:
        told = told[name]
    return told


def test_it_is_valid(told):
    assert list(OpenAPIV31SpecValidator(told).iter_errors()) == []
    assert told["openapi"].startswith("3.1.")


def test_it_names_every_address_and_every_parameter_and_nothing_else(told):
    """Each door against its operation, so that neither can be forgotten."""
    [below] = [part for part in get_resolver().url_patterns if str(part.pattern) == "api/v1/"]
    doors = {}
    for pattern in below.url_patterns:
        if callback := getattr(DOORS.get(pattern.name), "view_class", None):
            view = callback(**DOORS[pattern.name].view_initkwargs)
            path = re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
            path = re.sub(
                r"\^|\$|\(\?P<(\w+)>[^)]*\)", lambda found: f"{{{found[1]}}}" if found[1] else "", path
            )
            doors[f"/api/v1/{path}"] = {*view.parameters, "lang", "format"}
            assert isinstance(view, Door)
    said = {
        path: {
            parameter["name"]
            for part in operation["parameters"]
            if (parameter := resolved(told, part))["in"] == "query"
        }
        for path, operation in operations(told).items()
    }
    assert said == doors
    assert set(PracticeFilter.base_filters) <= said["/api/v1/practices/"]


def test_every_parameter_and_answer_is_described_and_has_an_example(told):
    for path, operation in operations(told).items():
        assert operation["summary"], path
        for part in operation["parameters"]:
            parameter = resolved(told, part)
            assert parameter["description"], (path, parameter["name"])
            assert "example" in parameter, (path, parameter["name"])
        assert {"200", "304", "400", "405", "406", "429", "500"} <= operation["responses"].keys()
        for status, part in operation["responses"].items():
            answer = resolved(told, part)
            assert answer["description"], (path, status)
            for media_type, content in answer.get("content", {}).items():
                assert "example" in content or "json" not in media_type or status == "200", (path, status)


def test_examples_have_the_form_that_is_told(told):
    for path, operation in operations(told).items():
        for status, part in operation["responses"].items():
            for content in resolved(told, part).get("content", {}).values():
                if "example" in content:
                    schema = {**content["schema"], "components": told["components"]}
                    errors = list(Draft202012Validator(schema).iter_errors(content["example"]))
                    assert (path, status, errors) == (path, status, [])


def test_what_a_parameter_accepts_is_what_is_there(told):
    parameters = told["components"]["parameters"]
    assert parameters["country"]["schema"]["items"]["enum"] == ["", "IT", "PH"]
    assert parameters["actor"]["schema"]["items"]["enum"] == ["", "naga"]
    assert "hidden" not in json.dumps(told)
    corridor = re.compile(parameters["corridor"]["schema"]["items"]["pattern"])
    accepted = {code: bool(corridor.search(code)) for code in ("PH-IT", "IT-PH", "PH-PH", "PH-FR", "PH", "")}
    assert accepted == {"PH-IT": True, "IT-PH": True, "PH-PH": False, "PH-FR": False, "PH": False, "": True}


def test_fields_are_those_of_the_documents(client, db):
    make_practice(slug="a", lessons=("A lesson.",))
    assert [*client.get("/api/v1/practices/a/").json(), "highlights"] == fields_of("Practice")
    assert [*client.get("/api/v1/lessons/a/1/").json(), "highlights"] == fields_of("Lesson")
    assert PracticeDetail.parameters == LessonDetail.parameters == ("fields",)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("practices/a/?fields=title,slug", {"slug": "a", "title": "A"}),
        ("lessons/a/1/?fields=number", {"number": 1}),
        ("countries/PH/?fields=code", {"code": "PH"}),
    ],
)
def test_fields_slim_an_answer(client, db, address, expected):
    make_practice("A", slug="a", countries=("PH",), lessons=("Ask.",), story="Told.")
    assert client.get(f"/api/v1/{address}").json() == expected


def test_fields_slim_a_list_and_bring_what_it_leaves_out(client, db):
    make_practice("A", slug="a", story="Told.")
    rows = client.get("/api/v1/practices/?fields=slug,story").json()["results"]
    assert rows == [{"slug": "a", "story": {"markdown": "Told.", "html": "<p>Told.</p>\n"}}]
    rows = client.get("/api/v1/practices/?fields=slug&q=told").json()["results"]
    assert rows == [{"slug": "a"}]
    found = client.get("/api/v1/practices/?fields=highlights&q=told").json()["results"]
    url = "http://testserver/practices/a/#story"
    assert found == [{"highlights": [{"url": url, "html": "<mark>Told</mark>."}]}]


@pytest.mark.parametrize("fields", ["colour", "slug,", "", "slug,,title", "slug, title"])
def test_a_field_that_does_not_exist_is_refused(client, db, fields):
    response = client.get("/api/v1/practices/", {"fields": fields})
    assert response.status_code == 400
    assert response.json()["errors"][0]["field"] == "fields"
    assert "Accepted: slug, url, api_url, title" in response.json()["errors"][0]["message"]


def test_the_page_tells_all_of_it_without_a_script_of_its_own(client, told):
    response = client.get("/api/v1/docs/")
    page = response.content.decode()
    assert response.status_code == 200
    for path, operation in operations(told).items():
        assert path in page
        assert f'id="{operation["operationId"]}"' in page
    for name, schema in told["components"]["schemas"].items():
        assert f'<h3 id="{name}">' in page
        for field in schema.get("properties", {}):
            assert f"<dt><code>{field}</code>" in page
    assert re.findall(r'(?:src|href)="https?://(?!testserver)[^"]*"', page) == []
    assert re.findall(r"<style|style=|<script(?! src=)", page) == []
    assert contract(content_version()) == told


# Schemathesis ---------------------------------------------------------------------------------------------


@pytest.mark.contract
@pytest.mark.django_db
def test_every_answer_keeps_the_contract(blank, fixture_files, request, tmp_path):
    """As many made-up requests as `--cases` says or more, valid and wrong ones, to the 17 cases as served.

    Some 2,900 come from the contract's examples and limits; each further example for all sixteen operations
    adds 22 and more, links followed included. The report is on standard error (`-s` shows it).
    """
    cases = request.config.getoption("cases")
    options = ["--max-examples", str(max(1, (cases - 2_500) // 22)), "--workers", "2", "--seed", str(cases)]
    rules = request.path.with_name("contract.toml")
    program = os.path.join(os.path.dirname(sys.executable), "schemathesis")
    with own_database(blank) as url:
        call_command("loaddata", *fixture_files, verbosity=0)
        with served(url) as server:
            home = f"http://127.0.0.1:{server.port}"
            command = [program, "--config-file", str(rules), "run", home + SCHEMA, "--url", home]
            run = subprocess.run(
                [*command, "--checks", "all", *options, "--continue-on-failure", "--no-color"],
                cwd=tmp_path, capture_output=True, text=True,
                env={**os.environ, "SCHEMATHESIS_HOOKS": str(request.path.with_name("contract_rules.py"))},
            )  # fmt: skip
    sys.stderr.write(run.stdout)
    made = re.search(r"(\d+) generated", run.stdout)
    assert run.returncode == 0
    assert int(made[1]) >= cases
