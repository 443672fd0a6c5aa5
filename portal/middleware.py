"""Middleware: response headers that Django does not set, limits, and health checks."""

from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import has_vary_header
from django.utils.encoding import escape_uri_path
from django.utils.translation import gettext as _

from portal.health import LIVE, READY, readiness
from practices.serializers.problems import problem
from practices.values.rate_limit import seconds_to_wait

# Browser features that no page uses. Browsers log a warning for names that they do not know.
DISABLED_FEATURES = [
    *(
        "accelerometer",
        "autoplay",
        "camera",
        "display-capture",
        "encrypted-media",
        "geolocation",
        "gyroscope",
    ),
    *("magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "usb"),
    "xr-spatial-tracking",
]
# The content security policy: nothing inline, nothing from other hosts. The search box connects to get
# suggestions.
CSP_DIRECTIVES = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
}
CSP = "Content-Security-Policy"
SECURITY_HEADERS = {
    CSP: "; ".join(f"{what} {where}" for what, where in CSP_DIRECTIVES.items()),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in DISABLED_FEATURES),
}


# Public data that scripts of any site may read (CORS), without cookies and credentials.
API = "/api/"
OPEN_PAGES = {"feed", "suggest", "cite"}  # URL names
OPEN_HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
    ),
}
# Allows headers that clients often send. The portal never reads credentials among them.
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Authorization, Cache-Control, Content-Type, If-Modified-Since, "
        "If-None-Match, Pragma, X-Requested-With"
    ),
    "Access-Control-Max-Age": "86400",
}
# Caches may store public pages for some seconds, so that a change is visible everywhere within ten. While the
# portal is down they may serve them for another minute, which covers an upgrade; no longer, since a practice
# that was withdrawn must not come back. Browsers revalidate each time.
STALE_SECONDS = 60
SHARED = f"public, max-age=0, s-maxage=5, stale-while-revalidate=5, stale-if-error={STALE_SECONDS}"
PRIVATE = "private, no-store"
PUBLIC_STATUSES = {200, 301, 308, 404, 410}  # the same for everybody

# Bytes of the path and the query, percent-encoded. RFC 9110, section 4.1, recommends to support as many.
# Responses may repeat the URL in a header, which proxies and clients limit too.
MAX_URL_BYTES = 8_000
SAFE_CHARACTERS = "/#%[]=:;$&()+,!?*@'~"  # as Django's iri_to_uri()

EXEMPT = ("/api/", "/admin/", "/static/", "/media/", "/healthz/")  # own limits, or no search


def cache_control_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Set Cache-Control where the view did not: public unless the response depends on a user."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = SHARED if is_public(request, response) else PRIVATE
        return response

    return respond


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method in {"GET", "HEAD"}
        and response.status_code in PUBLIC_STATUSES
        and not response.cookies
        and not has_vary_header(response, "Cookie")
    )


def is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.path.startswith(API) or bool(match and match.view_name in OPEN_PAGES)


def security_headers_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Django sets further headers (portal/settings.py)."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        headers = SECURITY_HEADERS
        if is_open(request):
            if request.method == "OPTIONS" and response.status_code == 405:  # a CORS preflight request
                response = HttpResponse(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})
            headers = headers | OPEN_HEADERS | (PREFLIGHT_HEADERS if request.method == "OPTIONS" else {})
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if settings.DEBUG and response.status_code in {404, 500}:  # Django’s own page has an inline style
            del response.headers[CSP]
        return response

    return respond


def url_length_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Answer 414 to a URL that is too long."""

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


def health_middleware(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware, before any that checks the host: monitoring on the machine asks 127.0.0.1.

    /healthz/ answers 503 unless the database answers, is migrated and has a complete search index (about 30
    queries). /healthz/live/ makes no query. The log says what is wrong.
    """

    def respond(request: HttpRequest) -> HttpResponse:
        if request.path not in {READY, LIVE}:
            return get_response(request)
        checks = readiness() if request.path == READY else {}
        healthy = all(checks.values())
        response = JsonResponse(
            {"status": "ok" if healthy else "failing", **checks}, status=200 if healthy else 503
        )
        response.headers["Cache-Control"] = "no-store"
        return response

    return respond
