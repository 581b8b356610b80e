"""The sessions of signed-in users. `refreshing.py` exchanges their refresh tokens."""

from datetime import datetime, timedelta
from uuid import UUID

from app.auth.repository.refresh_tokens import RefreshTokenRepository
from app.auth.schemas import SignedIn, TokenPair
from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.service import ConnectionLogService
from app.core.keyset import Page, PageRequest
from app.core.tokens import (
    ACCESS_LIFETIME,
    AccessClaims,
    TokenCodec,
    hash_of,
    new_opaque_token,
)
from app.notification.service.devices import DeviceService
from app.runtime.context import Context, Needs, Service
from app.user.enums import EntryMethod, Role
from app.user.exceptions import SessionNotFound
from app.user.models import User, UserSession
from app.user.policy import Viewer
from app.user.rows import Session
from app.user.service.profiles import ProfileService
from app.user.service.sessions import SessionService
from app.user.service.sign_in_methods import SignInMethodService
from app.user.service.users import UserService

REFRESH_LIFETIME = timedelta(days=7)


class TokenService(Service):
    _users = Needs(UserService)
    _methods = Needs(SignInMethodService)
    _profiles = Needs(ProfileService)
    _sessions = Needs(SessionService)
    _devices = Needs(DeviceService)
    _records = Needs(ConnectionLogService)
    _refresh_tokens = Needs(RefreshTokenRepository)

    async def sign_in(
        self,
        user: User,
        user_agent: str,
        provider: EntryMethod,
        act: RecordedAct = RecordedAct.SIGNED_IN,
    ) -> SignedIn:
        """Start a session for a user who has proved who they are, by one of their sign-in methods.

        With too many sessions, those that were not used for longest end.
        """
        expires_at = self._ctx.clock() + REFRESH_LIFETIME
        await self._methods.note_use(user.id, provider)
        session, ended = await self._sessions.start(user.id, user_agent, provider, expires_at)
        await self._devices.delete_of_sessions(ended)
        await self._records.note(act, Subject.SESSION, session.id, user.id)
        me = await self._profiles.me_of(user)
        return SignedIn(user=me, tokens=await self._issue(user, session))

    async def logout(self, refresh_token: str) -> None:
        """End the token's session and delete its device. An unknown token is accepted, too."""
        token = await self._refresh_tokens.lock(hash_of(refresh_token))
        locked = token and await self._sessions.lock(token.session_id)
        if locked:
            session, user = locked
            await self._end(session)
            await self._records.note(RecordedAct.SIGNED_OUT, Subject.SESSION, session.id, user.id)

    async def list_sessions(self, viewer: Viewer, page: PageRequest) -> Page[Session]:
        return await self._sessions.list_page(viewer, page)

    async def end_session(self, viewer: Viewer, session_id: UUID) -> None:
        """End one of the caller's sessions. Raises SessionNotFound, SessionRevoked."""
        await self._sessions.end(viewer.user_id, session_id)
        await self._devices.delete_of_sessions([session_id])
        await self._records.note(
            RecordedAct.SIGNED_OUT, Subject.SESSION, session_id, viewer.user_id
        )

    async def end_other_sessions(self, viewer: Viewer) -> None:
        """End all of the caller's sessions but this one. Raises SessionRevoked."""
        await self._sessions.lock_all(viewer.user_id)
        await self.end_all_sessions(viewer.user_id, but=viewer.session_id)

    async def lock_sessions_of(self, who: Viewer | UUID) -> None:
        """Call this before the user's row is locked, if sessions are to end (`lock_all`).

        Raises UserNotFound for one who is not the caller, and has left.
        """
        if isinstance(who, UUID):
            await self._users.late(who)
        await self._sessions.lock_all(who if isinstance(who, UUID) else who.user_id)

    async def end_all_sessions(
        self, user_id: UUID, *, but: UUID | None = None, begun_by: EntryMethod | None = None
    ) -> None:
        """End all of a user's sessions, or all but one, or only those that began by one sign-in
        method.
        """
        ended = await self._sessions.end_all(user_id, but=but, begun_by=begun_by)
        await self._devices.delete_of_sessions(ended)

    async def _end(self, session: UserSession) -> None:
        try:
            await self._sessions.end(session.user_id, session.id)
        except SessionNotFound:
            return
        await self._devices.delete_of_sessions([session.id])

    async def _issue(self, user: User, session: UserSession) -> TokenPair:
        now = self._ctx.clock()
        self._ctx.writers.add(user.id)
        expires_at = end_of_session(self._ctx, session.created_at, now)
        await self._sessions.renew(session, now, expires_at)
        refresh_token = new_opaque_token()
        await self._refresh_tokens.add(session.id, hash_of(refresh_token), now, expires_at)
        claims = AccessClaims(user.id, session.id, user.role, user.role == Role.GUEST)
        return token_pair(self._ctx.process.tokens, claims, refresh_token, expires_at - now)


def end_of_session(ctx: Context, started_at: datetime, now: datetime) -> datetime:
    """A week from now, or the session's last day (LINKY_SESSION_MAX_DAYS) if it is earlier."""
    end, days = now + REFRESH_LIFETIME, ctx.settings.session_max_days
    return min(end, started_at + timedelta(days=days)) if days else end


def token_pair(
    tokens: TokenCodec, claims: AccessClaims, refresh_token: str, left: timedelta
) -> TokenPair:
    """What a client gets. `left` is how long the session still lives."""
    lifetime = min(ACCESS_LIFETIME, left)
    return TokenPair(
        access_token=tokens.encode(claims, lifetime),
        token_type="bearer",
        expires_in=int(lifetime.total_seconds()),
        refresh_token=refresh_token,
        refresh_expires_in=int(left.total_seconds()),
    )
