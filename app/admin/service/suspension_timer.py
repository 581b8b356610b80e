"""Ends the suspensions that are past their end, and notes it in the audit log."""

from uuid import UUID

from app.admin.enums import Action
from app.admin.models import AT_TERMINAL
from app.admin.rows import TIMER
from app.admin.service.audit import AuditLog
from app.admin.service.suspensions import standing_of
from app.jobs.definitions import AboutUser
from app.jobs.enqueue import enqueue
from app.runtime.context import Context, Needs, Service
from app.suspension.service.suspensions import SuspensionService
from app.user.models import User
from app.user.service.roles import RoleService

END_SUSPENSION = "admin.end_suspension"

ENDED_AT_ONCE = 200
"""Suspensions per run. There is a run every few seconds."""


class SuspensionTimer(Service):
    _roles = Needs(RoleService)
    _suspensions = Needs(SuspensionService)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._audit = AuditLog(ctx, AT_TERMINAL, TIMER)

    async def end_over(self) -> None:
        """Enqueue a job for each suspension that is past its end, at most ENDED_AT_ONCE.

        Each has a job of its own, so that rows are locked in the usual order.
        """
        for user_id in await self._suspensions.list_over(ENDED_AT_ONCE):
            key = f"{END_SUSPENSION}:{user_id}"
            await enqueue(self._ctx.db, END_SUSPENSION, AboutUser(user_id), dedupe_key=key)

    async def end(self, user_id: UUID) -> None:
        """The job behind `end_over`. Raises UserNotFound."""
        await self.end_if_over((await self._roles.lock(user_id)).user)

    async def end_if_over(self, user: User) -> None:
        """End the suspension of a locked user if it is past its end."""
        if not self._suspensions.is_over(user):
            return
        before = standing_of(user)
        await self._suspensions.end(user)
        await self._audit.record(Action.USER_CHANGED, user.id, "", before, standing_of(user))
