"""Health checks for monitoring: liveness and readiness, at any host name."""

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


def health_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware, before any that checks the host: monitoring on the machine asks 127.0.0.1.

    /healthz/ answers 503 unless the database answers, is migrated and has a complete search index (about 30
    queries). /healthz/live/ makes no query. The log says what is wrong.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path not in {READY, LIVE}:
            return get_response(request)
        checks = readiness() if request.path == READY else {}
        healthy = all(checks.values())
        response = JsonResponse(
            {"status": "ok" if healthy else "failing", **checks}, status=200 if healthy else 503
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
