"""Headers that Django does not set itself, for every answer: pages, data and static files."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header

# What no page of ours ever asks a browser for. Names that browsers do not know make them complain.
REFUSED = [
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
# What a browser may do with our pages: only what they need, nothing inline, nothing from elsewhere. It is the
# search box that connects, to ask for suggestions.
ALLOWED = {
    "default-src": "'none'",
    "base-uri": "'none'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "img-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self'",
}
POLICY = "Content-Security-Policy"
SECURITY_HEADERS = {
    POLICY: "; ".join(f"{what} {where}" for what, where in ALLOWED.items()),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in REFUSED),
}


# What the scripts of any page may read: it is public, and knows neither cookies nor credentials.
API = "/api/"
OPEN_PAGES = {"feed", "suggest", "cite"}  # by the names of their addresses
OPEN_HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": (
        "Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After"
    ),
}
# Headers that programs send by habit are allowed. Credentials among them are never read.
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": (
        "Accept, Accept-Language, Authorization, Cache-Control, Content-Type, If-Modified-Since, "
        "If-None-Match, Pragma, X-Requested-With"
    ),
    "Access-Control-Max-Age": "86400",
}
# Readers' pages: every cache may keep them for some seconds, so that a change is seen everywhere within ten.
# While the portal is down they are served a minute longer, which covers a restart or an upgrade; no more, as
# a practice that was withdrawn must not come back. Browsers ask each time whether theirs is still right.
STALE_SECONDS = 60
SHARED = f"public, max-age=0, s-maxage=5, stale-while-revalidate=5, stale-if-error={STALE_SECONDS}"
PRIVATE = "private, no-store"
ANSWERS = {200, 301, 308, 404, 410}  # that are the same for everybody


def caching(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Who may keep an answer that does not say so: everybody, unless a person shows in it."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = SHARED if is_public(request, response) else PRIVATE
        return response

    return respond


def is_public(request: HttpRequest, response: HttpResponse) -> bool:
    return (
        request.method in {"GET", "HEAD"}
        and response.status_code in ANSWERS
        and not response.cookies
        and not has_vary_header(response, "Cookie")
    )


def is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return request.path.startswith(API) or bool(match and match.view_name in OPEN_PAGES)


def security_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. The others are set by Django (portal/settings.py)."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        headers = SECURITY_HEADERS
        if is_open(request):
            if request.method == "OPTIONS" and response.status_code == 405:  # a browser asks beforehand
                response = HttpResponse(status=204, headers={"Allow": "GET, HEAD, OPTIONS"})
            headers = headers | OPEN_HEADERS | (PREFLIGHT_HEADERS if request.method == "OPTIONS" else {})
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        if settings.DEBUG and response.status_code in {404, 500}:  # Django’s own page, with a style inline
            del response.headers[POLICY]
        return response

    return respond
