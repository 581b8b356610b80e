"""Every SQL statement about reports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Integer,
    Text,
    Uuid,
    bindparam,
    case,
    func,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.pagination import Row, page_limit
from app.moderation.enums import CaseStatus, ReportReason, Resolution
from app.moderation.exceptions import ReportNotFound, ReportResolved
from app.moderation.models import Report, ReportCase

MOST_DETAILS = 5
_DETAILS = (
    select(Report.detail)
    .where(Report.case_id == ReportCase.id, Report.detail != "")
    .order_by(Report.id)
    .limit(MOST_DETAILS)
    .scalar_subquery()
)
_CASE_COLUMNS = (
    ReportCase.id,
    ReportCase.target_type,
    ReportCase.target_id,
    ReportCase.author_id,
    ReportCase.reasons,
    ReportCase.report_count,
    func.array(_DETAILS, type_=ARRAY(Text)).label("details"),
    ReportCase.snapshot,
    ReportCase.status,
    ReportCase.resolution,
    ReportCase.note,
    ReportCase.gravity,
    ReportCase.created_at,
    ReportCase.due_at,
    ReportCase.resolved_at,
)
_QUEUE = (
    select(*_CASE_COLUMNS)
    .where(
        ReportCase.status == bindparam("status", type_=Text),
        tuple_(-ReportCase.gravity, ReportCase.id)
        > tuple_(bindparam("after_gravity", type_=Integer), bindparam("after_id", type_=Uuid)),
    )
    .order_by(-ReportCase.gravity, ReportCase.id)
    .limit(page_limit())
)
_REPORTS = select(
    Report.id,
    Report.target_type,
    Report.target_id,
    Report.reason,
    Report.detail,
    Report.created_at,
    ReportCase.status,
).join(ReportCase, ReportCase.id == Report.case_id)


class ModerationRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_report(self, reporter_id: UUID, target_type: str, target_id: UUID) -> Row | None:
        query = _REPORTS.where(
            Report.reporter_id == reporter_id,
            Report.target_type == target_type,
            Report.target_id == target_id,
        )
        return (await self._session.execute(query)).mappings().one_or_none()

    async def add_to_case(
        self,
        target_type: str,
        target_id: UUID,
        author_id: UUID | None,
        reason: ReportReason,
        gravity: int,
        snapshot: dict[str, Any],
        now: datetime,
        due_at: datetime,
    ) -> UUID:
        """Count a report in the target's open case; the first one makes the case."""
        statement = insert(ReportCase).values(
            target_type=target_type,
            target_id=target_id,
            author_id=author_id,
            gravity=gravity,
            reasons=[reason],
            report_count=1,
            snapshot=snapshot,
            created_at=now,
            due_at=due_at,
        )
        with_this = func.array_append(ReportCase.reasons, reason)
        known = ReportCase.reasons.contains([reason])
        upsert = statement.on_conflict_do_update(
            index_elements=["target_type", "target_id"],
            index_where=ReportCase.status == literal_column("'open'"),
            set_={
                "report_count": ReportCase.report_count + 1,
                "gravity": func.greatest(ReportCase.gravity, gravity),
                "reasons": case((known, ReportCase.reasons), else_=with_this),
            },
        )
        return (await self._session.execute(upsert.returning(ReportCase.id))).scalar_one()

    async def add_report(self, report: Report) -> None:
        self._session.add(report)
        await self._session.flush()

    async def list_cases(
        self, status: CaseStatus, after_gravity: int, after_id: UUID, limit: int
    ) -> Sequence[Row]:
        params = {
            "status": status,
            "after_gravity": after_gravity,
            "after_id": after_id,
            "row_limit": limit,
        }
        return (await self._session.execute(_QUEUE, params)).mappings().all()

    async def get_case(self, case_id: UUID) -> Row:
        """Raises ReportNotFound."""
        query = select(*_CASE_COLUMNS).where(ReportCase.id == case_id)
        row = (await self._session.execute(query)).mappings().one_or_none()
        if row is None:
            raise ReportNotFound
        return row

    async def resolve(
        self, case_id: UUID, resolution: Resolution, note: str, by: UUID, now: datetime
    ) -> None:
        """From open to resolved, once. Raises ReportNotFound, ReportResolved."""
        statement = (
            update(ReportCase)
            .where(ReportCase.id == case_id, ReportCase.status == CaseStatus.OPEN)
            .values(
                status=CaseStatus.RESOLVED,
                resolution=resolution,
                note=note,
                resolved_by=by,
                resolved_at=now,
            )
            .returning(ReportCase.id)
        )
        if await self._session.scalar(statement) is None:
            await self.get_case(case_id)
            raise ReportResolved

    async def list_reporters(self, case_id: UUID) -> Sequence[UUID]:
        """Those who have left since are left out."""
        query = select(Report.reporter_id).where(Report.case_id == case_id).order_by(Report.id)
        reporters = await self._session.scalars(query)
        return [reporter for reporter in reporters if reporter is not None]

    async def measure_queue(self, now: datetime) -> Row:
        oldest = func.extract("epoch", now - func.min(ReportCase.created_at))
        query = select(
            func.count().label("open"),
            func.count().filter(ReportCase.due_at < now).label("overdue"),
            # Two clocks may differ by a little: an age is never negative.
            func.greatest(func.coalesce(oldest, 0), 0).label("oldest_seconds"),
        ).where(ReportCase.status == CaseStatus.OPEN)
        return (await self._session.execute(query)).mappings().one()

    async def note_overdue(self, now: datetime) -> Sequence[UUID]:
        """Open cases that have run out since the last look."""
        statement = (
            update(ReportCase)
            .where(
                ReportCase.status == CaseStatus.OPEN,
                ReportCase.due_at < now,
                ReportCase.overdue_noted_at.is_(None),
            )
            .values(overdue_noted_at=now)
            .returning(ReportCase.id)
        )
        return (await self._session.scalars(statement)).all()
