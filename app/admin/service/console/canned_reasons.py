"""What admins do with canned reasons: add, change and remove them."""

from uuid import UUID

from app.admin.enums import UNDONE, Action, ReasonUse
from app.admin.exceptions import CannedReasonNotFound, ChangedMeanwhile, TooManyReasons
from app.admin.models import CannedReason
from app.admin.policy import Version, ensure_unchanged, reason_version
from app.admin.repository.console.canned_reasons import CannedReasonRepository
from app.admin.rows import AuditRow
from app.admin.schemas import CannedReasonForm
from app.admin.service.changes import ReasonText
from app.admin.service.part import AdminPart
from app.runtime.context import Needs

MOST_REASONS = 12
"""For each use. More would be a long way to look through on a phone."""


class CannedReasonAdmin(AdminPart):
    _reasons = Needs(CannedReasonRepository)

    async def add(self, use: ReasonUse, form: CannedReasonForm) -> None:
        """Raises TooManyReasons."""
        await self._reasons.lock_list()
        if await self._reasons.count(use) >= MOST_REASONS:
            raise TooManyReasons
        reason = await self._reasons.add(CannedReason(use=use, ja=form.ja, en=form.en))
        await self._record(reason.id, None, _text_of(reason))

    async def change(self, reason_id: UUID, form: CannedReasonForm, seen: Version | None) -> None:
        """Raises CannedReasonNotFound, ChangedMeanwhile."""
        reason = await self._lock(reason_id, seen)
        before = _text_of(reason)
        await self._reasons.change(reason, form.ja, form.en)
        await self._record(reason_id, before, _text_of(reason))

    async def remove(self, reason_id: UUID, seen: Version | None) -> None:
        """Raises CannedReasonNotFound, ChangedMeanwhile."""
        reason = await self._lock(reason_id, seen)
        before = _text_of(reason)
        await self._reasons.delete(reason_id)
        await self._record(reason_id, before, None)

    async def reverse(self, entry: AuditRow, _kept: str) -> None:
        """Put a reason back as it was. Raises ChangedMeanwhile."""
        before = ReasonText(**entry.before) if entry.before else None
        after = ReasonText(**entry.after) if entry.after else None
        reason = await self._reasons.lock(entry.target_id)
        if (_text_of(reason) if reason else None) != after:
            raise ChangedMeanwhile
        if before is None:
            await self._reasons.delete(entry.target_id)
        elif reason is None:
            await self._reasons.add(
                CannedReason(id=entry.target_id, use=before.use, ja=before.ja, en=before.en)
            )
        else:
            await self._reasons.change(reason, before.ja, before.en)
        await self._record(entry.target_id, after, before, UNDONE)

    async def _lock(self, reason_id: UUID, seen: Version | None) -> CannedReason:
        reason = await self._reasons.lock(reason_id)
        if reason is None:
            raise CannedReasonNotFound
        ensure_unchanged(seen, reason_version(reason.ja, reason.en))
        return reason

    async def _record(
        self, reason_id: UUID, before: ReasonText | None, after: ReasonText | None, why: str = ""
    ) -> None:
        await self._audit.record(Action.CANNED_REASONS_CHANGED, reason_id, why, before, after)


def _text_of(reason: CannedReason) -> ReasonText:
    return ReasonText(reason.use, reason.ja, reason.en)
