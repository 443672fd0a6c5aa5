"""Environment variables: a wrong value stops the start and names the variable and the accepted values."""

import json
import os
import re
import runpy
import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django_redis.cache import RedisCache

from portal import environment

pytestmark = pytest.mark.one_engine

HOSTS = "host names separated by commas, without https://, port or path, such as practices.example"
DATABASES = (
    "sqlite:///absolute/or/relative/path.sqlite3 or postgres://user:password@host:port/name; "
    "set DATABASE_PASSWORD if the password contains other characters than letters and digits"
)
SITES = "https://host or http://host:port, without a user name, a path or a query"
CACHES = (
    "redis://, rediss:// or valkey:// with user:password@host:port/number, without ? or #, or leave it "
    "empty; in the user name and password, write @ as %40, / as %2F, # as %23 and : as %3A"
)
MAILS = (
    "smtp://user:password@host:587 (STARTTLS), smtps://user:password@host:465 (TLS), or leave it empty; "
    "in the user name and password, write @ as %40, / as %2F, # as %23 and : as %3A"
)
ADDRESSES = "an e-mail address such as editors@practices.example, or leave it empty"
LINES = "one line of at most 100 characters, without control characters"
FOLDERS = "the absolute path of an existing folder that the portal can write to"
PORTS = "a port such as 9464, or address:port such as 0.0.0.0:9464 or [::1]:9464"
MEMORY = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "OPTIONS": {"MAX_ENTRIES": 10_000},
}
BOOLEANS = "true or false (also 1/0, yes/no, on/off)"


