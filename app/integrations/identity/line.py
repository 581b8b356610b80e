"""LINE Login. Its SDK gets tokens with ES256, the browser with HS256 under the channel secret."""

from joserfc.jwk import OctKey

from app.core.clock import Clock
from app.core.config import Settings
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.id_tokens import Claims, decode, ensure_signed_by


class LineProvider(IdentityProvider):
    name = SocialProvider.LINE
    issuers = ("https://access.line.me",)
    native_algorithm = "ES256"
    known_discovery_url = "https://access.line.me/.well-known/openid-configuration"
    # LINE gives `email` only to channels that apply for it. We do not need it.
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

    async def _read_web(self, id_token: object) -> Claims:
        """Call it only with tokens straight from LINE's token endpoint: they are signed with the
        channel secret.
        """
        token = ensure_signed_by(id_token, "HS256", kid_needed=False)
        return decode(token, OctKey.import_key(self.client_secret() or ""), "HS256")
