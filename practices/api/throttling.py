"""How many requests one network may make. Generous: it is there for programs that run wild."""

from django.conf import settings
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from practices.values.rate_limit import WINDOW, count_request


class PerAddress(BaseThrottle):
    """Counts the requests of each network by the minute, in the cache.

    The answer says how many are left (RateLimit header fields of the IETF's HTTPAPI group).
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        if not settings.API_RATE:
            return True
        count, self.seconds_left = count_request("api", request.META["REMOTE_ADDR"])
        remaining = max(0, settings.API_RATE - count)
        view.rate_headers = {
            "RateLimit-Policy": f'"address";q={settings.API_RATE};w={WINDOW}',
            "RateLimit": f'"address";r={remaining};t={self.wait()}',
        }
        return count <= settings.API_RATE

    def wait(self) -> int:
        return self.seconds_left
