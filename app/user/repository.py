"""Every SQL statement about accounts, sessions and blocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import TSQUERY, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.advisory_locks import lock_exclusive, lock_shared
from app.core.database import violated_constraint
from app.core.keyset import Row, page_limit
from app.core.text import like_pattern, tsquery
from app.user.enums import Provider, Role, UserLocale, UserStatus
from app.user.exceptions import EmailTaken, UserNotFound
from app.user.models import User, UserBlock, UserSession, author_columns


@dataclass(frozen=True, slots=True)
class Standing:
    """What the database says now of a token's session and user."""

    status: UserStatus
    role: Role
    terms_version: str | None
    suspension_reason: str
    locale: UserLocale


_STANDING = (
    select(User.status, User.role, User.terms_version, User.suspension_reason, User.locale)
    .join(UserSession, UserSession.user_id == User.id)
    .where(
        User.id == bindparam("user_id"),
        User.left_at.is_(None),
        UserSession.id == bindparam("session_id"),
        UserSession.ended_at.is_(None),
        UserSession.created_at > bindparam("begun_after"),
    )
)

_BLOCKS = (
    select(UserBlock.id.label("block_id"), *author_columns())
    .join(User, User.id == UserBlock.blocked_id)
    .where(
        UserBlock.blocker_id == bindparam("viewer_id"),
        UserBlock.id < bindparam("after_id"),
        User.left_at.is_(None),
    )
    .order_by(UserBlock.id.desc())
    .limit(page_limit())
)


_GUEST: ColumnElement[str] = literal_column(f"'{Role.GUEST}'")
"""Not a parameter: the index of guests is chosen only by a plan that knows the value."""

_OVER_AT = func.least(UserSession.expires_at, UserSession.ended_at, type_=DateTime(timezone=True))
"""When a session was or will be over. `user_sessions_over_idx` is on this very expression."""

_LAST_HERE = func.coalesce(
    select(func.max(_OVER_AT))
    .where(UserSession.user_id == User.id)
    .correlate(User)
    .scalar_subquery(),
    User.created_at,
)
"""When a guest's last session was or will be over."""


class UserRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_standing(
        self, user_id: UUID, session_id: UUID, begun_after: datetime
    ) -> Standing | None:
        """None for a session that ended or began too long ago, or a user who left."""
        values = {"user_id": user_id, "session_id": session_id, "begun_after": begun_after}
        found = await self._session.execute(_STANDING, values)
        row = found.one_or_none()
        return row and Standing(
            UserStatus(row.status),
            Role(row.role),
            row.terms_version,
            row.suspension_reason,
            UserLocale(row.locale),
        )

    async def get(self, user_id: UUID) -> User:
        """Raises UserNotFound, also for one who has left."""
        user = await self._session.get(User, user_id)
        if user is None or user.left_at is not None:
            raise UserNotFound
        return user

    async def get_left(self, user_id: UUID) -> User:
        """Raises UserNotFound, unless the user has left and the row is there still."""
        user = await self._session.get(User, user_id)
        if user is None or user.left_at is None:
            raise UserNotFound
        return user

    async def delete(self, user_id: UUID) -> None:
        await self._session.execute(delete(User).where(User.id == user_id))

    async def lock(self, user_id: UUID) -> User:
        """As `get`, and nobody else changes the row until this transaction ends."""
        query = select(User).where(User.id == user_id, User.left_at.is_(None))
        user = await self._session.scalar(_held(query))
        if user is None:
            raise UserNotFound
        return user

    async def lock_presence(self, user_id: UUID, *, leaving: bool) -> None:
        """Lock a user's presence: shared by all that they write, exclusive for leaving."""
        lock = lock_exclusive if leaving else lock_shared
        await lock(self._session, f"presence:{user_id}")

    async def lock_admins(self) -> Sequence[UUID]:
        query = (
            select(User.id)
            .where(
                User.role == Role.ADMIN,
                User.status == UserStatus.ACTIVE,
                User.left_at.is_(None),
            )
            .order_by(User.id)
            .with_for_update(key_share=True)
        )
        return (await self._session.scalars(query)).all()

    async def list_page(
        self,
        after_id: UUID,
        limit: int,
        words: str | None,
        role: Role | None,
        status: UserStatus | None,
    ) -> Sequence[User]:
        """The newest first; `words` is folded text."""
        query = select(User).where(User.left_at.is_(None), User.id < after_id)
        if words is not None:
            # The index finds what has all the bigrams; LIKE keeps what has them as words.
            found = User.search_vector.op("@@")(cast(tsquery(words), TSQUERY))
            patterns = [like_pattern(word) for word in words.split()]
            query = query.where(found, *(User.search_text.like(one) for one in patterns))
        if role is not None:
            query = query.where(User.role == role)
        if status is not None:
            query = query.where(User.status == status)
        return (await self._session.scalars(query.order_by(User.id.desc()).limit(limit))).all()

    async def exists(self, user_id: UUID) -> bool:
        query = select(User.id).where(User.id == user_id, User.left_at.is_(None))
        return await self._session.scalar(query) is not None

    async def find_locale(self, user_id: UUID) -> UserLocale | None:
        found = await self._session.scalar(select(User.locale).where(User.id == user_id))
        return UserLocale(found) if found else None

    async def find_by_email(self, email: str) -> User | None:
        """The e-mail account with this address, in any case of letters; none of who has left."""
        return await self._session.scalar(_with_email(email))

    async def lock_by_email(self, email: str) -> User | None:
        """As `find_by_email`, and nobody else changes the row until this transaction ends."""
        return await self._session.scalar(_held(_with_email(email)))

    async def find_by_identity(self, provider: Provider, provider_user_id: str) -> User | None:
        """Who is known to us by a provider's word; None of who has left."""
        query = select(User).where(
            User.provider == provider,
            User.provider_user_id == provider_user_id,
            User.left_at.is_(None),
        )
        return await self._session.scalar(query)

    async def forget_identity_of_left(self, provider: Provider, provider_user_id: str) -> None:
        """Whoever left and isn't erased yet must not keep themselves from coming anew."""
        await self._session.execute(
            update(User)
            .where(
                User.provider == provider,
                User.provider_user_id == provider_user_id,
                User.left_at.is_not(None),
            )
            .values(provider_user_id=None)
        )

    async def add_social(self, **values: Any) -> User | None:
        """None if somebody was faster with the same identity."""
        statement = insert(User).values(**values)
        statement = statement.on_conflict_do_nothing(
            index_elements=[User.provider, User.provider_user_id]
        )
        return await self._session.scalar(statement.returning(User))

    async def add(self, user: User) -> User:
        """Raises EmailTaken."""
        self._session.add(user)
        await self.flush()
        return user

    async def flush(self) -> None:
        """Send what changed. Raises EmailTaken."""
        try:
            await self._session.flush()
        except IntegrityError as error:
            if violated_constraint(error) == "users_email_key":
                raise EmailTaken from None
            raise

    async def set_first_avatar(self, user_id: UUID, key: str) -> bool:
        statement = (
            update(User)
            .where(User.id == user_id, User.avatar_key.is_(None), User.left_at.is_(None))
            .values(avatar_key=key)
        )
        return await self._session.scalar(statement.returning(User.id)) is not None

    async def change_post_count(self, user_id: UUID, by: int) -> None:
        await self._session.execute(
            update(User).where(User.id == user_id).values(post_count=User.post_count + by)
        )

    # Guests

    async def take_idle_guests(self, before: datetime, now: datetime, limit: int) -> Sequence[UUID]:
        """Guests whose last session was over by then.

        A guest is not looked at again before it can be idle. So the cost does not grow with the
        number of guests.
        """
        checked_at = func.coalesce(User.guest_checked_at, User.created_at)
        due = (
            select(User.id)
            .where(User.role == _GUEST, User.left_at.is_(None), checked_at < before)
            .order_by(checked_at)
            .limit(limit)
            .with_for_update(skip_locked=True, key_share=True)
            .cte("due")
        )
        statement = (
            update(User)
            .where(User.id.in_(select(due.c.id)))
            .values(guest_checked_at=case((before > _LAST_HERE, now), else_=_LAST_HERE))
            .returning(User.id, User.guest_checked_at)
        )
        looked_at = await self._session.execute(
            statement, execution_options={"synchronize_session": False}
        )
        return [user_id for user_id, checked_at in looked_at if checked_at == now]

    async def is_idle_guest(self, user_id: UUID, before: datetime) -> bool:
        query = select(User.id).where(
            User.id == user_id,
            User.role == Role.GUEST,
            User.left_at.is_(None),
            before > _LAST_HERE,
        )
        return await self._session.scalar(query) is not None

    # Sessions

    async def add_session(
        self, user_id: UUID, user_agent: str, now: datetime, expires_at: datetime
    ) -> UserSession:
        session = UserSession(
            user_id=user_id,
            user_agent=user_agent,
            created_at=now,
            last_used_at=now,
            expires_at=expires_at,
        )
        self._session.add(session)
        await self._session.flush()
        return session

    async def lock_session(self, session_id: UUID) -> tuple[UserSession, User] | None:
        """A living session and its user; None if it ended or the user left."""
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
        row = (await self._session.execute(query)).one_or_none()
        return row and (row[0], row[1])

    async def list_sessions(
        self, user_id: UUID, now: datetime, begun_after: datetime, after_id: UUID, limit: int
    ) -> Sequence[Row]:
        query = (
            select(
                UserSession.id,
                UserSession.created_at,
                UserSession.last_used_at,
                UserSession.user_agent,
            )
            .where(
                UserSession.user_id == user_id,
                UserSession.ended_at.is_(None),
                UserSession.expires_at > now,
                UserSession.created_at > begun_after,
                UserSession.id < after_id,
            )
            .order_by(UserSession.id.desc())
            .limit(limit)
        )
        return (await self._session.execute(query)).mappings().all()

    async def end_sessions(
        self,
        user_id: UUID,
        now: datetime,
        *,
        only: UUID | None = None,
        but: UUID | None = None,
    ) -> Sequence[UUID]:
        """End one session, or all but one; the ids of those that were alive."""
        statement = update(UserSession).where(
            UserSession.user_id == user_id, UserSession.ended_at.is_(None)
        )
        if only is not None:
            statement = statement.where(UserSession.id == only)
        if but is not None:
            statement = statement.where(UserSession.id != but)
        ended = statement.values(ended_at=now).returning(UserSession.id)
        return (await self._session.scalars(ended)).all()

    async def end_sessions_begun_before(
        self, moment: datetime, now: datetime, limit: int
    ) -> Sequence[UUID]:
        """End some of the sessions that are this old and still alive; their ids."""
        old = (
            select(UserSession.id)
            .where(UserSession.created_at <= moment, UserSession.ended_at.is_(None))
            .order_by(UserSession.created_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            # A plain subquery may run once for each row of a join, and finds other rows each time.
            .cte("old")
        )
        ended = update(UserSession).where(UserSession.id.in_(select(old.c.id))).values(ended_at=now)
        return (await self._session.scalars(ended.returning(UserSession.id))).all()

    async def list_sessions_over_since(
        self, moment: datetime, after: tuple[datetime, UUID], limit: int
    ) -> Sequence[tuple[datetime, UUID]]:
        """When each was over, and its id; the longest ago first."""
        place = tuple_(literal(after[0], DateTime(timezone=True)), literal(after[1]))
        query = (
            select(_OVER_AT, UserSession.id)
            .where(moment > _OVER_AT, tuple_(_OVER_AT, UserSession.id) > place)
            .order_by(_OVER_AT, UserSession.id)
            .limit(limit)
        )
        return [(row[0], row[1]) for row in await self._session.execute(query)]

    async def delete_sessions(self, session_ids: Sequence[UUID]) -> None:
        """Leaves guests' sessions: they show when the guest was last here, and are deleted with the
        guest. Leaves those that somebody has locked, too.
        """
        of_guest = exists().where(User.id == UserSession.user_id, User.role == Role.GUEST)
        free = (
            select(UserSession.id)
            .where(UserSession.id.in_(session_ids), ~of_guest)
            .with_for_update(skip_locked=True)
        )
        await self._session.execute(delete(UserSession).where(UserSession.id.in_(free)))

    # Blocks

    async def add_block(self, blocker_id: UUID, blocked_id: UUID) -> None:
        """Raises UserNotFound if the blocked one is erased meanwhile."""
        statement = insert(UserBlock).values(blocker_id=blocker_id, blocked_id=blocked_id)
        try:
            await self._session.execute(statement.on_conflict_do_nothing())
        except IntegrityError as error:
            if violated_constraint(error) == "user_blocks_blocked_id_fkey":
                raise UserNotFound from None
            raise

    async def delete_block(self, blocker_id: UUID, blocked_id: UUID) -> None:
        await self._session.execute(
            delete(UserBlock).where(
                UserBlock.blocker_id == blocker_id, UserBlock.blocked_id == blocked_id
            )
        )

    async def has_blocked(self, blocker_id: UUID, blocked_id: UUID) -> bool:
        query = select(UserBlock.id).where(
            UserBlock.blocker_id == blocker_id, UserBlock.blocked_id == blocked_id
        )
        return await self._session.scalar(query) is not None

    async def list_blocks(self, viewer_id: UUID, after_id: UUID, limit: int) -> Sequence[Row]:
        found = await self._session.execute(
            _BLOCKS, {"viewer_id": viewer_id, "after_id": after_id, "row_limit": limit}
        )
        return found.mappings().all()


def _held(query: Select[User]) -> Select[User]:
    # Not against those who only point to the user: no id is ever changed. What the session knew
    # of the row is read again: it may have changed while we waited for the lock.
    held = query.with_for_update(key_share=True)
    return held.execution_options(populate_existing=True)


def _with_email(email: str) -> Select[User]:
    # Lower case by the database on both sides: Python's differs from it in some letters.
    return select(User).where(
        User.provider == "email",
        func.lower(User.email) == func.lower(email),
        User.left_at.is_(None),
    )
