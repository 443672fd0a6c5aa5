"""What a server does before its first answer: little, so that a restart keeps nobody waiting."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command
from django.template import engines
from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader

from portal import jinja
from tests.databases import own_database

SELDOM_USED = """
    markdown_it openpyxl PIL practices.values.period_parsing psycopg rapidfuzz rest_framework.views segno
""".split()  # noqa: SIM905 (reads better than a list)
FIRST = f"""
import gc, sys
from portal.wsgi import application
garbage = gc.get_stats()[2]["collections"], gc.isenabled(), gc.get_freeze_count() > 0
from django.test import RequestFactory
said = []
request = RequestFactory(SERVER_NAME="testserver").get("/practices/")
b"".join(application(request.environ, lambda status, headers: said.append(status)))
known = [name for name in {SELDOM_USED} if name in sys.modules]
print(said, known, *garbage)
"""


@pytest.mark.one_engine  # PostgreSQL’s own library is needed there
@pytest.mark.django_db
def test_the_first_page_waits_for_no_library_that_it_does_not_need(blank):
    with own_database(blank) as url:
        result = subprocess.run(
            [sys.executable, "-c", FIRST], cwd=settings.BASE_DIR, capture_output=True, text=True,
            env=os.environ | {"DATABASE_URL": url, "DEBUG": "true"},
        )  # fmt: skip
    assert (result.stdout, result.returncode) == ("['200 OK'] [] 0 True True\n", 0), result.stderr


@pytest.fixture
def compiled(monkeypatch, tmp_path):
    folder = tmp_path / "compiled"
    monkeypatch.setattr(jinja, "COMPILED", folder)
    call_command("compile_templates")
    return folder


@pytest.mark.one_engine
def test_compiled_templates_are_taken_as_they_are_by_any_account(compiled, monkeypatch):
    names = engines["jinja2"].env.list_templates()
    assert [file.stat().st_mode & 0o777 for file in compiled.iterdir()] == [0o644] * len(names)
    monkeypatch.setattr(Environment, "_generate", lambda *args, **options: pytest.fail("compiled again"))
    ours = engines["jinja2"].env.overlay(bytecode_cache=jinja.Compiled(str(compiled)))
    assert [ours.get_template(name).name for name in names] == names


@pytest.mark.one_engine
def test_a_template_that_changed_since_is_read_anew_and_nothing_is_written(compiled, tmp_path):
    page = tmp_path / "page.html"

    def rendered(text: str, cache: type[FileSystemBytecodeCache]) -> str:
        page.write_text(text)
        env = Environment(loader=FileSystemLoader(tmp_path), bytecode_cache=cache(str(compiled)))
        return env.get_template("page.html").render()

    assert rendered("old", FileSystemBytecodeCache) == "old"
    before = {file: file.read_bytes() for file in compiled.iterdir()}
    assert rendered("new", jinja.Compiled) == "new"
    assert {file: file.read_bytes() for file in compiled.iterdir()} == before


@pytest.mark.one_engine
@pytest.mark.parametrize("name", ["Dockerfile", "upgrade.sh"])
def test_a_release_compiles_its_templates(name):
    assert "manage.py compile_templates" in (settings.BASE_DIR / "deploy" / name).read_text()
