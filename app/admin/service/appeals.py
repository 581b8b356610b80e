"""What admins do with appeals: look at the queue, and decide. Overturning undoes the act."""

from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from app.admin.enums import Action, HeldKind, TargetType
from app.admin.rows import AuditRow
from app.admin.schemas import REASON_LENGTH
from app.admin.service.changes import AppealState, DecidedAppeal
from app.admin.service.content import ContentAdmin, ContentRef
from app.admin.service.part import AdminPart, Part
from app.admin.service.permissions import Permissions
from app.admin.service.users import UserAdmin
from app.comment.exceptions import CommentNotFound
from app.core.keyset import Page, PageRequest
from app.post.exceptions import PostNotFound
from app.runtime.context import Needs
from app.suspension.enums import AppealAgainst, AppealStatus
from app.suspension.rows import AppealRow
from app.suspension.schemas import AppealDecide
from app.suspension.service.appeals import AppealService
from app.suspension.service.warnings import WarningService
from app.user.enums import UserStatus


@dataclass(frozen=True, slots=True)
class Judgement:
    """Entries of the log: the act that was appealed, and the decision on the appeal."""

    act: AuditRow | None
    decision: AuditRow | None


def _judged(appeal: AppealRow) -> tuple[Action, UUID]:
    """The act that was appealed, and what it was done to."""
    match AppealAgainst(appeal.against):
        case AppealAgainst.WARNING:
            return Action.USER_WARNED, appeal.appellant_id
        case AppealAgainst.SUSPENSION:
            return Action.USER_CHANGED, appeal.appellant_id
        case AppealAgainst.MODERATION if appeal.comment_id is not None:
            return Action.COMMENT_HIDDEN, appeal.comment_id
        case AppealAgainst.MODERATION:
            return Action.POST_HIDDEN, appeal.post_id or appeal.id


def _is_act(entry: AuditRow, action: Action) -> bool:
    """Whether it is of this kind. A user is also changed in other ways than by a suspension."""
    is_kind = entry.action == action
    return is_kind and (
        action != Action.USER_CHANGED or entry.after.get("status") == UserStatus.SUSPENDED
    )


class AppealAdmin(AdminPart):
    _appeals = Needs(AppealService)
    _warnings = Needs(WarningService)
    _permissions = Part(Permissions)
    _content = Part(ContentAdmin)
    _users = Part(UserAdmin)

    async def list_page(self, page: PageRequest, status: AppealStatus | None) -> Page[AppealRow]:
        """The queue, the oldest first."""
        return await self._appeals.list_all(status, page)

    async def find_judgement(self, appeal: AppealRow) -> Judgement:
        """Who did what was appealed, and who decided on the appeal, by the log."""
        action, target_id = _judged(appeal)
        acts = await self._audit.list_before(action.target_type, target_id, appeal.id)
        act = next((each for each in acts if _is_act(each, action)), None)
        decision = None
        if appeal.status != AppealStatus.OPEN:
            decision = await self._audit.find_last(TargetType.APPEAL, appeal.id)
        return Judgement(act, decision)

    async def decide(self, appeal_id: UUID, form: AppealDecide) -> AppealRow:
        """Note the decision, undo the act if it is overturned, and notify the user.

        Raises AppealNotFound, OwnAppeal, AlreadyDecided, AboutStaff, and what restoring a user
        raises.
        """
        appeal = await self._appeals.decide(appeal_id, form, self._admin.user_id)
        if appeal.against == AppealAgainst.MODERATION:
            await self._permissions.ensure(appeal.appellant_id)
        else:
            await self._users.ensure_may_act_on(appeal.appellant_id)
        if appeal.status == AppealStatus.OVERTURNED:
            await self._undo(appeal, form.note)
        await self._audit.record(
            Action.APPEAL_DECIDED,
            appeal_id,
            form.note,
            AppealState(AppealStatus.OPEN),
            DecidedAppeal(appeal.status, appeal.against, appeal.appellant_id),
        )
        await self._appeals.notify(appeal)
        return appeal

    async def _undo(self, appeal: AppealRow, note: str) -> None:
        reason = note[:REASON_LENGTH]
        match AppealAgainst(appeal.against):
            case AppealAgainst.MODERATION:
                await self._show_again(appeal, reason)
            case AppealAgainst.WARNING:
                assert appeal.notification_id is not None
                await self._warnings.withdraw(appeal.appellant_id, appeal.notification_id)
            case AppealAgainst.SUSPENSION:
                await self._end_suspension(appeal, reason)

    async def _show_again(self, appeal: AppealRow, reason: str) -> None:
        """Does nothing if a later act has hidden it again, or its author has deleted it."""
        notification_id = appeal.notification_id
        assert notification_id is not None
        with suppress(PostNotFound, CommentNotFound):
            if appeal.comment_id is not None:
                item = ContentRef(HeldKind.COMMENT, appeal.comment_id)
                await self._content.undo_hiding(item, notification_id, reason)
            elif appeal.post_id is not None:
                item = ContentRef(HeldKind.POST, appeal.post_id)
                await self._content.undo_hiding(item, notification_id, reason)

    async def _end_suspension(self, appeal: AppealRow, reason: str) -> None:
        """Does nothing if the suspension has ended, even if there is another one by now."""
        assert appeal.suspension_id is not None
        await self._users.end_suspension(appeal.appellant_id, appeal.suspension_id, reason)
