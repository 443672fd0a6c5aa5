"""Reads the settings' environment variables; a wrong value stops the start with a message that helps."""

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
USUAL_PORTS = {"http": 80, "https": 443}
HOST = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,30}", re.ASCII)
LAST_PART_OF_IPV4 = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
SQLITE_FILE = b"SQLite format 3\0"  # how each begins: https://www.sqlite.org/fileformat.html
SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")  # of libpq
PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})", re.ASCII)  # one that begins no %40
CACHE_NUMBER = re.compile(r"/?|/[0-9]{1,5}", re.ASCII)  # of a Redis database
DEVIATING = set("ßς\u200c\u200d")  # Python's IDNA 2003 makes another name of these than browsers do
# docs/reference/settings.md describes each. The last are those of dev.py and of the tests.
KNOWN = {
    *("SECRET_KEY", "DEBUG", "SITE_URL", "SITE_NAME", "CONTACT_EMAIL", "EMAIL_URL", "ALLOWED_HOSTS"),
    *(
        "DATABASE_URL",
        "SQLITE_SYNCHRONOUS",
        "DATABASE_PASSWORD",
        "DATABASE_TIMEOUT",
        "DATABASE_POOL",
        "REPLICA_URL",
        "CACHE_URL",
    ),
    *("REQUIRE_SECOND_FACTOR", "API_RATE", "SEARCH_RATE", "PROXIES", "MEDIA_ROOT"),
    "KEPT_MEGABYTES",  # of former releases; it has no effect
    *(
        "SLOW_QUERY_MS",
        "METRICS_PORT",
        "SENTRY_DSN",
        "WEB_CONCURRENCY",
        "DJANGO_SETTINGS_MODULE",
        "TZ",
        "LANG",
    ),
    *("TEST_POSTGRES_URL", "JMDI_BOOKLET", "CHROMIUM", "CI"),
}
OF_OTHERS = (
    "GRANIAN_",
    "GUNICORN_",
    "PYTHON",
    "PG",
    "SENTRY_",
    "SSL_",
    "LC_",
)  # programs that read the file too
JOINERS = set("\u200c\u200d\u200e\u200f")  # unseen, but some scripts need them
NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"  # sends nothing


def refuse(name: str, value: str, accepted: str) -> ImproperlyConfigured:
    """The error for a wrong value. Secrets are never passed in as `value`."""
    return ImproperlyConfigured(f"{name} is {value!r}. Accepted: {accepted}.")


def refuse_unknown(names: Iterable[str], in_file: Iterable[str] = ()) -> None:
    """ImproperlyConfigured for a variable whose name is close to a known one, and for any unknown name of
    the `.env` file, which is there for the portal alone."""
    file = set(in_file)
    for name in sorted(file.union(names) - KNOWN):
        meant = [
            known for known in get_close_matches(name[:40].upper(), KNOWN, n=1, cutoff=0.87) if len(known) > 4
        ]
        if meant:
            raise ImproperlyConfigured(f"There is no setting {name}. Did you mean {meant[0]}?")
        if name in file and not name.startswith(OF_OTHERS):
            accepted = ", ".join(sorted(KNOWN))
            raise ImproperlyConfigured(f"There is no setting {name}, which .env names. Accepted: {accepted}.")


def beginning(url: str) -> str:
    """What of a wrong address may be printed: its scheme, unless a password may be in it."""
    start = url.partition("://")[0]
    return "…" if set(start) & set(":@/") else f"{start}:…"


def boolean(name: str, default: bool) -> bool:
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    try:
        return BOOLEANS[value.lower()]
    except KeyError:
        raise refuse(name, value, "true or false (also 1/0, yes/no, on/off)") from None


def secret(name: str, in_public: bool) -> str:
    """At least 32 characters, never printed. On a public site it must not be one that can be guessed."""
    value = os.environ.get(name, "")
    state = "" if len(value) >= 32 else f"{len(value)} characters long" if value else "not set"
    if in_public and not state and is_guessable(value):
        state = "easy to guess"
    if state:
        raise ImproperlyConfigured(
            f"{name} is {state}. Accepted: at least 32 random characters, for example from "
            '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.'
        )
    return value


def is_guessable(value: str) -> bool:
    """Few different characters, a repeated piece, a run of neighbours such as abc, or Django's own mark.

    Of 48 random bytes in base64, fewer than 12 different characters have a chance below 1 in 10^15.
    """
    steps = {ord(after) - ord(before) for before, after in pairwise(value)}
    repeats = value in (value + value)[1:-1]
    return len(set(value)) < 12 or len(steps) < 12 or repeats or value.startswith("django-insecure-")


