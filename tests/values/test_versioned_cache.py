"""A cache of limited size, by key and content version."""

import pytest

from practices.values.versioned_cache import VersionedCache

pytestmark = pytest.mark.one_engine


class Fetch:
    """Doubles numbers up to nine, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, keys: list[int]) -> dict[int, int]:
        self.asked.append(keys)
        return {key: 2 * key for key in keys if key < 10}


def test_only_what_is_not_there_yet_is_fetched():
    cache, fetch = VersionedCache(10), Fetch()
    assert cache.get_many("v1", [1, 2], fetch) == {1: 2, 2: 4}
    assert cache.get_many("v1", [2, 3], fetch) == {2: 4, 3: 6}
    assert cache.get_many("v1", [1, 2, 3], fetch) == {1: 2, 2: 4, 3: 6}
    assert fetch.asked == [[1, 2], [3]]


def test_nothing_of_one_version_is_given_for_another():
    cache, fetch = VersionedCache(10), Fetch()
    cache.get_many("v1", [1], fetch)
    assert cache.get_many("v2", [1], lambda keys: {}) == {}


def test_what_does_not_exist_is_left_out():
    assert VersionedCache(10).get_many("v1", [9, 10], Fetch()) == {9: 18}


def test_more_than_there_is_room_for_comes_whole():
    cache, fetch = VersionedCache(2), Fetch()
    assert cache.get_many("v1", [1, 2, 3], fetch) == {1: 2, 2: 4, 3: 6}
    assert cache.get_many("v1", [2, 3], fetch) == {2: 4, 3: 6}
    assert fetch.asked == [[1, 2, 3]]


def test_what_is_used_least_goes_first_where_values_have_a_size():
    cache = VersionedCache(3, size=len)
    for key, value in (("a", "a"), ("b", "bb")):
        cache.set(key, value)
    cache.get("a")
    cache.set("c", "cc")
    assert [cache.get(key) for key in "abc"] == ["a", None, "cc"]


def test_what_is_larger_than_all_the_room_is_not_kept():
    cache = VersionedCache(3, size=len)
    cache.set("a", "aaaa")
    assert cache.get("a") is None
