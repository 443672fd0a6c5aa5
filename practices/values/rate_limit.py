"""A rate limit: the requests of a kind by a network in the current minute, counted in the cache."""

from math import ceil
from time import time

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest

from practices.values.client_network import network_of

WINDOW = 60  # seconds


def count_request(kind: str, address: str) -> tuple[int, int]:
    """Count a request by the network of an address (practices/values/client_network.py). Return its number in
    this minute, and the seconds until the next minute.

    If the cache server is lost, or its value is not a number, the count starts again. No query.
    """
    window, elapsed = divmod(time(), WINDOW)
    key = f"{kind}-{network_of(address)}-{window:.0f}"
    cache.add(key, 0, 2 * WINDOW)
    try:
        count = int(cache.incr(key) or 1)
    except (ValueError, TypeError, OverflowError, RecursionError):  # removed from a full cache, or no number
        cache.set(key, 1, 2 * WINDOW)
        count = 1
    return count, ceil(WINDOW - elapsed)


def seconds_to_wait(request: HttpRequest) -> int:
    """Count a search of the site by this client. Returns 0 while it may go on."""
    if not settings.SEARCH_RATE:
        return 0
    count, seconds = count_request("search", request.META["REMOTE_ADDR"])
    return seconds if count > settings.SEARCH_RATE else 0
