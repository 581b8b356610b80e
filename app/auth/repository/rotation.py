"""Exchanging a refresh token for the next one in two statements: a look, and the exchange.

The look locks nothing. The exchange locks the token, then the session, and does nothing if either
has changed. So twenty requests with the same token take turns, and none needs a transaction.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CTE,
    Date,
    DateTime,
    LargeBinary,
    Uuid,
    bindparam,
    func,
    select,
    update,
)

from app.auth.models import RefreshToken
from app.auth.rows import LivingToken, NewToken
from app.core.database import AnySelect
from app.core.days import day_of
from app.core.db import Repository
from app.core.sql.rows import Query, values_of
from app.core.sql.writes import insert_from, table_of
from app.live_log.changes import Kind
from app.live_log.writing import change, logged
from app.notification.writes import devices_deleted
from app.user.models import User, UserSession
from app.user.writes import active_noted, session_ended, session_used

_TOKENS = table_of(RefreshToken)

_MOMENT = DateTime(timezone=True)
_HASH = bindparam("token_hash", type_=LargeBinary)
_TOKEN_ID = bindparam("token_id", type_=Uuid)
_SESSION_ID = bindparam("session_id", type_=Uuid)
_USER_ID = bindparam("user_id", type_=Uuid)
_ROTATED_AT = bindparam("rotated_at", type_=_MOMENT)
_NOW = bindparam("now", type_=_MOMENT)
_EXPIRES_AT = bindparam("expires_at", type_=_MOMENT)

_LIVING = Query(
    LivingToken,
    select(
        RefreshToken.id,
        RefreshToken.rotated_at,
        UserSession.id.label("session_id"),
        UserSession.created_at.label("session_started_at"),
        User.id.label("user_id"),
        User.role,
        User.status,
        User.suspension_reason,
        User.suspended_until,
        User.suspension_id,
    )
    .join(UserSession, UserSession.id == RefreshToken.session_id)
    .join(User, User.id == UserSession.user_id)
    .where(
        RefreshToken.token_hash == _HASH,
        RefreshToken.expires_at > _NOW,
        UserSession.ended_at.is_(None),
        UserSession.created_at > bindparam("started_after", type_=_MOMENT),
        User.left_at.is_(None),
    ),
)


def _exchange() -> AnySelect:
    """Gives a row if it has added the next token. The first exchange sets `rotated_at`."""
    rotated = (
        update(_TOKENS)
        .where(_TOKENS.c.id == _TOKEN_ID, _TOKENS.c.rotated_at.is_not_distinct_from(_ROTATED_AT))
        .values(rotated_at=func.coalesce(_TOKENS.c.rotated_at, _NOW))
        .returning(_TOKENS.c.id)
        .cte("rotated")
    )
    used = session_used(rotated, _SESSION_ID, _NOW, _EXPIRES_AT)
    added = _added(used)
    noted = active_noted(used, _USER_ID, bindparam("day", type_=Date), _NOW)
    return select(added.c.id).add_cte(noted)


def _added(session: CTE) -> CTE:
    row = {
        "session_id": session.c.id,
        "token_hash": _HASH,
        "created_at": _NOW,
        "expires_at": _EXPIRES_AT,
    }
    added = insert_from(_TOKENS, row, select().select_from(session))
    return added.returning(_TOKENS.c.id).cte("added")


def _end() -> AnySelect:
    ended = session_ended(_SESSION_ID, _NOW)
    published = logged(change(ended, ended.c.user_id, Kind.SESSION, ended.c.id))
    return select(ended.c.id).add_cte(devices_deleted(ended), published)


_EXCHANGE = values_of(UUID, _exchange())
_END = values_of(UUID, _end())


class RotationRepository(Repository):
    """Each statement stands on its own: no transaction holds them together."""

    async def find_living(
        self, token_hash: bytes, now: datetime, started_after: datetime
    ) -> LivingToken | None:
        """None if the token is unknown or expired, or its session is over or too old."""
        return await self._db.first(
            _LIVING, token_hash=token_hash, now=now, started_after=started_after
        )

    async def exchange(self, token: LivingToken, new: NewToken, now: datetime) -> bool:
        """Add the next token. Returns False if the old one or its session has changed meanwhile."""
        added = await self._db.first(
            _EXCHANGE,
            token_id=token.id,
            rotated_at=token.rotated_at,
            session_id=token.session_id,
            user_id=token.user_id,
            day=day_of(now),
            token_hash=new.token_hash,
            expires_at=new.expires_at,
            now=now,
        )
        return added is not None

    async def end_session(self, session_id: UUID, now: datetime) -> None:
        """End a session and delete its device."""
        await self._db.first(_END, session_id=session_id, now=now)
