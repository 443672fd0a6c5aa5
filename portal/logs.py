"""Logging settings: JSON Lines on standard error, each with the id of its request."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from portal.redaction import redact, redact_text

current_request: ContextVar[str] = ContextVar("current_request", default="")  # its id


class JSONFormatter(logging.Formatter):
    """Formats a record as JSON in ASCII, without tokens and query strings.

    The keys of `extra={"context": {…}}` are added to the object.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request.get():
            line["request_id"] = request_id
        line |= getattr(record, "context", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(redact(line), default=redact_object)


def redact_object(value: object) -> str:
    return redact_text(str(value))


def logging_settings(debug: bool) -> dict[str, Any]:
    """Return the LOGGING setting. With `debug`: plain text, and no requests, which the development server
    logs.
    """
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": JSONFormatter},
            "text": {"format": "{levelname} {name}: {message}", "style": "{"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "text" if debug else "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "portal": {"level": "INFO"},
            "portal.requests": {"level": "WARNING" if debug else "INFO"},
            "django": {"handlers": [], "level": "INFO"},
            "django.request": {"level": "ERROR"},  # a 404 is in the log of requests
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # any client can cause one
        },
    }
