"""The exception handler of the API: errors become problem documents (RFC 9457)."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import ngettext
from rest_framework import exceptions
from rest_framework.views import exception_handler

from practices.serializers.problems import ONLY_READS, UNREADABLE, problem

MAX_VALUE_LENGTH = 10_000  # characters of a wrong value in a response
MAX_NAME_LENGTH = 100  # characters of an unknown parameter’s name
DJANGO_CODES = {"max_length": "too_long", "null_characters_not_allowed": "invalid_text"}


class Gone(exceptions.APIException):
    """The response 410, for a resource that is no longer public."""

    status_code = 410
    default_code = "gone"


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """Return a problem document for errors of the client, or None, and REST framework raises the error."""
    if isinstance(error, SuspiciousOperation):  # raised by Django while it reads the request
        error = exceptions.ParseError(UNREADABLE, "unreadable_request")
    answer = exception_handler(error, context)
    if answer is None:
        return None
    errors = wrong_values(error, context["request"])
    listed = " ".join(f"{entry['field']}: {entry['message']}" for entry in errors)
    message = listed or error_message(error, answer.data)
    # Each wrong parameter has its own code in `errors`.
    response = problem(answer.status_code, message, errors, "" if errors else code_of(error))
    if wait := answer.headers.get("Retry-After"):
        response.headers["Retry-After"] = wait
    return response


def error_message(error: Exception, data: dict[str, Any]) -> str:
    """Return what is wrong and what to do, with the portal’s own text for methods and throttling."""
    if isinstance(error, exceptions.MethodNotAllowed):
        return str(ONLY_READS)
    if isinstance(error, exceptions.Throttled):
        return ngettext(
            "You have sent too many requests. Try again in %(seconds)d second.",
            "You have sent too many requests. Try again in %(seconds)d seconds.",
            error.wait,
        ) % {"seconds": error.wait}
    return str(data["detail"])


def code_of(error: Exception) -> str:
    """Return the code that the error was raised with, or an empty string for REST framework’s default."""
    code = getattr(getattr(error, "detail", ""), "code", "")
    return "" if code == getattr(error, "default_code", "") else code


def wrong_values(error: Exception, request: HttpRequest) -> list[dict[str, str]]:
    """Return the name, value, code and message of each wrong parameter. The message says what is accepted."""
    if not isinstance(error, exceptions.ValidationError):
        return []
    return [
        {
            "field": Truncator(field).chars(MAX_NAME_LENGTH),
            "value": Truncator(", ".join(request.GET.getlist(field))).chars(MAX_VALUE_LENGTH),
            "code": DJANGO_CODES.get(message.code, message.code),
            "message": str(message),
        }
        for field, messages in error.detail.items()
        for message in messages
    ]
