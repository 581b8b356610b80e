"""SQL statements about reports."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Float,
    Integer,
    Text,
    Update,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by, insert
from sqlalchemy.orm import InstrumentedAttribute

from app.comment.models import Comment
from app.core.database import broken_means
from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query, values_of
from app.reports.enums import CaseStatus, ReportReason, ReportTarget, Resolution
from app.reports.exceptions import NewerCase, ReportNotFound, ReportResolved
from app.reports.models import URGENCY, Report, ReportCase, ReportCopy, outcome_of
from app.reports.rows import (
    CaseRow,
    DueCase,
    NewCase,
    NicknameCase,
    OpenCase,
    QueueRow,
    ReportOfCase,
    Snapshot,
)
from app.reports.rows import Report as ReportRow

MAX_DETAILS = 5
MAX_LATER_VERSIONS = 4
"""Together with the first, an entry of the queue has five. `list_reports_of` has all."""

_CASE_ID = bindparam("case_id", type_=Uuid)
_AFTER_ID = bindparam("after_id", type_=Uuid)

_DETAILS = (
    select(Report.detail)
    .where(Report.case_id == ReportCase.id, Report.detail != "")
    .order_by(Report.id)
    .limit(MAX_DETAILS)
    .scalar_subquery()
)
_LATEST_COPIES = (
    select(ReportCopy.id, ReportCopy.snapshot, ReportCopy.created_at)
    .where(ReportCopy.case_id == ReportCase.id)
    .order_by(ReportCopy.id.desc())
    .limit(MAX_LATER_VERSIONS)
    .correlate(ReportCase)
    .subquery()
)
_LATER_VERSIONS = select(
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
_LATER_VERSION_COUNT = (
    select(func.count()).where(ReportCopy.case_id == ReportCase.id).scalar_subquery()
)
_CASES = select(
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
    func.coalesce(_LATER_VERSIONS, text("'[]'::jsonb"), type_=JSONB).label("later_versions"),
    _LATER_VERSION_COUNT.label("later_version_count"),
)
_THESE = Query(
    CaseRow, _CASES.where(ReportCase.id == func.any(bindparam("case_ids", type_=ARRAY(Uuid))))
)
_CASE = Query(CaseRow, _CASES.where(ReportCase.id == _CASE_ID))


def _queue(key: ColumnElement[Any], after: ColumnElement[Any]) -> Query[CaseRow]:
    """The cases of a status in the order of a key, behind a place."""
    is_later = tuple_(key, ReportCase.id) > tuple_(after, _AFTER_ID)
    cases = _CASES.where(ReportCase.status == bindparam("status", type_=Text), is_later)
    return Query(CaseRow, cases.order_by(key, ReportCase.id).limit(page_limit()))


_QUEUE = _queue(-ReportCase.gravity, bindparam("after_gravity", type_=Integer))
_BY_URGENCY = _queue(
    literal_column(URGENCY, type_=DateTime()), bindparam("after_urgency", type_=DateTime())
)
_RESOLVED = Query(
    CaseRow,
    _CASES.where(
        # What the index has. An open case has no such moment.
        ReportCase.resolved_at.is_not(None),
        tuple_(ReportCase.resolved_at, ReportCase.id)
        < tuple_(bindparam("before", type_=DateTime(timezone=True)), _AFTER_ID),
    )
    .order_by(ReportCase.resolved_at.desc(), ReportCase.id.desc())
    .limit(page_limit()),
)
_OWN = (
    select(
        Report.id,
        Report.target_type,
        Report.target_id,
        Report.reason,
        Report.detail,
        ReportCase.status,
        outcome_of(ReportCase.resolution).label("outcome"),
        Report.created_at,
        ReportCase.resolved_at.label("decided_at"),
    )
    .join(ReportCase, ReportCase.id == Report.case_id)
    .where(Report.reporter_id == bindparam("reporter_id", type_=Uuid))
)
_OWN_PAGE = Query(
    ReportRow, _OWN.where(Report.id < _AFTER_ID).order_by(Report.id.desc()).limit(page_limit())
)
_OPEN_REPORT = Query(
    ReportRow,
    _OWN.where(
        Report.target_type == bindparam("target_type", type_=Text),
        Report.target_id == bindparam("target_id", type_=Uuid),
        ReportCase.status == CaseStatus.OPEN,
    ),
)
_IS_ABOUT_VIEWER = ReportCase.author_id == bindparam("viewer_id", type_=Uuid)
_REPORTS_OF_CASE = Query(
    ReportOfCase,
    select(
        Report.id,
        Report.reason,
        case((_IS_ABOUT_VIEWER, ""), else_=Report.detail).label("detail"),
        func.coalesce(ReportCopy.snapshot, ReportCase.snapshot, type_=JSONB).label("snapshot"),
        Report.created_at,
    )
    .join(ReportCase, ReportCase.id == Report.case_id)
    .outerjoin(ReportCopy, ReportCopy.id == Report.copy_id)
    .where(Report.case_id == _CASE_ID, Report.id > _AFTER_ID)
    .order_by(Report.id)
    .limit(page_limit()),
)
_REPORTED_BY = values_of(
    UUID,
    select(Report.case_id).where(
        Report.case_id == func.any(bindparam("case_ids", type_=ARRAY(Uuid))),
        Report.reporter_id == bindparam("user_id", type_=Uuid),
    ),
)
_NICKNAME_CASES = Query(
    NicknameCase,
    select(
        ReportCase.target_id.label("user_id"),
        ReportCase.snapshot["nickname"].astext.label("nickname"),
        ReportCase.resolved_at,
    ).where(
        ReportCase.author_id == func.any(bindparam("user_ids", type_=ARRAY(Uuid))),
        ReportCase.target_type == ReportTarget.USER,
        or_(
            ReportCase.status == CaseStatus.OPEN,
            and_(
                ReportCase.resolution == Resolution.DISMISS,
                ReportCase.reasons.contains([ReportReason.SYSTEM]),
            ),
        ),
    ),
)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_OLDEST_SECONDS = func.extract("epoch", _NOW - func.min(ReportCase.created_at))
_QUEUE_SIZE = Query(
    QueueRow,
    select(
        func.count().label("open"),
        func.count().filter(ReportCase.due_at < _NOW).label("overdue"),
        # The clocks of two machines differ a little. An age is never negative.
        cast(func.greatest(func.coalesce(_OLDEST_SECONDS, 0), 0), Float).label("oldest_seconds"),
    ).where(ReportCase.status == CaseStatus.OPEN),
)


def _noting(
    noted_at: InstrumentedAttribute[datetime | None], due: datetime, now: datetime, most: int
) -> Update:
    """Notes `now` in up to `most` open cases without such a note that are due before `due`.

    The earliest first. Skips those that an admin is closing.
    """
    batch = materialized(
        select(ReportCase.id)
        .where(
            # A literal, so that PostgreSQL uses the partial index.
            ReportCase.status == literal_column("'open'"),
            ReportCase.due_at < due,
            noted_at.is_(None),
        )
        .order_by(ReportCase.due_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return update(ReportCase).where(ReportCase.id.in_(select(batch.c.id))).values({noted_at: now})


class ReportRepository(Repository):
    async def find_open_report(
        self, reporter_id: UUID, target_type: str, target_id: UUID
    ) -> ReportRow | None:
        """The reporter's report in the target's open case."""
        return await self._db.first(
            _OPEN_REPORT, reporter_id=reporter_id, target_type=target_type, target_id=target_id
        )

    async def list_own(self, reporter_id: UUID, after_id: UUID, limit: int) -> Sequence[ReportRow]:
        """A user's reports, the newest first."""
        return await self._db.all(
            _OWN_PAGE, reporter_id=reporter_id, after_id=after_id, row_limit=limit
        )

    async def find_parent(self, comment_id: UUID) -> UUID | None:
        """The parent of a comment, whoever may see it."""
        parent: UUID | None = await self._db.first(
            select(Comment.parent_id).where(Comment.id == comment_id)
        )
        return parent

    async def lock_open_case(self, new: NewCase) -> OpenCase:
        """Lock the target's open case; open one if there is none.

        The case stays open until the transaction ends. If an admin is closing a case at this
        moment, this waits and then opens a new one.
        """
        statement = insert(ReportCase).values(**asdict(new), gravity=0, reasons=[], report_count=0)
        # The update changes nothing. It makes INSERT lock a row that exists already.
        upsert = statement.on_conflict_do_update(
            index_elements=["target_type", "target_id"],
            index_where=ReportCase.status == literal_column("'open'"),
            set_={"report_count": ReportCase.report_count},
        )
        locked = upsert.returning(ReportCase.id, ReportCase.snapshot, ReportCase.reasons)
        return OpenCase(*await self._db.one(locked))

    async def add_reason(self, case_id: UUID, reason: str, gravity: int, **others: Any) -> None:
        """Add a reason to a locked case, and change its `others`."""
        is_known = ReportCase.reasons.contains([reason])
        appended = func.array_append(ReportCase.reasons, reason)
        await self._db.execute(
            update(ReportCase)
            .where(ReportCase.id == case_id)
            .values(
                gravity=func.greatest(ReportCase.gravity, gravity),
                reasons=case((is_known, ReportCase.reasons), else_=appended),
                **others,
            )
        )

    async def count_report(self, case_id: UUID, reason: str, gravity: int) -> None:
        """Count one more report in a locked case."""
        count = ReportCase.report_count + 1
        await self.add_reason(case_id, reason, gravity, report_count=count)

    async def add_copy(self, case_id: UUID, digest: bytes, snapshot: Snapshot) -> UUID:
        """Store a version in a locked case, unless the case has it already. Returns its id."""
        statement = insert(ReportCopy).values(case_id=case_id, digest=digest, snapshot=snapshot)
        upsert = statement.on_conflict_do_update(
            index_elements=["case_id", "digest"], set_={"digest": statement.excluded.digest}
        )
        return await self._db.one(upsert.returning(ReportCopy.id))

    async def add_report(self, report: Report) -> None:
        await self._db.add(report)

    async def list_cases(
        self, status: CaseStatus, after_gravity: int, after_id: UUID, limit: int
    ) -> Sequence[CaseRow]:
        return await self._db.all(
            _QUEUE,
            status=status,
            after_gravity=after_gravity,
            after_id=after_id,
            row_limit=limit,
        )

    async def list_by_urgency(
        self, status: CaseStatus, after_urgency: datetime, after_id: UUID, limit: int
    ) -> Sequence[CaseRow]:
        return await self._db.all(
            _BY_URGENCY,
            status=status,
            after_urgency=after_urgency,
            after_id=after_id,
            row_limit=limit,
        )

    async def list_resolved(
        self, before: datetime, after_id: UUID, limit: int
    ) -> Sequence[CaseRow]:
        """The latest decision first."""
        return await self._db.all(_RESOLVED, before=before, after_id=after_id, row_limit=limit)

    async def get_case(self, case_id: UUID) -> CaseRow:
        """Raises ReportNotFound."""
        case = await self._db.first(_CASE, case_id=case_id)
        if case is None:
            raise ReportNotFound
        return case

    async def lock_case(self, case_id: UUID) -> None:
        """Lock an open case. Raises ReportNotFound, ReportResolved."""
        query = select(ReportCase.status).where(ReportCase.id == case_id)
        status = await self._db.first(query.with_for_update(key_share=True))
        if status is None:
            raise ReportNotFound
        if status != CaseStatus.OPEN:
            raise ReportResolved

    async def lock_cases(self, case_ids: Sequence[UUID]) -> None:
        """Lock some cases, in the order of their ids."""
        query = select(ReportCase.id).where(ReportCase.id.in_(case_ids)).order_by(ReportCase.id)
        await self._db.all(query.with_for_update(key_share=True))

    async def list_these(self, case_ids: Sequence[UUID]) -> list[CaseRow]:
        return await self._db.all(_THESE, case_ids=list(case_ids))

    async def resolve(
        self, case_id: UUID, resolution: Resolution, note: str, by: UUID, now: datetime
    ) -> None:
        """Resolve an open case. Raises ReportNotFound, ReportResolved."""
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
        if await self._db.first(statement) is None:
            await self.get_case(case_id)
            raise ReportResolved

    async def reopen(self, case_id: UUID) -> None:
        """Make a resolved case an open one. Raises ReportNotFound, NewerCase."""
        statement = (
            update(ReportCase)
            .where(ReportCase.id == case_id, ReportCase.status == CaseStatus.RESOLVED)
            .values(
                status=CaseStatus.OPEN,
                resolution=None,
                note="",
                resolved_by=None,
                resolved_at=None,
            )
            .returning(ReportCase.id)
        )
        with broken_means("report_cases_open_target_key", NewerCase):
            reopened = await self._db.first(statement)
        if reopened is None:
            raise ReportNotFound

    async def list_reports_of(
        self, case_id: UUID, viewer_id: UUID, after_id: UUID, limit: int
    ) -> Sequence[ReportOfCase]:
        """The reports of a case, the oldest first; without their text if it is about the viewer."""
        return await self._db.all(
            _REPORTS_OF_CASE,
            case_id=case_id,
            viewer_id=viewer_id,
            after_id=after_id,
            row_limit=limit,
        )

    async def list_reported_by(self, user_id: UUID, case_ids: Sequence[UUID]) -> Sequence[UUID]:
        return await self._db.all(_REPORTED_BY, user_id=user_id, case_ids=list(case_ids))

    async def list_nicknames_decided(self, user_ids: Sequence[UUID]) -> Sequence[NicknameCase]:
        """The cases about some users that are open, or were opened by the system and dismissed."""
        return await self._db.all(_NICKNAME_CASES, user_ids=list(user_ids))

    async def list_reporters(self, case_id: UUID, after_id: UUID, limit: int) -> Sequence[UUID]:
        """The reporters of a case who have not left, in the order of their ids."""
        query = (
            select(Report.reporter_id)
            .where(Report.case_id == case_id, Report.reporter_id > after_id)
            .order_by(Report.reporter_id)
            .limit(limit)
        )
        reporters = await self._db.all(query)
        return [reporter for reporter in reporters if reporter is not None]

    async def measure_queue(self, now: datetime) -> QueueRow:
        queue = await self._db.first(_QUEUE_SIZE, now=now)
        assert queue is not None
        return queue

    async def note_due_soon(self, now: datetime, soon: datetime, most: int) -> list[DueCase]:
        """Note up to `most` open cases that are due before `soon`, each once, the earliest first.

        Some may be overdue by now: nothing was noted while no worker ran.
        """
        noting = _noting(ReportCase.due_soon_noted_at, soon, now, most)
        rows = await self._db.all(noting.returning(ReportCase.id, ReportCase.due_at < now))
        return [DueCase(*row) for row in rows]

    async def note_overdue(self, now: datetime, most: int) -> list[DueCase]:
        """Note up to `most` open cases that are overdue, each once, the earliest first."""
        noting = _noting(ReportCase.overdue_noted_at, now, now, most)
        rows = await self._db.all(noting.returning(ReportCase.id))
        return [DueCase(case_id, is_overdue=True) for case_id in rows]
