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


def security_headers(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable:
    """Middleware. Content-Security-Policy is set by django-csp, the others by Django (portal/settings.py)."""

    def respond(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        for name, value in SECURITY_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return respond
