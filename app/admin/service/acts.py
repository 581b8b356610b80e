"""What admins do: each method is one act, recorded in the transaction that does it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.admin.enums import Action, TargetType
from app.admin.exceptions import LastAdmin, NotRegistered
from app.admin.models import NO_TARGET
from app.admin.policy import ensure_as_seen
from app.admin.repository import OverviewRepository
from app.admin.schemas import (
    REASON_LENGTH,
    BannedWords,
    BannedWordsUpdate,
    LoungeCreate,
    LoungeUpdate,
    ManagedUser,
    ManagedUserUpdate,
    Stats,
)
from app.admin.service.days import list_days
from app.admin.service.log import AuditLog
from app.admin.service.operating import Operating
from app.comment.service import CommentService
from app.core.keyset import FIRST_ID, PageRequest, Row, Slice
from app.core.text import cut
from app.image.service import ImageService
from app.lounge.service import LoungeService
from app.lounge_request.enums import RequestStatus
from app.lounge_request.service import LoungeRequestService, RequestPage
from app.moderation.enums import CaseStatus, ReportTarget, Resolution
from app.moderation.exceptions import ActionNotPossible
from app.moderation.schemas import Resolve
from app.moderation.service import ModerationService, case_json
from app.moderation.texts import why_reported
from app.notification.enums import NotificationType
from app.notification.service import NewNotification, NotificationService
from app.post.enums import Moderation
from app.post.service import PostService
from app.runtime.context import Context, Needs
from app.screening.service import ScreeningService
from app.user.enums import Role, UserLocale, UserStatus
from app.user.models import User
from app.user.policy import Viewer
from app.user.schemas import author_json
from app.user.service import UserService

HELD = "held_content"
HIDDEN, VISIBLE = Moderation.HIDDEN, Moderation.VISIBLE
WHAT_LENGTH = 60
MOST_COUNTED = 100
MOST_IN_FILE = 10


class AdminService:
    """The acts of one admin, who calls from one address.

    `expected` is what they saw of the state that they change. Where it is another by now the act
    raises ChangedMeanwhile, and nothing of it is done.
    """

    _users = Needs(UserService)
    _lounges = Needs(LoungeService)
    _requests = Needs(LoungeRequestService)
    _posts = Needs(PostService)
    _images = Needs(ImageService)
    _comments = Needs(CommentService)
    _notifications = Needs(NotificationService)
    _moderation = Needs(ModerationService)
    _screening = Needs(ScreeningService)

    def __init__(
        self,
        ctx: Context,
        admin: Viewer,
        address: str = "",
        expected: Mapping[str, Any] | None = None,
    ) -> None:
        self._ctx = ctx
        self._admin = admin
        self._log = AuditLog(ctx, admin.user_id, address, expected)
        self._record = self._log.record
        self._overview = OverviewRepository(ctx.session)

    # Lounge requests

    async def list_requests(self, status: RequestStatus | None, page: PageRequest) -> RequestPage:
        return await self._requests.list_page(status, page)

    async def approve(self, request_id: UUID) -> dict[str, Any]:
        """Raises LoungeRequestNotFound, AlreadyDecided, LoungeNameTaken."""
        approved = await self._requests.approve(self._admin, request_id)
        await self._record(
            Action.LOUNGE_REQUEST_APPROVED,
            TargetType.LOUNGE_REQUEST,
            request_id,
            before={"status": RequestStatus.PENDING},
            after={
                "status": RequestStatus.APPROVED,
                "name": approved["name"],
                "lounge_id": str(approved["lounge_id"]),
            },
        )
        return approved

    async def reject(self, request_id: UUID, reason: str) -> dict[str, Any]:
        """Raises LoungeRequestNotFound, AlreadyDecided."""
        rejected = await self._requests.reject(self._admin, request_id, reason)
        await self._record(
            Action.LOUNGE_REQUEST_REJECTED,
            TargetType.LOUNGE_REQUEST,
            request_id,
            reason,
            before={"status": RequestStatus.PENDING},
            after={"status": RequestStatus.REJECTED},
        )
        return rejected

    # Users

    async def change_user(self, user_id: UUID, changes: ManagedUserUpdate) -> ManagedUser:
        """Suspend, restore, promote or demote. Raises UserNotFound, LastAdmin, NotRegistered."""
        # The admins are held first, always in one order: of two who demote each other at the same
        # moment one wins, and one admin stays.
        admins = await self._users.lock_admins()
        user = await self._users.lock_user(user_id)
        before = {"role": user.role, "status": user.status}
        after = {
            "role": str(changes.role or user.role),
            "status": str(changes.status or user.status),
        }
        if changes.role is not None and user.role == Role.GUEST:
            raise NotRegistered
        stays = after == {"role": Role.ADMIN, "status": UserStatus.ACTIVE}
        if admins == [user_id] and not stays:
            raise LastAdmin
        await self._users.set_standing(user, after["role"], after["status"], changes.reason)
        await self._record(
            Action.USER_CHANGED, TargetType.USER, user_id, changes.reason, before, after
        )
        return self._describe(user)

    def _describe(self, user: User) -> ManagedUser:
        me = self._users.describe(user)
        return ManagedUser(
            **dict(me),
            status=UserStatus(user.status),
            suspension_reason=user.suspension_reason,
            post_count=user.post_count,
        )

    async def list_users(
        self,
        page: PageRequest,
        query: str | None = None,
        role: Role | None = None,
        status: UserStatus | None = None,
    ) -> Slice[ManagedUser]:
        """The newest first; `query` finds parts of nicknames and addresses."""
        found = await self._users.list_for_admins(page, query, role, status)
        return found.map(self._describe)

    async def get_user(self, user_id: UUID) -> ManagedUser:
        """Raises UserNotFound."""
        return self._describe(await self._users.get_user(user_id))

    async def get_user_file(self, user_id: UUID) -> dict[str, Any]:
        """One user with what is known of them: the latest posts, reports and acts on them.

        Raises UserNotFound.
        """
        return {
            "user": await self.get_user(user_id),
            "posts": await self._overview.list_posts_of(user_id, MOST_IN_FILE),
            "cases": await self._overview.list_cases_about(user_id, MOST_IN_FILE),
            "acts": await self._log.list_about(user_id, MOST_IN_FILE),
        }

    # Lounges

    async def open_lounge(self, form: LoungeCreate) -> dict[str, Any]:
        """Raises LoungeNameTaken."""
        lounge = await self._lounges.open(form.name, form.description)
        after = {"name": form.name, "description": form.description}
        await self._record(Action.LOUNGE_OPENED, TargetType.LOUNGE, lounge.id, after=after)
        return await self._lounges.get(self._admin, lounge.id)

    async def change_lounge(
        self, lounge_id: UUID, changes: LoungeUpdate, seen: str | None = None
    ) -> dict[str, Any]:
        """Raises LoungeNotFound, LoungeNameTaken; with the mark of what was seen of the name and
        the description, ChangedMeanwhile.
        """
        await self._lounges.hold(lounge_id)
        before = await self._lounges.get(self._admin, lounge_id)
        ensure_as_seen(seen, before["name"], before["description"])
        await self._lounges.change(lounge_id, changes.name, changes.description)
        after = await self._lounges.get(self._admin, lounge_id)
        await self._record(
            Action.LOUNGE_CHANGED,
            TargetType.LOUNGE,
            lounge_id,
            before={name: before[name] for name in changes.model_fields_set},
            after={name: after[name] for name in changes.model_fields_set},
        )
        return after

    async def close_lounge(self, lounge_id: UUID) -> None:
        """Its posts stay readable, nothing new can be added. Raises LoungeNotFound."""
        was_open = await self._lounges.close(lounge_id)
        await self._record(
            Action.LOUNGE_CLOSED,
            TargetType.LOUNGE,
            lounge_id,
            before={"open": was_open},
            after={"open": False},
        )

    async def reopen_lounge(self, lounge_id: UUID) -> None:
        """Posts and comments can be added again. Raises LoungeNotFound."""
        was_open = await self._lounges.reopen(lounge_id)
        await self._record(
            Action.LOUNGE_REOPENED,
            TargetType.LOUNGE,
            lounge_id,
            before={"open": was_open},
            after={"open": True},
        )

    async def list_lounges(
        self, page: PageRequest, query: str | None = None, closed: bool | None = None
    ) -> Slice[dict[str, Any]]:
        """The newest first, closed ones too unless `closed` narrows it."""
        return await self._lounges.list_for_admins(self._admin, query, closed, page)

    # What people wrote

    async def hide_post(self, post_id: UUID, reason: str) -> None:
        """Out of everybody's sight; its author is told why. Raises PostNotFound."""
        post, before = await self._posts.hide(post_id)
        await self._record(
            Action.POST_HIDDEN, TargetType.POST, post_id, reason, *_moderated(before, HIDDEN)
        )
        if before != HIDDEN:
            await self._tell_author(post.author_id, reason, post.title, post_id=post_id)

    async def restore_post(self, post_id: UUID, reason: str) -> None:
        """Show what was hidden, or held for review. Raises PostNotFound."""
        _, before = await self._posts.restore(post_id)
        await self._record(
            Action.POST_RESTORED, TargetType.POST, post_id, reason, *_moderated(before, VISIBLE)
        )

    async def hide_comment(self, comment_id: UUID, reason: str) -> None:
        """Out of everybody's sight; its author is told why. Raises CommentNotFound."""
        comment, before = await self._comments.hide(comment_id)
        changed = _moderated(before, HIDDEN)
        await self._record(Action.COMMENT_HIDDEN, TargetType.COMMENT, comment_id, reason, *changed)
        if before != HIDDEN and comment.author_id is not None:
            await self._tell_author(
                comment.author_id,
                reason,
                comment.body,
                post_id=comment.post_id,
                comment_id=comment_id,
            )

    async def restore_comment(self, comment_id: UUID, reason: str) -> None:
        """Show what was hidden, or held for review. Raises CommentNotFound."""
        _, before = await self._comments.restore(comment_id)
        changed = _moderated(before, VISIBLE)
        await self._record(
            Action.COMMENT_RESTORED, TargetType.COMMENT, comment_id, reason, *changed
        )

    async def _tell_author(
        self,
        author_id: UUID,
        reason: str,
        words: str,
        *,
        post_id: UUID,
        comment_id: UUID | None = None,
    ) -> None:
        """Which words, since their author can't look at them any more, and why."""
        await self._notifications.notify(
            NewNotification(
                recipient_id=author_id,
                type=NotificationType.MODERATION,
                post_id=post_id,
                comment_id=comment_id,
                params={"what": cut(words, WHAT_LENGTH), "body": reason},
            )
        )

    async def list_held(self, page: PageRequest) -> Slice[dict[str, Any]]:
        """Posts and comments that wait for review, the oldest first."""
        after_id = page.after_id(HELD, start=FIRST_ID)
        rows = await self._overview.list_held(after_id, page.row_limit)
        found = page.page(HELD, rows, lambda row: [row["id"]])
        names = ("type", "id", "title", "body", "created_at")
        url = self._ctx.storage.url
        return found.map(
            lambda row: {**{n: row[n] for n in names}, "author": author_json(row, url)}
        )

    async def read_picture(self, address: str) -> bytes:
        """A picture by its public address, even while it is hidden. Raises NotFound."""
        return await self._images.read_for_admin(address)

    # What waits, and what happened

    async def waiting(self) -> dict[str, int]:
        """How much waits for an admin, up to a hundred of each."""
        waits = await self._overview.count_waiting(self._ctx.clock(), MOST_COUNTED)
        return {**waits, "dead_jobs": await self.jobs.count_dead(MOST_COUNTED)}

    async def stats(self) -> Stats:
        """Thirty days, today included."""
        return Stats(days=await list_days(self._ctx))

    # Reports

    async def list_reports(self, status: CaseStatus, page: PageRequest) -> Slice[dict[str, Any]]:
        """The queue: one entry a target, the gravest and oldest first."""
        return (await self._moderation.list_cases(status, page)).map(case_json)

    async def list_reports_of(self, case_id: UUID, page: PageRequest) -> Slice[dict[str, Any]]:
        """Raises ReportNotFound."""
        return (await self._moderation.list_reports_of(case_id, page)).map(dict)

    async def resolve_report(self, case_id: UUID, form: Resolve) -> dict[str, Any]:
        """Close every open report on a target, doing what `action` says.

        Raises ReportNotFound, ReportResolved, ActionNotPossible, and what the act itself raises.
        """
        case = await self._moderation.get_case(case_id)
        closed = await self._moderation.close(case_id, form.action, form.note, self._admin.user_id)
        await self._act_on(case, form.action, form.note or await self._why(case))
        await self._record(
            Action.REPORT_RESOLVED,
            TargetType.REPORT,
            case_id,
            form.note,
            before={"status": CaseStatus.OPEN},
            after={
                "status": CaseStatus.RESOLVED,
                "action": form.action,
                "target_id": str(case["target_id"]),
            },
        )
        return case_json(closed)

    async def _why(self, case: Row) -> str:
        """What its author is told where the admin says nothing: what it was reported for."""
        author_id = case["author_id"]
        locale = await self._users.locale_of(author_id) if author_id else UserLocale.JA
        return why_reported(case["reasons"], locale)

    async def _act_on(self, case: Row, action: Resolution, why: str) -> None:
        if action == Resolution.HIDE:
            await self._hide_target(case, why)
        elif action == Resolution.SUSPEND:
            if case["author_id"] is None:
                raise ActionNotPossible
            suspended = ManagedUserUpdate(status=UserStatus.SUSPENDED, reason=why[:REASON_LENGTH])
            await self.change_user(case["author_id"], suspended)

    async def _hide_target(self, case: Row, why: str) -> None:
        match case["target_type"]:
            case ReportTarget.POST:
                await self.hide_post(case["target_id"], why)
            case ReportTarget.COMMENT:
                await self.hide_comment(case["target_id"], why)
            case _:
                raise ActionNotPossible

    # Banned words

    async def list_banned_words(self) -> BannedWords:
        return BannedWords(**await self._screening.list_words())

    async def replace_banned_words(
        self, form: BannedWordsUpdate, seen: str | None = None
    ) -> BannedWords:
        """The list is this and no other; what was written before is not looked at again.

        With the mark of the list that was seen, raises ChangedMeanwhile.
        """
        await self._screening.lock_words()
        before = await self._screening.list_words()
        ensure_as_seen(seen, before["words"], before["exceptions"])
        await self._screening.replace_words(form.words, form.exceptions)
        after = await self._screening.list_words()
        await self._record(
            Action.BANNED_WORDS_CHANGED,
            TargetType.BANNED_WORDS,
            NO_TARGET,
            before={name: sorted(set(before[name]) - set(after[name])) for name in after},
            after={name: sorted(set(after[name]) - set(before[name])) for name in after},
        )
        return BannedWords(**after)

    # Jobs

    @property
    def jobs(self) -> Operating:
        """The jobs of the worker."""

        return Operating(self._ctx, self._record)

    # The audit log

    async def list_audit_log(self, page: PageRequest) -> Slice[dict[str, Any]]:
        """Every act, the newest first."""
        return await self._log.list_page(page)

    async def last_act_on(self, target_type: TargetType, target_id: UUID) -> dict[str, Any] | None:
        """Who did the latest act on something, and when; None if nobody did any."""
        return await self._log.last_act_on(target_type, target_id)


def _moderated(before: Moderation, after: Moderation) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"moderation": before}, {"moderation": after}
