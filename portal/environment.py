"""Readers of environment variables for the settings. A wrong value raises ImproperlyConfigured."""

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import pairwise
from pathlib import Path
from unicodedata import category
from urllib.parse import unquote, urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from psycopg.pq import Conninfo

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
OWN_MACHINE = {"127.0.0.1", "localhost", "::1", "testserver", "", None}
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,30}", re.ASCII)
LAST_PART_OF_IPV4 = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
SQLITE_FILE = b"SQLite format 3\0"  # the first bytes of a file: https://www.sqlite.org/fileformat.html
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")  # of libpq
PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)  # not followed by two hexadecimal digits
CACHE_NUMBER = re.compile(r"/?|/[0-9]{1,5}", re.ASCII)  # the path of a Redis URL
DEVIATING = set("ßς\u200c\u200d")  # Python's IDNA 2003 encodes these differently from browsers
# docs/reference/settings.md describes each. The last line is for dev.py and the tests.
# fmt: off
SETTING_NAMES = {
    "SECRET_KEY", "DEBUG", "SITE_URL", "SITE_NAME", "CONTACT_EMAIL", "EMAIL_URL", "ALLOWED_HOSTS",
    "DATABASE_URL", "DATABASE_PASSWORD", "DATABASE_TIMEOUT", "DATABASE_POOL", "SQLITE_SYNCHRONOUS",
    "MEDIA_ROOT", "REPLICA_URL", "CACHE_URL", "REQUIRE_SECOND_FACTOR", "API_RATE", "SEARCH_RATE", "PROXIES",
    "SLOW_QUERY_MS", "METRICS_PORT", "SENTRY_DSN", "WEB_CONCURRENCY", "DJANGO_SETTINGS_MODULE", "TZ", "LANG",
    "KEPT_MEGABYTES",  # of former releases, without effect
    "TEST_POSTGRES_URL", "JMDI_BOOKLET", "CHROMIUM", "CI",
}
# fmt: on
# Other programs read .env too.
OTHER_PROGRAMS = ("GRANIAN_", "GUNICORN_", "PYTHON", "PG", "SENTRY_", "SSL_", "LC_")
JOINERS = set("\u200c\u200d\u200e\u200f")  # invisible, but some scripts need them
DUMMY_EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # sends nothing
CONSOLE_EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


def read(name: str) -> str:
    """Return the value of a variable without surrounding spaces; empty if it is not set."""
    return os.environ.get(name, "").strip()


def refuse(name: str, value: str, accepted: str) -> ImproperlyConfigured:
    """The error for a wrong value. Never pass a secret as `value`."""
    return ImproperlyConfigured(f"{name} is {value!r}. Set it to {accepted}.")


def refuse_unknown(names: Iterable[str], in_file: Iterable[str] = ()) -> None:
    """Raise ImproperlyConfigured for a name that resembles a known one, or an unknown name in `.env`."""
    file = set(in_file)
    for name in sorted(file.union(names) - SETTING_NAMES):
        for known in get_close_matches(name[:40].upper(), SETTING_NAMES, n=1, cutoff=0.87):
            if len(known) > 4:
                raise ImproperlyConfigured(f"There is no setting {name}. Did you mean {known}?")
        if name in file and not name.startswith(OTHER_PROGRAMS):
            accepted = ", ".join(sorted(SETTING_NAMES))
            raise ImproperlyConfigured(
                f"There is no setting {name}. Remove it from .env, or use one of these: {accepted}."
            )


def printable_start(url: str) -> str:
    """The part of a wrong URL that a message may show: the scheme, unless it could contain a password."""
    start = url.partition("://")[0]
    return "…" if set(start) & set(":@/") else f"{start}:…"


def boolean(name: str, default: bool) -> bool:
    value = read(name)
    if not value:
        return default
    try:
        return BOOLEANS[value.lower()]
    except KeyError:
        raise refuse(name, value, "true or false (also 1/0, yes/no, on/off)") from None


