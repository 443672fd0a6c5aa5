"""Errors as problem documents (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.views import exception_handler

from practices.documents import to_json

MOST_SHOWN = 10_000  # letters of a wrong value
UNREADABLE = gettext_lazy("The request cannot be read: it is malformed, or has too many parameters.")
MEDIA_TYPE = "application/problem+json"


class Gone(exceptions.APIException):
    """What was public once and is no more."""

    status_code = 410


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: None for errors that are ours to mend, a problem document for the rest."""
    if isinstance(error, SuspiciousOperation):  # what Django itself refuses to read
        error = exceptions.ParseError(UNREADABLE)
    answer = exception_handler(error, context)
    if answer is None:
        return None
    errors = wrong_values(error, context["request"])
    said = " ".join(f"{entry['field']}: {entry['message']}" for entry in errors) or answer.data["detail"]
    response = problem(answer.status_code, said, errors)
    if wait := answer.headers.get("Retry-After"):
        response.headers["Retry-After"] = wait
    return response


def wrong_values(error: Exception, request: HttpRequest) -> list[dict[str, str]]:
    """Of each parameter that is wrong the value sent and what is accepted."""
    if not isinstance(error, exceptions.ValidationError):
        return []
    return [
        {
            "field": field,
            "value": Truncator(", ".join(request.GET.getlist(field))).chars(MOST_SHOWN),
            "message": str(message),
        }
        for field, messages in error.detail.items()
        for message in messages
    ]


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    document: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    document |= {"errors": errors} if errors else {}
    return HttpResponse(to_json(document | {"detail": detail}), status=status, content_type=MEDIA_TYPE)


def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """404 for addresses below the API that lead nowhere."""
    detail = _("There is nothing at this address. The API begins at %(address)s.")
    return problem(404, detail % {"address": "/api/v1/"})