def number(name: str, default: int, most: int = 999_999_999, least: int = 0) -> int:
    """A whole number from 0 or `least` to `most`."""
    value = os.environ.get(name, "").strip() or str(default)
    if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
        raise refuse(name, value, f"a whole number from {least} to {most}")
    return int(value)


def text(name: str, longest: int = 100) -> str:
    """One line, without characters that cannot be seen; empty when it is not set."""
    value = os.environ.get(name, "").strip()
    unseen = {c for c in value if category(c)[0] == "C" or category(c) in {"Zl", "Zp"}} - JOINERS
    if len(value) > longest or unseen:
        accepted = f"one line of at most {longest} characters, without control characters"
        raise refuse(name, value[:longest], accepted)
    return value


def email_address(name: str) -> str:
    value = os.environ.get(name, "").strip()
    try:
        if value:
            validate_email(value)
    except ValidationError:
        raise refuse(name, value, "an e-mail address such as editors@practices.example, or empty") from None
    return value


def folder(name: str, default: Path) -> Path:
    """A folder that is there, and that this process may write to. The default is made when it is needed.

    On a disk that cannot be written at all, as after a fault, the portal starts and serves readers.
    """
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    path = Path(value)
    accepted = "the absolute path of a folder that exists and that the portal may write to"
    if not path.is_absolute() or not path.is_dir():
        raise refuse(name, value, accepted)
    if not os.access(path, os.W_OK | os.X_OK) and not os.statvfs(path).f_flag & os.ST_RDONLY:
        raise refuse(name, value, accepted)
    return path


def port(name: str) -> tuple[str, int] | None:
    """Where to listen, if anywhere; on this machine alone unless an address is given."""
    value = os.environ.get(name, "").strip()
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
    """A host as browsers write it: lower case, punycode, IPv6 in brackets. ValueError for what is no host.

    A name whose last part is a number must be an IPv4 address, as the URL standard of the WHATWG asks.
    """
    with suppress(ValueError):
        if "%" in value:  # the zone of an address means nothing to others
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
    """Host names, parted by commas, as Django compares them: `.example.org` stands for all names below it."""
    given = os.environ.get(name, "").strip() or default
    accepted = "host names separated by commas, without https://, port or path, such as practices.example"
    values = []
    for item in filter(None, (part.strip() for part in given.split(","))):
        below = "." if item.startswith((".", "*.")) else ""
        try:
            values.append(
                item if item == "*" else below + host_name(item.removeprefix("*").removeprefix("."))
            )
        except ValueError:
            raise refuse(name, item, accepted) from None
    if given and not values:
        raise refuse(name, given, accepted)
    return values


def database(name: str, default: str) -> dict:
    """A Django database configuration.

    SQLite runs in WAL mode with immediate transactions: readers never wait for a writer, and writers
    queue instead of failing with “database is locked” (without IMMEDIATE, WAL loses most concurrent
    read-then-write transactions). Twenty seconds is how long a writer waits in that queue.
    """
    url = os.environ.get(name, "").strip() or default
    accepted = (
        "sqlite:///absolute/or/relative/path.sqlite3 or postgres://user:password@host:port/name; "
        "a password with other than letters and digits stands in DATABASE_PASSWORD"
    )
    scheme, _sign, rest = url.partition("://")
    server = postgresql()  # a wrong value stops the start with SQLite too
    if not rest.strip("/") or scheme not in {"sqlite", "postgres", "postgresql"} or "#" in url:
        raise refuse(name, beginning(url), accepted)
    try:
        config = dj_database_url.parse(url, conn_max_age=None, conn_health_checks=scheme != "sqlite")
    except (ValueError, dj_database_url.ParseError) as error:
        raise refuse(name, beginning(url), f"{accepted} ({error})") from None
    wrong = unusable_file(config) if scheme == "sqlite" else unusable_server(config)
    if wrong:
        raise refuse(name, beginning(url), f"{accepted}; {wrong}")
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
    """Why SQLite cannot keep a portal where an address says; empty if it can, also in a file to be made."""
    path, start = Path(config["NAME"]), b""
    if config["HOST"] or config.get("OPTIONS"):
        return "after sqlite:// come three slashes or four, and no ?"
    if config["NAME"] == ":memory:" or config["NAME"].startswith("file:"):
        return "a database in memory is lost when the process ends"
    try:
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        if path.exists() and not path.is_file():
            return f"{path} is no file"
        if path.exists():
            with path.open("rb") as file:
                start = file.read(len(SQLITE_FILE))
    except OSError as error:
        return f"{path} cannot be read ({error.strerror})"
    return f"{path} is no SQLite database" if start not in {b"", SQLITE_FILE} else ""