def secret(name: str, in_public: bool) -> str:
    """A secret of at least 32 characters, which messages never show. A public site refuses weak ones."""
    value = os.environ.get(name, "")
    state = "" if len(value) >= 32 else f"{len(value)} characters long" if value else "not set"
    if in_public and not state and is_guessable(value):
        state = "easy to guess"
    if state:
        raise ImproperlyConfigured(
            f"{name} is {state}. Set it to at least 32 random characters, for example from "
            '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.'
        )
    return value


def is_guessable(value: str) -> bool:
    """Return whether a secret has few different characters, repeats, sequences such as abc, or Django's
    prefix.

    48 random bytes in base64 have fewer than 12 different characters with a probability below 10^-15.
    """
    steps = {ord(after) - ord(before) for before, after in pairwise(value)}
    repeats = value in (value + value)[1:-1]
    return len(set(value)) < 12 or len(steps) < 12 or repeats or value.startswith("django-insecure-")


def number(name: str, default: int, most: int = 999_999_999, least: int = 0) -> int:
    """A whole number from `least` to `most`."""
    value = read(name) or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
        raise refuse(name, value, f"a whole number from {least} to {most}")
    return int(value)


def text(name: str, longest: int = 100) -> str:
    """One line without invisible characters; empty if the variable is not set."""
    value = read(name)
    invisible = {c for c in value if category(c)[0] == "C" or category(c) in {"Zl", "Zp"}} - JOINERS
    if len(value) > longest or invisible:
        accepted = f"one line of at most {longest} characters, without control characters"
        raise refuse(name, value[:longest], accepted)
    return value


def email_address(name: str) -> str:
    value = read(name)
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise refuse(
            name, value, "an e-mail address such as editors@practices.example, or leave it empty"
        ) from None
    return value


def folder(name: str, default: Path) -> Path:
    """An existing folder that this process may write to. The default is created if it does not exist.

    A folder on a read-only disk is accepted, so that the portal can serve readers after a disk error.
    """
    value = read(name)
    if not value:
        return default
    path = Path(value)
    accepted = "the absolute path of an existing folder that the portal can write to"
    if not path.is_absolute() or not path.is_dir():
        raise refuse(name, value, accepted)
    if not os.access(path, os.W_OK | os.X_OK) and not os.statvfs(path).f_flag & os.ST_RDONLY:
        raise refuse(name, value, accepted)
    return path


def port(name: str) -> tuple[str, int] | None:
    """The address and port to listen on, or None. The default address is 127.0.0.1."""
    value = read(name)
    host, _sign, digits = value.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    right = digits.isascii() and digits.isdigit() and 0 < int(digits[:9]) < 65_536
    with suppress(ValueError):
        if host not in {"", "localhost"}:
            ip_address(host)
        if right:
            return host or "127.0.0.1", int(digits)
        if not value:
            return None
    raise refuse(name, value, "a port such as 9464, or address:port such as 0.0.0.0:9464 or [::1]:9464")


def host_name(value: str) -> str:
    """A host name in lower case and punycode, IPv6 in brackets. Raises ValueError.

    A name whose last part is a number must be an IPv4 address (URL standard of the WHATWG).
    """
    with suppress(ValueError):
        if "%" in value:  # a zone is valid only on one machine
            raise ValueError
        return f"[{IPv6Address(value.removeprefix('[').removesuffix(']'))}]"
    if set(value) & DEVIATING:
        raise ValueError("IDNA 2003 and 2008 read it differently")
    encoded = value.lower().removesuffix(".").encode("idna").decode()
    if not HOST.fullmatch(encoded):
        raise ValueError("no host name")
    is_ipv4 = LAST_PART_OF_IPV4.fullmatch(encoded.rpartition(".")[2])
    return str(IPv4Address(encoded)) if is_ipv4 else encoded


def hosts(name: str, default: str = "") -> list[str]:
    """Host names separated by commas, for ALLOWED_HOSTS: `.example.org` includes all subdomains."""
    given = read(name) or default
    accepted = "host names separated by commas, without https://, port or path, such as practices.example"
    values = []
    for item in filter(None, (part.strip() for part in given.split(","))):
        dot = "." if item.startswith((".", "*.")) else ""
        try:
            name_only = item.removeprefix("*").removeprefix(".")
            values.append(item if item == "*" else dot + host_name(name_only))
        except ValueError:
            raise refuse(name, item, accepted) from None
    if given and not values:
        raise refuse(name, given, accepted)
    return values


