"""Removes from a text what no log may hold: tokens of addresses, and queries."""

import re
from typing import Any

HIDDEN = "…"


def encoded(text: str) -> str:
    """A pattern for the text with any of its characters percent-encoded, once or several times."""
    return "".join(f"(?:{re.escape(letter)}|%(?:25)*{ord(letter):02x})" for letter in text)


SLASH = encoded("/")
# What follows /preview/ and /reset/ in a path lets anybody in (views/preview.py, the password reset).
TOKEN_PATH = re.compile(rf"(?i)({SLASH}(?:{encoded('preview')}|{encoded('reset')}){SLASH})(\S+)")
# A question mark in an address, the first name after it, and all that follows.
QUERY = re.compile(r"(?i)(?:\?|%(?:25)*3f)(?:[\w.~-]|%(?:25)*5[bd]){1,50}(?:=|%(?:25)*3d)\S*")
# Values that Django signed with a time, and tokens of a password reset, wherever they stand.
SIGNED = re.compile(
    r"(?<![\w-])[\w-]{1,200}:[\w-]{5,7}:[\w-]{43}(?![\w-])|(?<!\w)[0-9a-z]{5,8}-[0-9a-f]{32}(?!\w)"
)


def without_secrets(text: str) -> str:
    """The text without tokens and queries. The cost is linear: no pattern begins with a repetition."""
    text = QUERY.sub(f"?{HIDDEN}", text)
    text = TOKEN_PATH.sub(lambda found: found[1] + HIDDEN + "/" * found[2].endswith("/"), text)
    return SIGNED.sub(HIDDEN, text)


def public_path(path: str) -> str:
    """A decoded path for the log: without secrets, and without what follows a question mark in it."""
    start, mark, _query = path.partition("?")
    return without_secrets(start) + (f"?{HIDDEN}" if mark else "")


def hidden(value: Any) -> Any:
    """The same for every text of a value: of lists, tuples and dicts, their keys too."""
    if isinstance(value, str):
        return without_secrets(value)
    if isinstance(value, dict):
        return {hidden(key): hidden(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [hidden(item) for item in value]
    return value
