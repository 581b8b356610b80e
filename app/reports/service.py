"""The use cases of reports: making one, the queue of cases, closing a case, erasing evidence."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import assert_never
from uuid import UUID

import structlog

from app.comment.exceptions import CommentNotFound
from app.comment.service.reading import CommentService
from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.jobs.enqueue import enqueue
from app.lounge.exceptions import LoungeNotFound
from app.lounge.service import LoungeService
from app.notification.enums import NotificationType
from app.notification.rows import NewNotification
from app.notification.service.notifications import NotificationService
from app.post.exceptions import PostNotFound
from app.post.service.reading import PostService
from app.reports.enums import (
    GRAVITY,
    OUTCOMES,
    CaseStatus,
    ReportReason,
    ReportTarget,
    Resolution,
    SystemCause,
)
from app.reports.exceptions import CannotReportSelf, TargetNotFound
from app.reports.models import Report
from app.reports.repository.erasing import ErasingRepository
from app.reports.repository.reports import ReportRepository
from app.reports.rows import (
    CAUSES,
    CaseRow,
    CommentEvidence,
    Evidence,
    LoungeEvidence,
    NewCase,
    OpenCase,
    PostEvidence,
    QueueRow,
    ReportOfCase,
    Snapshot,
    UserEvidence,
    digest_of,
    snapshot_of,
)
from app.reports.rows import Report as ReportRow
from app.reports.schemas import ReportCreate
from app.runtime.context import Needs, Service
from app.screening.service import ScreeningService
from app.user.exceptions import UserNotFound
from app.user.policy import Viewer, has_chosen_nickname
from app.user.rows import NicknameRow
from app.user.service.profiles import ProfileService
from app.user.service.users import UserService
from app.webhook.enums import WebhookEvent
from app.webhook.service import WebhookService

log = structlog.get_logger(__name__)

TIME_TO_DECIDE = timedelta(hours=24)
DUE_SOON = timedelta(hours=2)
NOTED_AT_ONCE = 200
"""Cases that one transaction notes as due soon or overdue. Each may enqueue a webhook."""

NOTE_DUE_ON = "moderation.note_due_on"
LOWEST_SORT_KEY = -100
"""The queue is sorted by the negative severity. It begins behind this key."""

LONG_AGO = datetime(2000, 1, 1)  # noqa: DTZ001 - in UTC, as `CaseRow.urgency` is.
"""The console's queue begins behind this moment."""

FAR_AHEAD = datetime(9000, 1, 1, tzinfo=UTC)
"""The list of decided cases begins behind this moment."""

CASES_AN_HOUR = 1000
"""The job that erases evidence runs every hour and takes so many cases."""

ROWS_AT_ONCE = 1000
"""Rows per statement when evidence is erased (statements time out after 2.3 s)."""

NOTIFY_REPORTERS = "moderation.notify_reporters"
NOTIFIED_AT_ONCE = 50
"""Reporters that a request or a job notifies. Each takes two statements."""


@dataclass(frozen=True, slots=True)
class ReportersOfCase:
    """The payload of NOTIFY_REPORTERS: the reporters of a case after one of them.

    `resolved_at` tells the decision, `resolved_by` the admin, who may be a reporter, too.
    """

    case_id: UUID
    after_id: UUID
    resolved_at: datetime
    resolved_by: UUID | None


CHECK_NICKNAMES = "moderation.check_nicknames"
NICKNAMES_AT_ONCE = 1000
NICKNAME_CASES_AT_ONCE = 20
"""Users whom one transaction locks, and opens cases about."""


@dataclass(frozen=True, slots=True)
class NicknamesAfter:
    """The payload of CHECK_NICKNAMES: users with greater ids are still to be checked."""

    user_id: UUID = FIRST_ID