def database(name: str, default: str) -> dict:
    """A database configuration of Django.

    SQLite runs in WAL mode with immediate transactions: readers never wait for a writer, and writers wait for
    each other up to twenty seconds. Without IMMEDIATE, most concurrent transactions that read and then write
    fail with “database is locked”.
    """
    url = read(name) or default
    accepted = (
        "sqlite:///absolute/or/relative/path.sqlite3 or postgres://user:password@host:port/name; "
        "set DATABASE_PASSWORD if the password contains other characters than letters and digits"
    )
    scheme, _sign, rest = url.partition("://")
    server = postgresql()  # checks its settings with SQLite too
    if not rest.strip("/") or scheme not in {"sqlite", "postgres", "postgresql"} or "#" in url:
        raise refuse(name, printable_start(url), accepted)
    try:
        config = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=scheme != "sqlite")
    except (ValueError, dj_database_url.ParseError) as error:
        raise refuse(name, printable_start(url), f"{accepted} ({error})") from None
    wrong = unusable_file(config) if scheme == "sqlite" else unusable_server(config)
    if wrong:
        raise refuse(name, printable_start(url), f"{accepted}; {wrong}")
    if scheme == "sqlite":
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": f"PRAGMA journal_mode=WAL; PRAGMA synchronous={synchronous()};",
        }
    else:
        config["PASSWORD"] = config["PASSWORD"] or os.environ.get("DATABASE_PASSWORD", "")
        config["OPTIONS"] = {**config.get("OPTIONS", {}), **server}
        if "pool" in config["OPTIONS"]:
            config["CONN_MAX_AGE"] = 0  # the pool keeps them
    return config


def unusable_file(config: dict) -> str:
    """Return why SQLite cannot use the file of a URL; empty if it can. The file need not exist."""
    path, start = Path(config["NAME"]), b""
    if config["HOST"] or config.get("OPTIONS"):
        return "use three or four slashes after “sqlite:”, and no “?”"
    if config["NAME"] == ":memory:" or config["NAME"].startswith("file:"):
        return "an in-memory database is lost when the process ends"
    try:
        if not path.parent.is_dir():
            return f"the folder {path.parent} does not exist"
        if path.exists() and not path.is_file():
            return f"{path} is not a file"
        if path.exists():
            with path.open("rb") as file:
                start = file.read(len(SQLITE_FILE))
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    return f"{path} is not an SQLite database" if start not in {b"", SQLITE_FILE} else ""


def unusable_server(config: dict) -> str:
    """Return why a URL of PostgreSQL is wrong, without connecting; empty if it is right."""
    options = config.get("OPTIONS", {})
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if not config["NAME"]:
        return "the name of the database is missing"
    if not options.keys() <= known or any(isinstance(value, list) for value in options.values()):
        return "use only libpq parameters after “?”, each once, such as sslmode=require"
    if options.get("sslmode", "prefer") not in SSL_MODES:
        return f"sslmode must be one of {', '.join(SSL_MODES)}"
    return ""


def replica(name: str, main: dict) -> dict:
    """The configuration of a standby of the PostgreSQL database `main`."""
    config = database(name, "")
    if any("postgresql" not in engine for engine in (config["ENGINE"], main["ENGINE"])):
        raise refuse(name, printable_start(read(name)), "the URL of a PostgreSQL standby of DATABASE_URL")
    return config


def synchronous() -> str:
    """Return FULL, which waits for the disk at each commit, or NORMAL, which can lose commits in a power
    failure.
    """
    value = read("SQLITE_SYNCHRONOUS").upper() or "NORMAL"
    if value not in {"NORMAL", "FULL"}:
        raise refuse("SQLITE_SYNCHRONOUS", value, "NORMAL or FULL")
    return value


