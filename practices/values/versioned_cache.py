"""What was made ready once and is kept in memory while there is room; what is used least goes first."""

from collections.abc import Callable, Hashable, Iterable
from contextlib import suppress
from threading import Lock
from typing import Any

from cachetools import LRUCache


class Shelf:
    """Values by key, for all threads of a process. Of what changes, the content version belongs into the key.

    `size` says how much of the room a value takes; without it, `room` is how many there may be.
    """

    def __init__(self, room: int, size: Callable[[Any], int] | None = None) -> None:
        self._values = LRUCache(room, size)
        self._lock = Lock()

    def get(self, key: Hashable) -> Any:
        """None when it is not there (any more)."""
        with self._lock:
            return self._values.get(key)

    def put(self, key: Hashable, value: Any) -> None:
        with self._lock, suppress(ValueError):  # larger than all the room
            self._values[key] = value

    def gather(
        self, about: Hashable, keys: Iterable[int], fetch: Callable[[list[int]], dict[int, Any]]
    ) -> dict[int, Any]:
        """Key → value for all that exist; those that are not here are fetched together, and kept."""
        found = {key: self.get((about, key)) for key in keys}
        missing = [key for key, value in found.items() if value is None]
        fetched = fetch(missing) if missing else {}
        for key, value in fetched.items():
            self.put((about, key), value)
        return {key: value for key, value in (found | fetched).items() if value is not None}
