"""Whether the portal is alive and ready, for those who watch over it. Asked by any name of the machine."""

import logging
from collections.abc import Callable
from functools import cache

from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, HttpResponse, JsonResponse

from practices.search.integrity import quick_problem

log = logging.getLogger(__name__)
READY, LIVE = "/healthz/", "/healthz/live/"


def health(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware, before any that looks at the host: a watcher on the machine asks for 127.0.0.1.

    /healthz/ answers 503 until the database can be asked, is migrated and has a whole index in step (some
    thirty queries); /healthz/live/ asks nothing. What is wrong stands in the log.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path not in {READY, LIVE}:
            return get_response(request)
        checks = readiness() if request.path == READY else {}
        well = all(checks.values())
        response = JsonResponse(
            {"status": "ok" if well else "failing", **checks}, status=200 if well else 503
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    return respond


def readiness() -> dict[str, bool]:
    found = dict.fromkeys(("database", "migrations", "index"), False)
    try:
        missing = known_migrations() - MigrationRecorder(connection).applied_migrations().keys()
        found |= {"database": True, "migrations": not missing}
        if missing:
            log.error("Not migrated: %s", ", ".join(sorted(".".join(key) for key in missing)))
            return found
        problem = quick_problem()
        found["index"] = not problem
        if problem:
            log.error("%s: run rebuild_search", problem)
    except (DatabaseError, InterfaceError):
        log.exception("The database does not answer")
    return found


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