def postgresql() -> dict:
    """Return the options of connections to PostgreSQL: timeouts, and a pool if DATABASE_POOL is set.

    Without a pool each thread keeps its own connection and checks it before use.
    """
    statement, most = 1_000 * number("DATABASE_TIMEOUT", 30, 86_400, 1), number("DATABASE_POOL", 0, 1_000)
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
    """Return Django's cache configuration: a server, or the memory of the process.

    If the server is lost, the cache is empty; this is not an error.
    """
    url = read(name)
    if not url:
        # One entry for each client in two minutes; Django's default is 300.
        memory = "django.core.cache.backends.locmem.LocMemCache"
        return {"BACKEND": memory, "OPTIONS": {"MAX_ENTRIES": 10_000}}
    if not is_cache_address(url):
        accepted = (
            "redis://, rediss:// or valkey:// with user:password@host:port/number, without ? or #, or "
            "leave it empty; in the user name and password, write @ as %40, / as %2F, # as %23 and : as %3A"
        )
        raise refuse(name, printable_start(url), accepted)
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url.replace("valkey://", "redis://", 1),
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 0.5,
            # Not pickle, the default: a person with access to the server could run code here.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    }


def is_cache_address(url: str) -> bool:
    """Return whether the cache client can use a URL; the client itself checks it only at first use."""
    try:
        parts = urlsplit(url)
        # Names of Docker services can contain _.
        host, number = host_name((parts.hostname or "").replace("_", "-")), parts.port
    except ValueError:  # half an IPv6 address, no port
        return False
    whole = host and number != 0 and CACHE_NUMBER.fullmatch(parts.path) and not set(url) & set("?# ")
    return bool(parts.scheme in {"redis", "rediss", "valkey"} and whole and url.isprintable())


def site_url(name: str, default: str) -> str:
    """The public origin without a final slash, for links in feeds, citations and the API.

    As in browsers, an international host name becomes punycode and a default port is omitted.
    """
    url = (read(name) or default).rstrip("/")
    accepted = "https://host or http://host:port, without a user name, a path or a query"
    try:
        parts = urlsplit(url)
        host, number = parts.hostname or "", parts.port
        in_brackets = f"[{host}]" if ":" in host else host
        written = f"{in_brackets}:{number}" if number is not None else in_brackets
        if parts.scheme not in DEFAULT_PORTS or number == 0 or url.lower() != f"{parts.scheme}://{written}":
            raise ValueError
        host = host_name(host)
    except ValueError:
        raise refuse(name, "…" if "@" in url else url, accepted) from None
    return f"{parts.scheme}://{host}" + (
        f":{number}" if number not in {None, DEFAULT_PORTS[parts.scheme]} else ""
    )


def mail(name: str, prints: bool) -> dict:
    """Django's settings for e-mail. Without a server, e-mail is printed if `prints`, or else dropped: it can
    contain a link that resets a password."""
    url = read(name)
    if not url:
        return {"EMAIL_BACKEND": CONSOLE_EMAIL_BACKEND if prints else DUMMY_EMAIL_BACKEND}
    accepted = (
        "smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS), or leave it empty; "
        "in the user name and password, write @ as %40, / as %2F, # as %23 and : as %3A"
    )
    try:
        parts = urlsplit(url)
        person, login, _host = parts.netloc.rpartition("@")
        rest = parts.path or parts.query or parts.fragment or "@" in person or person.count(":") > 1
        whole = parts.scheme in {"smtp", "smtps"} and host_name(parts.hostname or "") and parts.port != 0
        whole = whole and not rest and url.isprintable() and " " not in url and not PERCENT.search(person)
        pair = [unquote(text or "", errors="strict") for text in (parts.username, parts.password)]
        whole = whole and (all(pair) or not login)
    except ValueError:
        whole = False
    if not whole:
        raise refuse(name, printable_start(url), accepted)
    direct = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if direct else 587),
        "EMAIL_HOST_USER": pair[0],
        "EMAIL_HOST_PASSWORD": pair[1],
        "EMAIL_USE_SSL": direct,
        "EMAIL_USE_TLS": not direct,
        "EMAIL_TIMEOUT": 20,
    }
