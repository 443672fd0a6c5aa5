"""Answers kept in front of Django: what any shared cache may keep is given again while the content stays.

A hit costs one small query, for the content version, and no Django. Nothing is ever thrown away because it is
old: another version, or another day, is another key. When the database does not answer, readers are given
what was kept last (RFC 5861, stale-if-error), for at most STALE_SECONDS after the version was last read.
"""

import logging
from collections.abc import Callable, Iterable
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone
from django.utils.http import parse_etags

from portal.headers import STALE_SECONDS
from practices.values.versioned_cache import VersionedCache

log = logging.getLogger(__name__)

# What an answer may depend on beside its address (its Vary). Of the API's own, what belongs to one client.
ASKED_BY = (
    *("wsgi.url_scheme", "HTTP_X_FORWARDED_PROTO", "HTTP_HOST", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING"),
    *("HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_ACCEPT_LANGUAGE"),
)
PERSONAL = {"ratelimit", "ratelimit-policy", "x-request-id"}
OF_THE_BODY = {"content-length", "content-type", "content-encoding", "content-language"}
LARGEST = 2_000_000  # bytes of one answer

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Kept(NamedTuple):
    headers: list[tuple[str, str]]
    body: bytes
    etag: str

    @property
    def size(self) -> int:
        return len(self.body) + sum(len(name) + len(value) for name, value in self.headers)


class Front:
    """A WSGI application around another. `version` tells what the content is now; `most` bytes are kept."""

    def __init__(self, application: Callable, version: Callable[[], str], most: int) -> None:
        self.application, self.version, self.most = application, version, most
        self.cache = VersionedCache(most, size=lambda kept: kept.size)
        self.last_version, self.read_at = "", 0.0

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not self.most or environ["REQUEST_METHOD"] not in {"GET", "HEAD"} or knows_someone(environ):
            return self.application(environ, start_response)
        version = self.version_now()
        if not version:
            return self.application(environ, start_response)
        key = (version, timezone.localdate(), *map(environ.get, ASKED_BY))
        kept = self.cache.get(key)
        if kept is None:
            return self.ask(key, environ, start_response)
        return give(kept, environ, start_response)

    def version_now(self) -> str:
        """The version in force; when the database does not answer, the one read last, and then none.

        Another process may have withdrawn a practice since that version was read.
        """
        try:
            self.last_version, self.read_at = self.version(), monotonic()
        except (DatabaseError, InterfaceError):
            log.warning("The database does not answer; giving what is kept", exc_info=True)
            if monotonic() - self.read_at > STALE_SECONDS:
                self.last_version = ""
        finally:
            close_old_connections()
        return self.last_version

    def ask(self, key: tuple, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """The application's own answer; kept on its way, if it is one that may be."""
        said: dict[str, Any] = {"status": "", "headers": []}

        def begin(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            said.update(status=status, headers=headers)
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        parts = self.application(environ, begin)
        if environ["REQUEST_METHOD"] != "GET" or not may_be_kept(**said):
            return parts
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        headers = [(name, value) for name, value in said["headers"] if name.lower() not in PERSONAL]
        self.cache.set(key, Kept(headers, body, dict(headers).get("ETag", "")))
        return [body]


def knows_someone(environ: Environ) -> bool:
    """Whether the request may be of somebody who is logged in."""
    return f"{settings.SESSION_COOKIE_NAME}=" in environ.get("HTTP_COOKIE", "") or (
        "HTTP_AUTHORIZATION" in environ
    )


def may_be_kept(status: str, headers: list[tuple[str, str]]) -> bool:
    """A whole answer of known length that says a shared cache may keep it, and that sets no cookie."""
    said = {name.lower(): value for name, value in headers}
    return (
        status.startswith("200 ")
        and "s-maxage=" in said.get("cache-control", "")
        and "set-cookie" not in said
        and int(said.get("content-length", LARGEST)) < LARGEST
    )


def give(answer: Kept, environ: Environ, start_response: StartResponse) -> list[bytes]:
    """A kept answer: 304 to who has it already (RFC 9110, compared weakly), no body for HEAD."""
    had = {tag.removeprefix("W/") for tag in parse_etags(environ.get("HTTP_IF_NONE_MATCH", ""))}
    if answer.etag and had & {"*", answer.etag.removeprefix("W/")}:
        headers = [(name, value) for name, value in answer.headers if name.lower() not in OF_THE_BODY]
        start_response("304 Not Modified", headers)
        return []
    start_response("200 OK", answer.headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]
