"""Every SQL statement of the admin feature itself: the audit log."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.admin.models import AuditEntry
from app.core.pagination import Row, page_limit
from app.user.models import User, author_columns

_NEWEST_FIRST = (
    select(
        AuditEntry.id,
        AuditEntry.action,
        AuditEntry.target_type,
        AuditEntry.target_id,
        AuditEntry.reason,
        AuditEntry.before,
        AuditEntry.after,
        AuditEntry.created_at,
        *author_columns(),
    )
    .outerjoin(User, User.id == AuditEntry.actor_id)
    .where(AuditEntry.id < bindparam("after_id", type_=Uuid))
    .order_by(AuditEntry.id.desc())
    .limit(page_limit())
)


class AuditRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, entry: AuditEntry) -> None:
        self._session.add(entry)
        await self._session.flush()

    async def list_page(self, after_id: UUID, limit: int) -> Sequence[Row]:
        params = {"after_id": after_id, "row_limit": limit}
        return (await self._session.execute(_NEWEST_FIRST, params)).mappings().all()
