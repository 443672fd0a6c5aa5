"""A request id, a log entry and metrics for each request, and a log entry for each slow query."""

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
from portal.logs import current_request
from portal.redaction import redact_path
from practices.values.client_network import client_address

requests_log = logging.getLogger("portal.requests")
queries_log = logging.getLogger("portal.queries")
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}", re.ASCII)
MAX_SQL_LENGTH = 2_000


@dataclass
class QueryStats:
    """The number of queries of a request so far, and their time."""

    queries: int = 0
    seconds: float = 0.0


query_stats: ContextVar[QueryStats | None] = ContextVar("query_stats", default=None)


def request_logging_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Outermost middleware. Use a valid X-Request-ID from the proxy or create one, and return it."""

    def respond(request: HttpRequest) -> HttpResponse:
        sent = request.headers.get("X-Request-ID", "")
        request_id = sent if REQUEST_ID.fullmatch(sent) else uuid4().hex
        request.META["REMOTE_ADDR"] = client_address(request)
        stats, started = QueryStats(), perf_counter()
        tokens = current_request.set(request_id), query_stats.set(stats)
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = request_id
            log_request(request, response, stats, perf_counter() - started)
        finally:
            current_request.reset(tokens[0])
            query_stats.reset(tokens[1])
        return response

    return respond


def log_request(request: HttpRequest, response: HttpResponse, stats: QueryStats, seconds: float) -> None:
    """Log a request without the IP address and without search terms."""
    match = request.resolver_match
    route = match.view_name if match and match.view_name else "none"
    if metrics.collectors:
        metrics.observe_request(route, request.method, response.status_code, seconds, stats.queries)
    if requests_log.isEnabledFor(logging.INFO):
        path = redact_path(request.path)
        context = {
            "method": request.method,
            "path": path,
            "route": route,
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "queries": stats.queries,
            "query_ms": round(stats.seconds * 1000, 1),
        }
        requests_log.info("%s %s %s", request.method, path, response.status_code, extra={"context": context})


def log_slow_query(execute: Callable, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Execute wrapper. Count a query; log a slow one without its values."""
    started = perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        seconds = perf_counter() - started
        if stats := query_stats.get():
            stats.queries += 1
            stats.seconds += seconds
        if settings.SLOW_QUERY_MS and seconds * 1000 >= settings.SLOW_QUERY_MS:
            if metrics.collectors:
                metrics.collectors.slow.inc()
            context = {"ms": round(seconds * 1000, 1), "sql": str(sql)[:MAX_SQL_LENGTH]}
            queries_log.warning("Slow query", extra={"context": context})


@receiver(connection_created)
def install_query_wrapper(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    if log_slow_query not in connection.execute_wrappers:
        connection.execute_wrappers.append(log_slow_query)
