"""Metrics for Prometheus on a port of their own (METRICS_PORT); none without it."""

import logging
from errno import EADDRINUSE
from types import SimpleNamespace

from django.core.exceptions import ImproperlyConfigured

log = logging.getLogger(__name__)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
PORTS = 16  # each process of a server takes the first free one
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
collectors: SimpleNamespace | None = None  # until start()


def start(address: tuple[str, int] | None) -> int | None:
    """Serve the metrics of this process if there is an address. Returns the port."""
    global collectors
    if address is None:
        return None
    try:
        import prometheus_client as prometheus
    except ImportError:
        raise ImproperlyConfigured(
            "METRICS_PORT is set, but the package prometheus-client is missing. "
            "Install requirements/deploy.txt, or leave METRICS_PORT empty."
        ) from None
    host, first = address
    for port in range(first, first + PORTS):
        try:
            prometheus.start_http_server(port, host)
        except OSError as error:
            if error.errno != EADDRINUSE:
                raise ImproperlyConfigured(
                    f"METRICS_PORT: {host}:{port} cannot be used ({error.strerror})."
                ) from None
            continue
        collectors = collectors or SimpleNamespace(
            requests=prometheus.Histogram(
                "portal_request_seconds", "Response time", ["route", "method", "status"], buckets=BUCKETS
            ),
            queries=prometheus.Counter("portal_queries", "Database queries per request", ["route"]),
            slow=prometheus.Counter("portal_slow_queries", "Database queries slower than SLOW_QUERY_MS"),
        )
        log.info("Metrics for Prometheus are at http://%s:%s/metrics", host, port)
        return port
    raise ImproperlyConfigured(
        f"METRICS_PORT: all ports from {first} to {first + PORTS - 1} on {host} are in use."
    )


def observe_request(route: str, method: str, status: int, seconds: float, queries: int) -> None:
    known = method if method in METHODS else "other"  # a client can send any method
    collectors.requests.labels(route, known, status).observe(seconds)
    collectors.queries.labels(route).inc(queries)
