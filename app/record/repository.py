"""Every SQL statement about connection records."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.keyset import Row
from app.record.models import ConnectionRecord

# On the table and built once: it is in the transaction of every post and comment.
_ADD = insert(cast(Table, ConnectionRecord.__table__))

_RECORDS = select(
    ConnectionRecord.id,
    ConnectionRecord.created_at,
    ConnectionRecord.act,
    ConnectionRecord.subject_type,
    ConnectionRecord.subject_id,
    ConnectionRecord.user_id,
    func.host(ConnectionRecord.address).label("address"),
    ConnectionRecord.port,
).order_by(ConnectionRecord.id)


class RecordRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, **values: Any) -> None:
        await self._session.execute(_ADD, values)

    async def list_of(self, subject_id: UUID, limit: int) -> Sequence[Row]:
        """About a thing, or by a user with this id; the oldest first."""
        about = ConnectionRecord.subject_id == subject_id
        by = ConnectionRecord.user_id == subject_id
        query = _RECORDS.where(or_(about, by)).limit(limit)
        return (await self._session.execute(query)).mappings().all()

    async def list_of_users(self, user_ids: Sequence[UUID], limit: int) -> Sequence[Row]:
        """Everything by these users, the oldest first."""
        query = _RECORDS.where(ConnectionRecord.user_id.in_(user_ids)).limit(limit)
        return (await self._session.execute(query)).mappings().all()

    async def delete_older_than(self, moment: datetime, most: int) -> int:
        """The oldest ones, along the primary key; how many there were."""
        old = (
            select(ConnectionRecord.id)
            .where(ConnectionRecord.id < first_id_at(moment))
            .order_by(ConnectionRecord.id)
            .limit(most)
        )
        gone = delete(ConnectionRecord).where(ConnectionRecord.id.in_(old))
        return len((await self._session.scalars(gone.returning(ConnectionRecord.id))).all())


def first_id_at(moment: datetime) -> UUID:
    """What no UUIDv7 that was made at this moment or later is below (RFC 9562, 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
