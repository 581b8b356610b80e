"""Deleting old notifications, but for those that can still be appealed (ADR 0109)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.jobs.enqueue import enqueue
from app.notification.rows import OldNotification
from app.notification.service.retention import OldNotificationService
from app.runtime.context import Needs, Service
from app.suspension.repository import AppealRepository
from app.suspension.service.appeals import APPEALABLE

FORGET_NOTIFICATIONS = "sanction.forget_notifications"

RUN = timedelta(hours=1)
"""How long a run may go on: the next one begins then."""


@dataclass(frozen=True, slots=True)
class NotificationsToForget:
    """The payload of FORGET_NOTIFICATIONS: since when the run goes on, and how far it has come."""

    begun_at: datetime
    after: OldNotification | None = None


class NotificationRetentionService(Service):
    _old = Needs(OldNotificationService)
    _appeals = Needs(AppealRepository)

    async def begin(self) -> None:
        """The periodic: delete old announcements, and begin with old notifications."""
        await self._old.delete_announcements()
        first = NotificationsToForget(self._ctx.clock())
        await enqueue(self._ctx.db, FORGET_NOTIFICATIONS, first)

    async def forget_some(self, run: NotificationsToForget) -> None:
        """The job behind `begin`: delete the next batch, and enqueue the one after it."""
        old = await self._old.list_some(run.after)
        if not old or self._ctx.clock() - run.begun_at >= RUN:
            return
        kept = await self._list_appealable(old)
        await self._old.delete([each.id for each in old if each.id not in kept])
        rest = NotificationsToForget(run.begun_at, old[-1])
        await enqueue(self._ctx.db, FORGET_NOTIFICATIONS, rest)

    async def _list_appealable(self, old: Sequence[OldNotification]) -> Sequence[UUID]:
        messages = [each.id for each in old if each.type in APPEALABLE]
        return await self._appeals.list_appealable(messages) if messages else ()
