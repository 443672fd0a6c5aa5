"""What is seen of each request: an id, a line in the log, figures; and of each slow query a line."""

import logging
import re
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from portal import metrics
from portal.confidential import public_path
from portal.logs import current_request
from practices.values.client_network import client_address

log = logging.getLogger(__name__)
queries_log = logging.getLogger("portal.queries")
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
LONGEST_STATEMENT = 2_000


@dataclass
class Work:
    """What a request has asked of the databases so far."""

    queries: int = 0
    seconds: float = 0.0


work_of_request: ContextVar[Work | None] = ContextVar("work_of_request", default=None)


def observed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware, the outermost. A proxy’s well-formed X-Request-ID is kept, and the answer carries it."""

    def respond(request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if WELL_FORMED.fullmatch(given) else uuid4().hex
        request.META["REMOTE_ADDR"] = client_address(request)
        work, started = Work(), perf_counter()
        tokens = current_request.set(request_id), work_of_request.set(work)
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = request_id
            note(request, response, work, perf_counter() - started)
        finally:
            current_request.reset(tokens[0])
            work_of_request.reset(tokens[1])
        return response

    return respond


def note(request: HttpRequest, response: HttpResponse, work: Work, seconds: float) -> None:
    """Neither addresses of people nor what they searched for are written down."""
    match = request.resolver_match
    route = match.view_name if match and match.view_name else "none"
    metrics.request(route, request.method, response.status_code, seconds, work.queries)
    if log.isEnabledFor(logging.INFO):
        path = public_path(request.path)
        told = {
            "method": request.method,
            "path": path,
            "route": route,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "queries": work.queries,
            "query_ms": round(work.seconds * 1000, 1),
        }
        log.info("%s %s %s", request.method, path, response.status_code, extra={"told": told})


def watched(execute: Callable, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Counts a query and, when it is slow, writes it down as it was prepared: without its values."""
    started = perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = perf_counter() - started
        if work := work_of_request.get():
            work.queries += 1
            work.seconds += seconds
        if settings.SLOW_QUERY_MS and seconds * 1000 >= settings.SLOW_QUERY_MS:
            metrics.slow_query()
            told = {"ms": round(seconds * 1000, 1), "sql": str(sql)[:LONGEST_STATEMENT]}
            queries_log.warning("A slow query", extra={"told": told})


@receiver(connection_created)
def watch(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if watched not in connection.execute_wrappers:
        connection.execute_wrappers.append(watched)
