"""A cache of limited size in the memory of a process; the least recently used values are dropped first."""

from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from threading import Lock
from typing import Any

from cachetools import LRUCache


class VersionedCache:
    """Values by key, for all threads of a process. The content version is part of the key of what changes.

    `maxsize` is the greatest sum of what `size` returns for each value, or the number of values without it.
    """

    def __init__(self, maxsize: int, size: Callable[[Any], int] | None = None) -> None:
        self._values = LRUCache(maxsize, size)
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._lock:
            return self._values.get(key)

    def set(self, key: Hashable, value: Any) -> None:
        with self._lock, suppress(ValueError):  # larger than the cache
            self._values[key] = value

    def get_many(
        self, version: Hashable, pks: Iterable[int], fetch: Callable[[list[int]], dict[int, Any]]
    ) -> dict[int, Any]:
        """Primary key → value. Calls `fetch` once for all that are missing, if any, and caches its values.

        Keys that `fetch` does not return are left out.
        """
        found = {pk: self.get((version, pk)) for pk in pks}
        missing = [pk for pk, value in found.items() if value is None]
        fetched = fetch(missing) if missing else {}
        for pk, value in fetched.items():
            self.set((version, pk), value)
        return {pk: value for pk, value in (found | fetched).items() if value is not None}
