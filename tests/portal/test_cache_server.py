"""The cache server: somebody who can write to it runs no code in the portal and breaks no response."""

import pickle
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django_redis.cache import RedisCache
from django_redis.serializers.pickle import PickleSerializer

from portal import environment
from practices.values import rate_limit
from tests.programs import needed
from tests.served import free_port, is_free, until

pytestmark = [pytest.mark.slow, pytest.mark.one_engine]


class Planted:
    """Creates a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple:
        return Path.touch, (self.file,)


@pytest.fixture
def cache(tmp_path, monkeypatch) -> Iterator[RedisCache]:
    """A real server as configured, instead of the memory of the process."""
    port = free_port()
    command = [needed("redis-server"), "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        until(lambda: not is_free(port), server)
        monkeypatch.setenv("CACHE_URL", f"redis://127.0.0.1:{port}/0")
        config = environment.cache("CACHE_URL")
        cache = RedisCache(config["LOCATION"], config)
        monkeypatch.setattr(rate_limit, "cache", cache)
        monkeypatch.setattr(rate_limit, "time", lambda: 60_000.0)
        yield cache
        cache.client.get_client(write=True).close()
    finally:
        server.kill()
        server.wait()


def plant(cache: RedisCache, value: bytes) -> None:
    """Replace the value of the key that counts."""
    cache.client.get_client(write=True).set(cache.make_key("api-192.0.2.1-1000"), value)


def test_a_pickle_at_any_key_is_never_loaded(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(PickleSerializer, "loads", lambda *values: pytest.fail("a pickle is read"))
    made = tmp_path / "made"
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        plant(cache, pickle.dumps(Planted(made), protocol))
        with pytest.raises(ValueError, match=r"decode|Expecting|Extra"):
            cache.get("api-192.0.2.1-1000")
        assert rate_limit.count_request("api", "192.0.2.1") == (1, 60)
        assert rate_limit.count_request("api", "192.0.2.1") == (2, 60)
    assert not made.exists()


@pytest.mark.parametrize(
    "value", [b"", b"x", b'"text"', b"[" * 100_000, b"{}", b"null", b"1.5", b"NaN", b"Infinity", b"\xff"]
)
def test_a_value_that_is_no_number_counts_from_nothing(cache, value):
    plant(cache, value)
    assert rate_limit.count_request("api", "192.0.2.1")[0] in {1, 2}
    assert rate_limit.count_request("api", "192.0.2.1")[0] in {2, 3}
