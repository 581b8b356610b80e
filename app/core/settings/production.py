"""What only production refuses: settings that are for tests, or that trust or name nothing real."""

from collections.abc import Iterator, Mapping
from email.utils import parseaddr
from ipaddress import ip_network
from urllib.parse import urlsplit

STAND_INS = "/dev/"
"""The beginning of the path of each fake provider of `linky dev`."""


def leads_to_fake_provider(url: str | None) -> bool:
    """Whether the discovery document is one of `linky dev`."""
    return url is not None and urlsplit(url).path.startswith(STAND_INS)


def _why_unsafe(url: str | None) -> str | None:
    """Why production may not trust this discovery document. None if it may."""
    if url is None:
        return None
    if not url.startswith("https://"):
        return "must begin with https://"
    if leads_to_fake_provider(url):
        return "leads to a fake provider of `linky dev`"
    return None


EVERYONE = "*"


def ensure_proxies(value: tuple[str, ...]) -> tuple[str, ...]:
    """Raises ValueError unless each is an address, a network or `*`, in any environment.

    A peer is compared by its address. So a name would never match, and all callers would count as
    one, without an error.
    """
    for proxy in value:
        if proxy != EVERYONE and not _is_network(proxy):
            raise ValueError(
                "each is an IP address (127.0.0.1) or a network (10.20.0.0/16), not a name"
            )
    if EVERYONE in value and len(value) > 1:
        raise ValueError("`*` stands alone")
    return value


def _is_network(written: str) -> bool:
    try:
        ip_network(written)
    except ValueError:
        return False
    return True


def unsafe_proxies(proxies: tuple[str, ...]) -> Iterator[str]:
    """`LINKY_TRUSTED_PROXIES`: who is trusted may give itself any address."""
    if any(proxy == EVERYONE or ip_network(proxy).prefixlen == 0 for proxy in proxies):
        yield "LINKY_TRUSTED_PROXIES must not trust every address; name your proxy's"


def unsafe_addresses(urls: Mapping[str, str | None]) -> Iterator[str]:
    """Addresses of services outside, by the names of their settings. Tests lead them elsewhere."""
    for name, url in urls.items():
        if why := _why_unsafe(url):
            yield f"{name} {why}"


def unsafe_sender(mail: str, mail_from: str) -> Iterator[str]:
    """`LINKY_MAIL_FROM`: other servers drop mail from a domain that is not the installation's."""
    address = parseaddr(mail_from)[1]
    if mail != "file" and ("@" not in address or address.endswith("@localhost")):
        yield (
            f"LINKY_MAIL_FROM must be an address of your domain if LINKY_MAIL is {mail}, such as "
            "no-reply@linky.example; a name before it, with a comma, stands in quotes"
        )
