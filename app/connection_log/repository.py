"""Every SQL statement about the connection log."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Uuid,
    bindparam,
    delete,
    func,
    insert,
    select,
    union_all,
)

from app.connection_log.enums import RecordedAct, Subject
from app.connection_log.models import ConnectionRecord
from app.connection_log.rows import ConnectionRow
from app.core.database import AnySelect
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query

_SUBJECT_ID, _AFTER_ID = bindparam("subject_id", type_=Uuid), bindparam("after_id", type_=Uuid)


def _oldest(*conditions: ColumnElement[bool]) -> AnySelect:
    return (
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
        .where(ConnectionRecord.id > _AFTER_ID, *conditions)
        .order_by(ConnectionRecord.id)
        .limit(page_limit())
    )


# One select for each index: with an OR PostgreSQL would sort all records of a user for each page.
_PARTS = (
    _oldest(ConnectionRecord.subject_id == _SUBJECT_ID),
    # A user's own account is a subject too. Its records are in the first part already.
    _oldest(ConnectionRecord.user_id == _SUBJECT_ID, ConnectionRecord.subject_id != _SUBJECT_ID),
)
_EITHER = union_all(*(part.subquery().select() for part in _PARTS)).subquery()
_ABOUT = Query(ConnectionRow, select(_EITHER).order_by(_EITHER.c.id).limit(page_limit()))


_NAMES = ("act", "subject_type", "subject_id", "user_id", "address", "port")
_ADD = insert(ConnectionRecord).values({name: bindparam(f"new_{name}") for name in _NAMES})


class ConnectionLogRepository(Repository):
    async def add(
        self,
        act: RecordedAct,
        subject: Subject,
        subject_id: UUID,
        user_id: UUID,
        address: str | None,
        port: int | None,
    ) -> None:
        await self._db.execute(
            _ADD,
            new_act=act,
            new_subject_type=subject,
            new_subject_id=subject_id,
            new_user_id=user_id,
            new_address=address,
            new_port=port,
        )

    async def list_about(
        self, subject_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[ConnectionRow]:
        """Records about a thing, or by the user with this id, after `after_id`. The oldest come
        first.
        """
        return await self._db.all(_ABOUT, subject_id=subject_id, after_id=after_id, row_limit=limit)

    async def delete_older_than(self, moment: datetime, limit: int) -> int:
        """The oldest first. Returns how many were deleted."""
        old = (
            select(ConnectionRecord.id)
            .where(ConnectionRecord.id < first_id_at(moment))
            .order_by(ConnectionRecord.id)
            .limit(limit)
        )
        deleted = delete(ConnectionRecord).where(
            ConnectionRecord.id.in_(select(materialized(old).c.id))
        )
        return len(await self._db.all(deleted.returning(ConnectionRecord.id)))


def first_id_at(moment: datetime) -> UUID:
    """The lowest UUIDv7 that can be made at this moment (RFC 9562, 5.7)."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
