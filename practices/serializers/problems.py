"""Errors as problem documents (RFC 9457)."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from practices.serializers.fields import to_json

UNREADABLE = gettext_lazy("The request is malformed or has too many parameters.")
ONLY_READS = gettext_lazy("The API is read-only. Use GET or HEAD.")
MEDIA_TYPE = "application/problem+json"
# What a program tells problems apart by, where the place that raises them names nothing finer.
CODES = {
    400: "invalid_parameters",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    410: "gone",
    414: "address_too_long",
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


@csrf_exempt  # nothing here changes anything, and a program has no form to reload
def unknown_address(request: HttpRequest, rest: str = "") -> HttpResponseBase:
    """Return 404 for unknown URLs below the API, for every method.

    An address without its final slash leads to the right one (308, RFC 9110); methods that the API does not
    have are refused as there.
    """
    match = with_slash(request)
    if match and request.method in {"GET", "HEAD"}:
        return HttpResponse(status=308, headers={"Location": request.get_full_path(force_append_slash=True)})
    if match:
        return match.func(request, *match.args, **match.kwargs)
    detail = _("There is nothing at this address. The API starts at %(address)s.")
    return problem(404, detail % {"address": "/api/v1/"}, code="unknown_address")


def with_slash(request: HttpRequest) -> ResolverMatch | None:
    """Return the view of the URL with a final slash, if only the slash is missing."""
    if request.path_info.endswith("/"):
        return None
    try:
        match = resolve(f"{request.path_info}/")
    except Resolver404:
        return None
    return None if match.func is unknown_address else match
