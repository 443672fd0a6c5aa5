"""Checks of the deployment files; docs/reference/deployment-tests.md lists what ran on real machines."""

import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGKILL

import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands

from tests import nginx
from tests.postgres import children
from tests.programs import needed
from tests.served import free_port, get, until

DEPLOY = settings.BASE_DIR / "deploy"
SCRIPTS = sorted(DEPLOY.glob("*.sh"))


def run(*command: object) -> None:
    result = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_good_shell(script):
    run("bash", "-n", script)
    assert script.stat().st_mode & 0o111
    run(needed("shellcheck"), script)


def test_nginx_reads_its_file(tmp_path):
    run(*nginx.write(tmp_path), "-t")


def test_without_https_a_reader_is_led_to_it_and_a_program_is_told():
    with nginx.running() as (http, _https):
        page, data = (
            get(http, path, Host=nginx.NAME) for path in ("/practices/?q=a", "/api/v1/practices/?q=a")
        )
    assert (page.status_code, page.headers["Location"]) == (301, f"https://{nginx.NAME}/practices/?q=a")
    assert (data.status_code, data.headers["Content-Type"]) == (403, "application/problem+json")
    assert json.loads(data.content)["detail"].endswith(f" https://{nginx.NAME}/api/v1/")


def test_systemd_reads_the_units(tmp_path):
    """The installation puts the programs of the units into place, so the test uses other existing ones."""
    analyze = needed("systemd-analyze")
    units = shutil.copytree(DEPLOY / "systemd", tmp_path / "units")
    for unit in units.glob("*.service"):
        unit.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", unit.read_text()))
    found = [unit for unit in units.iterdir() if unit.suffix in {".service", ".timer"}]
    result = subprocess.run(
        [analyze, "verify", *map(str, found)], capture_output=True, text=True,
        env={"SYSTEMD_UNIT_PATH": f"{units}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert (result.returncode, [line for line in result.stderr.splitlines() if str(units) in line]) == (0, [])


def test_the_image_holds_the_program_alone_and_runs_as_an_account_of_its_own():
    lines = (settings.BASE_DIR / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in lines if line.startswith("!")}
    assert lines[0] == "*"
    assert let_in == {
        "manage.py",
        "portal",
        "practices",
        "templates",
        "static",
        "fixtures",
        "locale",
        "docs/api.md",  # which /api/v1/docs/ shows
        "requirements",
    }
    text = (DEPLOY / "Dockerfile").read_text()
    assert text.rindex("\nUSER portal\n") > text.rindex("\nFROM ")


def test_the_composition_fills_in_all_that_nginx_wants_and_opens_no_other_port():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    wanted = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "nginx.conf").read_text()))
    assert wanted <= services["nginx"]["environment"].keys()
    assert {name for name, service in services.items() if "ports" in service} == {"nginx"}
    for name in ("bootstrap", "web", "publish"):
        assert (services[name]["read_only"], services[name]["cap_drop"]) == (True, ["ALL"])


def test_only_commands_that_there_are_are_run():
    texts = [path.read_text() for path in DEPLOY.rglob("*") if path.is_file()]
    run = set(re.findall(r"python manage\.py (\w+)", "".join(texts)))
    assert {"backup", "publish_scheduled", "cleanup"} <= run
    assert run <= get_commands().keys()


def test_of_the_portals_containers_the_server_alone_is_asked_for_its_health_and_all_hear_the_signal_to_stop():
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = {name: service for name, service in services.items() if service["image"] == "portal"}
    asked = [name for name, service in ours.items() if service.get("healthcheck") != {"disable": True}]
    assert (asked, [name for name, service in ours.items() if not service["init"]]) == (["web"], [])


def granian(file: str) -> dict[str, str]:
    return dict(re.findall(r"(GRANIAN_\w+)=(\S+)", (DEPLOY / file).read_text()))


def test_the_unit_and_the_image_serve_alike():
    unit, image = granian("systemd/portal-web.service"), granian("Dockerfile")
    assert (unit.pop("GRANIAN_HOST"), image.pop("GRANIAN_HOST")) == ("127.0.0.1", "0.0.0.0")
    assert unit == image


@pytest.mark.one_engine
def test_a_server_that_is_told_to_stop_while_it_loads_stops():
    """Its processes ignore the signal until they have loaded; docker kills a container after ten seconds."""
    unit = granian("systemd/portal-web.service")
    assert int(unit["GRANIAN_WORKERS_KILL_TIMEOUT"]) < 10
    server = subprocess.Popen(
        [Path(sys.executable).with_name("granian"), "portal.wsgi:application"],
        cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        env=os.environ | unit | {"GRANIAN_WORKERS_KILL_TIMEOUT": "1", "GRANIAN_PORT": str(free_port())},
    )  # fmt: skip
    try:
        until(lambda: len(children(server.pid)) == 2, server)
        server.terminate()
        assert server.wait(10) == 0
    finally:
        for number in [*children(server.pid), server.pid]:
            with suppress(ProcessLookupError):
                os.kill(number, SIGKILL)


def test_who_goes_back_by_hand_takes_the_units_of_that_release_too():
    """A timer would run a command that the previous release does not have."""
    steps = (settings.BASE_DIR / "docs" / "operations.md").read_text().split("To go back later by hand:")[1]
    units = "cp -r deploy/systemd/. /etc/systemd/system/ && sudo systemctl daemon-reload"
    assert re.search(rf"cd /opt/portal/releases/FORMER .*{re.escape(units)}.*start portal-web", steps, re.S)


def test_only_settings_that_there_are_are_set():
    known = (settings.BASE_DIR / "docs" / "reference" / "settings.md").read_text()
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    written = (DEPLOY / "install.sh").read_text().split("portal.env <<END")[1].split("\nEND\n")[0]
    names = {*services["web"]["environment"], *re.findall(r"(?m)^([A-Z_]+)=", written)}
    assert {"SECRET_KEY", "DATABASE_URL"} <= names
    assert [name for name in names if f"`{name}`" not in known] == []


def test_the_password_of_the_database_is_no_part_of_an_address():
    """In a URL, `/`, `#`, `%` and `@` would need to be encoded."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for name in ("bootstrap", "web", "publish"):
        values = services[name]["environment"]
        assert [key for key, value in values.items() if "POSTGRES_PASSWORD" in value] == ["DATABASE_PASSWORD"]


def test_no_server_writes_requests_or_statements_into_a_log_of_its_own():
    """Tests of nginx's log are in test_behind_nginx.py."""
    assert [name for name in granian("systemd/portal-web.service") if "ACCESS" in name] == []
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    wanted = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
    command = services["database"]["command"]
    assert dict(item.split("=") for item in command if "=" in item) == wanted
    script = (DEPLOY / "install.sh").read_text()
    assert [f"{name} = {value}" in script for name, value in wanted.items()] == [True, True]
