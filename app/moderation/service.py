"""The use cases of reports: saying that something is wrong, and deciding about it."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog

from app.comment.exceptions import CommentNotFound
from app.comment.service import CommentService
from app.core.keyset import FIRST_ID, PageRequest, Row, Slice
from app.lounge.exceptions import LoungeNotFound
from app.lounge.service import LoungeService
from app.moderation.enums import GRAVITY, CaseStatus, ReportTarget, Resolution
from app.moderation.exceptions import TargetNotFound
from app.moderation.models import Report
from app.moderation.repository import ModerationRepository
from app.moderation.schemas import ReportCreate
from app.notification.enums import NotificationType
from app.notification.service import NewNotification, NotificationService
from app.post.exceptions import PostNotFound
from app.post.service import PostService
from app.runtime.context import Context, Needs
from app.user.exceptions import UserNotFound
from app.user.policy import Viewer
from app.user.schemas import Profile
from app.user.service import ProfileService, UserService

log = structlog.get_logger(__name__)

TIME_TO_DECIDE = timedelta(hours=24)
BEFORE_ALL = -100
"""Below the negative of every gravity: where the queue begins."""

CASES_AN_HOUR, ROWS_AT_ONCE = 1000, 1000
"""What the erasing job does in a run, and in a statement, which may last two seconds."""


class ModerationService:
    _users = Needs(UserService)
    _profiles = Needs(ProfileService)
    _lounges = Needs(LoungeService)
    _posts = Needs(PostService)
    _comments = Needs(CommentService)
    _notifications = Needs(NotificationService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._reports = ModerationRepository(ctx.session)

    async def report(self, viewer: Viewer, form: ReportCreate) -> tuple[Row, bool]:
        """Report something, with a copy of it; also returns whether this is new.

        While the user's report is open, a second one on the same target is answered with it. Raises
        TargetNotFound for what the reporter can't see, SessionRevoked for a user who has left.
        """
        await self._users.begin_write(viewer)
        key = (viewer.user_id, form.target_type, form.target_id)
        if before := await self._reports.find_open_report(*key):
            return before, False
        snapshot, author_id = await self._copy(viewer, form.target_type, form.target_id)
        case = await self._lock_case(form, author_id, snapshot)
        # On a double tap the second request has waited for the case, and finds the first report
        # now.
        if before := await self._reports.find_open_report(*key):
            return before, False
        await self._add_report(viewer, form, case, snapshot)
        made = await self._reports.find_open_report(*key)
        assert made is not None
        return made, True

    async def _lock_case(
        self, form: ReportCreate, author_id: UUID | None, snapshot: dict[str, Any]
    ) -> Row:
        now, gravity = self._ctx.clock(), GRAVITY[form.reason]
        return await self._reports.lock_open_case(
            form.target_type,
            form.target_id,
            author_id,
            form.reason,
            gravity,
            snapshot,
            now,
            now + TIME_TO_DECIDE,
        )

    async def _add_report(
        self, viewer: Viewer, form: ReportCreate, case: Row, snapshot: dict[str, Any]
    ) -> None:
        await self._reports.add_report(
            Report(
                case_id=case["id"],
                reporter_id=viewer.user_id,
                target_type=form.target_type,
                target_id=form.target_id,
                reason=form.reason,
                detail=form.detail,
                copy_id=await self._keep_version(case, snapshot),
            )
        )
        await self._reports.count_report(case["id"], form.reason, GRAVITY[form.reason])

    async def _keep_version(self, case: Row, snapshot: dict[str, Any]) -> UUID | None:
        """The id of the copy that shows this version; None for the case's first."""
        digest = digest_of(snapshot)
        if digest == digest_of(case["snapshot"]):
            return None
        return await self._reports.add_copy(case["id"], digest, snapshot)

    async def list_cases(self, status: CaseStatus, page: PageRequest) -> Slice[Row]:
        """The queue: the gravest first, and of those the oldest."""
        name = f"reports:{status}"
        after = page.after(name) or [BEFORE_ALL, str(FIRST_ID)]
        rows = await self._reports.list_cases(status, after[0], UUID(after[1]), page.row_limit)
        return page.page(name, rows, lambda row: [-row["gravity"], row["id"]])

    async def lock_case(self, case_id: UUID) -> Row:
        """An open case, locked until the transaction ends: no report is added meanwhile.

        Raises ReportNotFound, ReportResolved.
        """
        await self._reports.lock_case(case_id)
        # A separate statement: the one that waited for the lock would still see the old versions.
        return await self._reports.get_case(case_id)

    async def list_reports_of(self, case_id: UUID, page: PageRequest) -> Slice[Row]:
        """Each report of a case with what its reporter saw, the oldest first.

        Raises ReportNotFound.
        """
        name = f"reports_of:{case_id}"
        after_id = page.after_id(name, start=FIRST_ID)
        rows = await self._reports.list_reports_of(case_id, after_id, page.row_limit)
        if not rows:
            await self._reports.get_case(case_id)
        return page.page(name, rows, lambda row: [row["id"]])

    async def close(self, case_id: UUID, resolution: Resolution, note: str, by: UUID) -> Row:
        """Close a case and all reports in it; the reporters are told.

        Raises ReportNotFound, ReportResolved.
        """
        await self._reports.resolve(case_id, resolution, note, by, self._ctx.clock())
        for reporter_id in await self._reports.list_reporters(case_id):
            await self._notifications.notify(
                NewNotification(recipient_id=reporter_id, type=NotificationType.REPORT_RESOLVED)
            )
        return await self._reports.get_case(case_id)

    async def note_overdue(self) -> None:
        """Say in the log which cases nobody has decided within a day."""
        for case_id in await self._reports.note_overdue(self._ctx.clock()):
            log.error("report_overdue", case_id=str(case_id))

    async def erase_old(self) -> None:
        """Erase copies and reporters' words LINKY_RECORDS_DAYS after the decision.

        An open case keeps them, however old it is: no admin has decided yet.
        """
        before = self._ctx.clock() - timedelta(days=self._ctx.settings.records_days)
        case_ids = await self._reports.list_to_erase(before, CASES_AN_HOUR)
        for case_id in case_ids:
            while await self._reports.erase_details(case_id, ROWS_AT_ONCE) == ROWS_AT_ONCE:
                pass
            while await self._reports.delete_copies(case_id, ROWS_AT_ONCE) == ROWS_AT_ONCE:
                pass
            await self._reports.mark_erased(case_id, self._ctx.clock())
        if case_ids:
            log.info("reports_erased", count=len(case_ids))

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
                profile = await self._profiles.profile(target_id)
                copy = Profile.model_validate(profile)
                return copy.model_dump(mode="json", exclude={"created_at"}), target_id
            case ReportTarget.LOUNGE:
                lounge = await self._lounges.get(viewer, target_id)
                names = ("name", "description", "cover_url")
                return {
                    "id": str(target_id),
                    **{name: getattr(lounge, name) for name in names},
                }, None


def digest_of(snapshot: Mapping[str, Any]) -> bytes:
    """Tells two versions from each other. A user's number of posts makes no other version."""
    compared = {name: value for name, value in snapshot.items() if name != "post_count"}
    return hashlib.sha256(orjson.dumps(compared, option=orjson.OPT_SORT_KEYS)).digest()


def report_json(row: Row) -> dict[str, Any]:
    """A Report, ready to serialise."""
    return dict(row)


def case_json(row: Row) -> dict[str, Any]:
    """A ReportCase, ready to serialise."""
    ours = ("gravity", "later_copies", "later_copy_count")
    shown = {name: row[name] for name in row if name not in ours}
    if row["erased_at"] is not None:
        return {**shown, "versions": [], "version_count": 0}
    first = {"snapshot": row["snapshot"], "reported_at": row["created_at"]}
    later = [
        {**one, "reported_at": datetime.fromisoformat(one["reported_at"])}
        for one in row["later_copies"]
    ]
    return {**shown, "versions": [first, *later], "version_count": 1 + row["later_copy_count"]}
