"""Requests and responses about reports."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, StrictBool

from app.core.schemas import Id, Moment, Paragraphs, RequestModel, ResponseModel, ShownAs
from app.reports.enums import (
    CaseStatus,
    ReportReason,
    ReportReasonChoice,
    ReportTarget,
    Resolution,
)
from app.reports.rows import ReportedVersion

DETAIL_LENGTH = 1000

Detail = Annotated[str, Paragraphs(0, DETAIL_LENGTH)]


class ReportCreate(RequestModel):
    """A report of something that breaks the rules."""

    target_type: ReportTarget
    target_id: Id
    reason: ReportReasonChoice
    detail: Detail = ""


class ReportCase(ResponseModel):
    """All reports on one target: one entry of the queue."""

    id: UUID
    target_type: Annotated[str, ShownAs(ReportTarget)]
    target_id: UUID
    reasons: list[Annotated[str, ShownAs(ReportReason)]]
    author_id: UUID | None = Field(description="The author; null for a lounge")
    report_count: int = Field(
        description="How many reports there are; 0 for a case with the reason `system` that no "
        "report opened",
        examples=[2],
    )
    details: list[str] = Field(description="What the first five reporters wrote")
    snapshot: dict[str, Any] = Field(
        description="What was reported, as it was at the first report. An image of a hidden post "
        "is not at its address in `images`: see `GET /admin/pictures`. With the reason `system`, "
        "`causes` says why: `banned_nickname`, `earlier_suspension`"
    )
    versions: list[ReportedVersion] = Field(
        description="What was reported, as the reporters saw it, each version once, in the order "
        "of time: the first and the latest four"
    )
    version_count: int
    status: Annotated[str, ShownAs(CaseStatus)]
    resolution: Annotated[str | None, ShownAs(Resolution | None)]
    note: str
    created_at: datetime
    due_at: datetime = Field(description="24 hours after the case was opened")
    resolved_at: datetime | None
    erased_at: datetime | None = Field(
        description="When the versions and the reporters' words were erased, 180 days after the "
        "decision (`LINKY_RECORDS_DAYS`)"
    )


class Resolve(RequestModel):
    """What to do, and a note for the record and for the author."""

    action: Resolution
    note: Annotated[str, Paragraphs(0, DETAIL_LENGTH)] = ""
    until: Moment | None = Field(
        default=None,
        description="Only with `suspend`: when the suspension ends automatically, in the future. "
        "Without it a running suspension keeps its end, and a new one has none",
        examples=[None],
    )
    permanent: StrictBool | None = Field(
        default=None,
        description="Only with `suspend`: `true` removes the end of a running suspension. Not "
        "together with `until`",
        examples=[False],
    )
    hide_content: StrictBool | None = Field(
        default=None,
        description="Only with `suspend`: whether the suspension hides all posts and comments",
        examples=[False],
    )
