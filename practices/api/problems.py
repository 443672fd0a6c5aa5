"""Errors as problem documents (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

MOST_SHOWN = 10_000  # letters of a wrong value
MEDIA_TYPE = "application/problem+json"


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
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
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))
    request = context["request"]
    return Response(problem(error, request), error.status_code, headers=headers, content_type=MEDIA_TYPE)


def problem(error: exceptions.APIException, request: HttpRequest) -> dict[str, Any]:
    """The document: `errors` names each field with the value sent and what is wrong with it."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(error.status_code).phrase,
        "status": error.status_code,
    }
    if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict):
        document["errors"] = [
            {
                "field": field,
                "value": Truncator(", ".join(request.GET.getlist(field))).chars(MOST_SHOWN),
                "message": str(message),
            }
            for field, messages in error.detail.items()
            for message in messages
        ]
        document["detail"] = " ".join(f"{entry['field']}: {entry['message']}" for entry in document["errors"])
    else:
        document["detail"] = str(error.detail)
    return document


def unknown_address(request: HttpRequest, rest: str = "") -> JsonResponse:
    """404 for addresses below the API that lead nowhere."""
    document = {
        "type": "about:blank",
        "title": HTTPStatus.NOT_FOUND.phrase,
        "status": 404,
        "detail": _("There is nothing at this address. The API begins at %(address)s.")
        % {"address": "/api/v1/"},
    }
    return JsonResponse(document, status=404, content_type=MEDIA_TYPE)
