"""Response headers that Django does not set itself, for pages, data and static files."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import has_vary_header

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
