"""Health checks for monitoring: liveness and readiness, at any host name."""

import logging
from functools import cache

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from practices.search.integrity import quick_problem

log = logging.getLogger(__name__)
READY, LIVE = "/healthz/", "/healthz/live/"


def readiness() -> dict[str, bool]:
    """Return whether the database answers, is migrated and has a complete search index."""
    found = dict.fromkeys(("database", "migrations", "index"), False)
    try:
        missing = known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
        found |= {"database": True, "migrations": not missing}
        if missing:
            log.error("Migrations not applied: %s", ", ".join(sorted(".".join(key) for key in missing)))
            return found
        problem = quick_problem()
        found["index"] = not problem
        if problem:
            log.error("%s: run rebuild_search", problem)
    except (DatabaseError, InterfaceError):
        log.exception("The database does not respond")
    return found


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