@pytest.fixture
def given(monkeypatch):
    """Set the variable THING for a reader of variables, and call the reader."""

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
        ("boolean", "maybe", f"THING is 'maybe'. Set it to {BOOLEANS}."),
        ("boolean", "2", f"THING is '2'. Set it to {BOOLEANS}."),
        ("mail", "http://mail.org", f"THING is 'http:…'. Set it to {MAILS}."),
        ("mail", "smtp://", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("mail", "smtp://mail.org:port", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("hosts", "a.b:80", f"THING is 'a.b:80'. Set it to {HOSTS}."),
        ("hosts", "[::1]:80", f"THING is '[::1]:80'. Set it to {HOSTS}."),
        ("hosts", "fe80::1%eth0", f"THING is 'fe80::1%eth0'. Set it to {HOSTS}."),
        ("hosts", "my_host", f"THING is 'my_host'. Set it to {HOSTS}."),
        ("hosts", "straße.example", f"THING is 'straße.example'. Set it to {HOSTS}."),
        ("hosts", "a..b", f"THING is 'a..b'. Set it to {HOSTS}."),
        ("site_url", "http://::1", f"THING is 'http://::1'. Set it to {SITES}."),
        ("site_url", "http://::1:8000", f"THING is 'http://::1:8000'. Set it to {SITES}."),
        ("site_url", "https://rosa@a.org", f"THING is '…'. Set it to {SITES}."),
        *(
            ("site_url", f"https://{host}", f"THING is 'https://{host}'. Set it to {SITES}.")
            for host in ("1.2.3.999", "1.2.3", "1.2.3.4.5", "a.7", "1.2.3.0x7f")
        ),
        ("hosts", "1.2.3.999", f"THING is '1.2.3.999'. Set it to {HOSTS}."),
        ("mail", "smtp://1.2.3.999", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("site_url", "https://a_b.org", f"THING is 'https://a_b.org'. Set it to {SITES}."),
        ("site_url", "https://a.org:", f"THING is 'https://a.org:'. Set it to {SITES}."),
        ("site_url", "https://a\n.org", f"THING is 'https://a\\n.org'. Set it to {SITES}."),
        ("email_address", "not an address", f"THING is 'not an address'. Set it to {ADDRESSES}."),
        (
            "email_address",
            "a@b.org\nBcc: c@d.org",
            f"THING is 'a@b.org\\nBcc: c@d.org'. Set it to {ADDRESSES}.",
        ),
        ("email_address", "a@b.org, c@d.org", f"THING is 'a@b.org, c@d.org'. Set it to {ADDRESSES}."),
        ("text", "a\nb", f"THING is 'a\\nb'. Set it to {LINES}."),
        ("text", "a\x1bb", f"THING is 'a\\x1bb'. Set it to {LINES}."),
        ("text", "a\u202eb", f"THING is 'a\\u202eb'. Set it to {LINES}."),
        ("text", "a" * 101, f"THING is '{'a' * 100}'. Set it to {LINES}."),
        ("folder", "/nonexistent/x", f"THING is '/nonexistent/x'. Set it to {FOLDERS}."),
        ("folder", "/etc/passwd", f"THING is '/etc/passwd'. Set it to {FOLDERS}."),
        ("folder", "portal", f"THING is 'portal'. Set it to {FOLDERS}."),
        *(
            ("mail", f"smtp://{login}@host", f"THING is 'smtp:…'. Set it to {MAILS}.")
            for login in ("u:p%zz", "u%:p", "u:p%f", "u:%ff", "u:", ":p", "u", "")
        ),
        ("hosts", ",", f"THING is ','. Set it to {HOSTS}."),
        ("hosts", " , ", f"THING is ','. Set it to {HOSTS}."),
        *(
            ("port", value, f"THING is '{value}'. Set it to {PORTS}.")
            for value in (
                "host:1",
                "0",
                "65536",
                "x",
                "127.0.0.1",
                "127.0.0.1:",
                "1.2.3.999:1",
                "[::1]",
                "-1",
            )
        ),
        ("mail", "smtp://u@x.example:p@host", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("mail", "smtp://u:p:q@host", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("mail", "smtp://u:p@host?tls", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("mail", "smtp://u:p@host#a", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("mail", "smtp://u:p@ho st", f"THING is 'smtp:…'. Set it to {MAILS}."),
        ("mail", "smtp://u:p@host:99999", f"THING is 'smtp:…'. Set it to {MAILS}."),
        (
            "database",
            "sqlite:////nowhere/portal.sqlite3",
            f"THING is 'sqlite:…'. Set it to {DATABASES}; the folder /nowhere does not exist.",
        ),
        ("hosts", "a.org,https://b.org", f"THING is 'https://b.org'. Set it to {HOSTS}."),
        ("hosts", "b.org/path", f"THING is 'b.org/path'. Set it to {HOSTS}."),
        ("hosts", "a.org b.org", f"THING is 'a.org b.org'. Set it to {HOSTS}."),
        ("site_url", "ftp://a.org", f"THING is 'ftp://a.org'. Set it to {SITES}."),
        ("site_url", "a.org", f"THING is 'a.org'. Set it to {SITES}."),
        ("site_url", "https://", f"THING is 'https:'. Set it to {SITES}."),
        ("site_url", "https://a.org/portal", f"THING is 'https://a.org/portal'. Set it to {SITES}."),
        ("site_url", "https://a.org?b", f"THING is 'https://a.org?b'. Set it to {SITES}."),
        ("site_url", "https://a.org#b", f"THING is 'https://a.org#b'. Set it to {SITES}."),
        ("site_url", "https://a.org:b", f"THING is 'https://a.org:b'. Set it to {SITES}."),
        ("site_url", "http://[::1", f"THING is 'http://[::1'. Set it to {SITES}."),
        ("site_url", "https://a b.org", f"THING is 'https://a b.org'. Set it to {SITES}."),
        ("cache", "memcached://a", f"THING is 'memcached:…'. Set it to {CACHES}."),
        ("cache", "redis:", f"THING is '…'. Set it to {CACHES}."),
        ("cache", "redis://[a", f"THING is 'redis:…'. Set it to {CACHES}."),
        ("database", "mysql://a/b", f"THING is 'mysql:…'. Set it to {DATABASES}."),
        ("database", "portal.sqlite3", f"THING is 'portal.sqlite3:…'. Set it to {DATABASES}."),
        (
            "database",
            "postgres://a",
            f"THING is 'postgres:…'. Set it to {DATABASES}; the name of the database is missing.",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_name_and_what_is_accepted(given, reader, value, expected):
    default = {
        "boolean": [False],
        "site_url": [""],
        "database": [""],
        "mail": [False],
        "folder": [Path()],
    }.get(reader, [])
    with pytest.raises(ImproperlyConfigured) as caught:
        given(reader, value, *default)
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("value", "state"), [(None, "not set"), ("", "not set"), ("hunter2", "7 characters long")]
)
def test_a_weak_secret_is_refused_by_its_length(given, value, state):
    with pytest.raises(ImproperlyConfigured) as caught:
        given("secret", value, False)
    assert str(caught.value) == (
        f"THING is {state}. Set it to at least 32 random characters, for example from "
        '`python3 -c "import secrets; print(secrets.token_urlsafe(48))"`.'
    )


def test_a_secret_of_32_characters_is_long_enough(given):
    assert given("secret", "x" * 32, False) == "x" * 32
    with pytest.raises(ImproperlyConfigured):
        given("secret", "x" * 31, False)


@pytest.mark.parametrize(
    "value",
    [" " * 40, "x" * 40, "changeme" * 5, "only-for-tests-" * 4, "0123456789" * 4,
     "abcdefghijklmnopqrstuvwxyz0123456789",
     "django-insecure-k7Zr2mQx9vB4nT6wY1cL8sJ3hF5gD0pA", "qwertyuiopasdf" * 3],
)  # fmt: skip
def test_a_secret_that_can_be_guessed_stops_a_public_site_alone_and_is_not_printed(given, value):
    assert given("secret", value, False) == value
    with pytest.raises(ImproperlyConfigured, match="THING is easy to guess") as caught:
        given("secret", value, True)
    assert value not in str(caught.value)


def test_a_secret_made_as_the_message_says_is_accepted_on_a_public_site(given):
    for make in (lambda: secrets.token_urlsafe(48), lambda: secrets.token_hex(32)):
        for value in (make() for _time in range(50)):
            assert given("secret", value, True) == value


@pytest.mark.parametrize(("value", "accepted"), [("9", True), ("10", False), ("99", False), ("-1", False)])
def test_a_number_has_a_range(given, value, accepted):
    if accepted:
        assert given("number", value, 0, 9) == int(value)
    else:
        with pytest.raises(
            ImproperlyConfigured, match=f"THING is '{value}'. Set it to a whole number from 0 to 9."
        ):
            given("number", value, 0, 9)


def test_a_folder_that_the_portal_may_not_write_to_is_refused_unless_the_whole_disk_is_read_only(
    given, tmp_path, monkeypatch
):
    assert given("folder", str(tmp_path), Path()) == tmp_path
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(ImproperlyConfigured, match="an existing folder that the portal can write to"):
        given("folder", str(tmp_path), Path())
    monkeypatch.setattr(os, "statvfs", lambda path: SimpleNamespace(f_flag=os.ST_RDONLY))
    assert given("folder", str(tmp_path), Path()) == tmp_path


LIBPQ = "use only libpq parameters after “?”, each once, such as sslmode=require"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite://x", "use three or four slashes after “sqlite:”, and no “?”"),
        ("sqlite://x/y", "use three or four slashes after “sqlite:”, and no “?”"),
        ("sqlite:///x?timeout=1", "use three or four slashes after “sqlite:”, and no “?”"),
        ("sqlite:///:memory:", "an in-memory database is lost when the process ends"),
        ("sqlite:///file::memory:", "an in-memory database is lost when the process ends"),
        ("sqlite:////tmp", "/tmp is not a file"),
        ("sqlite:////dev/zero", "/dev/zero is not a file"),
        (f"sqlite:///{settings.BASE_DIR}/README.md",
         f"{settings.BASE_DIR}/README.md is not an SQLite database"),
        ("postgres://a/b?sslmode=bogus",
         "sslmode must be one of disable, allow, prefer, require, verify-ca, verify-full"),
        ("postgres://a/b?foo=bar", LIBPQ),
        ("postgres://a/b?ssl=true", LIBPQ),
        ("postgres://a/b?sslmode=require&sslmode=disable", LIBPQ),
    ],
)  # fmt: skip
def test_a_database_that_cannot_be_used_is_refused_with_the_reason(given, url, said):
    with pytest.raises(ImproperlyConfigured) as caught:
        given("database", url, "")
    scheme = url.partition(":")[0]
    assert str(caught.value) == f"THING is '{scheme}:…'. Set it to {DATABASES}; {said}."


def test_an_empty_file_and_a_sqlite_file_are_databases(given, tmp_path):
    path = tmp_path / "portal.sqlite3"
    path.touch()
    assert given("database", f"sqlite:///{path}", "")["NAME"] == str(path)
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE a (b)")
    assert path.stat().st_size > 0
    assert given("database", f"sqlite:///{path}", "")["NAME"] == str(path)


def test_a_socket_and_certificates_of_postgresql_are_taken(given):
    config = given("database", "postgres:///b?host=/run/pg&sslmode=verify-full&sslrootcert=/a.pem", "")
    assert {"host": "/run/pg", "sslmode": "verify-full", "sslrootcert": "/a.pem"}.items() <= config[
        "OPTIONS"
    ].items()


@pytest.mark.parametrize("url", ["postgres://a/b", "sqlite:///b.sqlite3"])
@pytest.mark.parametrize(
    ("name", "value", "accepted"),
    [
        *(("DATABASE_TIMEOUT", value, "1 to 86400") for value in ("0", "-1", "1e3", "99999999999", "86401")),
        ("DATABASE_POOL", "-1", "0 to 1000"),
        ("DATABASE_POOL", "1001", "0 to 1000"),
    ],
)
def test_the_limits_of_a_database_have_a_range_whatever_the_engine(
    given, monkeypatch, url, name, value, accepted
):
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as caught:
        given("database", url, "")
    assert str(caught.value) == f"{name} is '{value}'. Set it to a whole number from {accepted}."


@pytest.mark.parametrize(
    ("main", "url", "accepted"),
    [
        ("postgres://a/b", "postgres://c/b", True),
        ("sqlite:///b.sqlite3", "postgres://c/b", False),
        ("postgres://a/b", "sqlite:///b.sqlite3", False),
    ],
)
def test_only_postgresql_has_a_standby(given, main, url, accepted):
    config = given("database", main, "")
    if accepted:
        assert given("replica", url, config)["HOST"] == "c"
        return
    with pytest.raises(ImproperlyConfigured) as caught:
        given("replica", url, config)
    said = f"THING is '{url.partition(':')[0]}:…'. Set it to the URL of a PostgreSQL standby of DATABASE_URL."
    assert str(caught.value) == said


@pytest.mark.parametrize("password", ["a/b#c%d@e:f", "?&=", "ü €"])
def test_a_password_apart_from_the_address_is_taken_as_it_is(given, monkeypatch, password):
    monkeypatch.setenv("DATABASE_PASSWORD", password)
    assert given("database", "postgres://rosa@db/portal", "")["PASSWORD"] == password
    assert given("database", "postgres://rosa:other@db/portal", "")["PASSWORD"] == "other"


# Names that are not known ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("SECRETKEY", "SECRET_KEY"),
        ("SITE_URl", "SITE_URL"),
        ("site_url", "SITE_URL"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("DATABSE_URL", "DATABASE_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("SENTRY_DNS", "SENTRY_DSN"),
        ("REQUIRE_2ND_FACTOR", "REQUIRE_SECOND_FACTOR"),
        ("MEDIAROOT", "MEDIA_ROOT"),
    ],
)
def test_a_misspelt_setting_is_refused_with_the_one_that_is_meant(name, meant):
    for names in ([[name]], [[], [name]]):
        with pytest.raises(ImproperlyConfigured) as caught:
            environment.refuse_unknown(*names)
        assert str(caught.value) == f"There is no setting {name}. Did you mean {meant}?"


def test_other_programs_variables_are_left_alone_but_env_holds_the_portals():
    others = [
        "PATH",
        "HOME",
        "HTTPS_PROXY",
        "LANGUAGE",
        "NODE_DEBUG",
        "CACHE_DIR",
        "EMAIL",
        "XDG_CACHE_HOME",
        "A" * 9_999,
    ]
    environment.refuse_unknown(others)
    environment.refuse_unknown(
        [], [*environment.SETTING_NAMES, "GRANIAN_WORKERS", "PGSSLROOTCERT", "PYTHONUNBUFFERED"]
    )
    with pytest.raises(ImproperlyConfigured, match=r"no setting FAVOURITE_COLOUR\. Remove it from \.env"):
        environment.refuse_unknown([], ["FAVOURITE_COLOUR"])


def test_each_known_setting_is_described():
    described = (settings.BASE_DIR / "docs/reference/settings.md").read_text()
    rows = set(re.findall(r"(?m)^\| `([A-Z_]+)` \|", described))
    assert rows <= environment.SETTING_NAMES
    assert [
        name
        for name in environment.SETTING_NAMES
        if f"`{name}`" not in described and f"`{name}=" not in described
    ] == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CONTACT_EMAIL": "not an address"}, "CONTACT_EMAIL is 'not an address'"),
        ({"ALLOWED_HOSTS": "a.b:80"}, "ALLOWED_HOSTS is 'a.b:80'"),
        ({"SITE_URL": "https://user:pw@x.example"}, "SITE_URL is '…'"),
        ({"PROXIES": "99"}, "PROXIES is '99'"),
        ({"SLOW_QUERY_MS": "-1"}, "SLOW_QUERY_MS is '-1'"),
        ({"METRICS_PORT": "host:1"}, "METRICS_PORT is 'host:1'"),
        (
            {"DATABASE_URL": "sqlite:///a.sqlite3", "REPLICA_URL": "postgres://a/b"},
            "REPLICA_URL is 'postgres:…'",
        ),
        ({"MEDIA_ROOT": "/nonexistent/x"}, "MEDIA_ROOT is '/nonexistent/x'"),
        ({"EMAIL_URL": "smtp://u@x.example:p@host"}, "EMAIL_URL is 'smtp:…'"),
        ({"SITE_NAME": "a\nb"}, "SITE_NAME is 'a\\nb'"),
        ({"SITE_URL": "https://x.example", "SECRET_KEY": " " * 40}, "SECRET_KEY is easy to guess"),
        ({"DATABSE_URL": "x"}, "There is no setting DATABSE_URL"),
    ],
)
def test_each_wrong_setting_stops_the_start(monkeypatch, variables, said):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured) as caught:
        runpy.run_path(settings.BASE_DIR / "portal/settings.py")
    assert str(caught.value).startswith(said)


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        ("secret", "hunter2"),
        ("cache", "memcached://:hunter2@a"),
        ("cache", "redis://:hunter2@[a"),
        ("mail", "http://a:hunter2@b"),
        ("mail", "smtp://a:hunter2@[b"),
        ("mail", "smtp://a@b:hunter2@c"),
        ("mail", "smtp://a:hunter2#x@c"),
        ("site_url", "https://a:hunter2@b"),
        ("site_url", "https://a:hunter2@[b"),
        ("database", "postgres://a:hunter2@b:5432x/c"),
        ("database", "postgres:a:hunter2@b/c"),
        ("database", "a:hunter2@b/c"),
        ("database", "postgres:/a:hunter2@b/c"),
        ("cache", "hunter2@a:6379"),
        ("cache", "redis:/:hunter2@a"),
        ("mail", "hunter2@a:25"),
        ("mail", "smtp:a:hunter2@b"),
        ("database", "postgres://a:hunter2?x@b/c"),
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
        given(reader, value, *{"secret": [False], "mail": [False], "cache": []}.get(reader, [""]))
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
        ("hosts", ["a.org"], ["a.org"]),
        ("hosts", [], []),
        ("email_address", [], ""),
        ("text", [], ""),
        ("folder", [Path("media")], Path("media")),
        ("site_url", ["http://127.0.0.1:8000"], "http://127.0.0.1:8000"),
        ("cache", [], MEMORY),
        ("port", [], None),
    ],
)
def test_an_empty_variable_is_one_that_is_not_set(given, nothing, reader, default, expected):
    assert given(reader, nothing, *default) == expected


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        ("hosts", " a.org, ,[::1] ,*", ["a.org", "[::1]", "*"]),
        ("hosts", "::1,[2001:DB8:0::1]", ["[::1]", "[2001:db8::1]"]),
        ("hosts", "*.b.org,.C.org,A.ORG.", [".b.org", ".c.org", "a.org"]),
        ("hosts", "bücher.example,例え.テスト", ["xn--bcher-kva.example", "xn--r8jz45g.xn--zckzah"]),
        ("site_url", "https://a.org/", "https://a.org"),
        ("site_url", "http://[::1]:8000", "http://[::1]:8000"),
        ("site_url", "http://10.0.0.7:8000", "http://10.0.0.7:8000"),
        ("site_url", "HTTPS://A.org:443", "https://a.org"),
        ("site_url", "http://a.org:80", "http://a.org"),
        ("site_url", "http://a.org:443", "http://a.org:443"),
        ("site_url", "https://Bücher.example:8443", "https://xn--bcher-kva.example:8443"),
        (
            "text",
            "  Prácticas útiles – ممارسات مفیدۀ نیم\u200cفاصله ",
            "Prácticas útiles – ممارسات مفیدۀ نیم\u200cفاصله",
        ),
        ("email_address", " desk@practices.example ", "desk@practices.example"),
        ("port", "9464", ("127.0.0.1", 9464)),
        ("port", "0.0.0.0:9464", ("0.0.0.0", 9464)),
        ("port", "[::1]:9464", ("::1", 9464)),
        ("port", "localhost:9464", ("localhost", 9464)),
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
        "OPTIONS": {
            "IGNORE_EXCEPTIONS": True,
            "SOCKET_CONNECT_TIMEOUT": 0.5,
            "SOCKET_TIMEOUT": 0.5,
            "SERIALIZER": "django_redis.serializers.json.JSONSerializer",
        },
    }


