"""What a door refuses, as REST framework’s errors, and how they become problem documents."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import ngettext
from rest_framework import exceptions
from rest_framework.views import exception_handler

from practices.serializers.problems import ONLY_READS, UNREADABLE, problem

MOST_SHOWN = 10_000  # letters of a wrong value
MOST_OF_A_NAME = 100  # letters of a parameter that does not exist
DJANGO_CODES = {"max_length": "too_long", "null_characters_not_allowed": "invalid_text"}


class Gone(exceptions.APIException):
    """What was public once and is no more."""

    status_code = 410
    default_code = "gone"


def problem_response(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler: None for errors that are ours to mend, a problem document for the rest."""
    if isinstance(error, SuspiciousOperation):  # what Django itself refuses to read
        error = exceptions.ParseError(UNREADABLE, "unreadable_request")
    answer = exception_handler(error, context)
    if answer is None:
        return None
    errors = wrong_values(error, context["request"])
    listed = " ".join(f"{entry['field']}: {entry['message']}" for entry in errors)
    message = listed or in_words(error, answer.data)
    # Of wrong parameters each has a code of its own.
    response = problem(answer.status_code, message, errors, "" if errors else code_of(error))
    if wait := answer.headers.get("Retry-After"):
        response.headers["Retry-After"] = wait
    return response


def in_words(error: Exception, data: dict[str, Any]) -> str:
    """What is wrong and what to do: our own words where REST framework has some."""
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
    """The code that the error was raised with; none where REST framework gave its own."""
    code = getattr(getattr(error, "detail", ""), "code", "")
    return "" if code == getattr(error, "default_code", "") else code


def wrong_values(error: Exception, request: HttpRequest) -> list[dict[str, str]]:
    """Of each parameter that is wrong the value sent, what is accepted, and a code for the kind of error."""
    if not isinstance(error, exceptions.ValidationError):
        return []
    return [
        {
            "field": Truncator(field).chars(MOST_OF_A_NAME),
            "value": Truncator(", ".join(request.GET.getlist(field))).chars(MOST_SHOWN),
            "code": DJANGO_CODES.get(message.code, message.code),
            "message": str(message),
        }
        for field, messages in error.detail.items()
        for message in messages
    ]
