"""Limits how many searches of the site one client may make in a minute."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from practices.values.rate_limit import seconds_to_wait

ELSEWHERE = ("/api/", "/admin/", "/static/", "/media/", "/healthz/")  # have limits of their own, or no search


def limited_searches(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Counts what searches: pages, feeds and suggestions with `q`, and practices with a way back
    to a search (`in`). Answers 429 to an address with more than SEARCH_RATE of them in a minute."""

    def respond(request: HttpRequest) -> HttpResponse:
        seconds = seconds_to_wait(request) if searches(request) else 0
        if not seconds:
            return get_response(request)
        response = render(request, "429.html", {"seconds": seconds}, status=429)
        response.headers["Retry-After"] = str(seconds)
        return response

    return respond


def searches(request: HttpRequest) -> bool:
    if request.path.startswith(ELSEWHERE) or not request.META.get("QUERY_STRING"):
        return False
    return bool(request.GET.get("q", "").strip() or request.GET.get("in", ""))