@pytest.mark.parametrize(
    "value",
    [
        "redis://127.0.0.1:99999/0",
        "redis://a:0/0",
        "redis://a:-1/0",
        "redis://u:hunter2#x@127.0.0.1/0",
        "redis://u:hunter2?x@127.0.0.1/0",
        "redis://u:hunter2/x@127.0.0.1/0",
        "redis://u:hunter2 x@a/0",
        "redis://u:hunter2\udcff@a/0",
        "redis://h/abc",
        "redis://h/-1",
        "redis://h/0/1",
        "redis://h/٣",
        "redis://h:6379/0#x",
        "redis://h/0#",
        "redis://h/0?db=1",
        "redis://h/0?",
        "redis://:hunter2@/0",
        "redis://h..i/0",
        "redis://h%00/0",
        f"redis://{'h' * 64}/0",
        "redis://1.2.3.999/0",
    ],
)
def test_an_address_that_the_client_of_the_cache_cannot_use_is_refused(given, value):
    with pytest.raises(ImproperlyConfigured) as caught:
        given("cache", value)
    assert str(caught.value) == f"THING is 'redis:…'. Set it to {CACHES}."


@pytest.mark.parametrize(
    "value",
    [
        "redis://a",
        "redis://a/",
        "redis://a:6379/15",
        "rediss://u:p%23%40%2F@[::1]:6379/0",
        "redis://:p:q@10.0.0.1/0",
        "redis://my_cache:6379/0",
    ],
)
def test_an_address_of_a_cache_server_is_taken_as_it_is(given, value):
    assert given("cache", value)["LOCATION"] == value


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


