"""docs/api.md: every example runs and returns what the page shows."""

import csv
import io
import json
import re
import shlex
from contextlib import redirect_stdout
from html import escape
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from practices.api.guide import USUAL_RATE
from practices.api.parameters import MAX_PAGE_SIZE, PAGE_SIZE
from practices.exchange.formats import FORMATS
from practices.exchange.tables import CSV_COLUMNS
from practices.listing.filters import PracticeFilter
from practices.search.query_parser import MAX_QUERY_WORDS
from practices.search.suggestions import MAX_SUGGESTIONS, MAX_TEXT_LENGTH
from practices.serializers.problems import CODES
from practices.site.feeds import MAX_ENTRIES

pytestmark = pytest.mark.one_engine

GUIDE = (settings.BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^( *)```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SITE = "https://practices.example"


def examples() -> list[tuple[str, str, str | None]]:
    """The language and the code of each example with the block of its answer, which follows at once."""
    found, last_end = [], -1
    for block in BLOCK.finditer(GUIDE):
        _indent, language, text = block.groups()
        if language in {"json", "text"} and GUIDE[last_end : block.start()].strip() == "" and found:
            found[-1] = (*found[-1][:2], text)
        else:
            found.append((language, text, None))
        last_end = block.end()
    return found


@pytest.fixture
def get(jmdi, settings, client):
    """Gets an address of the portal that the page names."""
    settings.SITE_URL, settings.ALLOWED_HOSTS = SITE, ["practices.example"]

    def get(address: str, method: str = "get", **headers: str) -> Any:
        assert address.startswith(f"{SITE}/")
        asked = getattr(Client(headers={"host": "practices.example", **headers}), method)
        return asked(address.removeprefix(SITE), secure=True)

    return get


def content(response: Any) -> bytes:
    return b"".join(response) if response.streaming else response.content


def curl(get: Any, line: str) -> tuple[Any, bool]:
    """The answer to a curl command, and whether its headers alone were asked for."""
    program, *words = shlex.split(line)
    assert program == "curl"
    headers, method, address = {}, "get", None
    while words:
        match words.pop(0):
            case "-I":
                method = "head"
            case "-H":
                name, value = words.pop(0).split(": ")
                headers[name.lower()] = value
            case "-o":
                assert "." in words.pop(0)
            case word:
                assert address is None
                address = word
    return get(address, method, **headers), method == "head"


def run_sh(get: Any, code: str, answer: str | None) -> None:
    for line in code.splitlines():
        response, headers_alone = curl(get, line)
        if answer is None:
            assert (line, response.status_code) == (line, 200)
            assert content(response)
        elif headers_alone:
            said = dict(response.headers)
            for header in answer.splitlines():
                name, value = header.split(": ", 1)
                assert re.fullmatch(re.escape(value).replace("…", ".+"), said.get(name, "")), (header, said)
        else:
            assert json.loads(content(response)) == json.loads(answer)


def run_python(get: Any, code: str, answer: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def urlopen(address: str) -> io.BytesIO:
        response = get(address)
        assert (address, response.status_code) == (address, 200)
        return io.BytesIO(content(response))

    monkeypatch.setattr("urllib.request.urlopen", urlopen)
    said = io.StringIO()
    with redirect_stdout(said):
        exec(compile(code, "docs/api.md", "exec"), {})
    assert said.getvalue() == answer


def run_r(get: Any, code: str, answer: str | None) -> None:
    """Not R, but what it would be given: a table or a document, asked for its rows or for a field."""
    first, *asked = code.splitlines()
    name, function, address = re.fullmatch(r'(\w+) <- ([\w.:]+)\("([^"]+)".*\)', first).groups()
    data = content(get(address))
    read = {"read.csv": lambda: list(csv.DictReader(io.StringIO(data.decode(), newline=""))),
            "jsonlite::fromJSON": lambda: json.loads(data)}[function]()  # fmt: skip
    said = ""
    for line in asked:
        value = len(read) if line == f"nrow({name})" else read[line.removeprefix(f"{name}$")]
        said += f"[1] {json.dumps(value)}\n"
    assert said == answer


def run_formula(get: Any, code: str, answer: str | None) -> None:
    """A formula of a spreadsheet fetches an address."""
    address = re.fullmatch(r'\s*=IMPORTDATA\("([^"]+)"\)\s*', code)[1]
    assert get(address).headers["Content-Type"] == "text/csv; charset=utf-8"


# One test for all examples, because loading the cases takes a second.
def test_every_example_answers_what_the_guide_says(get, monkeypatch):
    runners = {
        "sh": run_sh,
        "python": lambda *example: run_python(*example, monkeypatch),
        "r": run_r,
        "text": run_formula,
    }
    for language, code, answer in examples():
        runners[language](get, code, answer)
    assert [language for language, _code, _answer in examples()].count("python") >= 4


def test_every_address_of_the_guide_is_there(get):
    places = {"<number>": "1", "<code>": "PH"}
    story = "story-of-hugo-salinas"
    slugs = {"practices": story, "files": story, "lessons": "jappando-senegal"}
    table = GUIDE.partition("## Endpoints")[2].partition("\n\n## ")[0]
    addresses = re.findall(r"`(/api/v1/[^`]*)`", table)
    listed = get(f"{SITE}/api/v1/").json().values()
    assert {f"{SITE}{address}" for address in addresses} >= set(listed)
    for address in addresses:
        noun = address.split("/")[3]
        row = get(f"{SITE}/api/v1/{noun}/").json().get("results", [{}])[0] if "<" in address else {}
        for name, value in {"<slug>": slugs.get(noun) or row.get("slug"), **places}.items():
            value = row.get("code", value) if name == "<code>" else value
            address = address.replace(name, str(value))
        assert (address, get(SITE + address).status_code) == (address, 200)


def test_the_portal_shows_the_guide_with_its_own_address_and_limits(client, db, settings):
    settings.SITE_URL, settings.API_RATE = "https://portal.example", 77
    page = client.get("/api/v1/docs/").content.decode()
    for block in BLOCK.finditer(GUIDE):
        shown = escape(block[3].replace(SITE, "https://portal.example"), quote=True).replace("&#x27;", "'")
        assert all(line.strip() in page for line in shown.splitlines())
    for heading in re.findall(r"^## (.+)$", GUIDE, re.MULTILINE):
        assert re.search(rf'<h2 id="guide-[a-z-]+">{heading}</h2>', page)
    assert "practices.example" not in page.partition('<h2 id="tag-1">')[0]
    assert "77 requests in a minute" in page
    assert "1,200" not in page


def test_without_a_limit_the_guide_names_none(client, db, settings):
    settings.API_RATE = 0
    page = client.get("/api/v1/docs/").content.decode()
    assert "any number of requests" in page


def test_the_limits_of_the_guide_are_those_of_the_code():
    limits = GUIDE.partition("## Limits")[2].partition("\n## ")[0]
    numbers = [1200, PAGE_SIZE, MAX_PAGE_SIZE, PracticeFilter.base_filters["q"].extra["max_length"]]
    numbers += [MAX_QUERY_WORDS, MAX_ENTRIES, MAX_TEXT_LENGTH, MAX_SUGGESTIONS]
    for number in numbers:
        assert f"{number:,}" in limits
    usual = re.search(r'"API_RATE", (\d+)', (settings.BASE_DIR / "portal" / "settings.py").read_text())[1]
    assert (int(usual), USUAL_RATE in GUIDE) == (1200, True)


def test_the_guide_names_every_code_of_an_error():
    """Each code that the API gives stands in the guide, and no other."""
    code = settings.BASE_DIR / "practices"
    files = [
        *(code / "api").glob("*.py"),
        code / "listing" / "filters.py",
        code / "serializers" / "problems.py",
    ]
    source = "".join(path.read_text() for path in files)
    said = GUIDE.partition("## Errors")[2].partition("\n## ")[0]
    listed = set(re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (?:\d+ \| )?(`.*?) \|", said, re.M))))
    words = r'"((?:unknown|invalid|not|no|too|range|unreadable)_[a-z_]+|repeated)"'
    given = {*CODES.values(), *re.findall(words, source)} - {"too_many"}
    assert listed - {"code", "errors"} == given


def test_the_guide_names_every_format_and_every_column():
    rows = re.findall(r"^\| `(\w+)` \| `([\w./+-]+)` \|", GUIDE, re.MULTILINE)
    assert dict(rows) == {kind.name: kind.media_type for kind in FORMATS.values()}
    columns = GUIDE.partition("The columns of tables:\n\n")[2].partition("\n\n")[0]
    assert re.findall(r"`(\w+)`", columns) == list(CSV_COLUMNS)
