"""Apple: RS256, a client secret that we sign ourselves, an answer by a form that it posts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import orjson
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from app.auth.enums import SocialProvider
from app.auth.exceptions import ProviderUnavailable
from app.auth.providers.base import BrowserAnswer, BrowserRequest, Identity, IdentityProvider
from app.core.clock import Clock
from app.core.config import Settings

log = structlog.get_logger(__name__)

ISSUER = "https://appleid.apple.com"
SECRET_LIFETIME = timedelta(minutes=5)
"""Apple takes six months; it is made anew each time."""


class AppleProvider(IdentityProvider):
    name = SocialProvider.APPLE
    issuers = (ISSUER,)
    native_algorithm = "RS256"
    known_discovery_url = f"{ISSUER}/.well-known/openid-configuration"
    scope = "openid email name"
    always_pkce = False  # It says nothing of PKCE, so it is asked for only where it says so.
    extra_parameters: ClassVar[Mapping[str, str]] = {"response_mode": "form_post"}
    posts_back = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        ids = settings.apple_client_ids
        # The bundle id comes first; the browser needs the Services ID behind it.
        super().__init__(clock, ids, ids[-1] if ids else None, settings.apple_discovery_url)
        self._team_id = settings.apple_team_id
        self._key_id = settings.apple_key_id
        self._key_file = settings.apple_private_key

    @classmethod
    def is_configured(cls, settings: Settings) -> bool:
        return bool(settings.apple_client_ids)

    def client_secret(self) -> str | None:
        """A JWT that Apple's key of ours signs. Raises ProviderUnavailable for a broken file."""
        if not (self._team_id and self._key_id and self._key_file):
            return None
        now = self._clock()
        claims = {
            "iss": self._team_id,
            "sub": self._browser_client_id,
            "aud": ISSUER,
            "iat": int(now.timestamp()),
            "exp": int((now + SECRET_LIFETIME).timestamp()),
        }
        try:
            key = ECKey.import_key(self._key_file.read_bytes())
            header = {"alg": "ES256", "kid": self._key_id}
            return jwt.encode(header, claims, key, algorithms=["ES256"])
        except (OSError, ValueError, JoseError) as error:
            log.error("apple_private_key_unreadable", error=type(error).__name__)
            raise ProviderUnavailable from None

    async def redeem(self, request: BrowserRequest, answer: BrowserAnswer) -> Identity:
        """As any; the name is in the form, and at the very first sign-in only."""
        identity = await super().redeem(request, answer)
        return replace(identity, name=identity.name or name_in(answer.user))


def name_in(user: str | None) -> str | None:
    """The name in Apple's `user` field, the family name first as in Japan. Nobody signs it."""
    try:
        name: Any = orjson.loads(user or "")["name"]
        parts = [name.get("lastName"), name.get("firstName")]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    written = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    if all(part.isascii() for part in written):
        written.reverse()
    return " ".join(written) or None
