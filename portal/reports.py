"""Reports errors to the Sentry that SENTRY_DSN names, if it does; without anybody’s data."""

import os

from django.core.exceptions import ImproperlyConfigured

from portal.confidential import hidden
from portal.environment import refuse


def start(name: str) -> None:
    """No cookies, bodies, addresses of people or values of variables: they hold drafts and passwords."""
    address = os.environ.get(name, "").strip()
    if not address:
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
            dsn=address,
            max_request_body_size="never",
            include_local_variables=False,
            before_send=without_questions,
            before_breadcrumb=lambda crumb, hint: hidden(crumb),
        )
    except BadDsn:
        raise refuse(name, "…", "the DSN of a project: https://key@host/number") from None


def without_questions(event: dict, hint: dict) -> dict:
    """The event without what people searched for and without tokens; cookies are none of its business."""
    request = event.get("request", {})
    for part in ("query_string", "cookies", "data"):
        request.pop(part, None)
    headers = request.get("headers", {})
    for name in [name for name in headers if name.lower() in {"referer", "cookie", "authorization"}]:
        del headers[name]
    return hidden(event)