@pytest.mark.parametrize(("value", "in_force"), [("", 1), ("normal", 1), ("FULL", 2)])
def test_sqlite_waits_for_the_disk_at_each_commit_where_it_is_told_to(
    given, monkeypatch, tmp_path, value, in_force
):
    monkeypatch.setenv("SQLITE_SYNCHRONOUS", value)
    config = given("database", f"sqlite:///{tmp_path}/portal.sqlite3", "")
    with closing(sqlite3.connect(config["NAME"])) as database:
        database.executescript(config["OPTIONS"]["init_command"])
        assert database.execute("PRAGMA synchronous").fetchone() == (in_force,)
    monkeypatch.setenv("SQLITE_SYNCHRONOUS", "OFF")
    with pytest.raises(ImproperlyConfigured, match="SQLITE_SYNCHRONOUS is 'OFF'"):
        given("database", "sqlite:///portal.sqlite3", "")


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
    """Run Python with the project's settings and these variables, as the server starts."""
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
    assert given("mail", value, False) == {
        "EMAIL_HOST": "mail.org",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "ed",
        "EMAIL_HOST_PASSWORD": "p@ss",
        "EMAIL_USE_SSL": direct,
        "EMAIL_USE_TLS": not direct,
        "EMAIL_TIMEOUT": 20,
    }


