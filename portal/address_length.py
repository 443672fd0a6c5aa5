"""Refuses addresses that are too long, with an answer that says so (414)."""

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _

from portal.headers import API
from practices.serializers.problems import problem

# Bytes of the path and the query as they are sent, percent-encoded. RFC 9110, section 4.1, recommends that
# everybody supports as many. Answers may repeat the address in a header, which proxies and clients limit too.
LONGEST_ADDRESS = 8_000
UNTOUCHED = "/#%[]=:;$&()+,!?*@'~"  # as Django's iri_to_uri()


def limited_address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. No query."""

    def respond(request: HttpRequest) -> HttpResponse:
        length = length_of(request)
        if length <= LONGEST_ADDRESS:
            return get_response(request)
        if request.path.startswith(API):
            detail = _("The address has %(length)d bytes. Accepted: at most %(most)d.")
            return problem(414, detail % {"length": length, "most": LONGEST_ADDRESS})
        return render(request, "414.html", {"length": length, "most": LONGEST_ADDRESS}, status=414)

    return respond


def length_of(request: HttpRequest) -> int:
    """The bytes of the path and the query, percent-encoded as a header repeats them."""
    query = request.META.get("QUERY_STRING", "")  # its bytes as Latin-1 (PEP 3333)
    encoded = quote(query, safe=UNTOUCHED, encoding="latin-1", errors="replace")
    return len(escape_uri_path(request.path)) + len(encoded) + bool(query)
