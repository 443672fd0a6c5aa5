"""Reads the settings' environment variables; a wrong value stops the start with a message that helps."""

import contextlib
import os
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

BOOLEANS = {
    "true": True,
    "1": True,
    "yes": True,
    "on": True,
    "false": False,
    "0": False,
    "no": False,
    "off": False,
}


def refuse(name: str, value: str, accepted: str) -> ImproperlyConfigured:
    """The error for a wrong value. Secrets are never passed in as `value`."""
    return ImproperlyConfigured(f"{name} is {value!r}. Accepted: {accepted}.")


def boolean(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return BOOLEANS[value.lower()]
    except KeyError:
        raise refuse(name, value, "true or false (also 1/0, yes/no, on/off)") from None


def secret(name: str) -> str:
    """At least 32 characters, never printed."""
    value = os.environ.get(name, "")
    if len(value) < 32:
        state = f"{len(value)} characters long" if value else "not set"
        raise ImproperlyConfigured(
            f"{name} is {state}. Accepted: at least 32 random characters, for example from "
            '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.'
        )
    return value


def number(name: str, default: int) -> int:
    """A whole number from 0."""
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise refuse(name, value, "a whole number from 0")
    return int(value)


def port(name: str) -> tuple[str, int] | None:
    """Where to listen, if anywhere; on this machine alone unless an address is given."""
    value = os.environ.get(name, "").strip()
    host, _sign, digits = value.rpartition(":")
    if value and not (digits.isascii() and digits.isdigit() and 0 < int(digits) < 65_536):
        raise refuse(name, value, "a port such as 9464, or address:port")
    return (host.strip("[]") or "127.0.0.1", int(digits)) if value else None


def names(name: str, default: str = "") -> list[str]:
    """A comma-separated list; host names must not carry a scheme or a path."""
    given = os.environ.get(name, "").strip() or default
    values = [item.strip() for item in given.split(",") if item.strip()]
    for item in values:
        if "/" in item or " " in item:
            raise refuse(name, item, "host names parted by commas, without https:// and without a path")
    return values


def database(name: str, default: str) -> dict:
    """A Django database configuration.

    SQLite runs in WAL mode with immediate transactions: readers never wait for a writer, and writers
    queue instead of failing with “database is locked” (without IMMEDIATE, WAL loses most concurrent
    read-then-write transactions). Twenty seconds is how long a writer waits in that queue.
    """
    url = os.environ.get(name, "").strip() or default
    accepted = "sqlite:///absolute/or/relative/path.sqlite3 or postgres://user:password@host:port/name"
    scheme, _sign, rest = url.partition("://")
    if not rest.strip("/") or scheme not in {"sqlite", "postgres", "postgresql"}:
        raise refuse(name, f"{scheme}:…", accepted)
    try:
        config = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=scheme != "sqlite")
    except (ValueError, dj_database_url.ParseError) as error:
        raise refuse(name, f"{scheme}:…", f"{accepted} ({error})") from None
    if scheme == "sqlite":
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
    elif not config["NAME"]:
        raise refuse(name, f"{scheme}:…", f"{accepted}; the database's name is missing")
    else:
        config["OPTIONS"] = {**config.get("OPTIONS", {}), **postgresql()}
        if "pool" in config["OPTIONS"]:
            config["CONN_MAX_AGE"] = 0  # the pool keeps them
    return config


def postgresql() -> dict:
    """What keeps a connection from waiting for ever, and the pool of them if there is to be one.

    Without a pool each thread of a server keeps its own connection, which it looks at before it uses it.
    """
    statement, most = 1_000 * number("DATABASE_TIMEOUT", 30), number("DATABASE_POOL", 0)
    limits = {
        "statement_timeout": statement,
        "lock_timeout": statement // 2,
        "idle_in_transaction_session_timeout": 2 * statement,
    }
    options: dict = {
        "connect_timeout": 5,
        "options": " ".join(f"-c {name}={value}" for name, value in limits.items()),
    }
    if most:
        options["pool"] = {"min_size": 1, "max_size": most, "timeout": 10}
    return options


def cache(name: str) -> dict:
    """A Django cache configuration: this process's memory unless the variable names a server.

    A server that is lost is a cache that holds nothing, and no error.
    """
    url = os.environ.get(name, "").strip()
    if not url:
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    with contextlib.suppress(ValueError):  # half an IPv6 address
        if urlsplit(url).scheme in {"redis", "rediss", "valkey"} and urlsplit(url).hostname:
            return {
                "BACKEND": "django_redis.cache.RedisCache",
                "LOCATION": url.replace("valkey://", "redis://", 1),
                "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5},
            }
    raise refuse(name, url.split(":", 1)[0] + ":…", "redis:// or valkey:// with host:port/number, or empty")


def site_url(name: str, default: str) -> str:
    """The public address without a closing slash: the origin of feeds, citations and API links."""
    url = (os.environ.get(name, "").strip() or default).rstrip("/")
    accepted = "https://host or http://host:port, without a path"
    try:
        parts = urlsplit(url)
        host_alone = parts.hostname and parts.port != 0 and url == f"{parts.scheme}://{parts.netloc}"
    except ValueError:  # a port that is no number, half an IPv6 address
        raise refuse(name, url, accepted) from None
    if parts.scheme not in {"http", "https"} or not host_alone or " " in url:
        raise refuse(name, url, accepted)
    return url


def mail(name: str) -> dict:
    """Django's settings for sending mail; without the variable mail is printed where the server logs."""
    url = os.environ.get(name, "").strip()
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    accepted = "smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS), or empty"
    try:
        parts = urlsplit(url)
        whole = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0 and not parts.path
    except ValueError:
        whole = False
    if not whole:
        raise refuse(name, url.split(":", 1)[0] + ":…", accepted)
    direct = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if direct else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": direct,
        "EMAIL_USE_TLS": not direct,
        "EMAIL_TIMEOUT": 20,
    }
