"""The rate limit for each network. It is generous: it stops only programs that run out of control."""

from typing import Any

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from practices.values.rate_limit import WINDOW, count_request


class NetworkThrottle(BaseThrottle):
    """Counts the requests of each network by the minute, in the cache.

    The response says how many are left (RateLimit header fields of the IETF's HTTPAPI group).
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        if not settings.API_RATE:
            return True
        count, self.seconds_left = count_request("api", request.META["REMOTE_ADDR"])
        remaining = max(0, settings.API_RATE - count)
        view.headers |= {
            "RateLimit-Policy": f'"address";q={settings.API_RATE};w={WINDOW}',
            "RateLimit": f'"address";r={remaining};t={self.wait()}',
        }
        return count <= settings.API_RATE

    def wait(self) -> int:
        return self.seconds_left
