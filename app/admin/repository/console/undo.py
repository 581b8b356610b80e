"""Acts of the console that can be taken back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select

from app.admin.models import UndoableAct
from app.core.db import Repository
from app.core.sql.materialized import materialized

OLD_AT_ONCE = 100
"""Rows that one act deletes. Each act adds one, so the table stays small."""


class UndoRepository(Repository):
    async def add(self, act: UndoableAct) -> UUID:
        return (await self._db.add(act)).id

    async def lock(self, act_id: UUID, session_id: UUID) -> UndoableAct | None:
        """An act of a session, locked. None if it was another session's, or was deleted."""
        query = select(UndoableAct).where(
            UndoableAct.id == act_id, UndoableAct.admin_session_id == session_id
        )
        return await self._db.first(query.with_for_update())

    async def mark_undone(self, act: UndoableAct, now: datetime) -> None:
        await self._db.change(act, undone_at=now)

    async def delete_some_old(self, now: datetime) -> None:
        """Delete acts that can't be taken back any more. Skips those that are being deleted."""
        query = select(UndoableAct.id).where(UndoableAct.until < now).limit(OLD_AT_ONCE)
        old = materialized(query.with_for_update(skip_locked=True))
        await self._db.execute(delete(UndoableAct).where(UndoableAct.id.in_(select(old.c.id))))
