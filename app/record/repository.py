"""Every SQL statement about connection records."""

from collections.abc import Sequence
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, bindparam, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyset import page_limit
from app.core.materialized import materialized
from app.core.rows import Query
from app.record.enums import Act, Subject
from app.record.models import ConnectionRecord
from app.record.rows import RecordRow

# A Core statement, built once: every post and comment executes it.
_ADD = insert(cast(Table, ConnectionRecord.__table__))

_RECORDS = (
    select(
        ConnectionRecord.id,
        ConnectionRecord.created_at,
        ConnectionRecord.act,
        ConnectionRecord.subject_type,
        ConnectionRecord.subject_id,
        ConnectionRecord.user_id,
        func.host(ConnectionRecord.address).label("address"),
        ConnectionRecord.port,
    )
    .order_by(ConnectionRecord.id)
    .limit(page_limit())
)
_ABOUT = Query(
    RecordRow,
    _RECORDS.where(
        or_(
            ConnectionRecord.subject_id == bindparam("subject_id"),
            ConnectionRecord.user_id == bindparam("subject_id"),
        )
    ),
)
_BY_USERS = Query(
    RecordRow,
    _RECORDS.where(ConnectionRecord.user_id.in_(bindparam("user_ids", expanding=True))),
)


class RecordRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(
        self,
        act: Act,
        subject: Subject,
        subject_id: UUID,
        user_id: UUID,
        address: str | None,
        port: int | None,
    ) -> None:
        values = {
            "act": act,
            "subject_type": subject,
            "subject_id": subject_id,
            "user_id": user_id,
            "address": address,
            "port": port,
        }
        await self._session.execute(_ADD, values)

    async def list_about(self, subject_id: UUID, limit: int) -> Sequence[RecordRow]:
        """About a thing, or by the user with this id. The oldest come first."""
        return await _ABOUT.all(self._session, subject_id=subject_id, row_limit=limit)

    async def list_by_users(self, user_ids: Sequence[UUID], limit: int) -> Sequence[RecordRow]:
        """All records of these users. The oldest come first."""
        return await _BY_USERS.all(self._session, user_ids=user_ids, row_limit=limit)

    async def delete_older_than(self, moment: datetime, limit: int) -> int:
        """Delete the oldest records, at most `limit`. Returns how many it deleted."""
        old = (
            select(ConnectionRecord.id)
            .where(ConnectionRecord.id < first_id_at(moment))
            .order_by(ConnectionRecord.id)
            .limit(limit)
        )
        deleted = delete(ConnectionRecord).where(
            ConnectionRecord.id.in_(select(materialized(old).c.id))
        )
        return len((await self._session.scalars(deleted.returning(ConnectionRecord.id))).all())


def first_id_at(moment: datetime) -> UUID:
    """The lowest UUIDv7 that can be made at this moment (RFC 9562, 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
