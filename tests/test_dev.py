"""dev.py: what a new developer sees when a step fails."""

import socket
import subprocess
import sys

import pytest

import dev
import tests.postgres

pytestmark = pytest.mark.one_engine


@pytest.fixture
def taken_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_taken_port_is_named_with_another_to_try(taken_port):
    with pytest.raises(dev.Failed, match=rf"Port {taken_port} on 127\.0\.0\.1 cannot be used") as failure:
        dev.serve("127.0.0.1", taken_port)
    assert f"python3 dev.py serve --port {taken_port + 1}" in str(failure.value)


def test_an_old_python_is_told_what_is_needed(monkeypatch, capsys):
    monkeypatch.setattr(dev.sys, "version_info", (3, 10, 9))
    monkeypatch.setattr(dev.sys, "argv", ["dev.py", "setup"])
    assert dev.main() == 1
    assert capsys.readouterr().out.startswith("The portal needs Python 3.11 or newer; this is ")


def test_a_failed_command_says_how_to_correct_it():
    with pytest.raises(dev.Failed, match=r"(?s)Ask your mother\..*exit status 3"):
        dev.run([sys.executable, "-c", "raise SystemExit(3)"], advice="Ask your mother.")


def test_the_second_way_is_taken_when_the_first_fails(capfd):
    dev.run(["no-such-program"], [sys.executable, "-c", "print('second')"], advice="Not needed.")
    assert capfd.readouterr().out == "second\n"


def test_a_half_made_environment_is_removed(monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "UV", None)

    def break_off(command, **options):
        (tmp_path / "venv").mkdir()
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(dev.subprocess, "run", break_off)
    with pytest.raises(dev.Failed, match="apt install python3-venv"):
        dev.make_venv(tmp_path / "venv")
    assert not (tmp_path / "venv").exists()


def test_the_settings_of_a_machine_are_written_once_and_for_its_owner_alone(monkeypatch, tmp_path):
    monkeypatch.setattr(dev, "HERE", tmp_path)
    dev.write_env()
    first = (tmp_path / ".env").read_text()
    dev.write_env()
    assert (tmp_path / ".env").read_text() == first
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    assert len(first.split("SECRET_KEY=")[1].splitlines()[0]) >= 50


def test_in_ci_a_part_left_out_is_a_failure(monkeypatch, capsys):
    def missing(*arguments):
        raise tests.postgres.Missing("there is none")

    monkeypatch.setattr(tests.postgres, "server", missing)
    monkeypatch.setattr(dev, "setup", lambda *names: None)
    monkeypatch.setattr(dev, "run_tests", lambda *arguments: False)
    monkeypatch.setattr(dev, "CHROMIUM", None)
    monkeypatch.setattr(dev, "IN_CI", True)
    assert dev.test([], quick=False, newest=False) == 2
    monkeypatch.setattr(dev, "IN_CI", False)
    assert dev.test([], quick=False, newest=False) == 0
    assert capsys.readouterr().out.count("SKIPPED: tests on PostgreSQL: there is none") == 2


def test_the_quick_run_is_on_sqlite_and_without_a_browser(monkeypatch):
    runs, installed = [], []
    monkeypatch.setattr(dev, "setup", lambda *names: installed.extend(names))
    monkeypatch.setattr(dev, "run_tests", lambda *arguments: runs.append(arguments))
    monkeypatch.setattr(dev.sys, "argv", ["dev.py", "test", "--quick", "-k", "search"])
    dev.main()
    [(venv, engine, url, arguments)] = runs
    assert (venv, engine, url.partition(":")[0], installed) == (dev.VENV, "SQLite", "sqlite", ["test"])
    assert arguments == ["--quick", "-k", "search"]


def test_the_newest_packages_are_those_of_the_project_without_upper_limits(monkeypatch):
    packages = []
    monkeypatch.setattr(dev, "make_venv", lambda *arguments: None)
    monkeypatch.setattr(dev, "run", lambda *arguments, **named: None)
    monkeypatch.setattr(dev, "install", lambda venv, *what: packages.extend(what))
    monkeypatch.setattr(dev.shutil, "rmtree", lambda *arguments, **named: None)
    dev.install_newest()
    assert {"django>=5.2.19", "psycopg[binary,pool]>=3.3"} <= set(packages)
    assert not [package for package in packages if "<" in package or "==" in package]
