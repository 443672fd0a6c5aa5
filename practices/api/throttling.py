"""How many requests one address may make. Generous: it is there for programs that run wild."""

from math import ceil
from time import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

WINDOW = 60  # seconds


class PerAddress(BaseThrottle):
    """Counts the requests of each address by the minute, in the cache.

    The answer says how many are left (RateLimit header fields of the IETF's HTTPAPI group).
    """

    def allow_request(self, request: Request, view: APIView) -> bool:
        if not settings.API_RATE:
            return True
        window, self.elapsed = divmod(time(), WINDOW)
        key = f"api-{self.get_ident(request)}-{window:.0f}"
        cache.add(key, 0, 2 * WINDOW)
        try:
            count = cache.incr(key) or 1  # a cache server that is lost counts nothing
        except ValueError:  # thrown out of a full cache in between
            count = 1
        remaining = max(0, settings.API_RATE - count)
        view.rate_headers = {
            "RateLimit-Policy": f'"address";q={settings.API_RATE};w={WINDOW}',
            "RateLimit": f'"address";r={remaining};t={self.wait()}',
        }
        return count <= settings.API_RATE

    def wait(self) -> int:
        return ceil(WINDOW - self.elapsed)
