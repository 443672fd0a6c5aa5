#!/usr/bin/env python3
"""Sets the portal up on a fresh machine: `serve` runs it, `test` tests it, `setup` only installs.

Uses Python's standard library alone, and uv where it is installed. Every step that fails names its mend.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
UV = shutil.which("uv")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
IN_CI = os.environ.get("CI") == "true"


class Failed(Exception):
    """A step failed; the message says which and how to mend it."""


def say(text: str) -> None:
    print(text, flush=True)


def run(*ways: list[object], mend: str, **more: object) -> None:
    """Runs the first of the commands that succeeds; when none does, says how to mend it."""
    for way in ways:
        try:
            subprocess.run([str(part) for part in way], check=True, cwd=HERE, **more)
            return
        except (OSError, subprocess.CalledProcessError) as error:
            cause = error
    raise Failed(f"{mend}\n(It was: {cause})")


def make_venv() -> None:
    """`.venv` with pip in it. A half-made one is removed, so that the next try starts clean."""
    if PYTHON.exists():
        return
    say("Making .venv …")
    ways = [[sys.executable, "-m", "venv", "--clear", VENV]]
    if UV:
        ways.insert(
            0, [UV, "venv", "--quiet", "--seed", "--no-python-downloads", "--python", sys.executable, VENV]
        )
    try:
        run(
            *ways,
            mend="Python's venv module is missing. On Debian: apt install python3-venv",
            stdout=subprocess.DEVNULL,
        )
    except BaseException:
        shutil.rmtree(VENV, ignore_errors=True)
        raise


def install(name: str) -> None:
    """What requirements/<name>.txt lists, each file checked against its hash; nothing if it is there."""
    requirements = HERE / "requirements" / f"{name}.txt"
    stamp = VENV / f"installed-{name}"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say(f"Installing requirements/{name}.txt …")
    what = ["--quiet", "--require-hashes", "-r", requirements]
    ways = [[PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *what]]
    if UV:
        ways.insert(0, [UV, "pip", "install", "--python", PYTHON, *what])
    run(
        *ways,
        mend="The packages could not be installed. Is there a connection to a Python package index? "
        "A proxy is named by HTTPS_PROXY, a mirror by PIP_INDEX_URL (or UV_DEFAULT_INDEX).",
    )
    stamp.write_text(digest)


def write_env() -> None:
    """The settings of this machine, for development only; an existing file is left as it is."""
    env = HERE / ".env"
    if not env.exists():
        env.write_text(
            "# Development settings, written by dev.py. docs/reference/settings.md lists all settings.\n"
            f"SECRET_KEY={secrets.token_urlsafe(48)}\n"
            "DEBUG=true\n"
            "ALLOWED_HOSTS=127.0.0.1,localhost,[::1]\n"
        )
        env.chmod(0o600)


def setup(*requirements: str) -> None:
    make_venv()
    for name in requirements:
        install(name)
    write_env()


def serve(host: str, port: int) -> None:
    """Prepares the database and becomes the development server."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failed(
                f"Port {port} on {host} cannot be taken ({error.strerror}). "
                f"Try another: python3 dev.py serve --port {port + 1}"
            ) from None
    setup("core")
    shown = f"[{host}]" if ":" in host else host
    os.environ.setdefault("SITE_URL", f"http://{shown}:{port}")
    if host in {"0.0.0.0", "::"}:
        os.environ.setdefault("ALLOWED_HOSTS", "*")
    run([PYTHON, "manage.py", "bootstrap"],
        mend="The database could not be prepared. A DATABASE_URL in .env or the environment may lead "
             "elsewhere; without one it is portal.sqlite3 beside manage.py.")  # fmt: skip
    say(f"The portal is at http://{shown}:{port}/ (stop with Ctrl-C)")
    command = [str(PYTHON), "manage.py", "runserver", "--skip-checks", f"{shown}:{port}"]
    os.chdir(HERE)
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def test(arguments: list[str]) -> int:
    """The whole suite on SQLite and PostgreSQL; how many runs failed. In CI a part left out counts too."""
    setup("e2e" if CHROMIUM else "test")
    from tests.postgres import Missing, server

    left_out = []
    if not CHROMIUM:
        left_out.append("the browser tests: no Chromium found. On Debian: apt install chromium")
    failed = run_tests("SQLite", f"sqlite:///{HERE / 'test.sqlite3'}", arguments)
    try:
        with server(PYTHON, VENV / "postgresql") as url:
            # Made anew and left behind: a browser may hold a connection a moment longer than its test.
            failed += run_tests("PostgreSQL", url, ["--create-db", "--reuse-db", *arguments])
    except Missing as reason:
        left_out.append(f"everything on PostgreSQL: {reason}")
    for part in left_out:
        say(f"LEFT OUT: {part}")
    return failed + (len(left_out) if IN_CI else 0)


def run_tests(engine: str, url: str, arguments: list[str]) -> bool:
    say(f"\nTests on {engine}")
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "only-for-tests-" * 4,
        "DEBUG": "false",
        "SITE_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "CHROMIUM": CHROMIUM or "",
    }
    processes = ["--numprocesses=auto", "--maxprocesses=4", "--maxschedchunk=2"]  # the slow ones come last
    command = [PYTHON, "-m", "pytest", *processes, *arguments]
    return subprocess.call([str(part) for part in command], cwd=HERE, env=environment) != 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("serve", help="install, prepare and serve the portal")
    server.add_argument("--port", type=int, default=8000)
    server.add_argument("--host", default="127.0.0.1")
    commands.add_parser("test", help="run the tests on SQLite and PostgreSQL; further words go to pytest")
    commands.add_parser("setup", help="make .venv with all that the tests need")
    options, rest = parser.parse_known_args()
    if rest and options.command != "test":
        parser.error(f"unknown: {' '.join(rest)}")
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one must be told so)
        say(
            f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. "
            f"Try: python3.11 dev.py {options.command}"
        )
        return 1
    try:
        if options.command == "serve":
            serve(options.host, options.port)
        elif options.command == "test":
            return test(rest)
        else:
            setup("e2e" if CHROMIUM else "test")
    except Failed as failure:
        say(f"\n{failure}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
