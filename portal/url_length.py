"""A limit for the length of URLs: 414 beyond it."""

from collections.abc import Callable
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _

from portal.headers import API
from practices.serializers.problems import problem

# Bytes of the path and the query, percent-encoded. RFC 9110, section 4.1, recommends to support as many.
# Responses may repeat the URL in a header, which proxies and clients limit too.
MAX_URL_BYTES = 8_000
SAFE_CHARACTERS = "/#%[]=:;$&()+,!?*@'~"  # as Django's iri_to_uri()


def url_length_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. No database query."""

    def respond(request: HttpRequest) -> HttpResponse:
        length = url_length(request)
        if length <= MAX_URL_BYTES:
            return get_response(request)
        if request.path.startswith(API):
            detail = _("The address is too long: %(length)d bytes. The maximum is %(most)d.")
            return problem(414, detail % {"length": length, "most": MAX_URL_BYTES})
        return render(request, "414.html", {"length": length, "most": MAX_URL_BYTES}, status=414)

    return respond


def url_length(request: HttpRequest) -> int:
    """The number of bytes of the path and the query, percent-encoded as in a header."""
    query = request.META.get("QUERY_STRING", "")  # its bytes as Latin-1 (PEP 3333)
    encoded = quote(query, safe=SAFE_CHARACTERS, encoding="latin-1", errors="replace")
    return len(escape_uri_path(request.path)) + len(encoded) + bool(query)
