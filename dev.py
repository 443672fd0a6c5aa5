#!/usr/bin/env python3
"""Sets the portal up on a fresh machine: `serve` runs it, `test` tests it, `setup` only installs.

`sbom` lists the packages of a public site and their licences.

Uses only Python's standard library, and uv if it is installed. Each error says what to do.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
NEWEST_VENV, DEPLOY_VENV, SBOM_VENV = (HERE / f".venv-{name}" for name in ("newest", "deploy", "sbom"))
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
UV = shutil.which("uv")
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
IN_CI = os.environ.get("CI") == "true"


class Failed(Exception):
    """A step failed; the message says which one and what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def program(venv: Path, name: str = "python") -> Path:
    """The path of a program in an environment."""
    return venv / SCRIPTS / (f"{name}.exe" if os.name == "nt" else name)


def run(*ways: list[object], advice: str, **more: object) -> None:
    """Run the first of the commands that succeeds; if none does, raise Failed with `advice`."""
    for way in ways:
        try:
            subprocess.run([str(part) for part in way], check=True, cwd=HERE, **more)
            return
        except (OSError, subprocess.CalledProcessError) as error:
            cause = error
    raise Failed(f"{advice}\n(Cause: {cause})")


def make_venv(venv: Path, python: str = sys.executable) -> None:
    """Create an environment with pip. Remove an incomplete one, so that the next attempt starts clean."""
    if program(venv).exists():
        return
    say(f"Creating {venv.name} …")
    ways = [[python, "-m", "venv", "--clear", venv]]
    if UV:
        ways.insert(0, [UV, "venv", "--quiet", "--seed", "--no-python-downloads", "--python", python, venv])
    try:
        run(
            *ways,
            advice="Python’s venv module is missing. Install it; on Debian: apt install python3-venv",
            stdout=subprocess.DEVNULL,
        )
    except BaseException:
        shutil.rmtree(venv, ignore_errors=True)
        raise


