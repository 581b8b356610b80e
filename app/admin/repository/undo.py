"""Acts of the console that can be taken back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from app.admin.models import UndoableAct
from app.core.materialized import materialized

OLD_AT_ONCE = 100
"""Rows that one act deletes. Each act adds one, so the table stays small."""


class UndoRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, act: UndoableAct) -> None:
        self._session.add(act)
        await self._session.flush()

    async def lock(self, act_id: UUID, session_id: UUID) -> UndoableAct | None:
        """An act of a session, locked. None if it was another session's, or was deleted."""
        query = select(UndoableAct).where(
            UndoableAct.id == act_id, UndoableAct.admin_session_id == session_id
        )
        act: UndoableAct | None = await self._session.scalar(query.with_for_update())
        return act

    async def mark_undone(self, act: UndoableAct, now: datetime) -> None:
        act.undone_at = now
        await self._session.flush()

    async def delete_some_old(self, now: datetime) -> None:
        """Delete acts that can't be taken back any more. Skips those that are being deleted."""
        query = select(UndoableAct.id).where(UndoableAct.until < now).limit(OLD_AT_ONCE)
        old = materialized(query.with_for_update(skip_locked=True))
        await self._session.execute(delete(UndoableAct).where(UndoableAct.id.in_(select(old.c.id))))
