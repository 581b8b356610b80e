"""Reports, and the cases that group them by target."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    Uuid,
    case,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.reports.enums import OUTCOMES, CaseStatus, ReportReasonChoice, ReportTarget

URGENCY = "(timezone('UTC'::text, due_at) - gravity::double precision * '04:00:00'::interval)"
"""The place of a case in the console's queue, as PostgreSQL spells it (`CaseRow.urgency`)."""

NAME_KEYS = ("title", "nickname", "name", "body")
"""What a snapshot's target is called by: the first of these that the snapshot has."""


def name_in(snapshot: Any) -> ColumnElement[str | None]:
    """The name of what a case is about, of its column `snapshot`."""
    return func.coalesce(*(snapshot[key].astext for key in NAME_KEYS))


def outcome_of(resolution: Any) -> ColumnElement[str | None]:
    """The outcome of a case, of its column `resolution`. NULL while it is open."""
    return case(OUTCOMES, value=resolution)


class ReportCase(Base):
    """All open reports on one target: one entry in the moderators' queue.

    A case that no report opened has the reason `system` and no reports.
    `snapshot` is the evidence of the first report (`rows.py` has its shape). It and the reporters'
    words are erased LINKY_RECORDS_DAYS after the decision; `erased_at` says when. `gravity` is the
    highest severity of its reasons: the column keeps the older word.
    """

    __tablename__ = "report_cases"

    id: Mapped[UuidPk]
    target_type: Mapped[str] = mapped_column(Text)
    target_id: Mapped[UUID] = mapped_column(Uuid)
    author_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str] = mapped_column(Text, server_default=CaseStatus.OPEN)
    gravity: Mapped[int] = mapped_column(SmallInteger)
    reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    report_count: Mapped[int]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]
    due_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    resolved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    resolved_by: Mapped[UUID | None] = mapped_column(Uuid)
    resolution: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, server_default="")
    due_soon_noted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    overdue_noted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    erased_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        one_of("target_type", ReportTarget),
        one_of("status", CaseStatus),
        Index(
            "report_cases_open_target_key",
            "target_type",
            "target_id",
            unique=True,
            postgresql_where=text("status = 'open'"),
        ),
        # The gravest first, and of those the oldest. Both keys ascend, so that the keyset can
        # compare them as one row.
        Index("report_cases_queue_idx", "status", text("(-gravity)"), "id"),
        # The console's order. `timezone` makes the expression independent of the session's zone.
        Index(
            "report_cases_urgency_idx",
            "status",
            text(URGENCY),
            "id",
        ),
        Index("report_cases_due_idx", "due_at", postgresql_where=text("status = 'open'")),
        # The cases that are still to be noted, and no others: each leaves the index for good.
        Index(
            "report_cases_due_soon_idx",
            "due_at",
            postgresql_where=text("status = 'open' AND due_soon_noted_at IS NULL"),
        ),
        Index(
            "report_cases_overdue_idx",
            "due_at",
            postgresql_where=text("status = 'open' AND overdue_noted_at IS NULL"),
        ),
        Index("report_cases_author_idx", "author_id", "id"),
        Index(
            "report_cases_resolved_idx",
            "resolved_at",
            postgresql_where=text("resolved_at IS NOT NULL"),
        ),
        Index(
            "report_cases_to_erase_idx",
            "resolved_at",
            postgresql_where=text("resolved_at IS NOT NULL AND erased_at IS NULL"),
        ),
    )


class ReportCopy(Base):
    """A later version of what was reported. The first version is in the case.

    A case has each version once: `digest` tells versions apart.
    """

    __tablename__ = "report_copies"

    id: Mapped[UuidPk]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("report_cases.id"))
    digest: Mapped[bytes]
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        UniqueConstraint("case_id", "digest"),
        Index("report_copies_case_idx", "case_id", "id"),
    )


class Report(Base):
    """One user's report on a target. A user has one report in a case.

    `copy_id` names the version that the user saw. None stands for the case's first version.
    """

    __tablename__ = "reports"

    id: Mapped[UuidPk]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("report_cases.id"))
    reporter_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    target_type: Mapped[str] = mapped_column(Text)
    target_id: Mapped[UUID] = mapped_column(Uuid)
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[str] = mapped_column(Text)
    copy_id: Mapped[UUID | None] = mapped_column(ForeignKey("report_copies.id"), index=True)
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        one_of("target_type", ReportTarget),
        one_of("reason", ReportReasonChoice),
        Index("reports_case_id_reporter_id_key", "case_id", "reporter_id", unique=True),
        # The first reports of a case: without it they are looked for among all reports.
        Index("reports_case_idx", "case_id", "id"),
        Index("reports_reporter_idx", "reporter_id", "target_type", "target_id"),
        # For the latest reports of a reporter, in the console.
        Index("reports_reporter_newest_idx", "reporter_id", "id"),
        Index("reports_created_at_idx", "created_at"),
    )
