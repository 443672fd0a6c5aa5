"""Error reports to Sentry (SENTRY_DSN), without personal data."""

import os

from django.core.exceptions import ImproperlyConfigured

from portal.environment import refuse
from portal.redaction import redact


def start_sentry(name: str) -> None:
    """Start Sentry if the environment variable has a DSN.

    Reports contain no cookies, bodies, IP addresses or values of variables: these hold drafts and passwords.
    """
    dsn = os.environ.get(name, "").strip()
    if not dsn:
        return
    try:
        import sentry_sdk
        from sentry_sdk.utils import BadDsn
    except ImportError:
        raise ImproperlyConfigured(
            f"{name} is set, but the package sentry-sdk is missing. "
            f"Install requirements/deploy.txt, or leave {name} empty."
        ) from None
    try:
        sentry_sdk.init(
            dsn=dsn,
            max_request_body_size="never",
            include_local_variables=False,
            before_send=scrub_event,
            before_breadcrumb=lambda crumb, hint: redact(crumb),
        )
    except BadDsn:
        raise refuse(name, "…", "the DSN of a project: https://key@host/number") from None


def scrub_event(event: dict, hint: dict) -> dict:
    """The event without search terms, tokens, cookies and bodies."""
    request = event.get("request", {})
    for part in ("query_string", "cookies", "data"):
        request.pop(part, None)
    headers = request.get("headers", {})
    for name in [name for name in headers if name.lower() in {"referer", "cookie", "authorization"}]:
        del headers[name]
    return redact(event)
