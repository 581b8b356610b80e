"""SQL statements that erase evidence some time after the decision."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import cast, delete, or_, select, text, update
from sqlalchemy.dialects.postgresql import JSONB

from app.core.db import Repository
from app.core.sql.materialized import materialized
from app.reports.models import Report, ReportCase, ReportCopy


class ErasingRepository(Repository):
    async def list_to_erase(self, before: datetime, limit: int) -> Sequence[UUID]:
        """Cases resolved before a moment that still have evidence, the oldest first."""
        query = (
            select(ReportCase.id)
            .where(ReportCase.resolved_at < before, ReportCase.erased_at.is_(None))
            .order_by(ReportCase.resolved_at)
            .limit(limit)
        )
        return await self._db.all(query)

    async def erase_details(self, case_id: UUID, most: int) -> int:
        """Empty up to `most` reports of a case. Returns how many it emptied."""
        has_details = or_(Report.detail != "", Report.copy_id.is_not(None))
        query = select(Report.id).where(Report.case_id == case_id, has_details).limit(most)
        in_batch = Report.id.in_(select(materialized(query).c.id))
        erased = update(Report).where(in_batch).values(detail="", copy_id=None)
        return len(await self._db.all(erased.returning(Report.id)))

    async def delete_copies(self, case_id: UUID, most: int) -> int:
        """Delete up to `most` later versions of a case. Returns how many it deleted.

        No report may refer to them any more.
        """
        query = select(ReportCopy.id).where(ReportCopy.case_id == case_id).limit(most)
        deleted = delete(ReportCopy).where(ReportCopy.id.in_(select(materialized(query).c.id)))
        return len(await self._db.all(deleted.returning(ReportCopy.id)))

    async def mark_erased(self, case_id: UUID, now: datetime) -> None:
        """Erase the first version, and mark the case as erased."""
        empty = cast(text("'{}'"), JSONB)
        await self._db.execute(
            update(ReportCase).where(ReportCase.id == case_id).values(snapshot=empty, erased_at=now)
        )
