"""Apple: RS256, a client secret that we sign ourselves, and an answer that comes by POST."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from app.core.clock import Clock
from app.core.settings.config import Settings
from app.integrations.identity.answers import described, object_in
from app.integrations.identity.base import (
    BrowserAnswer,
    BrowserRequest,
    IdentityProvider,
    Redeemed,
    refresh_token_of,
)
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import ProviderUnavailable
from app.integrations.identity.id_tokens import (
    LEEWAY_SECONDS,
    LONGEST_SUBJECT,
    UNREADABLE,
    Claims,
    ensure_audience,
    ensure_valid,
)

if TYPE_CHECKING:
    from httpx import Response

log = structlog.get_logger(__name__)

ISSUER = "https://appleid.apple.com"
OF_NOTIFICATIONS = ("aud", "exp", "jti")
LATEST_SECONDS = 100_000_000_000
"""A larger number counts milliseconds."""

SECRET_LIFETIME = timedelta(minutes=5)
"""Apple accepts up to six months. We make a new secret for each request."""


@dataclass(frozen=True, slots=True)
class AppleEvent:
    """What a notification of Apple's says about one of its users. `kind` may be any."""

    jti: str
    expires_at: datetime
    kind: str
    subject: str
    email: str | None
    happened_at: datetime


class AppleProvider(IdentityProvider):
    name = SocialProvider.APPLE
    issuers = (ISSUER,)
    native_algorithm = "RS256"
    known_discovery_url = f"{ISSUER}/.well-known/openid-configuration"
    scope = "openid email name"
    # Apple does not document PKCE. We use it if the discovery document offers it.
    always_pkce = False
    extra_parameters: ClassVar[Mapping[str, str]] = {"response_mode": "form_post"}
    posts_back = True
    keeps_tokens = True
    sdk_gives_code = True

    def __init__(self, settings: Settings, clock: Clock) -> None:
        ids = settings.apple_client_ids
        # The bundle id comes first. The last one is the Services ID, for the browser.
        super().__init__(clock, ids, ids[-1] if ids else None, settings.apple_discovery_url)
        self._team_id = settings.apple_team_id
        self._key_id = settings.apple_key_id
        self._key_file = settings.apple_private_key

    @classmethod
    def is_configured(cls, settings: Settings) -> bool:
        return bool(settings.apple_client_ids)

    def client_secret(self, client_id: str | None = None) -> str | None:
        """A JWT signed with our key for Apple. Without a `client_id` it is for the browser.

        Raises ProviderUnavailable if the key's file is broken.
        """
        if not (self._team_id and self._key_id and self._key_file):
            return None
        now = self._clock()
        claims = {
            "iss": self._team_id,
            "sub": client_id or self._browser_client_id,
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

    async def redeem(self, request: BrowserRequest, answer: BrowserAnswer) -> Redeemed:
        """Like the others, but the name comes in the form, and only at the first sign-in."""
        redeemed = await super().redeem(request, answer)
        identity = redeemed.identity
        named = replace(identity, name=identity.name or name_in(answer.user))
        return replace(redeemed, identity=named)

    async def read_notification(self, payload: str) -> AppleEvent:
        """Read what Apple's server has posted. The caller must check that `jti` is new.

        Raises ProviderNotEnabled, InvalidIdToken, ProviderUnavailable.
        """
        self.ensure_configured()
        async with self._in_time():
            try:
                claims = await self._by_published_keys(payload, self.native_algorithm)
                now = self._clock()
                ensure_valid(claims, int(now.timestamp()), self.issuers, OF_NOTIFICATIONS)
                ensure_audience(claims, self._client_ids, self._client_ids)
                return _event_in(claims, now)
            except UNREADABLE as error:
                raise self._refused("notification", error) from None

    async def redeem_native(self, code: str, client_id: str, subject: str) -> str | None:
        """The refresh token for a code that an app's SDK got together with an ID token.

        None if the code has expired, was used, or belongs to another subject. Raises
        ProviderUnavailable.
        """
        async with self._in_time():
            address = (await self._discovery.endpoints()).token
            form = {"grant_type": "authorization_code", "code": code}
            response = await self._post(address, client_id, form)
            if response.status_code != 200:
                log.warning("apple_code_refused", **described(response))
                return None
            tokens = object_in(response)
            try:
                claims = await self._read_web(tokens.get("id_token"))
                identity = self._identity(claims, (client_id,))
            except UNREADABLE as error:
                self._refused("native", error)
                return None
        if identity.subject != subject:
            log.warning("apple_code_of_another_user")
            return None
        return refresh_token_of(tokens)

    async def revoke(self, token: str, client_id: str) -> None:
        """End the connection behind a refresh token. Apple answers 200 to a dead token, too.

        Raises ProviderUnavailable for any other answer: the user is still connected then.
        """
        async with self._in_time():
            address = (await self._discovery.endpoints()).revocation
            form = {"token": token, "token_type_hint": "refresh_token"}
            response = await self._post(address, client_id, form)
        if response.status_code != 200:
            log.error("apple_token_not_revoked", **described(response))
            raise ProviderUnavailable

    async def _post(self, address: str, client_id: str, form: dict[str, str]) -> "Response":
        secret = self.client_secret(client_id)
        if secret is None:
            raise ProviderUnavailable
        ours = {"client_id": client_id, "client_secret": secret}
        response = await self._ask("POST", address, data={**ours, **form})
        if response.status_code == 429 or response.status_code >= 500:
            log.warning("provider_out_of_reach", provider=self.name, status=response.status_code)
            raise ProviderUnavailable
        return response


def _event_in(claims: Claims, now: datetime) -> AppleEvent:
    """Raises one of UNREADABLE for claims that are not those of a notification."""
    event = orjson.loads(claims["events"])
    jti, email = claims["jti"], event.get("email")
    if not isinstance(jti, str) or not 0 < len(jti) <= LONGEST_SUBJECT:
        raise ValueError("jti")
    return AppleEvent(
        jti=jti,
        expires_at=datetime.fromtimestamp(claims["exp"], UTC) + timedelta(seconds=LEEWAY_SECONDS),
        kind=str(event["type"]),
        subject=str(event.get("sub")),
        email=email if isinstance(email, str) else None,
        happened_at=_moment_of(event.get("event_time"), now),
    )


def _moment_of(event_time: object, now: datetime) -> datetime:
    """Not later than now. Apple documents seconds, and sends thousandths of them."""
    if not isinstance(event_time, int) or isinstance(event_time, bool):
        return now
    seconds = event_time / 1000 if event_time > LATEST_SECONDS else event_time
    return min(datetime.fromtimestamp(seconds, UTC), now)


def name_in(user: str | None) -> str | None:
    """The name in Apple's `user` field, the family name first as in Japan. It is not signed."""
    try:
        name: Any = orjson.loads(user or "")["name"]
        parts = [name.get("lastName"), name.get("firstName")]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    written = [part.strip() for part in parts if isinstance(part, str) and part.strip()]
    if all(part.isascii() for part in written):
        written.reverse()
    return " ".join(written) or None
