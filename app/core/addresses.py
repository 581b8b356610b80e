"""IP addresses: their shortest form, a subscriber's network, and whether one is this machine."""

from ipaddress import IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
"""Instead of an address, for a caller without one: on a local socket, in a job."""


def shortest(host: str) -> str | None:
    """An IP address in its shortest form, or None for anything else (a local socket, a name).

    An IPv4 address mapped into IPv6 becomes the IPv4 address.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def subscriber_network(host: str) -> str:
    """The network of one subscriber: an IPv4 address, or the whole /64 of an IPv6 address.

    An IPv6 subscriber has a /64 at least, so a single address does not identify a caller. Text that
    is no IP address is returned as it is.
    """
    address = shortest(host)
    if address is None:
        return host[:64]
    if ":" not in address:
        return address
    return str(ip_network((address, 64), strict=False))


def is_this_machine(host: str) -> bool:
    """Whether a host is `localhost` or a loopback address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
