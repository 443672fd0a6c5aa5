"""Database router: anonymous readers use the standby (REPLICA_URL).

Users who are logged in use the primary, so editors see at once what they saved.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connections
from django.http import HttpRequest, HttpResponse

_for_a_reader: ContextVar[bool] = ContextVar("for_a_reader", default=False)


class Router:
    """The database for each query."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        # A reader's request can publish scheduled practices; reads in that transaction use the primary.
        writing = connections["default"].in_atomic_block
        return "replica" if _for_a_reader.get() and not writing else "default"

    def db_for_write(self, model: Any, **hints: Any) -> str:
        return "default"

    def allow_relation(self, first: Any, second: Any, **hints: Any) -> bool:
        return True  # both hold the same rows

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == "default"


@contextmanager
def reading(for_a_reader: bool) -> Iterator[None]:
    token = _for_a_reader.set(for_a_reader)
    try:
        yield
    finally:
        _for_a_reader.reset(token)


def replica_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware, before all that query the database."""

    def respond(request: HttpRequest) -> HttpResponse:
        reader = request.method in {"GET", "HEAD"} and settings.SESSION_COOKIE_NAME not in request.COOKIES
        with reading(reader):
            return get_response(request)

    return respond