class ReportService(Service):
    _users = Needs(UserService)
    _screening = Needs(ScreeningService)
    _profiles = Needs(ProfileService)
    _lounges = Needs(LoungeService)
    _posts = Needs(PostService)
    _comments = Needs(CommentService)
    _notifications = Needs(NotificationService)
    _webhooks = Needs(WebhookService)
    _reports = Needs(ReportRepository)
    _erasing = Needs(ErasingRepository)

    # Making a report

    async def report(self, viewer: Viewer, form: ReportCreate) -> tuple[ReportRow, bool]:
        """Report a target and store the evidence. The second value is whether the report is new.

        While the user's report is open, another one on the same target returns the first. Raises
        TargetNotFound if the reporter can't see the target, CannotReportSelf, SessionRevoked if the
        reporter has left.
        """
        key = (viewer.user_id, form.target_type, form.target_id)
        if earlier := await self._reports.find_open_report(*key):
            return earlier, False
        evidence, author_id = await self._collect(viewer, form.target_type, form.target_id)
        if author_id == viewer.user_id:
            raise CannotReportSelf
        snapshot = snapshot_of(evidence)
        case = await self._lock_case(form.target_type, form.target_id, author_id, snapshot)
        # On a double tap the second request has waited for the lock. The first report is there now.
        if earlier := await self._reports.find_open_report(*key):
            return earlier, False
        await self._add_report(viewer, form, case, snapshot)
        if case.is_new:
            await self._webhooks.announce(WebhookEvent.REPORT_OPENED, case.id)
        report = await self._reports.find_open_report(*key)
        assert report is not None
        return report, True

    async def list_own(self, viewer: Viewer, page: PageRequest) -> Page[ReportRow]:
        """The viewer's reports, the newest first."""
        after_id = page.after_id(start=LAST_ID)
        rows = await self._reports.list_own(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda report: [report.id])

    async def _collect(
        self, viewer: Viewer, target_type: ReportTarget, target_id: UUID
    ) -> tuple[Evidence, UUID | None]:
        """What is reported, and whose it is. Raises TargetNotFound.

        A reporter may have muted or blocked it away before.
        """
        try:
            match target_type:
                case ReportTarget.POST:
                    return await self._collect_post(viewer, target_id)
                case ReportTarget.COMMENT:
                    return await self._collect_comment(viewer, target_id)
                case ReportTarget.USER:
                    return await self._collect_user(target_id)
                case ReportTarget.LOUNGE:
                    return await self._collect_lounge(viewer, target_id)
                case _:
                    assert_never(target_type)
        except (PostNotFound, CommentNotFound, UserNotFound, LoungeNotFound):
            raise TargetNotFound from None

    async def _collect_post(self, viewer: Viewer, post_id: UUID) -> tuple[PostEvidence, UUID]:
        post = await self._posts.copy(viewer, post_id)
        evidence = PostEvidence(
            id=post_id,
            title=post.title,
            body=post.body,
            author=post.author_nickname,
            lounge=post.lounge_name,
            images=post.image_urls,
        )
        return evidence, post.author_id

    async def _collect_comment(
        self, viewer: Viewer, comment_id: UUID
    ) -> tuple[CommentEvidence, UUID | None]:
        comment = await self._comments.get_present(viewer, comment_id)
        evidence = CommentEvidence(
            id=comment_id,
            post_id=comment.post_id,
            body=comment.body,
            author=comment.author.nickname,
        )
        return evidence, comment.author.id

    async def _collect_user(self, user_id: UUID) -> tuple[UserEvidence, UUID]:
        user = await self._profiles.profile(user_id)
        evidence = UserEvidence(
            id=user_id,
            nickname=user.nickname,
            bio=user.bio,
            avatar_url=user.avatar_url,
            post_count=user.post_count,
        )
        return evidence, user_id

    async def _collect_lounge(
        self, viewer: Viewer, lounge_id: UUID
    ) -> tuple[LoungeEvidence, UUID | None]:
        lounge = await self._lounges.get(viewer, lounge_id)
        evidence = LoungeEvidence(
            id=lounge_id,
            name=lounge.name,
            description=lounge.description,
            cover_url=lounge.cover_url,
        )
        # A lounge has no author.
        return evidence, None

    async def open_system_case(self, user_id: UUID, cause: SystemCause) -> None:
        """Open a case about a user without a report, or add the cause to their open case.

        It takes the lock of the case. Raises UserNotFound if the user has left.
        """
        evidence, author_id = await self._collect_user(user_id)
        snapshot = {**snapshot_of(evidence), CAUSES: [cause]}
        case = await self._lock_case(ReportTarget.USER, user_id, author_id, snapshot)
        causes = dict.fromkeys([*case.snapshot.get(CAUSES, []), cause])
        reason = ReportReason.SYSTEM
        noted = {**case.snapshot, CAUSES: list(causes)}
        await self._reports.add_reason(case.id, reason, GRAVITY[reason], snapshot=noted)
        if case.is_new:
            await self._webhooks.announce(WebhookEvent.REPORT_OPENED, case.id)

    async def _lock_case(
        self,
        target_type: ReportTarget,
        target_id: UUID,
        author_id: UUID | None,
        snapshot: Snapshot,
    ) -> OpenCase:
        now = self._ctx.clock()
        return await self._reports.lock_open_case(
            NewCase(
                target_type=target_type,
                target_id=target_id,
                author_id=author_id,
                snapshot=snapshot,
                created_at=now,
                due_at=now + TIME_TO_DECIDE,
            )
        )

    async def _add_report(
        self, viewer: Viewer, form: ReportCreate, case: OpenCase, snapshot: Snapshot
    ) -> None:
        await self._reports.add_report(
            Report(
                case_id=case.id,
                reporter_id=viewer.user_id,
                target_type=form.target_type,
                target_id=form.target_id,
                reason=form.reason,
                detail=form.detail,
                copy_id=await self._store_version(case, snapshot),
            )
        )
        await self._reports.count_report(case.id, form.reason, GRAVITY[form.reason])

    async def _store_version(self, case: OpenCase, snapshot: Snapshot) -> UUID | None:
        """The id of the copy with this version. None for the first, which is in the case itself."""
        digest = digest_of(snapshot)
        if digest == digest_of(case.snapshot):
            return None
        return await self._reports.add_copy(case.id, digest, snapshot)

    # The queue

    async def list_cases(self, status: CaseStatus, page: PageRequest) -> Page[CaseRow]:
        """The queue: the gravest first, and of those the oldest."""
        page = page.formerly(f"reports:{status}")
        after = page.after() or [LOWEST_SORT_KEY, str(FIRST_ID)]
        rows = await self._reports.list_cases(status, after[0], UUID(after[1]), page.row_limit)
        return page.slice(rows, lambda case: [-case.gravity, case.id])

    async def list_by_urgency(self, status: CaseStatus, page: PageRequest) -> Page[CaseRow]:
        """The console's queue: severity and deadline together (`CaseRow.urgency`)."""
        page = page.formerly(f"reports_by_urgency:{status}")
        after = page.after() or [LONG_AGO.isoformat(), str(FIRST_ID)]
        rows = await self._reports.list_by_urgency(
            status, datetime.fromisoformat(after[0]), UUID(after[1]), page.row_limit
        )
        return page.slice(rows, lambda case: [case.urgency.isoformat(), case.id])

    async def list_resolved(self, page: PageRequest) -> Page[CaseRow]:
        """The decided cases, the latest decision first."""
        page = page.formerly("reports_by_decision")
        after = page.after() or [FAR_AHEAD.isoformat(), str(LAST_ID)]
        rows = await self._reports.list_resolved(
            datetime.fromisoformat(after[0]), UUID(after[1]), page.row_limit
        )
        return page.slice(rows, lambda case: [case.decided_at.isoformat(), case.id])

    async def get_case(self, case_id: UUID) -> CaseRow:
        """Raises ReportNotFound."""
        return await self._reports.get_case(case_id)

    async def lock_case(self, case_id: UUID) -> CaseRow:
        """An open case, locked until the transaction ends: no report is added meanwhile.

        Raises ReportNotFound, ReportResolved.
        """
        await self._reports.lock_case(case_id)
        # A separate statement: the one that waited for the lock would still see the old versions.
        return await self._reports.get_case(case_id)

    async def list_reported_by(self, user_id: UUID, case_ids: Sequence[UUID]) -> Collection[UUID]:
        return await self._reports.list_reported_by(user_id, case_ids)

    async def lock_cases(self, case_ids: Sequence[UUID]) -> list[CaseRow]:
        """Some cases, open and decided ones, locked as `lock_case` does."""
        await self._reports.lock_cases(case_ids)
        return await self._reports.list_these(case_ids)

    async def list_reports_of(
        self, case_id: UUID, viewer_id: UUID, page: PageRequest
    ) -> Page[ReportOfCase]:
        """Each report of a case with what its reporter saw, the oldest first.

        In a case about the viewer the text of the reporters is left out. Raises ReportNotFound.
        """
        page = page.formerly(f"reports_of:{case_id}")
        after_id = page.after_id(start=FIRST_ID)
        rows = await self._reports.list_reports_of(case_id, viewer_id, after_id, page.row_limit)
        if not rows:
            await self._reports.get_case(case_id)
        return page.slice(rows, lambda report: [report.id])

    async def close(
        self,
        case_id: UUID,
        resolution: Resolution,
        note: str,
        by: UUID,
        at_once: int = NOTIFIED_AT_ONCE,
    ) -> CaseRow:
        """Close a case with all its reports, and notify the reporters, so many of them at once.

        Raises ReportNotFound, ReportResolved.
        """
        now = self._ctx.clock()
        await self._reports.resolve(case_id, resolution, note, by, now)
        case = await self._reports.get_case(case_id)
        await self._notify_reporters(case, ReportersOfCase(case_id, FIRST_ID, now, by), at_once)
        return case

    async def reopen(self, case_id: UUID) -> None:
        """Open a case again whose resolution is taken back.

        Raises ReportNotFound, and NewerCase if the target was reported again meanwhile.
        """
        await self._reports.reopen(case_id)

    async def notify_reporters(self, due: ReportersOfCase) -> None:
        """The job for the reporters after the first batch.

        Does nothing if the resolution was taken back, also if the case was resolved again: that
        decision has a job of its own.
        """
        case = await self._reports.get_case(due.case_id)
        if case.status == CaseStatus.RESOLVED and due.resolved_at == case.resolved_at:
            await self._notify_reporters(case, due)

    async def _notify_reporters(
        self, case: CaseRow, due: ReportersOfCase, at_once: int = NOTIFIED_AT_ONCE
    ) -> None:
        """Notify the reporters of a case, a batch at a time: the next one gets a job of its own."""
        reporters = await self._reports.list_reporters(due.case_id, due.after_id, at_once)
        if not reporters:
            return
        answer = await self._answer(case)
        for reporter_id in reporters:
            new = replace(answer, recipient_id=reporter_id)
            await self._notifications.notify(new, by=due.resolved_by)
        if len(reporters) == at_once:
            rest = replace(due, after_id=reporters[-1])
            delay = self._ctx.push_delay
            await enqueue(self._ctx.db, NOTIFY_REPORTERS, rest, delay=delay)

    async def _answer(self, case: CaseRow) -> NewNotification:
        """The notification of a case's reporters: what it was about, the outcome, none of its text.

        There is no id of a user: a notification has none, and its actor would hide it from those
        who have blocked the user.
        """
        outcome = OUTCOMES.get(case.resolution or "", "")
        params = {"target": case.target_type, "outcome": outcome}
        new = NewNotification(FIRST_ID, NotificationType.REPORT_RESOLVED, params=params)
        match case.target_type:
            case ReportTarget.POST:
                return replace(new, post_id=case.target_id)
            case ReportTarget.COMMENT:
                post_id = case.snapshot.get("post_id")
                return replace(
                    new,
                    post_id=UUID(post_id) if post_id else None,
                    comment_id=case.target_id,
                    parent_id=await self._reports.find_parent(case.target_id),
                )
            case ReportTarget.LOUNGE:
                return replace(new, lounge_id=case.target_id)
            case _:
                return new

    async def measure_queue(self) -> QueueRow:
        """The size of the queue, for `/metrics` and `linky doctor`."""
        return await self._reports.measure_queue(self._ctx.clock())

    # Jobs

    async def check_nicknames_later(self) -> None:
        """Look through all nicknames for banned words, once this transaction has committed."""
        await enqueue(self._ctx.db, CHECK_NICKNAMES, NicknamesAfter(), bulk=True)

    async def check_nicknames(self, after: NicknamesAfter) -> None:
        """Open a case about each user whose nickname has a banned word.

        Unless one is open, or staff dismissed one about this nickname since the word was listed.
        After a batch a job goes on.
        """
        names = await self._users.list_nicknames(after.user_id, NICKNAMES_AT_ONCE)
        found = await self._with_banned_word(names, keeps_list=False)
        if found:
            await self._open_nickname_cases([row.id for row in found[:NICKNAME_CASES_AT_ONCE]])
        if len(found) > NICKNAME_CASES_AT_ONCE:
            last = found[NICKNAME_CASES_AT_ONCE - 1].id
        elif len(names) == NICKNAMES_AT_ONCE:
            last = names[-1].id
        else:
            return
        await enqueue(self._ctx.db, CHECK_NICKNAMES, NicknamesAfter(last), bulk=True)

    async def _open_nickname_cases(self, user_ids: Sequence[UUID]) -> None:
        """For those who, once nobody writes for them, are still there and have such a name."""
        for user_id in user_ids:
            await self._users.exclusive(user_id)
        names = await self._users.list_nicknames_of(user_ids)
        found = await self._with_banned_word(names, keeps_list=True)
        listed_at = await self._screening.list_word_times([row.nickname for row in found])
        decided = await self._reports.list_nicknames_decided([row.id for row in found])
        for row in found:
            since = listed_at.get(row.nickname)
            if since and not any(each.covers(row.id, row.nickname, since) for each in decided):
                await self.open_system_case(row.id, SystemCause.BANNED_NICKNAME)

    async def _with_banned_word(
        self, names: Sequence[NicknameRow], *, keeps_list: bool
    ) -> list[NicknameRow]:
        """In the order of their ids. Names that were not chosen by their users do not count."""
        app_name = self._ctx.settings.app_name
        chosen = [row for row in names if has_chosen_nickname(row, app_name)]
        nicknames = {row.nickname for row in chosen}
        banned = set(await self._screening.find_banned(nicknames, keeps_list=keeps_list))
        return sorted((row for row in chosen if row.nickname in banned), key=lambda row: row.id)

    async def note_due(self) -> None:
        """Announce each open case once when it is due soon, and once when it is overdue.

        One that is overdue before it was announced as due soon is announced only as overdue. After
        a batch a job goes on.
        """
        now = self._ctx.clock()
        due_soon = await self._reports.note_due_soon(now, now + DUE_SOON, NOTED_AT_ONCE)
        overdue = await self._reports.note_overdue(now, NOTED_AT_ONCE)
        for case in due_soon:
            if not case.is_overdue:
                await self._webhooks.announce(WebhookEvent.REPORT_DUE_SOON, case.id)
        for case in overdue:
            log.error("report_overdue", case_id=str(case.id))
            await self._webhooks.announce(WebhookEvent.REPORT_OVERDUE, case.id)
        if NOTED_AT_ONCE in (len(due_soon), len(overdue)):
            await enqueue(self._ctx.db, NOTE_DUE_ON, {})

    async def erase_old(self) -> None:
        """Erase evidence and reporters' words LINKY_RECORDS_DAYS after a case was resolved.

        An open case keeps its evidence, however old it is: an admin still has to decide.
        """
        before = self._ctx.clock() - timedelta(days=self._ctx.settings.records_days)
        case_ids = await self._erasing.list_to_erase(before, CASES_AN_HOUR)
        for case_id in case_ids:
            await self._erase(case_id)
        if case_ids:
            log.info("reports_erased", count=len(case_ids))

    async def _erase(self, case_id: UUID) -> None:
        while await self._erasing.erase_details(case_id, ROWS_AT_ONCE) == ROWS_AT_ONCE:
            pass
        while await self._erasing.delete_copies(case_id, ROWS_AT_ONCE) == ROWS_AT_ONCE:
            pass
        await self._erasing.mark_erased(case_id, self._ctx.clock())
