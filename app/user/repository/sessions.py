"""The statements about sessions."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    DateTime,
    Uuid,
    bindparam,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query, values_of
from app.core.sql.writes import table_of
from app.user.enums import EntryMethod, Role
from app.user.models import SESSION_OVER_AT, ActiveDay, User, UserSession, is_verified
from app.user.rows import EndedSession, Session, SessionStanding

SESSIONS_A_USER = 100
"""More phones and browsers than a person has. Each is a way into the account."""

ENDED_AT_ONCE = 1_000
"""Sessions that a sign-in ends at most: 0.1.0 counted none."""

_STANDING = Query(
    SessionStanding,
    select(
        *(User.status, User.role, User.terms_version, User.suspension_reason),
        *(User.suspended_until, User.suspension_id, User.locale),
        User.mfa_since.is_not(None).label("has_mfa"),
        UserSession.mfa_passed_at,
        is_verified().label("is_verified"),
        func.coalesce(UserSession.proved_at, UserSession.created_at).label("proved_at"),
        UserSession.last_used_at,
    )
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        User.id == bindparam("user_id"),
        User.left_at.is_(None),
        UserSession.id == bindparam("session_id"),
        UserSession.ended_at.is_(None),
        UserSession.created_at > bindparam("started_after"),
    ),
)

_SESSIONS = Query(
    Session,
    select(
        UserSession.id,
        UserSession.created_at,
        UserSession.last_used_at,
        UserSession.user_agent,
        (UserSession.id == bindparam("current_id")).label("current"),
    )
    .where(
        UserSession.user_id == bindparam("user_id"),
        UserSession.ended_at.is_(None),
        UserSession.expires_at > bindparam("now"),
        UserSession.created_at > bindparam("started_after"),
        UserSession.id < bindparam("after_id"),
    )
    .order_by(UserSession.id.desc())
    .limit(page_limit()),
)


_TABLE = table_of(UserSession)
_USED = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("session_id", type_=Uuid))
    .values(last_used_at=bindparam("now", type_=DateTime(timezone=True)))
    .returning(_TABLE.c.id)
    .cte("used")
)
_NOTE_USE = values_of(UUID, select(_USED.c.id))


class SessionRepository(Repository):
    async def find_standing(
        self, user_id: UUID, session_id: UUID, started_after: datetime
    ) -> SessionStanding | None:
        """None for a session that has ended or is too old, or a user who has left."""
        return await self._db.first(
            _STANDING, user_id=user_id, session_id=session_id, started_after=started_after
        )

    async def add(
        self,
        user_id: UUID,
        user_agent: str,
        provider: EntryMethod,
        day: date,
        now: datetime,
        expires_at: datetime,
    ) -> tuple[UserSession, Sequence[UUID]]:
        """Add a session, and note in the same statement that the user is here on that day.

        It also ends the user's sessions beyond SESSIONS_A_USER, those that were not used for
        longest. Returns the session, and the ids of the ended.
        """
        today = select(literal(user_id), literal(day), literal(now))
        noted = insert(ActiveDay).from_select(["user_id", "day", "seen_at"], today)
        added = insert(UserSession).values(
            user_id=user_id,
            user_agent=user_agent,
            provider=provider,
            created_at=now,
            last_used_at=now,
            expires_at=expires_at,
        )
        with_day = added.add_cte(noted.on_conflict_do_nothing().cte("noted"))
        ended = _excess_ended(user_id, now)
        ids = select(func.coalesce(func.array_agg(ended.c.id), cast([], ARRAY(Uuid))))
        row = with_day.returning(UserSession, ids.scalar_subquery())
        session, ended_ids = await self._db.one(row)
        return session, ended_ids

    async def renew(self, session: UserSession, now: datetime, expires_at: datetime) -> None:
        await self._db.change(session, last_used_at=now, expires_at=expires_at)

    async def lock(self, session_id: UUID) -> tuple[UserSession, User] | None:
        """A session and its user. None if it has ended or the user has left."""
        query = (
            select(UserSession, User)
            .join(User, User.id == UserSession.user_id)
            .where(
                UserSession.id == session_id,
                UserSession.ended_at.is_(None),
                User.left_at.is_(None),
            )
            .with_for_update(of=UserSession)
        )
        row = await self._db.first(query)
        return row and (row[0], row[1])

    async def lock_all(self, user_id: UUID) -> None:
        """Lock all sessions of a user that have not ended, in the order of their ids."""
        query = (
            select(UserSession.id)
            .where(UserSession.user_id == user_id, UserSession.ended_at.is_(None))
            .order_by(UserSession.id)
            .with_for_update(key_share=True)
        )
        await self._db.execute(query)

    async def lock_open(
        self, user_id: UUID, session_id: UUID | None, now: datetime, started_after: datetime
    ) -> bool:
        """Whether the user has this session and it is not over. If so, it can't end meanwhile."""
        query = select(UserSession.id).where(
            UserSession.id == session_id,
            UserSession.user_id == user_id,
            UserSession.ended_at.is_(None),
            UserSession.expires_at > now,
            UserSession.created_at > started_after,
        )
        # FOR SHARE, as writes of this session lock it: one of them may wait for the user's row.
        return await self._db.first(query.with_for_update(read=True)) is not None

    async def list_page(
        self,
        user_id: UUID,
        current_id: UUID,
        now: datetime,
        started_after: datetime,
        after_id: UUID,
        limit: int,
    ) -> Sequence[Session]:
        return await self._db.all(
            _SESSIONS,
            user_id=user_id,
            current_id=current_id,
            now=now,
            started_after=started_after,
            after_id=after_id,
            row_limit=limit,
        )

    async def end(
        self,
        user_id: UUID,
        now: datetime,
        *,
        only: UUID | None = None,
        but: UUID | None = None,
        begun_by: EntryMethod | None = None,
    ) -> Sequence[UUID]:
        """End all of a user's sessions, only one, or all but one. Returns the ids of the ended.

        `begun_by` keeps those that began by another sign-in method.
        """
        statement = update(UserSession).where(
            UserSession.user_id == user_id, UserSession.ended_at.is_(None)
        )
        if only is not None:
            statement = statement.where(UserSession.id == only)
        if but is not None:
            statement = statement.where(UserSession.id != but)
        if begun_by is not None:
            first = select(User.provider).where(User.id == user_id).scalar_subquery()
            statement = statement.where(func.coalesce(UserSession.provider, first) == begun_by)
        ended = statement.values(ended_at=now).returning(UserSession.id)
        return await self._db.all(ended)

    async def note_use(self, session_id: UUID, now: datetime) -> None:
        """A statement that stands on its own, as `Runtime.single` runs it."""
        await self._db.first(_NOTE_USE, session_id=session_id, now=now)

    async def set_mfa_passed(self, user_id: UUID, session_id: UUID, now: datetime) -> None:
        """This session of the user has passed the second step."""
        await self._db.execute(
            update(UserSession)
            .where(UserSession.user_id == user_id, UserSession.id == session_id)
            .values(mfa_passed_at=now)
        )

    async def set_proved(self, user_id: UUID, session_id: UUID, now: datetime) -> None:
        await self._db.execute(
            update(UserSession)
            .where(UserSession.user_id == user_id, UserSession.id == session_id)
            .values(proved_at=now)
        )

    async def clear_mfa_passed(self, user_id: UUID) -> None:
        """No session of the user has passed the second step any more."""
        await self._db.execute(
            update(UserSession)
            .where(UserSession.user_id == user_id, UserSession.mfa_passed_at.is_not(None))
            .values(mfa_passed_at=None)
        )

    async def end_started_before(
        self, moment: datetime, now: datetime, limit: int
    ) -> Mapping[UUID, UUID]:
        """End at most `limit` sessions that are too old. Returns their ids, with their users."""
        old = materialized(
            select(UserSession.id)
            .where(UserSession.created_at <= moment, UserSession.ended_at.is_(None))
            .order_by(UserSession.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        ended = update(UserSession).where(UserSession.id.in_(select(old.c.id))).values(ended_at=now)
        rows = await self._db.all(ended.returning(UserSession.id, UserSession.user_id))
        return dict(rows)

    async def list_over_before(
        self, moment: datetime, after: EndedSession, limit: int
    ) -> Sequence[EndedSession]:
        """The sessions that were over by then, the earliest first."""
        place = tuple_(literal(after.over_at, DateTime(timezone=True)), literal(after.id))
        query = (
            select(SESSION_OVER_AT, UserSession.id)
            .where(moment > SESSION_OVER_AT, tuple_(SESSION_OVER_AT, UserSession.id) > place)
            .order_by(SESSION_OVER_AT, UserSession.id)
            .limit(limit)
        )
        return [EndedSession(*row) for row in await self._db.all(query)]

    async def delete(self, session_ids: Sequence[UUID]) -> None:
        """Delete sessions, except guests' and those that another transaction has locked.

        A guest's sessions show when the guest was last here. They go with the guest.
        """
        of_guest = exists().where(User.id == UserSession.user_id, User.role == Role.GUEST)
        free = (
            select(UserSession.id)
            .where(UserSession.id.in_(session_ids), ~of_guest)
            .with_for_update(skip_locked=True)
        )
        await self._db.execute(delete(UserSession).where(UserSession.id.in_(free)))


def _excess_ended(user_id: UUID, now: datetime) -> CTE:
    """Ends all but the latest used sessions of a user who gets one more.

    Of two sign-ins at once each may leave the other's session out of its count. The next one ends
    what is too much then.
    """
    is_open = (_TABLE.c.user_id == user_id, _TABLE.c.ended_at.is_(None))
    excess = (
        select(_TABLE.c.id)
        .where(*is_open)
        .order_by(_TABLE.c.last_used_at.desc(), _TABLE.c.id.desc())
        .offset(SESSIONS_A_USER - 1)
        .limit(ENDED_AT_ONCE)
        .cte("excess")
        .prefix_with("MATERIALIZED")
    )
    # One that is locked is in use, and its holder may wait for the user's row, which a sign-in has
    # locked. The next sign-in ends it.
    free = materialized(
        select(_TABLE.c.id)
        .where(*is_open, _TABLE.c.id.in_(select(excess.c.id)))
        .with_for_update(skip_locked=True, key_share=True)
    )
    ended = update(_TABLE).where(_TABLE.c.id.in_(select(free.c.id))).values(ended_at=now)
    return ended.returning(_TABLE.c.id).cte("ended")
