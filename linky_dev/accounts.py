"""Signing in as anyone, with tokens of any age."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.auth.schemas import SignedIn, TokenPair
from app.auth.service.sign_in import AuthService
from app.auth.service.tokens import TokenService
from app.core.errors import NotFound
from app.core.tokens import AccessClaims, hash_of
from app.notification.enums import DeviceKind, DevicePlatform
from app.notification.schemas import DeviceRegistration
from app.notification.service.devices import DeviceService
from app.runtime.context import Needs, Service
from app.user.enums import EntryMethod, Role
from app.user.policy import Viewer
from app.user.service.users import UserService
from linky_dev.repository import DevRepository, TokenTimes
from linky_dev.schemas import DevSignIn

GUEST, MEMBER, ADMIN = "guest", "member", "admin"
USER_AGENT = "linky dev"


@dataclass(frozen=True, slots=True)
class Ages:
    """Times that differ from those of a fresh pair of tokens, in seconds from now."""

    access: int | None = None
    refresh: int | None = None
    used_ago: int | None = None


class DevAccountService(Service):
    """For development only: it asks for no password."""

    _auth = Needs(AuthService)
    _tokens = Needs(TokenService)
    _users = Needs(UserService)
    _devices = Needs(DeviceService)
    _rows = Needs(DevRepository)

    async def sign_in(self, form: DevSignIn) -> SignedIn:
        """Sign a user in. The inbox is their device: it shows what is pushed to them.

        Raises NotFound for an account that is not there.
        """
        signed_in = await self._enter(form.who)
        await self.register_inbox(signed_in)
        ages = Ages(
            form.access_token_expires_in,
            form.refresh_token_expires_in,
            form.refresh_token_used_ago,
        )
        tokens = await self._aged(signed_in.tokens, ages)
        return SignedIn(user=signed_in.user, tokens=tokens)

    async def _enter(self, who: str) -> SignedIn:
        if who == GUEST:
            return await self._auth.enter_as_guest(USER_AGENT)
        user = await self._users.lock(await self._find(who))
        return await self._tokens.sign_in(user, USER_AGENT, EntryMethod(user.provider))

    async def _find(self, who: str) -> UUID:
        if who in (MEMBER, ADMIN):
            account = await self._rows.find_of_role(Role.ADMIN if who == ADMIN else Role.USER)
        elif "@" in who:
            account = await self._rows.find_by_email(who.lower())
        else:
            account = await self._rows.find_by_id(_uuid(who))
        if account is None:
            raise NotFound
        return account.id

    async def register_inbox(self, signed_in: SignedIn) -> None:
        claims = self._ctx.process.tokens.decode(signed_in.tokens.access_token)
        name = f"dev-inbox-{claims.session_id}"
        device = DeviceRegistration(
            kind=DeviceKind.FCM_TOKEN, value=name, platform=DevicePlatform.WEB
        )
        viewer = Viewer(claims.user_id, claims.session_id, Role(claims.role))
        await self._devices.register(viewer, name, device)

    async def _aged(self, pair: TokenPair, ages: Ages) -> TokenPair:
        claims = self._ctx.process.tokens.decode(pair.access_token)
        if ages.refresh is not None or ages.used_ago is not None:
            await self._age_refresh_token(claims, pair, ages)
        access = pair.expires_in if ages.access is None else ages.access
        return TokenPair(
            access_token=self._ctx.process.tokens.encode(claims, timedelta(seconds=access)),
            token_type="bearer",
            expires_in=access,
            refresh_token=pair.refresh_token,
            refresh_expires_in=pair.refresh_expires_in if ages.refresh is None else ages.refresh,
        )

    async def _age_refresh_token(self, claims: AccessClaims, pair: TokenPair, ages: Ages) -> None:
        now = self._ctx.clock()
        left = pair.refresh_expires_in if ages.refresh is None else ages.refresh
        times = TokenTimes(
            session_id=claims.session_id,
            token_hash=hash_of(pair.refresh_token),
            expires_at=now + timedelta(seconds=left),
            rotated_at=_ago(now, ages.used_ago),
        )
        await self._rows.change_times(times)


def _ago(now: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else now - timedelta(seconds=seconds)


def _uuid(who: str) -> UUID:
    """Raises NotFound for what is not an id."""
    try:
        return UUID(who)
    except ValueError:
        raise NotFound from None
