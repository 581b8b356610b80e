"""Canned reasons."""

from uuid import UUID

from sqlalchemy import delete, func, select

from app.admin.enums import ReasonUse
from app.admin.models import CannedReason
from app.core.db import Repository

_LIST = 3_405_817_296
"""The advisory lock of the list: a number that no other lock has."""


class CannedReasonRepository(Repository):
    async def lock_list(self) -> None:
        # An advisory lock: two new reasons at the same moment must count each other.
        await self._db.execute(select(func.pg_advisory_xact_lock(_LIST)))

    async def count(self, use: ReasonUse) -> int:
        query = select(func.count()).where(CannedReason.use == use)
        return await self._db.first(query) or 0

    async def lock(self, reason_id: UUID) -> CannedReason | None:
        query = select(CannedReason).where(CannedReason.id == reason_id).with_for_update()
        return await self._db.first(query)

    async def add(self, reason: CannedReason) -> CannedReason:
        return await self._db.add(reason)

    async def change(self, reason: CannedReason, ja: str, en: str) -> None:
        await self._db.change(reason, ja=ja, en=en)

    async def delete(self, reason_id: UUID) -> None:
        await self._db.execute(delete(CannedReason).where(CannedReason.id == reason_id))
