"""Errors as problem documents (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.views import set_rollback

from practices.documents import to_json

MOST_SHOWN = 10_000  # letters of a wrong value
MEDIA_TYPE = "application/problem+json"


class Gone(exceptions.APIException):
    """What was public once and is no more."""

    status_code = 410


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: None for errors that are ours to mend, a problem document for the rest."""
    if isinstance(error, Http404):
        error = exceptions.NotFound(*(error.args[:1] or [None]))
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, SuspiciousOperation):  # what Django itself refuses to read
        error = exceptions.ParseError(
            _("The request cannot be read: it is malformed, or has too many parameters.")
        )
    if not isinstance(error, exceptions.APIException):
        return None
    set_rollback()
    response = problem(error.status_code, *told(error, context["request"]))
    if wait := getattr(error, "wait", None):
        response.headers["Retry-After"] = str(int(wait))
    return response


def told(error: exceptions.APIException, request: HttpRequest) -> tuple[str, list[dict[str, str]]]:
    """What is wrong in a sentence; and for each parameter that is, the value sent and what is accepted."""
    if not (isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict)):
        return str(error.detail), []
    errors = [
        {
            "field": field,
            "value": Truncator(", ".join(request.GET.getlist(field))).chars(MOST_SHOWN),
            "message": str(message),
        }
        for field, messages in error.detail.items()
        for message in messages
    ]
    return " ".join(f"{entry['field']}: {entry['message']}" for entry in errors), errors


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None) -> HttpResponse:
    document: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    document |= {"errors": errors} if errors else {}
    return HttpResponse(to_json(document | {"detail": detail}), status=status, content_type=MEDIA_TYPE)


def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponse:
    """404 for addresses below the API that lead nowhere."""
    detail = _("There is nothing at this address. The API begins at %(address)s.")
    return problem(404, detail % {"address": "/api/v1/"})
