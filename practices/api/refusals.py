"""What a door refuses, as REST framework’s errors, and how they become problem documents."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from rest_framework import exceptions
from rest_framework.views import exception_handler

from practices.api.problems import UNREADABLE, problem

MOST_SHOWN = 10_000  # letters of a wrong value


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
