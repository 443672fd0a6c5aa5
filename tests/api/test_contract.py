"""The contract: valid, complete, described in words, and followed by every response."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.urls import get_resolver
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from practices.api.actors import ActorViewSet
from practices.api.base import ReadOnlyAPIMixin
from practices.api.changes import RemovedViewSet
from practices.api.countries import CountryViewSet
from practices.api.lessons import LessonViewSet
from practices.api.objectives import ObjectiveViewSet
from practices.api.practices import PracticeViewSet
from practices.api.publications import PublicationViewSet
from practices.api.schema import contract
from practices.api.themes import ThemeViewSet
from practices.exchange.formats import FORMATS
from practices.listing.filters import PracticeFilter
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
    """Each view against its operation, so that neither can be forgotten."""
    [below] = [part for part in get_resolver().url_patterns if str(part.pattern) == "api/v1/"]
    accepted = {}
    for pattern in below.url_patterns:
        if hasattr(pattern.callback, "cls"):
            view = pattern.callback.cls(**pattern.callback.initkwargs)
            path = re.sub(r"<\w+:(\w+)>", r"{\1}", str(pattern.pattern))
            path = re.sub(
                r"\^|\$|\(\?P<(\w+)>[^)]*\)", lambda found: f"{{{found[1]}}}" if found[1] else "", path
            )
            accepted[f"/api/v1/{path}"] = {*view.parameters, *view.common}
            assert isinstance(view, ReadOnlyAPIMixin)
    said = {
        path: {
            parameter["name"]
            for part in operation["parameters"]
            if (parameter := resolved(told, part))["in"] == "query"
        }
        for path, operation in operations(told).items()
    }
    assert said == accepted
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


def test_the_contract_does_not_change_with_the_content(client, told):
    """Else a client that was generated yesterday would refuse what editors add today."""
    make_country("SN")
    make_practice(slug="c", countries=("SN",), actors=("new",), themes=("new",), objectives=("gcm-1",))
    assert client.get(SCHEMA).json() == told
    assert "hidden" not in json.dumps(told)


def schemas(told: dict) -> Iterator[tuple[str, dict]]:
    """Each parameter with the schema of its values."""
    for part in (*told["components"]["parameters"].values(), *every_parameter(told)):
        yield part["name"], part["schema"].get("items", part["schema"])


def every_parameter(told: dict) -> Iterator[dict]:
    for operation in operations(told).values():
        yield from (resolved(told, part) for part in operation["parameters"])


def test_values_are_described_by_short_patterns_or_by_lists_that_releases_change(told):
    enums = {name for name, schema in schemas(told) if "enum" in schema}
    assert enums == {
        "kind",
        "activity",
        "language",
        "ordering",
        "facets",
        "fields",
        "format",
        "lang",
        "table",
    }
    for name, schema in schemas(told):
        assert "" not in schema.get("enum", ()), name
        assert len(schema.get("pattern", "")) < 200, name


@pytest.mark.parametrize("value", ["brand-new", "naga", "2nd_actor"])
def test_a_slug_that_editors_make_later_fits_the_contract(told, value):
    for name in ("theme", "actor", "actor_type"):
        schema = told["components"]["parameters"][name]["schema"]["items"]
        assert Draft202012Validator(schema).is_valid(value)
        assert not Draft202012Validator(schema).is_valid("")


def test_defaults_of_the_contract_are_accepted_with_every_other_parameter(client, told):
    """Clients that are generated from it send each default with every request."""
    for path, operation in operations(told).items():
        address = path.format(slug="a", number=1, key="naga", format="csv", table="places")
        parameters = [resolved(told, part) for part in operation["parameters"]]
        parameters = [part for part in parameters if part["in"] == "query"]
        defaults = {
            part["name"]: part["schema"]["default"] for part in parameters if "default" in part["schema"]
        }
        for part in parameters:
            example = part["example"]
            wanted = {part["name"]: ",".join(example) if isinstance(example, list) else example}
            response = client.get(address, defaults | wanted)
            if response.status_code == 400:  # an example of a row that is not there, and of no rule
                errors = response.json()["errors"]
                assert [error["field"] for error in errors] == [part["name"]], (path, wanted, errors)
                assert {error["code"] for error in errors} == {"unknown_value"}, (path, wanted, errors)
            else:
                assert response.status_code in {200, 404}, (path, wanted)
        assert defaults == {name: {"page": 1, "page_size": 20}[name] for name in defaults}


@pytest.mark.parametrize("query", ["page=1", "page_size=20", "page_size=7", "facets=0", "ordering="])
def test_what_asks_for_nothing_goes_together_with_a_harvest_and_with_files(client, db, query):
    make_practice(slug="a")
    for kind in FORMATS:
        assert client.get(f"/api/v1/practices/?format={kind}&{query}").status_code == 200
    for harvest in ("cursor=0", "updated_since=2020-01-01"):
        assert client.get(f"/api/v1/practices/?{harvest}&{query}").json()["cursor"] == "1"


@pytest.mark.parametrize("query", ["page=2", "facets=1", "fields=slug", "cursor=0"])
def test_what_a_file_cannot_have_is_refused(client, db, query):
    for kind in FORMATS:
        [error] = client.get(f"/api/v1/practices/?format={kind}&{query}").json()["errors"]
        assert (error["field"], error["code"]) == (query.split("=")[0], "not_combinable")


@pytest.mark.parametrize("kind", FORMATS)
def test_the_operations_for_files_give_the_same_as_the_format_of_a_list(client, db, kind):
    make_practice(slug="a", countries=("PH",))
    make_practice(slug="b")
    for address, query in (("practices", "country=PH&ordering=title"), ("practices/a", "lang=en")):
        file = client.get(f"/api/v1/files/{address}.{kind}?{query}")
        same = client.get(f"/api/v1/{address}/?format={kind}&{query}")
        assert (file.status_code, same.status_code) == (200, 200)
        for header in ("Content-Type", "Content-Disposition"):
            assert file.headers[header] == same.headers[header]
        if kind != "xlsx":  # which holds the moment it was made
            assert file.getvalue() == same.getvalue()
        plain = client.get(
            f"/api/v1/files/{address}.{kind}?{query}", headers={"accept": "application/octet-stream"}
        )
        assert plain.headers["Content-Type"] == "application/octet-stream"
        assert plain.headers["ETag"] != file.headers["ETag"]


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("practices.pdf", 404, "unknown_format"),
        ("practices.json", 404, "unknown_format"),
        ("practices/a.pdf", 404, "unknown_format"),
        ("practices/b.csv", 404, "not_found"),
        ("practices/withdrawn.csv", 410, "gone"),
        ("practices.csv?format=csv", 400, "invalid_parameters"),
        ("practices.csv?page=1", 400, "invalid_parameters"),
        ("practices.csv?country=ZZ", 400, "invalid_parameters"),
    ],
)
def test_a_file_that_is_not_there_is_a_problem(client, db, address, status, code):
    make_practice(slug="a")
    practice = make_practice(slug="withdrawn")
    practice.status = "archived"
    practice.save()
    make_practice(slug="draft", status="draft")
    response = client.get(f"/api/v1/files/{address}")
    assert (response.status_code, response.json()["code"]) == (status, code)
    assert client.get("/api/v1/files/practices/draft.csv").status_code == 404


def test_fields_are_those_of_the_documents(client, db):
    make_practice(slug="a", lessons=("A lesson.",))
    assert (*client.get("/api/v1/practices/a/").json(), "highlights") == PracticeViewSet.field_names
    assert (*client.get("/api/v1/lessons/a/1/").json(), "highlights") == LessonViewSet.field_names
    assert PracticeViewSet.detail_parameters == LessonViewSet.detail_parameters == ("fields",)


def test_the_contract_has_the_fields_of_the_serializers(told):
    """In their order, whichever of them an answer holds."""
    viewsets = {
        "Practice": PracticeViewSet, "Lesson": LessonViewSet, "Actor": ActorViewSet,
        "Country": CountryViewSet, "Theme": ThemeViewSet, "Objective": ObjectiveViewSet,
        "Publication": PublicationViewSet, "Removed": RemovedViewSet,
    }  # fmt: skip
    for name, viewset in viewsets.items():
        assert list(told["components"]["schemas"][name]["properties"]) == list(viewset().field_names), name


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


@pytest.mark.parametrize("query", ["fields=slug,title", "fields=title&fields=slug", "fields=title,%20slug,"])
def test_fields_may_repeat_or_be_separated_by_commas(client, db, query):
    make_practice("A", slug="a")
    assert client.get(f"/api/v1/practices/?{query}").json()["results"] == [{"slug": "a", "title": "A"}]


def test_an_empty_list_of_fields_asks_for_all(client, db):
    make_practice("A", slug="a")
    assert client.get("/api/v1/practices/?fields=").json() == client.get("/api/v1/practices/").json()


@pytest.mark.parametrize("fields", ["colour", "slug;title", "slug,colour", "Slug"])
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
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page, anchor
    assert re.findall(r"<style|style=|<script(?! src=)", page) == []
    assert contract("http://testserver") == told


# Schemathesis ---------------------------------------------------------------------------------------------


@pytest.mark.contract
@pytest.mark.django_db
def test_every_answer_keeps_the_contract(blank, fixture_files, request, tmp_path):
    """As many made-up requests as `--cases` says or more, valid and wrong ones, to the 17 cases as served.

    Some 2,900 come from the contract's examples and limits; each further example for all sixteen operations
    adds 22 and more, links followed included. The report is on standard error (`-s` shows it).
    """
    cases = request.config.getoption("cases")
    options = ["--max-examples", str(max(1, (cases - 2_300) // 22)), "--workers", "2", "--seed", str(cases)]
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