def unusable_server(config: dict) -> str:
    """Why an address of PostgreSQL cannot be used, as far as its text tells; empty if it can."""
    from psycopg.pq import Conninfo  # a portal on SQLite does without

    options = config.get("OPTIONS", {})
    known = {option.keyword.decode() for option in Conninfo.get_defaults()}
    if not config["NAME"]:
        return "the database's name is missing"
    if not options.keys() <= known or any(isinstance(value, list) for value in options.values()):
        return "after ? come parameters of libpq, each once, such as sslmode=require"
    if options.get("sslmode", "prefer") not in SSL_MODES:
        return f"sslmode is one of {', '.join(SSL_MODES)}"
    return ""


def replica(name: str, main: dict) -> dict:
    """The standby of a PostgreSQL database `main`."""
    config = database(name, "")
    if any("postgresql" not in engine for engine in (config["ENGINE"], main["ENGINE"])):
        url = os.environ[name].strip()
        raise refuse(name, beginning(url), "a standby of DATABASE_URL, both of PostgreSQL")
    return config


def synchronous() -> str:
    """Whether SQLite waits for the disk at each commit: NORMAL may lose the last ones in a power failure."""
    value = os.environ.get("SQLITE_SYNCHRONOUS", "").strip().upper() or "NORMAL"
    if value not in {"NORMAL", "FULL"}:
        raise refuse("SQLITE_SYNCHRONOUS", value, "NORMAL or FULL")
    return value


def postgresql() -> dict:
    """What keeps a connection from waiting for ever, and the pool of them if there is to be one.

    Without a pool each thread of a server keeps its own connection, which it looks at before it uses it.
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
    """A Django cache configuration: this process's memory unless the variable names a server.

    A server that is lost is a cache that holds nothing, and no error.
    """
    url = os.environ.get(name, "").strip()
    if not url:
        # Room for the counters of that many clients in two minutes; Django's own limit is 300.
        memory = "django.core.cache.backends.locmem.LocMemCache"
        return {"BACKEND": memory, "OPTIONS": {"MAX_ENTRIES": 10_000}}
    if not is_cache_address(url):
        accepted = (
            "redis://, rediss:// or valkey:// with user:password@host:port/number, without ? and #, "
            "or empty; in user and password @ is %40, / is %2F, # is %23 and : is %3A"
        )
        raise refuse(name, beginning(url), accepted)
    return {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": url.replace("valkey://", "redis://", 1),
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 0.5,
            # Not the default, pickle: whoever writes to the server could run code here.
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    }


def is_cache_address(url: str) -> bool:
    """Whether the client of the cache can read an address: it reads it at the first use only."""
    try:
        parts = urlsplit(url)
        # Services of Docker may have _ in their names.
        host, number = host_name((parts.hostname or "").replace("_", "-")), parts.port
    except ValueError:  # half an IPv6 address, no port
        return False
    whole = host and number != 0 and CACHE_NUMBER.fullmatch(parts.path) and not set(url) & set("?# ")
    return bool(parts.scheme in {"redis", "rediss", "valkey"} and whole and url.isprintable())


def site_url(name: str, default: str) -> str:
    """The public address without a closing slash: the origin of feeds, citations and API links.

    International host names are made punycode and a usual port is left out, as browsers do.
    """
    url = (os.environ.get(name, "").strip() or default).rstrip("/")
    accepted = "https://host or http://host:port, without a user name, a path or a query"
    try:
        parts = urlsplit(url)
        host, number = parts.hostname or "", parts.port
        in_brackets = f"[{host}]" if ":" in host else host
        written = f"{in_brackets}:{number}" if number is not None else in_brackets
        if parts.scheme not in USUAL_PORTS or number == 0 or url.lower() != f"{parts.scheme}://{written}":
            raise ValueError
        host = host_name(host)
    except ValueError:
        raise refuse(name, "…" if "@" in url else url, accepted) from None
    return f"{parts.scheme}://{host}" + (
        f":{number}" if number not in {None, USUAL_PORTS[parts.scheme]} else ""
    )


def mail(name: str, prints: bool) -> dict:
    """Django's settings for sending e-mail. Without the variable e-mail is printed to the terminal, for
    developers (`prints`), or neither sent nor printed: it may hold a link that resets a password."""
    url = os.environ.get(name, "").strip()
    if not url:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend" if prints else NO_MAIL}
    accepted = (
        "smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS), or empty; "
        "in user and password @ is %40, / is %2F, # is %23 and : is %3A"
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
        raise refuse(name, beginning(url), accepted)
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
