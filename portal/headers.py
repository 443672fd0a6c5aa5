"""Headers that Django does not set itself, for every answer: pages, data and static files."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

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
SECURITY_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in REFUSED),
}


# The API may be read by the scripts of any page: it is public, and knows no cookie.
API = "/api/"
OPEN_HEADERS = {
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, RateLimit, RateLimit-Policy, Retry-After",
}
PREFLIGHT_HEADERS = {
    "Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, If-None-Match, If-Modified-Since",
    "Access-Control-Max-Age": "86400",
}


def security_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Content-Security-Policy is set by django-csp, the others by Django (portal/settings.py)."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        headers = SECURITY_HEADERS
        if request.path.startswith(API):
            headers = headers | OPEN_HEADERS | (PREFLIGHT_HEADERS if request.method == "OPTIONS" else {})
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    return respond
