"""Google: RS256, two spellings of its issuer, and a client id for each platform."""

import re

from app.core.clock import Clock
from app.core.settings.config import Settings
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.enums import SocialProvider

_SIZE = re.compile(r"=s\d{1,4}-c$")
"""The end of a picture's address: the size of the square in pixels."""


class GoogleProvider(IdentityProvider):
    name = SocialProvider.GOOGLE
    issuers = ("https://accounts.google.com", "accounts.google.com")
    native_algorithm = "RS256"
    known_discovery_url = "https://accounts.google.com/.well-known/openid-configuration"
    scope = "openid email profile"
    # For years, Google's SDKs could not set a nonce. On iOS the SDK sets its own.
    nonce_needed = False
    picture_hosts = frozenset(f"lh{number}.googleusercontent.com" for number in range(3, 7))

    def __init__(self, settings: Settings, clock: Clock) -> None:
        ids = settings.google_client_ids
        super().__init__(clock, ids, ids[0] if ids else None, settings.google_discovery_url)
        self._secret = settings.google_client_secret

    @classmethod
    def is_configured(cls, settings: Settings) -> bool:
        return bool(settings.google_client_ids)

    def client_secret(self) -> str | None:
        return self._secret.get_secret_value() if self._secret else None

    def picture_address(self, claimed: str) -> str:
        """The token has the address of 96 pixels. We fetch the size that we show."""
        return _SIZE.sub("=s400-c", claimed)
