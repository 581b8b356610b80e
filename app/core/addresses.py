"""IP addresses of callers: one spelling for each, and the network that one subscriber has."""

from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
"""In place of an address, where a caller has none: on a local socket, in a job."""


def shortest(host: str) -> str | None:
    """An IP address in its shortest form, or None for anything else (a local socket, a name).

    An IPv4 address mapped into IPv6, as a socket for both kinds sees it, becomes the IPv4 one.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def subscriber_network(host: str) -> str:
    """The network of one subscriber: an IPv4 address, or the whole /64 of an IPv6 address.

    Every IPv6 line gets a /64 at least, so single addresses of it do not tell callers apart. Text
    that is no IP address stands for itself.
    """
    address = shortest(host)
    if address is None:
        return host[:64]
    if ":" not in address:
        return address
    return str(ip_network((address, 64), strict=False))
