"""System checks of unsafe settings; a server logs them when it starts."""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register, run_checks
from django.http.request import split_domain_port, validate_host

from portal.environment import OWN_MACHINE, is_guessable

log = logging.getLogger(__name__)
TAG = "portal"
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "fuse.glusterfs", "ceph"}


@register(TAG)
def unsafe_settings(**kwargs: object) -> list[CheckMessage]:
    in_public = urlsplit(settings.SITE_URL).hostname not in OWN_MACHINE
    return [*(public_site_problems() if in_public else ()), *storage_problems(), *cache_server_problems()]


def public_site_problems() -> Iterator[CheckMessage]:
    """Settings that are dangerous on a public site."""
    if settings.DEBUG:
        yield Error(
            f"DEBUG is on at {settings.SITE_URL}: error pages show the settings and the code to everyone.",
            hint="Set DEBUG=false.",
            id="portal.E001",
        )
    if is_guessable(settings.SECRET_KEY):
        yield Error(
            "SECRET_KEY is easy to guess: anyone who guesses it can log in as any user.",
            hint='Set it to the output of `python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.',
            id="portal.E002",
        )
    if "*" in settings.ALLOWED_HOSTS:
        yield Error(
            "ALLOWED_HOSTS is *: attackers can make links in e-mails and caches point to another site.",
            hint="Set it to the host names of the site, or leave it empty to use the host of SITE_URL.",
            id="portal.E003",
        )
    own_host = split_domain_port(urlsplit(settings.SITE_URL).netloc)[0]
    if not validate_host(own_host, settings.ALLOWED_HOSTS):
        yield Error(
            f"ALLOWED_HOSTS does not include {own_host}, the host of SITE_URL: requests to it are refused.",
            hint="Add it, or leave ALLOWED_HOSTS empty.",
            id="portal.E005",
        )
    if not settings.SITE_URL.startswith("https://"):
        yield Warning(
            f"SITE_URL is {settings.SITE_URL}: editors’ passwords are sent unencrypted.",
            hint="Serve the site over HTTPS, and start SITE_URL with https://.",
            id="portal.W001",
        )
    env = settings.BASE_DIR / ".env"
    if env.is_file() and env.stat().st_mode & 0o007:
        yield Warning(
            "Other users of this machine can read .env.", hint="Run chmod 600 .env.", id="portal.W004"
        )


def storage_problems() -> Iterator[CheckMessage]:
    """Settings that could lose or expose data."""
    workers = os.environ.get("GRANIAN_WORKERS") or os.environ.get("WEB_CONCURRENCY") or "1"
    if "locmem" in settings.CACHES["default"]["BACKEND"] and workers.isdigit() and int(workers) > 1:
        yield Warning(
            f"CACHE_URL is empty, but {workers} processes run: each counts requests and logins separately.",
            hint="Set it to a Valkey or Redis server. Without one, the limits are multiplied by that number.",
            id="portal.W002",
        )
    database = settings.DATABASES["default"]
    if "sqlite" in database["ENGINE"] and filesystem(Path(database["NAME"])) in NETWORK_FILE_SYSTEMS:
        yield Error(
            f"DATABASE_URL: {database['NAME']} is on a network disk, where SQLite can lose data.",
            hint="Use a local disk, or PostgreSQL.",
            id="portal.E004",
        )
    elsewhere = database["HOST"] not in OWN_MACHINE and not database["HOST"].startswith("/")
    mode = database["OPTIONS"].get("sslmode", "prefer")
    if "postgresql" in database["ENGINE"] and elsewhere and mode in {"disable", "allow", "prefer"}:
        yield Warning(
            f"DATABASE_URL: {database['HOST']} is used without enforced encryption (sslmode {mode}).",
            hint="Add ?sslmode=verify-full, or ?sslmode=require in a private network.",
            id="portal.W003",
        )


def cache_server_problems() -> Iterator[CheckMessage]:
    """A cache server that others on the network could read and change."""
    address = urlsplit(str(settings.CACHES["default"].get("LOCATION", "")))
    if address.scheme == "redis" and address.hostname not in OWN_MACHINE:
        yield Warning(
            f"CACHE_URL: the connection to {address.hostname} is not encrypted.",
            hint="Use rediss:// with a password, or keep the server in a private network.",
            id="portal.W005",
        )


def filesystem(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The type of the file system of a path; empty if the system does not say."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    above = {str(folder) for folder in [path.absolute(), *path.absolute().parents]}
    found = [(len(line[1]), line[2]) for line in lines if line[1] in above]
    return max(found)[1] if found else ""


def log_problems() -> None:
    """Log each unsafe setting: a server does not run the system checks."""
    for message in run_checks(tags=[TAG]):
        log.log(message.level, "%s %s", message.msg, message.hint, extra={"context": {"id": message.id}})
