"""The URL of Valkey: `valkeys://USER:PASSWORD@HOST:PORT/DATABASE`, checked at start. ADR 0060."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from app.core.addresses import is_this_machine

_ENCRYPTED = {"valkey": False, "redis": False, "valkeys": True, "rediss": True}
"""The schemes, and whether each means TLS."""

DEFAULT_PORT = 6379
FORM = "can't be read; write valkeys://USER:PASSWORD@HOST:PORT"


@dataclass(frozen=True, slots=True)
class ValkeyAddress:
    host: str
    port: int
    database: int
    user: str | None
    password: str | None = field(repr=False)
    is_encrypted: bool

    @property
    def is_safe(self) -> bool:
        """Either TLS protects the connection, or it stays on this machine."""
        return self.is_encrypted or is_this_machine(self.host)


def valkey_address(url: str, *, tls_is_required: bool) -> ValkeyAddress:
    """Raises ValueError, without quoting the URL.

    Valkey on this machine needs no TLS, and `?tls=off` lifts the requirement.
    """
    parts = _split(url)
    if parts.scheme not in _ENCRYPTED:
        raise ValueError("must begin with valkeys:// (TLS) or valkey://")
    address, network_is_trusted = _address(parts), _has_tls_off(parts)
    if tls_is_required and not address.is_safe and not network_is_trusted:
        raise ValueError(
            "must begin with valkeys:// (TLS) in production, unless Valkey is on this machine; "
            "?tls=off at its end is for a network that you trust"
        )
    return address


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        raise ValueError(FORM) from None


def _address(parts: SplitResult) -> ValkeyAddress:
    database = parts.path.removeprefix("/") or "0"
    try:
        port = parts.port or DEFAULT_PORT
    except ValueError:
        raise ValueError(FORM) from None
    if not parts.hostname or parts.fragment or not database.isdecimal():
        raise ValueError(FORM)
    return ValkeyAddress(
        host=parts.hostname,
        port=port,
        database=int(database),
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        is_encrypted=_ENCRYPTED[parts.scheme],
    )


def _has_tls_off(parts: SplitResult) -> bool:
    """Raises ValueError for any other query: a misspelt option must not be ignored."""
    if parts.query and parse_qs(parts.query, keep_blank_values=True) != {"tls": ["off"]}:
        raise ValueError("knows no option but ?tls=off")
    return bool(parts.query)
