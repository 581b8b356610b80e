"""LINE Login: ES256 from the SDK, HS256 under the channel secret from the browser."""

from typing import Any

from joserfc.jwk import OctKey

from app.auth.enums import SocialProvider
from app.auth.providers.base import IdentityProvider, decode, ensure_signed_by
from app.core.clock import Clock
from app.core.config import Settings


class LineProvider(IdentityProvider):
    name = SocialProvider.LINE
    issuers = ("https://access.line.me",)
    native_algorithm = "ES256"
    known_discovery_url = "https://access.line.me/.well-known/openid-configuration"
    # `email` has to be applied for on the channel, and nothing of ours needs it.
    scope = "openid profile"
    picture_hosts = frozenset(
        {"profile.line-scdn.net", "sprofile.line-scdn.net", "obs.line-scdn.net"}
    )

    def __init__(self, settings: Settings, clock: Clock) -> None:
        channel = settings.line_channel_id
        super().__init__(clock, (channel,) if channel else (), channel, settings.line_discovery_url)
        self._secret = settings.line_channel_secret

    @classmethod
    def is_configured(cls, settings: Settings) -> bool:
        return settings.line_channel_id is not None

    def client_secret(self) -> str | None:
        return self._secret.get_secret_value() if self._secret else None

    async def _read_web(self, id_token: Any) -> dict[str, Any]:
        """By the channel secret: only what came straight from LINE's token endpoint."""
        ensure_signed_by(id_token, "HS256", kid_needed=False)
        return decode(id_token, OctKey.import_key(self.client_secret() or ""), "HS256")
