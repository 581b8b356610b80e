"""The operator's hooks in the settings: addresses of webhooks and picture check, and the secret.

The settings refuse what is malformed. Where a name leads to is checked at each call
(`app/integrations/hooks`).
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Annotated, Protocol
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, SecretStr

from app.core.addresses import leads_outside, leads_to_loopback, literal_address

SECRET_PREFIX = "whsec_"
MIN_SECRET_BYTES = 24
"""Standard Webhooks asks for 24 to 64 bytes."""

LONGEST_URL = 2000


def hook_secret(value: str) -> bytes:
    """The bytes that sign. Raises ValueError, without quoting the secret.

    `whsec_` and base64 is the form of Standard Webhooks; any other text signs as it is.
    """
    if not value.startswith(SECRET_PREFIX):
        return value.encode()
    try:
        secret = base64.b64decode(value.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("has no valid base64 behind whsec_") from None
    if not secret:
        raise ValueError("has nothing behind whsec_")
    return secret


def _be_a_hook_address(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        _parsed(value.get_secret_value())
    return value


def _parsed(url: str) -> SplitResult:
    """Raises ValueError, without quoting the URL: it may hold a token."""
    if len(url) > LONGEST_URL:
        raise ValueError(f"is longer than {LONGEST_URL} characters")
    if any(sign.isspace() or not sign.isprintable() or sign == "\\" for sign in url):
        raise ValueError("has a space, a backslash or an invisible character")
    parts = _split(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with https:// (or http:// in development)")
    if not parts.hostname:
        raise ValueError("names no host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password; put a token into the path")
    if parts.fragment:
        raise ValueError("must not have a fragment (#)")
    return parts


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("is not a web address") from None
    return parts


def _be_a_secret(value: SecretStr | None) -> SecretStr | None:
    if value is not None:
        hook_secret(value.get_secret_value())
    return value


HookUrl = Annotated[SecretStr | None, AfterValidator(_be_a_hook_address)]
"""A secret, because services put tokens into such addresses."""

HookSecret = Annotated[SecretStr | None, AfterValidator(_be_a_secret)]


class HookSettings(Protocol):
    @property
    def is_production(self) -> bool: ...
    @property
    def webhook_url(self) -> SecretStr | None: ...
    @property
    def webhook_secret(self) -> SecretStr | None: ...
    @property
    def picture_check_url(self) -> SecretStr | None: ...


def wrong_hooks(settings: HookSettings) -> Iterator[str]:
    """What is unsafe or missing, as sentences for the operator."""
    # The secret signs the calls of the picture check, too, which does not need it.
    signs = (settings.webhook_url, settings.picture_check_url)
    if settings.webhook_secret is None:
        is_half = settings.webhook_url is not None
    else:
        is_half = signs == (None, None)
    if is_half:
        yield "LINKY_WEBHOOK_URL and LINKY_WEBHOOK_SECRET must be set together"
    for name, url in (
        ("LINKY_WEBHOOK_URL", settings.webhook_url),
        ("LINKY_PICTURE_CHECK_URL", settings.picture_check_url),
    ):
        if url is not None:
            yield from _wrong_address(name, url.get_secret_value(), settings.is_production)
    secret = settings.webhook_secret
    if settings.is_production and secret is not None and _is_short(secret):
        yield f"LINKY_WEBHOOK_SECRET must have at least {MIN_SECRET_BYTES} bytes in production"


def _is_short(secret: SecretStr) -> bool:
    return len(hook_secret(secret.get_secret_value())) < MIN_SECRET_BYTES


def _wrong_address(name: str, url: str, is_production: bool) -> Iterator[str]:
    parts = _parsed(url)
    if is_production and parts.scheme != "https":
        yield f"{name} must begin with https:// in production"
    host = (parts.hostname or "").rstrip(".")
    address = literal_address("127.0.0.1" if _is_localhost(host) else host)
    if address is None or leads_outside(address):
        return
    if is_production or not leads_to_loopback(address):
        yield f"{name} must not lead to this machine or into its networks"


def _is_localhost(host: str) -> bool:
    return host == "localhost" or host.endswith(".localhost")
