"""IP addresses: their shortest form, the network of a subscriber, and where one leads."""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

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
    is not an IP address is returned as it is.
    """
    return _network(host, 64)


def site_network(host: str) -> str:
    """The network of one home or office: an IPv4 address, or the /56 of an IPv6 address.

    Providers give a site a /56 (RFC 6177), which is 256 networks of the size that
    `subscriber_network` returns. Other text is returned as there.
    """
    return _network(host, 56)


def _network(host: str, ipv6_bits: int) -> str:
    address = shortest(host)
    if address is None:
        return host[:64]
    if ":" not in address:
        return address
    return str(ip_network((address, ipv6_bits), strict=False))


def is_this_machine(host: str) -> bool:
    """`localhost`, or a loopback address."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


_CARRIES_IPV4 = (ip_network("64:ff9b::/96"), ip_network("::/96"))
"""IPv6 networks whose last 32 bits are an IPv4 address: of NAT64, and of an old form."""

type IpAddress = IPv4Address | IPv6Address


def leads_outside(address: IpAddress) -> bool:
    """Whether an address is public: not of this machine, its networks or its link.

    An IPv6 address that stands for an IPv4 address is judged as that one. A gateway or the system
    itself would connect to it.
    """
    inner = _carried_ipv4(address)
    if inner is not None:
        return leads_outside(inner)
    return address.is_global and not (address.is_multicast or address.is_reserved)


def leads_to_loopback(address: IpAddress) -> bool:
    """In any form of the address."""
    return address.is_loopback or (_carried_ipv4(address) or address).is_loopback


def _carried_ipv4(address: IpAddress) -> IPv4Address | None:
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if any(address in network for network in _CARRIES_IPV4) and int(address) > 1:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def literal_address(host: str) -> IpAddress | None:
    """The address that a host writes out, or None for a name.

    The system takes `2130706433`, `0x7f.1` and `127.1` for addresses, too.
    """
    host = host.strip("[]").partition("%")[0]
    try:
        return ip_address(host)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None
