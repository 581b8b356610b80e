"""Taking an act of the console back, for some seconds after it (ADR 0087).

An act leaves entries in the audit log, with what was before. Taking it back reverses these entries,
the last one first, and writes entries of its own. So nothing is ever rewritten.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from app.admin.enums import Action
from app.admin.exceptions import UndoTooLate
from app.admin.models import UndoableAct
from app.admin.repository.console.undo import UndoRepository
from app.admin.rows import AuditRow
from app.admin.service.banned_words import BannedWordAdmin
from app.admin.service.console.canned_reasons import CannedReasonAdmin
from app.admin.service.content import ContentAdmin
from app.admin.service.lounge_requests import LoungeRequestAdmin
from app.admin.service.lounges import LoungeAdmin
from app.admin.service.part import AdminPart, Part
from app.admin.service.reports import ReportAdmin
from app.admin.service.users import UserAdmin
from app.notification.service.notifications import NotificationService
from app.runtime.context import Needs, Revocable
from app.user.policy import ensure_admin

UNDO_SHOWN = timedelta(seconds=10)
"""How long the console offers to take an act back."""

UNDO_TAKEN = timedelta(seconds=15)
"""How long the server takes it: the tap may be under way on a slow network."""

PUSH_DELAY = timedelta(seconds=20)
"""By then the act can't be taken back, though the clocks of two machines differ a little."""

_OF_CONTENT = frozenset(
    (
        *(Action.POST_HIDDEN, Action.POST_RESTORED),
        *(Action.COMMENT_HIDDEN, Action.COMMENT_RESTORED),
    )
)

_OF_ADMINS = frozenset(
    (
        *(Action.LOUNGE_OPENED, Action.LOUNGE_CHANGED, Action.LOUNGE_CLOSED),
        *(Action.LOUNGE_REOPENED, Action.BANNED_WORDS_CHANGED, Action.CANNED_REASONS_CHANGED),
    )
)

type Reverse = Callable[[AuditRow, str], Awaitable[None]]
"""Puts back what an entry of the log says. The text is what the act kept beside the log."""


def revocable() -> Revocable:
    """For the unit of work of an act that can be taken back."""
    return Revocable(push_delay=PUSH_DELAY)


class Undo(AdminPart):
    _notifications = Needs(NotificationService)
    _acts = Needs(UndoRepository)
    _content = Part(ContentAdmin)
    _users = Part(UserAdmin)
    _lounges = Part(LoungeAdmin)
    _requests = Part(LoungeRequestAdmin)
    _reports = Part(ReportAdmin)
    _words = Part(BannedWordAdmin)
    _reasons = Part(CannedReasonAdmin)

    @property
    def _reverse(self) -> dict[Action, Reverse]:
        return {
            Action.USER_CHANGED: self._users.reverse,
            Action.LOUNGE_OPENED: self._lounges.reverse_opening,
            Action.LOUNGE_CHANGED: self._lounges.reverse_change,
            Action.LOUNGE_CLOSED: self._lounges.reverse_state,
            Action.LOUNGE_REOPENED: self._lounges.reverse_state,
            Action.LOUNGE_REQUEST_APPROVED: self._requests.reverse,
            Action.LOUNGE_REQUEST_REJECTED: self._requests.reverse,
            Action.REPORT_RESOLVED: self._reports.reverse,
            Action.BANNED_WORDS_CHANGED: self._words.reverse,
            Action.CANNED_REASONS_CHANGED: self._reasons.reverse,
        }

    async def offer(self, done: str) -> UUID | None:
        """Note the act of this unit of work, so that its session can take it back.

        `done` is what the page says of it. Returns the act's id; None if it changed nothing.
        Deletes what was noted long ago.
        """
        act = self._ctx.revocable
        if act is None or not act.recorded:
            return None
        now = self._ctx.clock()
        await self._acts.delete_some_old(now)
        noted = UndoableAct(
            admin_session_id=self._admin.session_id,
            done=done,
            entry_ids=act.recorded,
            notification_ids=act.notified,
            kept=act.kept,
            until=now + UNDO_TAKEN,
        )
        return await self._acts.add(noted)

    async def take_back(self, act_id: UUID) -> None:
        """Undo an act of this session. Does nothing if that was done before.

        Raises UndoTooLate after UNDO_TAKEN, AdminOnly if it was an admin's act and the caller is
        none any more, ChangedMeanwhile, and why a thing can't be put back.
        """
        act = await self._acts.lock(act_id, self._admin.session_id)
        if act is None:
            raise UndoTooLate
        if act.undone_at is not None:
            return
        if act.until < self._ctx.clock():
            raise UndoTooLate
        entries = await self._audit.list_by_ids(act.entry_ids)
        if _OF_ADMINS.intersection(entry.action for entry in entries):
            ensure_admin(self._admin)
        await self._reverse_all(entries, act.kept)
        await self._notifications.withdraw(act.notification_ids)
        await self._acts.mark_undone(act, self._ctx.clock())

    async def _reverse_all(self, entries: Sequence[AuditRow], kept: Mapping[str, str]) -> None:
        """The last entry first. Posts and comments come together, behind a report about them."""
        content: list[AuditRow] = []
        for entry in reversed(entries):
            if Action(entry.action) in _OF_CONTENT:
                content.append(entry)
            else:
                await self._reverse[Action(entry.action)](entry, kept.get(str(entry.target_id), ""))
        if content:
            await self._content.reverse_all(content, kept)
