"""Errors as problem documents (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from practices.documents import to_json

UNREADABLE = gettext_lazy("The request cannot be read: it is malformed, or has too many parameters.")
MEDIA_TYPE = "application/problem+json"
# What a program tells problems apart by, where the place that raises them names nothing finer.
CODES = {
    400: "invalid_parameters",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    410: "gone",
    429: "too_many_requests",
    500: "internal_error",
    503: "unavailable",
}


def problem(
    status: int, detail: str, errors: list[dict[str, str]] | None = None, code: str = ""
) -> HttpResponse:
    """A problem document. `code` is a stable name for the kind of problem, by the status unless given."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code or CODES.get(status, "error"),
    }
    document |= {"errors": errors} if errors else {}
    return HttpResponse(to_json(document | {"detail": detail}), status=status, content_type=MEDIA_TYPE)


def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """404 for addresses below the API that lead nowhere."""
    detail = _("There is nothing at this address. The API begins at %(address)s.")
    return problem(404, detail % {"address": "/api/v1/"}, code="unknown_address")
