"""The use cases of reports: saying that something is wrong, and deciding about it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from app.comment.exceptions import CommentNotFound
from app.comment.service import CommentService
from app.core.context import Context
from app.core.pagination import FIRST_ID, PageRequest, Row
from app.lounge.exceptions import LoungeNotFound
from app.lounge.service import LoungeService
from app.moderation.enums import GRAVITY, CaseStatus, ReportTarget, Resolution
from app.moderation.exceptions import TargetNotFound
from app.moderation.models import Report
from app.moderation.repository import ModerationRepository
from app.moderation.schemas import ReportCreate
from app.notification.enums import NotificationType
from app.notification.service import News, NotificationService
from app.post.exceptions import PostNotFound
from app.post.service import PostService
from app.user.exceptions import UserNotFound
from app.user.policy import Viewer
from app.user.service import UserService

log = structlog.get_logger(__name__)

TIME_TO_DECIDE = timedelta(hours=24)
BEFORE_ALL = -100
"""Below the negative of every gravity: where the queue begins."""


class ModerationService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._reports = ModerationRepository(ctx.session)
        self._users = UserService(ctx)
        self._lounges = LoungeService(ctx)
        self._posts = PostService(ctx)
        self._comments = CommentService(ctx)
        self._notifications = NotificationService(ctx)

    async def report(self, viewer: Viewer, form: ReportCreate) -> tuple[Row, bool]:
        """Report something, with a copy of it; also whether this is new and not said before.

        Raises TargetNotFound for what the reporter can't see.
        """
        # One after the other, so that a double tap is one report.
        await self._users.hold_caller(viewer)
        key = (viewer.user_id, form.target_type, form.target_id)
        if before := await self._reports.find_report(*key):
            return before, False
        snapshot, author_id = await self._copy(viewer, form.target_type, form.target_id)
        now = self._ctx.clock()
        case_id = await self._reports.add_to_case(
            form.target_type,
            form.target_id,
            author_id,
            form.reason,
            GRAVITY[form.reason],
            snapshot,
            now,
            now + TIME_TO_DECIDE,
        )
        await self._reports.add_report(
            Report(
                case_id=case_id,
                reporter_id=viewer.user_id,
                target_type=form.target_type,
                target_id=form.target_id,
                reason=form.reason,
                detail=form.detail,
            )
        )
        made = await self._reports.find_report(*key)
        assert made is not None
        return made, True

    async def list_cases(
        self, status: CaseStatus, page: PageRequest
    ) -> tuple[Sequence[Row], str | None]:
        """The queue: the gravest first, and of those the oldest."""
        name = f"reports:{status}"
        after = page.after(name) or [BEFORE_ALL, str(FIRST_ID)]
        rows = await self._reports.list_cases(status, after[0], UUID(after[1]), page.row_limit)
        return page.page(name, rows, lambda row: [-row["gravity"], row["id"]])

    async def get_case(self, case_id: UUID) -> Row:
        """Raises ReportNotFound."""
        return await self._reports.get_case(case_id)

    async def close(self, case_id: UUID, resolution: Resolution, note: str, by: UUID) -> Row:
        """Close a case and all reports in it; the reporters are told.

        Raises ReportNotFound, ReportResolved.
        """
        await self._reports.resolve(case_id, resolution, note, by, self._ctx.clock())
        for reporter_id in await self._reports.list_reporters(case_id):
            await self._notifications.tell(
                News(recipient_id=reporter_id, type=NotificationType.REPORT_RESOLVED)
            )
        return await self._reports.get_case(case_id)

    async def note_overdue(self) -> None:
        """Say in the log which cases nobody has decided within a day."""
        for case_id in await self._reports.note_overdue(self._ctx.clock()):
            log.error("report_overdue", case_id=str(case_id))

    async def measure_queue(self) -> Row:
        """How many cases are `open`, how many of them `overdue`, and `oldest_seconds`."""
        return await self._reports.measure_queue(self._ctx.clock())

    async def _copy(
        self, viewer: Viewer, target_type: ReportTarget, target_id: UUID
    ) -> tuple[dict[str, Any], UUID | None]:
        try:
            return await self._copy_of(viewer, target_type, target_id)
        except (PostNotFound, CommentNotFound, UserNotFound, LoungeNotFound):
            raise TargetNotFound from None

    async def _copy_of(
        self, viewer: Viewer, target_type: ReportTarget, target_id: UUID
    ) -> tuple[dict[str, Any], UUID | None]:
        match target_type:
            case ReportTarget.POST:
                return await self._posts.copy(viewer, target_id)
            case ReportTarget.COMMENT:
                return await self._comments.copy(viewer, target_id)
            case ReportTarget.USER:
                profile = await self._users.profile(target_id)
                return profile.model_dump(mode="json", exclude={"created_at"}), target_id
            case ReportTarget.LOUNGE:
                lounge = await self._lounges.get(viewer, target_id)
                names = ("name", "description", "cover_url")
                return {"id": str(target_id), **{name: lounge[name] for name in names}}, None


def report_json(row: Row) -> dict[str, Any]:
    """A Report, ready to serialise."""
    return dict(row)


def case_json(row: Row) -> dict[str, Any]:
    """A ReportCase, ready to serialise."""
    return {name: row[name] for name in row if name != "gravity"}