def test_without_a_mail_server_e_mail_is_printed_for_developers_alone(given):
    assert given("mail", None, True) == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    assert given("mail", None, False) == {"EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend"}


@pytest.mark.parametrize(("debug", "printed"), [("false", 0), ("true", 1)])
def test_a_public_site_without_a_mail_server_prints_no_e_mail(debug, printed):
    """An e-mail can contain a link that resets a password."""
    send = "from django.core.mail import send_mail; send_mail('Reset', 'canary-link', None, ['a@b.org'])"
    result = run(send, DEBUG=debug)
    assert (result.stdout + result.stderr).count("canary-link") == printed, result.stderr


def test_the_start_stops_at_a_wrong_value():
    result = run("print('started')", DEBUG="perhaps")
    assert result.stdout == ""
    assert result.stderr.splitlines()[-1] == (
        f"django.core.exceptions.ImproperlyConfigured: DEBUG is 'perhaps'. Set it to {BOOLEANS}."
    )


def test_the_start_stops_without_a_secret_and_prints_none():
    result = run("print('started')", SECRET_KEY="hunter2")
    assert result.stdout == ""
    assert "SECRET_KEY is 7 characters long. Set it to at least 32" in result.stderr.splitlines()[-1]
    assert "hunter2" not in result.stderr