def install(venv: Path, *what: object) -> None:
    """Install packages with pip or uv."""
    ways = [[program(venv), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", *what]]
    if UV:
        ways.insert(0, [UV, "pip", "install", "--quiet", "--python", program(venv), *what])
    run(
        *ways,
        advice="The packages could not be installed. Check the connection to the Python package index. "
        "Set HTTPS_PROXY to use a proxy, or PIP_INDEX_URL (UV_DEFAULT_INDEX for uv) to use a mirror.",
    )


def install_pinned(venv: Path, name: str) -> None:
    """Install requirements/<name>.txt, checked against its hashes, unless the environment has it."""
    requirements = HERE / "requirements" / f"{name}.txt"
    stamp = venv / f"installed-{name}"
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say(f"Installing requirements/{name}.txt …")
    install(venv, "--require-hashes", "-r", requirements)
    stamp.write_text(digest)


def newest_python() -> str:
    """The newest Python 3 on the PATH."""
    for minor in range(40, sys.version_info.minor, -1):
        path = shutil.which(f"python3.{minor}")
        if path and subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    return sys.executable


def install_newest() -> None:
    """Create .venv-newest: the newest Python, and the newest version of each package of pyproject.toml."""
    import tomllib  # an older Python, which lacks it, is refused with a message

    shutil.rmtree(NEWEST_VENV, ignore_errors=True)
    make_venv(NEWEST_VENV, newest_python())
    project = tomllib.loads((HERE / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    packages = [*project["dependencies"], *extras["test"], *(extras["e2e"] if CHROMIUM else [])]
    say("Installing the newest packages …")
    install(NEWEST_VENV, "--upgrade", *(re.sub(r",<[^,]*", "", package) for package in packages))
    run(
        [
            program(NEWEST_VENV),
            "-c",
            "import sys, django; print('Python', sys.version, 'Django', django.__version__)",
        ],
        advice="Django could not be imported.",
    )


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
    make_venv(VENV)
    for name in requirements:
        install_pinned(VENV, name)
    write_env()


def serve(host: str, port: int) -> None:
    """Prepares the database and becomes the development server."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Failed(
                f"Port {port} on {host} cannot be used ({error.strerror}). "
                f"Try another port: python3 dev.py serve --port {port + 1}"
            ) from None
    setup("core")
    shown = f"[{host}]" if ":" in host else host
    os.environ.setdefault("SITE_URL", f"http://{shown}:{port}")
    if host in {"0.0.0.0", "::"}:
        os.environ.setdefault("ALLOWED_HOSTS", "*")
    run([program(VENV), "manage.py", "bootstrap"],
        advice="The database could not be prepared. Check DATABASE_URL in .env and in the environment. If it "
             "is not set, the database is portal.sqlite3 next to manage.py.")  # fmt: skip
    say(f"The portal is at http://{shown}:{port}/ (stop with Ctrl-C)")
    command = [str(program(VENV)), "manage.py", "runserver", "--skip-checks", f"{shown}:{port}"]
    os.chdir(HERE)
    if os.name == "nt":
        sys.exit(subprocess.call(command))
    os.execv(command[0], command)


def test(arguments: list[str], quick: bool, newest: bool) -> int:
    """Run the tests on SQLite and PostgreSQL. Returns how many runs failed; in CI a part left out counts too.

    `quick`: only on SQLite and in two minutes. `newest`: with the newest Python and packages.
    """
    if newest:
        install_newest()
    else:
        setup("e2e" if CHROMIUM and not quick else "test")
    venv = NEWEST_VENV if newest else VENV
    sqlite = f"sqlite:///{HERE / 'test.sqlite3'}"
    if quick:
        return run_tests(venv, "SQLite", sqlite, ["--quick", *arguments])
    from tests.postgres import Missing, server

    left_out = []
    if not CHROMIUM:
        left_out.append("browser tests: Chromium is not installed. On Debian: apt install chromium")
    failed = run_tests(venv, "SQLite", sqlite, arguments)
    try:
        with server(program(venv), VENV / "postgresql") as url:
            # Created again and left behind: a browser may keep a connection a moment longer than its test.
            failed += run_tests(venv, "PostgreSQL", url, ["--create-db", "--reuse-db", *arguments])
    except Missing as reason:
        left_out.append(f"tests on PostgreSQL: {reason}")
    for part in left_out:
        say(f"SKIPPED: {part}")
    return failed + (len(left_out) if IN_CI else 0)


def sbom() -> None:
    """Write the SBOM (CycloneDX) and the licences of the packages of a public site into build/."""
    for venv, name in ((DEPLOY_VENV, "deploy"), (SBOM_VENV, "sbom")):
        make_venv(venv)
        install_pinned(venv, name)
    folder = HERE / "build"
    folder.mkdir(exist_ok=True)
    advice = "A tool of requirements/sbom.txt failed."
    python = program(DEPLOY_VENV)
    run([program(SBOM_VENV, "cyclonedx-py"), "environment", python, "--pyproject", "pyproject.toml",
         "--output-reproducible", "--output-file", folder / "sbom.cdx.json"], advice=advice)  # fmt: skip
    run([program(SBOM_VENV, "pip-licenses"), "--python", python, "--format", "markdown", "--with-urls",
         "--output-file", folder / "licences.md"], advice=advice)  # fmt: skip
    say((folder / "licences.md").read_text())
    say("Written: build/sbom.cdx.json and build/licences.md")


def run_tests(venv: Path, engine: str, url: str, arguments: list[str]) -> bool:
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
    command = [program(venv), "-m", "pytest", *processes, *arguments]
    return subprocess.call([str(part) for part in command], cwd=HERE, env=environment) != 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    server = commands.add_parser("serve", help="install, prepare and run the portal")
    server.add_argument("--port", type=int, default=8000)
    server.add_argument("--host", default="127.0.0.1")
    tests = commands.add_parser("test", help="run the tests; other arguments are passed to pytest")
    tests.add_argument("--quick", action="store_true", help="run a two-minute sample, on SQLite only")
    tests.add_argument("--newest", action="store_true", help="use the newest Python, Django and packages")
    commands.add_parser("setup", help="create .venv with all packages that the tests need")
    commands.add_parser("sbom", help="write an SBOM and the licences of all packages to build/")
    options, rest = parser.parse_known_args()
    if rest and options.command != "test":
        parser.error(f"unknown arguments: {' '.join(rest)}")
    if sys.version_info < (3, 11):  # noqa: UP036 (an older one must be told so)
        say(
            f"The portal needs Python 3.11 or newer; this is Python {sys.version.split()[0]}. "
            f"Try: python3.11 dev.py {options.command}"
        )
        return 1
    try:
        if options.command == "serve":
            serve(options.host, options.port)
        elif options.command == "test":
            return test(rest, options.quick, options.newest)
        elif options.command == "sbom":
            sbom()
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
