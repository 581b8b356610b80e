"""The sessions of signed-in users, and the rotation of their refresh tokens.

A session is a chain of refresh tokens. Each is exchanged once for the next. If a token comes again
after its exchange, two parties have it, and the session ends (RFC 9700, 4.14). For a short time
after the exchange it still works: a phone may have lost the answer, or asked twice at once.
"""

from datetime import datetime, timedelta
from uuid import UUID

import structlog

from app.auth.exceptions import InvalidRefreshToken, RefreshTokenReused
from app.auth.models import RefreshToken
from app.auth.repository import RefreshTokenRepository
from app.auth.schemas import SignedIn, TokenPair
from app.core.keyset import PageRequest, Slice
from app.core.metrics import SIGN_INS_FAILED
from app.core.tokens import ACCESS_LIFETIME, AccessClaims, hash_of, new_opaque_token
from app.notification.service import DeviceService
from app.record.enums import Act, Subject
from app.record.service import RecordService
from app.runtime.context import Context, Needs
from app.user.enums import Role, UserStatus
from app.user.exceptions import AccountSuspended, SessionNotFound
from app.user.models import User, UserSession
from app.user.policy import Viewer
from app.user.rows import SessionRow
from app.user.schemas import me_of
from app.user.service import SessionService, UserService

log = structlog.get_logger(__name__)

REFRESH_LIFETIME = timedelta(days=7)
REUSE_LEEWAY = timedelta(seconds=30)


class TokenService:
    _users = Needs(UserService)
    _sessions = Needs(SessionService)
    _devices = Needs(DeviceService)
    _records = Needs(RecordService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._refresh_tokens = RefreshTokenRepository(ctx.session)

    async def sign_in(self, user: User, user_agent: str, act: Act = Act.SIGNED_IN) -> SignedIn:
        """Start a session for a user who has proved who they are."""
        expires_at = self._ctx.clock() + REFRESH_LIFETIME
        session = await self._sessions.start(user.id, user_agent, expires_at)
        await self._records.note(act, Subject.SESSION, session.id, user.id)
        me = me_of(user, self._ctx.media_url)
        return SignedIn(user=me, tokens=await self._issue(user, session))

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token for the next pair.

        Raises InvalidRefreshToken, AccountSuspended, and RefreshTokenReused, which ends the
        session.
        """
        token = await self._refresh_tokens.lock(hash_of(refresh_token))
        if token is None or token.expires_at <= self._ctx.clock():
            raise InvalidRefreshToken
        locked = await self._sessions.lock(token.session_id)
        if locked is None or locked[0].created_at <= self._sessions.oldest_start():
            raise InvalidRefreshToken
        session, user = locked
        if user.status == UserStatus.SUSPENDED:
            raise AccountSuspended(user.suspension_reason)
        await self._rotate(token, session)
        return await self._issue(user, session)

    async def logout(self, refresh_token: str) -> None:
        """End the token's session and delete its device. An unknown token is no error."""
        token = await self._refresh_tokens.lock(hash_of(refresh_token))
        locked = token and await self._sessions.lock(token.session_id)
        if locked:
            session, user = locked
            await self._end(session)
            await self._records.note(Act.SIGNED_OUT, Subject.SESSION, session.id, user.id)

    async def list_sessions(self, viewer: Viewer, page: PageRequest) -> Slice[SessionRow]:
        return await self._sessions.list_page(viewer, page)

    async def end_session(self, viewer: Viewer, session_id: UUID) -> None:
        """End one of the caller's sessions. Raises SessionNotFound, SessionRevoked."""
        await self._users.begin_write(viewer)
        await self._sessions.end(viewer.user_id, session_id)
        await self._devices.delete_of_sessions([session_id])
        await self._records.note(Act.SIGNED_OUT, Subject.SESSION, session_id, viewer.user_id)

    async def end_other_sessions(self, viewer: Viewer) -> None:
        """End all of the caller's sessions but this one. Raises SessionRevoked."""
        await self._users.begin_write(viewer)
        await self.end_all_sessions(viewer.user_id, but=viewer.session_id)

    async def end_all_sessions(self, user_id: UUID, *, but: UUID | None = None) -> None:
        """End all of a user's sessions, or all but one."""
        ended = await self._sessions.end_all(user_id, but=but)
        await self._devices.delete_of_sessions(ended)

    async def _rotate(self, token: RefreshToken, session: UserSession) -> None:
        now = self._ctx.clock()
        if token.rotated_at is None:
            token.rotated_at = now
        elif now - token.rotated_at > REUSE_LEEWAY:
            log.warning("refresh_token_reused", session_id=str(session.id))
            SIGN_INS_FAILED.labels("refresh").inc()
            await self._end(session)
            raise RefreshTokenReused

    async def _end(self, session: UserSession) -> None:
        try:
            await self._sessions.end(session.user_id, session.id)
        except SessionNotFound:
            return
        await self._devices.delete_of_sessions([session.id])

    async def _issue(self, user: User, session: UserSession) -> TokenPair:
        now = self._ctx.clock()
        session.last_used_at, session.expires_at = now, self._end_of(session)
        refresh_token = new_opaque_token()
        await self._refresh_tokens.add(session.id, hash_of(refresh_token), now, session.expires_at)
        claims = AccessClaims(user.id, session.id, user.role, user.role == Role.GUEST)
        left = session.expires_at - now
        lifetime = min(ACCESS_LIFETIME, left)
        return TokenPair(
            access_token=self._ctx.tokens.encode(claims, lifetime),
            token_type="bearer",
            expires_in=int(lifetime.total_seconds()),
            refresh_token=refresh_token,
            refresh_expires_in=int(left.total_seconds()),
        )

    def _end_of(self, session: UserSession) -> datetime:
        """A week from now, or the session's last day (LINKY_SESSION_MAX_DAYS) if it is earlier."""
        end = self._ctx.clock() + REFRESH_LIFETIME
        days = self._ctx.settings.session_max_days
        return min(end, session.created_at + timedelta(days=days)) if days else end
