"""Each unsafe setting is reported at the start with advice; safe ones are not."""

import logging
from types import SimpleNamespace

import pytest

from portal import checks

pytestmark = pytest.mark.one_engine

POSTGRES = {"ENGINE": "django.db.backends.postgresql", "NAME": "portal", "OPTIONS": {}}
SAFE = {
    "SITE_URL": "https://practices.example",
    "SECRET_KEY": "k7Zr2mQx9vB4nT6wY1cL8sJ3hF5gD0pA",
    "DEBUG": False,
    "ALLOWED_HOSTS": ["practices.example"],
    "DATABASES": {"default": POSTGRES | {"HOST": "/run/postgresql"}},
    "CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}},
}
LOCAL = {"SITE_URL": "http://127.0.0.1:8000"}


@pytest.fixture
def found(monkeypatch, tmp_path):
    """Return the warnings for changed safe settings, without the variables and .env of this machine."""
    for name in ("GRANIAN_WORKERS", "WEB_CONCURRENCY"):
        monkeypatch.delenv(name, raising=False)

    def found(**changed: object) -> list[str]:
        monkeypatch.setattr(checks, "settings", SimpleNamespace(**SAFE | {"BASE_DIR": tmp_path} | changed))
        return [message.id for message in checks.unsafe_settings()]

    return found


def database(host: str, **options: str) -> dict:
    return {"default": POSTGRES | {"HOST": host, "OPTIONS": options}}


@pytest.mark.parametrize(
    ("changed", "ids"),
    [
        ({}, []),
        ({"DEBUG": True}, ["portal.E001"]),
        ({"DEBUG": True} | LOCAL, []),
        ({"SECRET_KEY": "django-insecure-k7Zr2mQx9vB4nT6wY1cL8sJ"}, ["portal.E002"]),
        ({"SECRET_KEY": "abcd" * 10}, ["portal.E002"]),
        ({"SECRET_KEY": "abcd" * 10} | LOCAL, []),
        ({"ALLOWED_HOSTS": ["*"]}, ["portal.E003"]),
        ({"ALLOWED_HOSTS": ["*"]} | LOCAL, []),
        ({"ALLOWED_HOSTS": ["other.example"]}, ["portal.E005"]),
        ({"ALLOWED_HOSTS": [".example"]}, []),
        ({"SITE_URL": "https://[2001:db8::1]:8443", "ALLOWED_HOSTS": ["[2001:db8::1]"]}, []),
        ({"SITE_URL": "http://practices.example"}, ["portal.W001"]),
        ({"DATABASES": database("db.example")}, ["portal.W003"]),
        ({"DATABASES": database("db.example", sslmode="disable")}, ["portal.W003"]),
        ({"DATABASES": database("db.example", sslmode="verify-full")}, []),
        ({"DATABASES": database("localhost")}, []),
    ],
)
def test_an_unsafe_setting_is_named_and_a_safe_one_is_not(found, changed, ids):
    assert found(**changed) == ids


@pytest.mark.parametrize(
    ("variable", "workers", "backend", "ids"),
    [
        ("GRANIAN_WORKERS", "2", "django.core.cache.backends.locmem.LocMemCache", ["portal.W002"]),
        ("WEB_CONCURRENCY", "4", "django.core.cache.backends.locmem.LocMemCache", ["portal.W002"]),
        ("GRANIAN_WORKERS", "1", "django.core.cache.backends.locmem.LocMemCache", []),
        ("GRANIAN_WORKERS", "2", "django_redis.cache.RedisCache", []),
    ],
)
def test_a_memory_of_each_process_is_named_where_several_serve(
    found, monkeypatch, variable, workers, backend, ids
):
    monkeypatch.setenv(variable, workers)
    assert found(CACHES={"default": {"BACKEND": backend}}) == ids


@pytest.mark.parametrize(
    ("location", "ids"),
    [
        ("redis://cache.example:6379/0", ["portal.W005"]),
        ("redis://:password@10.0.0.2:6379/0", ["portal.W005"]),
        ("rediss://:password@cache.example:6379/0", []),
        ("redis://127.0.0.1:6379/0", []),
        ("redis://[::1]:6379/0", []),
    ],
)
def test_a_cache_server_elsewhere_without_encryption_is_named_without_its_password(found, location, ids):
    caches = {"default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": location}}
    assert found(CACHES=caches) == ids
    assert "password@" not in str(list(checks.cache_server_problems()))


def test_sqlite_on_a_disk_of_the_network_is_named(found, tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/vda / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n")
    assert checks.filesystem(tmp_path / "portal.sqlite3", mounts) == "nfs4"
    assert checks.filesystem(tmp_path.parent / "portal.sqlite3", mounts) == "ext4"
    assert checks.filesystem(tmp_path, tmp_path / "none") == ""
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "x", "HOST": "", "OPTIONS": {}}
    assert found(DATABASES={"default": sqlite}) == []
    monkeypatch.setattr(checks, "filesystem", lambda _path: "nfs4")
    assert found(DATABASES={"default": sqlite}) == ["portal.E004"]


@pytest.mark.parametrize(("mode", "ids"), [(0o600, []), (0o640, []), (0o604, ["portal.W004"])])
def test_secrets_that_other_accounts_read_are_named(found, tmp_path, mode, ids):
    (tmp_path / ".env").touch(mode)
    (tmp_path / ".env").chmod(mode)
    assert found() == ids


def test_a_server_writes_what_is_unsafe_into_its_log(found, caplog):
    found(ALLOWED_HOSTS=["*"])
    checks.log_problems()
    (record,) = caplog.records
    assert record.levelno == logging.ERROR
    assert record.getMessage().startswith("ALLOWED_HOSTS is *: attackers can make links in e-mails")
