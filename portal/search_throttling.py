"""A limit for the searches of one client in a minute (SEARCH_RATE)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from practices.values.rate_limit import seconds_to_wait

EXEMPT = ("/api/", "/admin/", "/static/", "/media/", "/healthz/")  # own limits, or no search


def search_throttling_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Answer 429 to a client that searched too often.

    Searches are pages, feeds and suggestions with `q`, and practices with a link back to a search (`in`).
    """

    def respond(request: HttpRequest) -> HttpResponse:
        seconds = seconds_to_wait(request) if is_search(request) else 0
        if not seconds:
            return get_response(request)
        response = render(request, "429.html", {"seconds": seconds}, status=429)
        response.headers["Retry-After"] = str(seconds)
        return response

    return respond


def is_search(request: HttpRequest) -> bool:
    if request.path.startswith(EXEMPT) or not request.META.get("QUERY_STRING"):
        return False
    return bool(request.GET.get("q", "").strip() or request.GET.get("in", ""))
