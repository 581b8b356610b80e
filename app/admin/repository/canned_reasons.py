"""Canned reasons."""

from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.admin.enums import ReasonUse
from app.admin.models import CannedReason

_LIST = 3_405_817_296
"""The advisory lock of the list: a number that no other lock has."""


class CannedReasonRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock_list(self) -> None:
        # An advisory lock: two new reasons at the same moment must count each other.
        await self._session.execute(select(func.pg_advisory_xact_lock(_LIST)))

    async def count(self, use: ReasonUse) -> int:
        query = select(func.count()).where(CannedReason.use == use)
        return await self._session.scalar(query) or 0

    async def lock(self, reason_id: UUID) -> CannedReason | None:
        query = select(CannedReason).where(CannedReason.id == reason_id).with_for_update()
        reason: CannedReason | None = await self._session.scalar(query)
        return reason

    async def add(self, reason: CannedReason) -> None:
        self._session.add(reason)
        await self._session.flush()

    async def change(self, reason: CannedReason, ja: str, en: str) -> None:
        reason.ja, reason.en = ja, en
        await self._session.flush()

    async def delete(self, reason_id: UUID) -> None:
        await self._session.execute(delete(CannedReason).where(CannedReason.id == reason_id))
