"""What was made ready and is kept in memory."""

import pytest

from practices.values.versioned_cache import Shelf

pytestmark = pytest.mark.one_engine


class Fetch:
    """Doubles numbers up to nine, and remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []

    def __call__(self, keys: list[int]) -> dict[int, int]:
        self.asked.append(keys)
        return {key: 2 * key for key in keys if key < 10}


def test_only_what_is_not_there_yet_is_fetched():
    shelf, fetch = Shelf(10), Fetch()
    assert shelf.gather("v1", [1, 2], fetch) == {1: 2, 2: 4}
    assert shelf.gather("v1", [2, 3], fetch) == {2: 4, 3: 6}
    assert shelf.gather("v1", [1, 2, 3], fetch) == {1: 2, 2: 4, 3: 6}
    assert fetch.asked == [[1, 2], [3]]


def test_nothing_of_one_version_is_given_for_another():
    shelf, fetch = Shelf(10), Fetch()
    shelf.gather("v1", [1], fetch)
    assert shelf.gather("v2", [1], lambda keys: {}) == {}


def test_what_does_not_exist_is_left_out():
    assert Shelf(10).gather("v1", [9, 10], Fetch()) == {9: 18}


def test_more_than_there_is_room_for_comes_whole():
    shelf, fetch = Shelf(2), Fetch()
    assert shelf.gather("v1", [1, 2, 3], fetch) == {1: 2, 2: 4, 3: 6}
    assert shelf.gather("v1", [2, 3], fetch) == {2: 4, 3: 6}
    assert fetch.asked == [[1, 2, 3]]


def test_what_is_used_least_goes_first_where_values_have_a_size():
    shelf = Shelf(3, size=len)
    for key, value in (("a", "a"), ("b", "bb")):
        shelf.put(key, value)
    shelf.get("a")
    shelf.put("c", "cc")
    assert [shelf.get(key) for key in "abc"] == ["a", None, "cc"]


def test_what_is_larger_than_all_the_room_is_not_kept():
    shelf = Shelf(3, size=len)
    shelf.put("a", "aaaa")
    assert shelf.get("a") is None
