"""The origin of a request: its address for the audit log, and its network for every limit."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

IPV6_PREFIX = 64  # bits: a household or a machine has all addresses of one such network (RFC 6177)


def client_address(request: HttpRequest) -> str:
    """Return the address that the outermost of our proxies wrote into X-Forwarded-For.

    Entries before it can be forged. If it is not an address, return the address of the peer; empty if there
    is none.
    """
    listed = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    proxies = settings.PROXIES
    written = listed[-proxies] if 0 < proxies <= len(listed) else ""
    found = read_address(written) or read_address(request.META.get("REMOTE_ADDR", ""))
    return str(found) if found else ""


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """Read an address as proxies write it: also with a port, brackets, quotes or a zone.

    An IPv4 address written as IPv6 is that IPv4 address.
    """
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def network_of(address: str) -> str:
    """Return the first address of the network that limits count as one: IPv4 address or 64 bits of IPv6."""
    found = read_address(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, IPV6_PREFIX), strict=False).network_address)
    return str(found) if found else ""
