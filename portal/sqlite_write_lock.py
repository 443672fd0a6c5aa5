"""A queue for transactions that write to SQLite.

SQLite itself lets each waiting connection try again after a pause, so some of them wait for seconds.
"""

import os
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

try:
    import fcntl
except ImportError:  # Windows has no file locks of this kind; SQLite's own waiting remains
    fcntl = None


def hold_write_lock(execute: Callable, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute wrapper. Hold a file lock while SQLite begins a transaction.

    The lock is on the database's folder, which needs no disk space and exists on a read-only disk. The wait
    for the lock counts towards the timeout of the settings.
    """
    if sql != "BEGIN IMMEDIATE":
        return execute(sql, params, many, context)
    started, wrapper = perf_counter(), context["connection"]
    folder = os.open(Path(wrapper.settings_dict["NAME"]).absolute().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        left = wrapper.settings_dict["OPTIONS"].get("timeout", 5) - (perf_counter() - started)
        wrapper.connection.execute(f"PRAGMA busy_timeout = {max(0, round(left * 1000))}")
        return execute(sql, params, many, context)
    finally:
        os.close(folder)


@receiver(connection_created)
def install_write_lock(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    on_disk = connection.vendor == "sqlite" and not connection.is_in_memory_db()
    if fcntl and on_disk and hold_write_lock not in connection.execute_wrappers:
        connection.execute_wrappers.append(hold_write_lock)
