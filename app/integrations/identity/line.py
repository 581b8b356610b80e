"""LINE Login. Its SDK gets tokens with ES256, the browser with HS256 under the channel secret."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import structlog
from joserfc.jwk import OctKey

from app.core.clock import Clock
from app.core.settings.config import Settings
from app.integrations.identity.answers import described, object_in
from app.integrations.identity.base import IdentityProvider
from app.integrations.identity.enums import SocialProvider
from app.integrations.identity.exceptions import ProviderUnavailable
from app.integrations.identity.id_tokens import Claims, decode, ensure_signed_by

if TYPE_CHECKING:
    from httpx import Response

log = structlog.get_logger(__name__)


class LineTokenKind(StrEnum):
    """The SDK's token is an access token. The browser's, which may wait for months, is not."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class LineToken:
    """A token of a user, and who they are at LINE."""

    token: str
    kind: LineTokenKind
    subject: str


class LineProvider(IdentityProvider):
    name = SocialProvider.LINE
    issuers = ("https://access.line.me",)
    native_algorithm = "ES256"
    known_discovery_url = "https://access.line.me/.well-known/openid-configuration"
    # LINE gives `email` only to channels that apply for it. We do not need it.
    scope = "openid profile"
    keeps_tokens = True
    picture_hosts = frozenset(
        {"profile.line-scdn.net", "sprofile.line-scdn.net", "obs.line-scdn.net"}
    )

    def __init__(self, settings: Settings, clock: Clock) -> None:
        channel = settings.line_channel_id
        super().__init__(clock, (channel,) if channel else (), channel, settings.line_discovery_url)
        self._secret = settings.line_channel_secret
        self._api_url = settings.line_api_url

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

    async def unlink(self, held: LineToken) -> bool:
        """Take back what the user has allowed our channel, as LINE's guidelines require.

        False, and nothing happens, if the token has expired, or is not of our channel and of this
        user. Raises ProviderUnavailable for every answer that leaves it open.
        """
        import httpx

        async with self._in_time():
            token = await self._access_token(held)
            if token is None or not await self._is_of(token, held.subject):
                return False
            address = await self._address("/user/v1/deauthorize")
            as_channel = _bearer(await self._channel_token())
            body = {"userAccessToken": token}
            response = await self._ask("POST", address, headers=as_channel, json=body)
            # LINE answers 204. A 200 comes from something else, such as a proxy's error page.
            if response.status_code != httpx.codes.NO_CONTENT:
                log.error("line_not_unlinked", **described(response))
                raise ProviderUnavailable
        return True

    async def _access_token(self, held: LineToken) -> str | None:
        if held.kind == LineTokenKind.ACCESS:
            return held.token
        address = (await self._discovery.endpoints()).token
        form = self._as_client("refresh_token", refresh_token=held.token)
        response = await self._ask("POST", address, data=form)
        if object_in(response).get("error") == "invalid_grant":
            return None
        return _token_in(response)

    async def _is_of(self, token: str, subject: str) -> bool:
        """Whether LINE gave this token to our channel, for this user."""
        address = await self._address("/oauth2/v2.1/verify")
        response = await self._ask("GET", address, params={"access_token": token})
        if response.status_code == 400 and object_in(response).get("error"):
            return False
        if _json_of(response).get("client_id") != self._browser_client_id:
            return False
        address = await self._address("/oauth2/v2.1/userinfo")
        response = await self._ask("GET", address, headers=_bearer(token))
        return _json_of(response).get("sub") == subject

    async def _channel_token(self) -> str:
        """A stateless one: it works for 15 minutes, and LINE counts none of them."""
        form = self._as_client("client_credentials")
        address = await self._address("/oauth2/v3/token")
        return _token_in(await self._ask("POST", address, data=form))

    def _as_client(self, grant_type: str, **fields: str) -> Mapping[str, str]:
        secret = self.client_secret()
        if not (self._browser_client_id and secret):
            raise ProviderUnavailable
        ours = {"client_id": self._browser_client_id, "client_secret": secret}
        return {"grant_type": grant_type, **ours, **fields}

    async def _address(self, path: str) -> str:
        """At the host of LINE's token endpoint. Tests have their own."""
        if self._api_url is not None:
            return self._api_url.rstrip("/") + path
        return urljoin((await self._discovery.endpoints()).token, path)


def _bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _json_of(response: "Response") -> dict[str, Any]:
    """Raises ProviderUnavailable for anything but 200 with a JSON object."""
    answer = object_in(response)
    if response.status_code != 200 or not answer:
        log.warning("line_answer_unexpected", **described(response))
        raise ProviderUnavailable
    return answer


def _token_in(response: "Response") -> str:
    token = _json_of(response).get("access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise ProviderUnavailable
    return token
