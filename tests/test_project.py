"""Rules for the project as a whole: what its files must not contain and what its documents must."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings

from practices.listing.filters import ORDERINGS, PracticeFilter

pytestmark = pytest.mark.one_engine

ROOT = settings.BASE_DIR
# Written in pieces, so that this file does not hold them itself.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs.org", "deb." + "debian.org"]


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    return [ROOT / name for name in names.decode().split("\0") if name and (ROOT / name).is_file()]


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def test_no_tracked_file_names_the_host_of_a_package_registry():
    assert [(path.name, host) for path in tracked() for host in HOSTS if host in read(path)] == []


def test_no_tracked_file_names_a_path_of_one_machine():
    own = f"{ROOT.parent}/"
    assert [path.name for path in tracked() if own in read(path)] == []


@pytest.mark.parametrize("name", ["core", "deploy", "test", "e2e", "postgres", "sbom"])
def test_every_requirement_is_pinned_with_a_hash(name):
    lines = read(ROOT / "requirements" / f"{name}.txt").splitlines()
    pins = [i for i, line in enumerate(lines) if re.match(r"\w", line)]
    assert pins
    assert [lines[i] for i in pins if "==" not in lines[i] or "--hash=sha256:" not in lines[i + 1]] == []


def test_every_declared_dependency_is_pinned():
    declared = tomllib.loads(read(ROOT / "pyproject.toml"))["project"]
    extras = declared["optional-dependencies"].values()
    wanted = [*declared["dependencies"], *(line for extra in extras for line in extra)]
    names = {re.match(r"[\w-]+", line)[0].lower() for line in wanted}
    files = "".join(read(ROOT / f"requirements/{name}.txt") for name in ("e2e", "postgres", "sbom"))
    pinned = re.findall(r"^([\w-]+)(?:\[\w+\])?==", files, re.M)
    assert names - set(pinned) == set()


def test_what_is_served_and_what_is_tested_have_the_same_versions():
    """All requirement files pin the same version of a package."""
    pins = {
        name: set(
            re.findall(r"(?m)^([\w.-]+(?:\[[\w,]+\])?==\S+)", read(ROOT / "requirements" / f"{name}.txt"))
        )
        for name in ("core", "deploy", "test", "e2e")
    }
    assert (
        pins["core"] - pins["deploy"] == pins["deploy"] - pins["test"] == pins["test"] - pins["e2e"] == set()
    )


def test_templates_hold_no_inline_style_or_script():
    for path in (ROOT / "templates").rglob("*.html"):
        assert not re.search(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=", read(path)), path.name


def test_the_words_of_the_interface_are_found_wherever_they_are_marked(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    CommandLineInterface().run(
        ["pybabel", "-q", "extract", "-F", "pyproject.toml", "-o", str(tmp_path / "django.pot"), "."]
    )
    with (tmp_path / "django.pot").open("rb") as file:
        catalog = read_po(file)
    found = {message.id: [name for name, _line in message.locations] for message in catalog}
    assert found["Show practices"] == ["templates/site/practice_list.html"]
    assert found["Show %(n)s actor", "Show all %(n)s actors"] == ["templates/site/country.html"]
    assert found["%(n)s practice", "%(n)s practices"] == ["templates/site/practice_list.html"]
    assert found["This actor already has this role in the practice."] == ["practices/models/children.py"]
    assert {*found["Editors’ desk"]} == {"practices/accounts/admin_site.py"}
    assert found["“%(value)s” ends before it begins."] == ["practices/values/period.py"]
    assert catalog.get("%(decade)ss").auto_comments == ["Translators: ten years, by the first of them: 2010s"]


def test_every_text_of_a_page_is_marked_for_translation():
    """Text between the tags and instructions of a template is marked."""
    for path in (ROOT / "templates" / "site").glob("*.html"):
        own = r"{% trans\b.*?{% endtrans %}|{[{%#].*?[}%#]}|<code>.*?</code>"  # what one types is no text
        marked = re.sub(own, "", read(path), flags=re.S)
        attributes = re.findall(r'\s(?:aria-label|alt|title|placeholder)="([^"]*)"', marked)
        words = re.findall(r"\w+", re.sub(r"<[^>]*>", "", marked) + " ".join(attributes))
        assert words == [], path.name


def test_style_sheets_use_logical_directions():
    for path in (ROOT / "static" / "css").glob("*.css"):
        side = r"(?:left|right)"
        found = re.findall(rf"-{side}\b(?!\s*{{)|(?<![-\w]){side}\s*:|align:\s*{side}", read(path))
        assert found == [], path.name


def test_every_parameter_is_described_in_the_docs():
    text = read(ROOT / "docs" / "parameters.md")
    missing = [name for name in [*PracticeFilter.base_filters, *ORDERINGS] if f"`{name}`" not in text]
    assert missing == []


def test_every_environment_variable_is_described_in_the_docs():
    tree = ast.parse(read(ROOT / "portal" / "settings.py"))
    names = {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)
        if str(node.args[0].value).isupper()
    }
    text = read(ROOT / "docs" / "reference" / "settings.md")
    assert {"SECRET_KEY", "SITE_NAME", "DATABASE_URL"} <= names
    assert [name for name in names if f"`{name}`" not in text] == []


def test_every_link_between_the_docs_leads_somewhere():
    broken = []
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", read(path)):
            if not (path.parent / target).exists():
                broken.append((path.name, target))
    assert broken == []


def test_every_file_that_the_docs_name_is_there():
    """Paths can be relative to the project, the package, or the folder of the documents and templates."""
    folders = [
        "",
        "practices",
        "docs",
        "deploy",
        "practices/search",
        "templates/site",
        "tests",
        "tests/portal",
    ]
    named = re.compile(r"`((?:[\w.-]+/)*[\w-]+\.(?:py|html|js|css|svg|toml|sh|conf|txt|yaml|png))`")
    missing = [
        (path.name, name)
        for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
        if path.name != "CHANGELOG.md"  # it also names former files
        for name in named.findall(read(path))
        if not any((ROOT / folder / name).is_file() for folder in folders)
    ]
    assert missing == []


def test_the_models_match_the_migrations(db):
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_a_public_site_passes_djangos_own_deployment_check(tmp_path):
    environment = {
        "PATH": "/usr/bin:/bin",
        "SECRET_KEY": "k7Zr2mQx9vB4nT6wY1cL8sJ3hF5gD0pA-aEuIoOqXzWv-jKd6Ps",
        "DEBUG": "false",
        "SITE_URL": "https://practices.example",
        "ALLOWED_HOSTS": "",  # the .env file of a checkout would say otherwise
        "DATABASE_URL": f"sqlite:///{tmp_path}/portal.sqlite3",
    }
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_static_files_refer_only_to_files_that_are_there(tmp_path):
    with_manifest = {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    with override_settings(
        STATIC_ROOT=tmp_path, STORAGES={**settings.STORAGES, "staticfiles": with_manifest}
    ):
        call_command("collectstatic", interactive=False, verbosity=0)
    assert (tmp_path / "staticfiles.json").exists()


def test_every_test_and_document_that_the_security_table_names_is_there():
    named = set(re.findall(r"`((?:\w+/)?test_\w+)`", read(ROOT / "docs" / "reference" / "asvs.md")))
    assert len(named) > 30
    assert [name for name in named if not (ROOT / "tests" / f"{name}.py").is_file()] == []
    documents = re.findall(r"`([\w/.-]+\.(?:md|conf|sh))`", read(ROOT / "docs" / "reference" / "asvs.md"))
    folders = (ROOT, ROOT / "docs", ROOT / "docs" / "reference")
    assert [name for name in documents if not any((folder / name).is_file() for folder in folders)] == []


def test_imports_between_the_packages_go_one_way():
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout
