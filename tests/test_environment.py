"""The settings' variables: a wrong value stops the start and says which, and what is accepted."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_redis.cache import RedisCache

from portal import environment

HOSTS = "host names parted by commas, without https:// and without a path"
DATABASES = "sqlite:///absolute/or/relative/path.sqlite3 or postgres://user:password@host:port/name"
SITES = "https://host or http://host:port, without a path"
CACHES = "redis:// or valkey:// with host:port/number, or empty"
MAILS = "smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS), or empty"
BOOLEANS = "true or false (also 1/0, yes/no, on/off)"


@pytest.fixture
def given(monkeypatch):
    """Sets the variable THING for a reader of variables, and calls the reader."""

    def read(reader, value: str | None, *default: object):
        if value is None:
            monkeypatch.delenv("THING", raising=False)
        else:
            monkeypatch.setenv("THING", value)
        return getattr(environment, reader)("THING", *default)

    return read


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        ("boolean", "maybe", f"THING is 'maybe'. Accepted: {BOOLEANS}."),
        ("boolean", "2", f"THING is '2'. Accepted: {BOOLEANS}."),
        ("mail", "http://mail.org", f"THING is 'http:…'. Accepted: {MAILS}."),
        ("mail", "smtp://", f"THING is 'smtp:…'. Accepted: {MAILS}."),
        ("mail", "smtp://mail.org:port", f"THING is 'smtp:…'. Accepted: {MAILS}."),
        ("names", "a.org,https://b.org", f"THING is 'https://b.org'. Accepted: {HOSTS}."),
        ("names", "b.org/path", f"THING is 'b.org/path'. Accepted: {HOSTS}."),
        ("names", "a.org b.org", f"THING is 'a.org b.org'. Accepted: {HOSTS}."),
        ("site_url", "ftp://a.org", f"THING is 'ftp://a.org'. Accepted: {SITES}."),
        ("site_url", "a.org", f"THING is 'a.org'. Accepted: {SITES}."),
        ("site_url", "https://", f"THING is 'https:'. Accepted: {SITES}."),
        ("site_url", "https://a.org/portal", f"THING is 'https://a.org/portal'. Accepted: {SITES}."),
        ("site_url", "https://a.org?b", f"THING is 'https://a.org?b'. Accepted: {SITES}."),
        ("site_url", "https://a.org#b", f"THING is 'https://a.org#b'. Accepted: {SITES}."),
        ("site_url", "https://a.org:b", f"THING is 'https://a.org:b'. Accepted: {SITES}."),
        ("site_url", "http://[::1", f"THING is 'http://[::1'. Accepted: {SITES}."),
        ("site_url", "https://a b.org", f"THING is 'https://a b.org'. Accepted: {SITES}."),
        ("cache", "memcached://a", f"THING is 'memcached:…'. Accepted: {CACHES}."),
        ("cache", "redis:", f"THING is 'redis:…'. Accepted: {CACHES}."),
        ("cache", "redis://[a", f"THING is 'redis:…'. Accepted: {CACHES}."),
        ("database", "mysql://a/b", f"THING is 'mysql:…'. Accepted: {DATABASES}."),
        ("database", "portal.sqlite3", f"THING is 'portal.sqlite3:…'. Accepted: {DATABASES}."),
        (
            "database",
            "postgres://a",
            f"THING is 'postgres:…'. Accepted: {DATABASES}; the database's name is missing.",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_is_accepted(given, reader, value, expected):
    default = {"boolean": [False], "site_url": [""], "database": [""]}.get(reader, [])
    with pytest.raises(ImproperlyConfigured) as caught:
        given(reader, value, *default)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("value", "state"), [(None, "not set"), ("", "not set"), ("hunter2", "7 characters long")]
)
def test_a_weak_secret_is_refused_by_its_length(given, value, state):
    with pytest.raises(ImproperlyConfigured) as caught:
        given("secret", value)
    assert str(caught.value) == (
        f"THING is {state}. Accepted: at least 32 random characters, for example from "
        '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.'
    )


def test_a_secret_of_32_characters_is_long_enough(given):
    assert given("secret", "x" * 32) == "x" * 32
    with pytest.raises(ImproperlyConfigured):
        given("secret", "x" * 31)


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("secret", "hunter2"),
        ("cache", "memcached://:hunter2@a"),
        ("cache", "redis://:hunter2@[a"),
        ("mail", "http://a:hunter2@b"),
        ("mail", "smtp://a:hunter2@[b"),
        ("database", "mysql://a:hunter2@b/c"),
        ("database", "postgres://a:hunter2@b"),
        ("database", "postgres://a:hunter2@b:port/c"),
        ("database", "postgres://a:hunter2/x@b/c"),
        ("database", "postgres://a:hunter2[@b/c"),
        ("database", "postgres://a:hunter2#@b/c"),
    ],
)
def test_a_refusal_never_prints_a_secret(given, reader, value):
    with pytest.raises(ImproperlyConfigured) as caught:
        given(reader, value, *([""] if reader == "database" else []))
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("value", ["true", " Yes ", "ON", "1"])
def test_a_yes_is_read_as_people_write_it(given, value):
    assert given("boolean", value, False) is True


@pytest.mark.parametrize("value", ["false", " No ", "OFF", "0"])
def test_a_no_is_read_as_people_write_it(given, value):
    assert given("boolean", value, True) is False


@pytest.mark.parametrize("nothing", [None, "", "  "])
@pytest.mark.parametrize(
    ("reader", "default", "expected"),
    [
        ("boolean", [True], True),
        ("boolean", [False], False),
        ("names", ["a.org"], ["a.org"]),
        ("names", [], []),
        ("site_url", ["http://127.0.0.1:8000"], "http://127.0.0.1:8000"),
        ("cache", [], {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}),
    ],
)
def test_an_empty_variable_is_one_that_is_not_set(given, nothing, reader, default, expected):
    assert given(reader, nothing, *default) == expected


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        ("names", " a.org, ,*.b.org ,[::1]", ["a.org", "*.b.org", "[::1]"]),
        ("site_url", "https://a.org/", "https://a.org"),
        ("site_url", "http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_a_right_value_is_taken(given, reader, value, expected):
    assert given(reader, value, *([""] if reader == "site_url" else [])) == expected


@pytest.mark.parametrize(
    ("url", "location"), [("rediss://a:1/2", "rediss://a:1/2"), ("valkey://a:1/2", "redis://a:1/2")]
)
def test_a_cache_server_is_asked_for_half_a_second_and_its_loss_is_no_error(given, url, location):
    assert given("cache", url) == {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": location,
        "OPTIONS": {"IGNORE_EXCEPTIONS": True, "SOCKET_CONNECT_TIMEOUT": 0.5, "SOCKET_TIMEOUT": 0.5},
    }


def test_without_its_cache_server_the_portal_counts_from_nothing(given):
    cache = RedisCache("redis://127.0.0.1:9/0", given("cache", "redis://127.0.0.1:9/0"))
    assert (cache.get("a", 1), cache.add("a", 1), cache.incr("a")) == (1, None, None)


def test_sqlite_lets_readers_pass_and_writers_queue(given):
    config = given("database", "sqlite:////srv/portal.sqlite3", "")
    assert (config["ENGINE"], config["NAME"]) == ("django.db.backends.sqlite3", "/srv/portal.sqlite3")
    assert config["OPTIONS"] == {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }


def test_a_postgresql_server_is_read_from_its_address(given):
    config = given("database", "postgres://rosa:p%40ss@db.a.org:5433/portal?sslmode=require", "")
    names = ("ENGINE", "USER", "PASSWORD", "HOST", "PORT", "NAME", "CONN_HEALTH_CHECKS", "OPTIONS")
    assert [config[name] for name in names] == [
        "django.db.backends.postgresql",
        "rosa",
        "p@ss",
        "db.a.org",
        5433,
        "portal",
        True,
        {
            "sslmode": "require",
            "connect_timeout": 5,
            "options": "-c statement_timeout=30000 -c lock_timeout=15000"
            " -c idle_in_transaction_session_timeout=60000",
        },
    ]


def test_a_pool_of_connections_keeps_them_itself(given, monkeypatch):
    monkeypatch.setenv("DATABASE_POOL", "4")
    monkeypatch.setenv("DATABASE_TIMEOUT", "2")
    config = given("database", "postgres://db.a.org/portal", "")
    assert config["CONN_MAX_AGE"] == 0
    assert config["OPTIONS"]["pool"] == {"min_size": 1, "max_size": 4, "timeout": 10}
    assert config["OPTIONS"]["options"].startswith("-c statement_timeout=2000 -c lock_timeout=1000 ")


# A program of its own ----------------------------------------------------------------------------------


def run(code: str, **variables: str) -> subprocess.CompletedProcess:
    """Runs Python with the project's settings and these variables, as the server starts."""
    return subprocess.run(
        [sys.executable, "-c", f"import django; django.setup()\n{code}"],
        capture_output=True,
        text=True,
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings", **variables},
    )


