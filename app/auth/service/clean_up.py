"""Deleting what has expired: tokens, nonces and sessions."""

from dataclasses import dataclass

from app.auth.repository.clean_up import CleanUpRepository
from app.auth.service.tokens import REFRESH_LIFETIME
from app.jobs.enqueue import enqueue
from app.notification.service.devices import DeviceService
from app.runtime.context import Needs, Service
from app.user.rows import EndedSession
from app.user.service.sessions import SessionService

FORGET_MORE = "auth.forget_more"
EXPIRED_BATCH_ROWS = 500
"""How many rows of each kind the clean-up deletes, or ends, in one transaction."""


@dataclass(frozen=True, slots=True)
class ForgetMore:
    """The payload of FORGET_MORE: the session behind which the clean-up goes on."""

    after: EndedSession | None


class CleanUpService(Service):
    _sessions = Needs(SessionService)
    _devices = Needs(DeviceService)
    _expired = Needs(CleanUpRepository)

    async def forget_what_is_over(self, after: EndedSession | None = None) -> None:
        """Delete expired tokens and nonces, and sessions that were over a week ago.

        Sessions that are too old (LINKY_SESSION_MAX_DAYS) end, and their devices are deleted.

        One transaction takes a batch of each kind, so that no row is locked for long. A job does
        the next batch. It goes on behind the session `after`.
        """
        # Tokens first: a session is deleted only when it has none.
        has_more = await self._expired.delete_expired(self._ctx.clock(), EXPIRED_BATCH_ROWS)
        if not has_more:
            after = await self._delete_sessions(after)
        ended = await self._sessions.end_too_old(EXPIRED_BATCH_ROWS)
        await self._devices.delete_of_sessions(ended)
        if has_more or after or len(ended) == EXPIRED_BATCH_ROWS:
            await enqueue(self._ctx.db, FORGET_MORE, ForgetMore(after))

    async def _delete_sessions(self, after: EndedSession | None) -> EndedSession | None:
        """Delete a batch. Returns its last session if there may be more."""
        moment = self._ctx.clock() - REFRESH_LIFETIME
        over = await self._sessions.list_over_before(moment, after, EXPIRED_BATCH_ROWS)
        ids = [session.id for session in over]
        # A sign-out locks the token and then the session. To delete a session that has tokens
        # would lock them the other way round, and could deadlock.
        kept = set(await self._expired.list_sessions_with_tokens(ids))
        await self._sessions.delete([id_ for id_ in ids if id_ not in kept])
        return over[-1] if len(over) == EXPIRED_BATCH_ROWS else None
