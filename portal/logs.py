"""What the portal writes to its standard error: a JSON object a line, with the request it belongs to."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from portal.confidential import hidden, without_secrets

current_request: ContextVar[str] = ContextVar("current_request", default="")  # its id


class Lines(logging.Formatter):
    """A record as JSON, in ASCII, without tokens and queries; what `extra={"told": {…}}` gives stands beside
    the message."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id := current_request.get():
            line["request_id"] = request_id
        line |= getattr(record, "told", {})
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(hidden(line), default=without_secrets_of)


def without_secrets_of(value: object) -> str:
    return without_secrets(str(value))


def logging_settings(debug: bool) -> dict[str, Any]:
    """For a person at a terminal plain text, and requests as the development server shows them."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "lines": {"()": Lines},
            "text": {"format": "{levelname} {name}: {message}", "style": "{"},
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "text" if debug else "lines"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "portal": {"level": "INFO"},
            "portal.requests": {"level": "WARNING" if debug else "INFO"},
            "django": {"handlers": [], "level": "INFO"},
            "django.request": {"level": "ERROR"},  # what was merely not found has its line among the requests
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can send one, and many do
        },
    }