PRAGMAS = """
import json
from django.db import connection
with connection.cursor() as cursor:
    values = [cursor.execute(f"PRAGMA {name}").fetchone()[0]
              for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")]
print(json.dumps(values))
"""


def test_a_sqlite_file_really_is_in_wal_mode(tmp_path):
    result = run(PRAGMAS, DATABASE_URL=f"sqlite:///{tmp_path / 'wal.sqlite3'}")
    assert json.loads(result.stdout) == ["wal", 1, 20_000, 1], result.stderr


WRITERS = """
import threading
from django.db import connection, transaction

def sql(text):
    with connection.cursor() as cursor:
        cursor.execute(text)
        return cursor.fetchone() if cursor.description else None

sql("CREATE TABLE counter (value integer)")
sql("INSERT INTO counter VALUES (0)")
errors = []

def count():
    try:
        for _round in range(25):
            with transaction.atomic():
                value = sql("SELECT value FROM counter")[0]
                sql(f"UPDATE counter SET value = {value + 1}")
    except Exception as error:
        errors.append(repr(error))
    finally:
        connection.close()

threads = [threading.Thread(target=count) for _number in range(4)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(sql("SELECT value FROM counter")[0], errors)
"""


def test_writers_at_once_queue_and_none_is_lost(tmp_path):
    result = run(WRITERS, DATABASE_URL=f"sqlite:///{tmp_path / 'writers.sqlite3'}")
    assert result.stdout == "100 []\n", result.stderr


@pytest.mark.parametrize(
    ("value", "port", "direct"),
    [("smtp://ed:p%40ss@mail.org", 587, False), ("smtps://ed:p%40ss@mail.org:4650", 4650, True)],
)
def test_a_mail_server_is_read_from_its_address(given, value, port, direct):
    assert given("mail", value) == {
        "EMAIL_HOST": "mail.org",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "ed",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_SSL": direct,
        "EMAIL_USE_TLS": not direct,
        "EMAIL_TIMEOUT": 20,
    }


def test_without_a_mail_server_letters_are_printed(given):
    assert given("mail", None) == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


def test_the_start_stops_at_a_wrong_value():
    result = run("print('started')", DEBUG="perhaps")
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: DEBUG is 'perhaps'. Accepted: {BOOLEANS}."
    )


def test_the_start_stops_without_a_secret_and_prints_none():
    result = run("print('started')", SECRET_KEY="hunter2")
    assert result.stdout == ""
    assert "SECRET_KEY is 7 characters long. Accepted: at least 32" in result.stderr.splitlines()[-1]
    assert "hunter2" not in result.stderr
