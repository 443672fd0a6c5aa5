"""Removes tokens and query strings from texts that go into a log."""

import re
from typing import Any

REDACTED = "…"


def percent_encoded(text: str) -> str:
    """A pattern for the text with any of its characters percent-encoded, once or several times."""
    return "".join(f"(?:{re.escape(letter)}|%(?:25)*{ord(letter):02x})" for letter in text)


SLASH, PREVIEW, RESET = map(percent_encoded, ("/", "preview", "reset"))
# The token after /preview/ or /reset/ in a path gives access (site/preview.py, the password reset).
TOKEN_PATH = re.compile(rf"(?i)({SLASH}(?:{PREVIEW}|{RESET}){SLASH})(\S+)")
# A question mark in a URL, the first parameter after it, and all that follows.
QUERY = re.compile(r"(?i)(?:\?|%(?:25)*3f)(?:[\w.~-]|%(?:25)*5[bd]){1,50}(?:=|%(?:25)*3d)\S*")
# Values signed by Django with a timestamp, and tokens of a password reset, anywhere in a text.
SIGNED = re.compile(
    r"(?<![\w-])[\w-]{1,200}:[\w-]{5,7}:[\w-]{43}(?![\w-])|(?<!\w)[0-9a-z]{5,8}-[0-9a-f]{32}(?!\w)"
)


def redact_text(text: str) -> str:
    """The text without tokens and query strings, in linear time: no pattern begins with a repetition."""
    text = QUERY.sub(f"?{REDACTED}", text)
    text = TOKEN_PATH.sub(lambda found: found[1] + REDACTED + "/" * found[2].endswith("/"), text)
    return SIGNED.sub(REDACTED, text)


def redact_path(path: str) -> str:
    """A decoded path without tokens and without the part after a question mark."""
    start, mark, _query = path.partition("?")
    return redact_text(start) + (f"?{REDACTED}" if mark else "")


def redact(value: Any) -> Any:
    """The value with all its texts redacted, also in lists, tuples and dicts and their keys."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {redact(key): redact(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact(item) for item in value]
    return value
