"""Sessions: one for each sign-in on a device.

`user` keeps them, because every route must know whose token it got. `auth` starts them and issues
their tokens.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.core.days import day_of
from app.core.errors import SessionRevoked
from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.core.tokens import AccessClaims
from app.live_log.changes import Kind
from app.runtime.context import Needs, Service
from app.user.enums import EntryMethod, Role, UserLocale
from app.user.exceptions import SessionIdle, SessionNotFound
from app.user.models import User, UserSession
from app.user.policy import (
    AUTHOR,
    ENTRANT,
    Access,
    Viewer,
    ensure_admitted,
    has_passed_mfa,
    is_suspended,
)
from app.user.repository.sessions import SessionRepository
from app.user.rows import CallerRow, EndedSession, Session, SessionStanding, Standing
from app.user.service.suspension_check import SuspensionCheck

USE_NOTED_EVERY = timedelta(minutes=1)
"""So a page of the console does not write each time."""

BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


class SessionService(Service):
    _suspensions = Needs(SuspensionCheck)
    _sessions = Needs(SessionRepository)

    async def admit(self, caller: AccessClaims | Viewer, access: Access) -> Viewer:
        """Who the caller is now, as the database says. The token may be out of date.

        Raises what `access` refuses: SessionRevoked if the session has ended or the user has left.
        """
        return self._admit(caller, await self._standing(caller), access)

    async def resolve_in_use(
        self, claims: AccessClaims, idle: timedelta, *, by_itself: bool = False
    ) -> Viewer:
        """Like `admit` for an ENTRANT, and the session is in use again. For `Runtime.single`.

        What a page asks for `by_itself` is no use. Raises SessionIdle, too, if it was not used for
        so long.
        """
        standing, now = await self._standing(claims), self._ctx.clock()
        if now - standing.last_used_at > idle:
            raise SessionIdle
        viewer = self._admit(claims, standing, ENTRANT)
        if not by_itself and now - standing.last_used_at >= USE_NOTED_EVERY:
            await self._sessions.note_use(claims.session_id, now)
        return viewer

    async def note_mfa_passed(self, viewer: Viewer) -> None:
        """The caller's session has passed the second step. It keeps that when it is refreshed."""
        await self._sessions.set_mfa_passed(viewer.user_id, viewer.session_id, self._ctx.clock())

    async def has_passed_mfa(self, viewer: Viewer) -> bool:
        """Whether the caller's session has passed the second step by now. Raises SessionRevoked."""
        standing = await self._standing(viewer)
        return has_passed_mfa(standing.mfa_passed_at, self._ctx.clock())

    async def note_proof(self, viewer: Viewer) -> None:
        """The caller's session has proved whose it is. It keeps that when it is refreshed."""
        await self._sessions.set_proved(viewer.user_id, viewer.session_id, self._ctx.clock())

    async def forget_mfa_passed(self, user_id: UUID) -> None:
        """All sessions of the user have to pass the second step again."""
        await self._sessions.clear_mfa_passed(user_id)

    def admit_author(self, viewer: Viewer, caller: CallerRow | None) -> CallerRow:
        """Like `admit`, for an author whom the guard of a write has read."""
        if caller is None:
            raise SessionRevoked
        self._admit(viewer, caller.standing, AUTHOR)
        return caller

    async def is_admitted(self, viewer: Viewer, access: Access) -> bool:
        """Whether `admit` lets the caller pass."""
        try:
            await self.admit(viewer, access)
        except tuple(access.refusals):
            return False
        return True

    def _admit(self, caller: AccessClaims | Viewer, standing: Standing, access: Access) -> Viewer:
        """Every write asks this, and so do the guards of the hot ones."""
        if not access.suspended and is_suspended(standing, self._ctx.clock()):
            self._suspensions.ensure_not_suspended(standing)
        viewer = self._viewer(caller, standing)
        ensure_admitted(viewer, access, self._ctx.settings)
        return viewer

    def _viewer(self, caller: AccessClaims | Viewer, standing: Standing) -> Viewer:
        return Viewer(
            caller.user_id,
            caller.session_id,
            Role(standing.role),
            standing.terms_version,
            UserLocale(standing.locale),
            has_mfa=standing.has_mfa,
            passed_mfa=has_passed_mfa(standing.mfa_passed_at, self._ctx.clock()),
            is_verified=standing.is_verified,
            proved_at=standing.proved_at if isinstance(standing, SessionStanding) else None,
        )

    async def _standing(self, caller: AccessClaims | Viewer) -> SessionStanding:
        standing = await self._sessions.find_standing(
            caller.user_id, caller.session_id, self.oldest_start()
        )
        if standing is None:
            raise SessionRevoked
        return standing

    async def start(
        self, user_id: UUID, user_agent: str, provider: EntryMethod, expires_at: datetime
    ) -> tuple[UserSession, Sequence[UUID]]:
        """`provider` is the sign-in method by which the user came in.

        Ends the sessions that are too many with this one, and returns their ids, too.
        """
        now = self._ctx.clock()
        day = day_of(now)
        session, ended = await self._sessions.add(
            user_id, user_agent, provider, day, now, expires_at
        )
        self._publish_ended(user_id, ended)
        return session, ended

    async def renew(self, session: UserSession, now: datetime, expires_at: datetime) -> None:
        """A locked session is used now, and lasts until then."""
        await self._sessions.renew(session, now, expires_at)

    async def lock(self, session_id: UUID) -> tuple[UserSession, User] | None:
        """Lock a session that has not ended. Returns it with its user."""
        return await self._sessions.lock(session_id)

    async def lock_all(self, user_id: UUID) -> None:
        """Lock a user's sessions, before the user's row, to end some of them later.

        A write of a session locks that session, and then the user's row to count a post. A refresh
        locks the session, too, and then refers to the user. So with the user's row first they would
        wait for each other in a circle. The user's presence must be locked.
        """
        await self._sessions.lock_all(user_id)

    async def lock_open(self, user_id: UUID, session_id: UUID | None) -> bool:
        """Whether the session is open. If it is, it can't end before the transaction ends."""
        return await self._sessions.lock_open(
            user_id, session_id, self._ctx.clock(), self.oldest_start()
        )

    async def list_page(self, viewer: Viewer, page: PageRequest) -> Page[Session]:
        """The caller's open sessions, the newest first."""
        page = page.formerly("sessions")
        rows = await self._sessions.list_page(
            viewer.user_id,
            viewer.session_id,
            self._ctx.clock(),
            self.oldest_start(),
            page.after_id(start=LAST_ID),
            page.row_limit,
        )
        return page.slice(rows, lambda row: [row.id])

    async def end(self, user_id: UUID, session_id: UUID) -> None:
        """Raises SessionNotFound if the session is not the user's, or has ended already."""
        ended = await self._sessions.end(user_id, self._ctx.clock(), only=session_id)
        if not ended:
            raise SessionNotFound
        self._ctx.changed(user_id, Kind.SESSION, session_id)

    async def end_all(
        self, user_id: UUID, *, but: UUID | None = None, begun_by: EntryMethod | None = None
    ) -> Sequence[UUID]:
        """End all of a user's sessions, or all but one. Returns the ids of those that ended.

        `begun_by` keeps those that began by another sign-in method.
        """
        ended = await self._sessions.end(user_id, self._ctx.clock(), but=but, begun_by=begun_by)
        self._publish_ended(user_id, ended)
        return ended

    def _publish_ended(self, user_id: UUID, session_ids: Iterable[UUID]) -> None:
        for session_id in session_ids:
            self._ctx.changed(user_id, Kind.SESSION, session_id)

    def oldest_start(self) -> datetime:
        """Sessions that started at this time or earlier are over, even if they are in use."""
        days = self._ctx.settings.session_max_days
        return self._ctx.clock() - timedelta(days=days) if days else BEFORE_ALL

    async def end_too_old(self, limit: int) -> Sequence[UUID]:
        """End at most `limit` sessions older than LINKY_SESSION_MAX_DAYS. Returns their ids."""
        if not self._ctx.settings.session_max_days:
            return []
        ended = await self._sessions.end_started_before(
            self.oldest_start(), self._ctx.clock(), limit
        )
        for session_id, user_id in ended.items():
            self._ctx.changed(user_id, Kind.SESSION, session_id)
        return list(ended)

    async def list_over_before(
        self, moment: datetime, after: EndedSession | None, limit: int
    ) -> Sequence[EndedSession]:
        """Sessions that were over by then, the earliest first, from behind `after` on."""
        return await self._sessions.list_over_before(
            moment, after or EndedSession(BEFORE_ALL, FIRST_ID), limit
        )

    async def delete(self, session_ids: Sequence[UUID]) -> None:
        """Delete sessions, except guests': the last one shows when its guest was last here."""
        await self._sessions.delete(session_ids)
