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
    cast,
    delete,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import AnySelect
from app.core.keyset import Row, page_limit
from app.moderation.enums import CaseStatus, ReportReason, Resolution
from app.moderation.exceptions import ReportNotFound, ReportResolved
from app.moderation.models import Report, ReportCase, ReportCopy

MOST_DETAILS = 5
MOST_LATER_COPIES = 4
"""With the first that makes five versions an entry; `list_reports_of` has them all."""

_DETAILS = (
    select(Report.detail)
    .where(Report.case_id == ReportCase.id, Report.detail != "")
    .order_by(Report.id)
    .limit(MOST_DETAILS)
    .scalar_subquery()
)
_LATEST_COPIES = (
    select(ReportCopy.id, ReportCopy.snapshot, ReportCopy.created_at)
    .where(ReportCopy.case_id == ReportCase.id)
    .order_by(ReportCopy.id.desc())
    .limit(MOST_LATER_COPIES)
    .correlate(ReportCase)
    .subquery()
)
_LATER_COPIES = select(
    func.jsonb_agg(
        aggregate_order_by(
            func.jsonb_build_object(
                *("snapshot", _LATEST_COPIES.c.snapshot),
                *("reported_at", _LATEST_COPIES.c.created_at),
            ),
            _LATEST_COPIES.c.id,
        )
    )
).scalar_subquery()
_COUNT_OF_LATER_COPIES = (
    select(func.count()).where(ReportCopy.case_id == ReportCase.id).scalar_subquery()
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
    ReportCase.erased_at,
    func.coalesce(_LATER_COPIES, text("'[]'::jsonb"), type_=JSONB).label("later_copies"),
    _COUNT_OF_LATER_COPIES.label("later_copy_count"),
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

_REPORTS_OF: AnySelect = (
    select(
        Report.id,
        Report.reason,
        Report.detail,
        func.coalesce(ReportCopy.snapshot, ReportCase.snapshot, type_=JSONB).label("snapshot"),
        Report.created_at,
    )
    .join(ReportCase, ReportCase.id == Report.case_id)
    .outerjoin(ReportCopy, ReportCopy.id == Report.copy_id)
    .where(
        Report.case_id == bindparam("case_id", type_=Uuid),
        Report.id > bindparam("after_id", type_=Uuid),
    )
    .order_by(Report.id)
    .limit(page_limit())
)


class ModerationRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_open_report(
        self, reporter_id: UUID, target_type: str, target_id: UUID
    ) -> Row | None:
        """The reporter's report in the target's open case."""
        query = _REPORTS.where(
            Report.reporter_id == reporter_id,
            Report.target_type == target_type,
            Report.target_id == target_id,
            ReportCase.status == CaseStatus.OPEN,
        )
        return (await self._session.execute(query)).mappings().one_or_none()

    async def lock_open_case(
        self,
        target_type: str,
        target_id: UUID,
        author_id: UUID | None,
        reason: ReportReason,
        gravity: int,
        snapshot: dict[str, Any],
        now: datetime,
        due_at: datetime,
    ) -> Row:
        """The target's open case, made if there is none: `id` and the first `snapshot`.

        The case stays open until the transaction ends. If an admin is closing it at this moment,
        this waits and then makes a new one.
        """
        statement = insert(ReportCase).values(
            target_type=target_type,
            target_id=target_id,
            author_id=author_id,
            gravity=gravity,
            reasons=[reason],
            report_count=0,
            snapshot=snapshot,
            created_at=now,
            due_at=due_at,
        )
        # Nothing changes: an update is how INSERT locks the row that is there.
        upsert = statement.on_conflict_do_update(
            index_elements=["target_type", "target_id"],
            index_where=ReportCase.status == literal_column("'open'"),
            set_={"report_count": ReportCase.report_count},
        )
        locked = upsert.returning(ReportCase.id, ReportCase.snapshot)
        return (await self._session.execute(locked)).mappings().one()

    async def count_report(self, case_id: UUID, reason: ReportReason, gravity: int) -> None:
        """Add one to a case that is locked."""
        with_this = func.array_append(ReportCase.reasons, reason)
        known = ReportCase.reasons.contains([reason])
        await self._session.execute(
            update(ReportCase)
            .where(ReportCase.id == case_id)
            .values(
                report_count=ReportCase.report_count + 1,
                gravity=func.greatest(ReportCase.gravity, gravity),
                reasons=case((known, ReportCase.reasons), else_=with_this),
            )
        )

    async def add_copy(self, case_id: UUID, digest: bytes, snapshot: dict[str, Any]) -> UUID:
        """Keep a version in a case that is locked; the same one once."""
        statement = insert(ReportCopy).values(case_id=case_id, digest=digest, snapshot=snapshot)
        upsert = statement.on_conflict_do_update(
            index_elements=["case_id", "digest"], set_={"digest": statement.excluded.digest}
        )
        return (await self._session.execute(upsert.returning(ReportCopy.id))).scalar_one()

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

    async def lock_case(self, case_id: UUID) -> None:
        """Lock an open case. Raises ReportNotFound, ReportResolved."""
        query = select(ReportCase.status).where(ReportCase.id == case_id)
        status = await self._session.scalar(query.with_for_update(key_share=True))
        if status is None:
            raise ReportNotFound
        if status != CaseStatus.OPEN:
            raise ReportResolved

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

    async def list_reports_of(self, case_id: UUID, after_id: UUID, limit: int) -> Sequence[Row]:
        """The reports of a case, the oldest first, each with what its reporter saw."""
        params = {"case_id": case_id, "after_id": after_id, "row_limit": limit}
        return (await self._session.execute(_REPORTS_OF, params)).mappings().all()

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

    # Erasing what was reported, so long after the decision

    async def list_to_erase(self, before: datetime, limit: int) -> Sequence[UUID]:
        """Cases that were decided before a moment and still hold words; the oldest first."""
        query = (
            select(ReportCase.id)
            .where(ReportCase.resolved_at < before, ReportCase.erased_at.is_(None))
            .order_by(ReportCase.resolved_at)
            .limit(limit)
        )
        return (await self._session.scalars(query)).all()

    async def erase_details(self, case_id: UUID, most: int) -> int:
        """Empty some reports of a case; how many there were."""
        full = or_(Report.detail != "", Report.copy_id.is_not(None))
        some = select(Report.id).where(Report.case_id == case_id, full).limit(most)
        erased = update(Report).where(Report.id.in_(some)).values(detail="", copy_id=None)
        return len((await self._session.scalars(erased.returning(Report.id))).all())

    async def delete_copies(self, case_id: UUID, most: int) -> int:
        """Delete some of a case's later versions, which no report has; how many there were."""
        some = select(ReportCopy.id).where(ReportCopy.case_id == case_id).limit(most)
        gone = delete(ReportCopy).where(ReportCopy.id.in_(some))
        return len((await self._session.scalars(gone.returning(ReportCopy.id))).all())

    async def mark_erased(self, case_id: UUID, now: datetime) -> None:
        """Erase the first version, and mark the case as erased."""
        empty = cast(text("'{}'"), JSONB)
        await self._session.execute(
            update(ReportCase).where(ReportCase.id == case_id).values(snapshot=empty, erased_at=now)
        )
