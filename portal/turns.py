"""SQLite's writers come in turn. By itself it lets each try again after a while, and some try for seconds."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

with suppress(ImportError):  # Windows has none: there they go on trying
    from fcntl import LOCK_EX, flock


def in_turn(execute: Callable, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Of those who wait for the lock of writers only the first asks SQLite for it; the others queue for that.

    They do so at the folder, which needs no room on the disk and is there when nothing can be written. The
    wait in the queue is part of the wait that the settings allow.
    """
    if sql != "BEGIN IMMEDIATE":
        return execute(sql, params, many, context)
    began, wrapper = perf_counter(), context["connection"]
    folder = os.open(Path(wrapper.settings_dict["NAME"]).absolute().parent, os.O_RDONLY)
    try:
        flock(folder, LOCK_EX)
        left = wrapper.settings_dict["OPTIONS"].get("timeout", 5) - (perf_counter() - began)
        wrapper.connection.execute(f"PRAGMA busy_timeout = {max(0, round(left * 1000))}")
        return execute(sql, params, many, context)
    finally:
        os.close(folder)


@receiver(connection_created)
def queue(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    on_disk = connection.vendor == "sqlite" and not connection.is_in_memory_db()
    if on_disk and "flock" in globals() and in_turn not in connection.execute_wrappers:
        connection.execute_wrappers.append(in_turn)
