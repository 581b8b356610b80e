"""The rotation of refresh tokens.

A session is a chain of refresh tokens. Each is exchanged once for the next. If a token comes again
after its exchange, two parties have it, and the session ends (RFC 9700, 4.14). For a short time
after the exchange it still works: a phone may have lost the answer, or asked twice at once.
"""

from datetime import datetime, timedelta

import structlog

from app.auth.exceptions import InvalidRefreshToken, RefreshTokenReused
from app.auth.repository.rotation import RotationRepository
from app.auth.rows import LivingToken, NewToken
from app.auth.schemas import TokenPair
from app.auth.service.tokens import end_of_session, token_pair
from app.core.metrics import SIGN_INS_FAILED
from app.core.tokens import AccessClaims, hash_of, new_opaque_token
from app.runtime.context import Needs, Service
from app.user.enums import Role
from app.user.service.sessions import SessionService
from app.user.service.suspension_check import SuspensionCheck

log = structlog.get_logger(__name__)

REUSE_LEEWAY = timedelta(seconds=30)

REFRESH_ATTEMPTS = 3
"""How often look and exchange run.

If another request exchanged the token first, or ended its session, the next look reads that.
"""


class RefreshService(Service):
    """Needs no transaction: the look and the exchange are one statement each."""

    _sessions = Needs(SessionService)
    _suspensions = Needs(SuspensionCheck)
    _tokens = Needs(RotationRepository)

    async def refresh(self, refresh_token: str) -> TokenPair:
        """Exchange a refresh token for the next pair.

        Raises InvalidRefreshToken, AccountSuspended, and RefreshTokenReused, which ends the
        session.
        """
        for _ in range(REFRESH_ATTEMPTS):
            now = self._ctx.clock()
            token = await self._tokens.find_living(
                hash_of(refresh_token), now, self._sessions.oldest_start()
            )
            if token is None:
                raise InvalidRefreshToken
            await self._ensure_usable(token, now)
            if (pair := await self._exchange(token, now)) is not None:
                return pair
        raise InvalidRefreshToken

    async def _ensure_usable(self, token: LivingToken, now: datetime) -> None:
        """Raises AccountSuspended, and RefreshTokenReused, which ends the session."""
        self._suspensions.ensure_not_suspended(token)
        if token.rotated_at is not None and now - token.rotated_at > REUSE_LEEWAY:
            log.warning("refresh_token_reused", session_id=str(token.session_id))
            SIGN_INS_FAILED.labels("refresh").inc()
            await self._tokens.end_session(token.session_id, now)
            raise RefreshTokenReused

    async def _exchange(self, token: LivingToken, now: datetime) -> TokenPair | None:
        """None if the token or its session has changed meanwhile."""
        expires_at = end_of_session(self._ctx, token.session_started_at, now)
        refresh_token = new_opaque_token()
        new = NewToken(hash_of(refresh_token), expires_at)
        if not await self._tokens.exchange(token, new, now):
            return None
        is_guest = token.role == Role.GUEST
        claims = AccessClaims(token.user_id, token.session_id, token.role, is_guest)
        return token_pair(self._ctx.process.tokens, claims, refresh_token, expires_at - now)
