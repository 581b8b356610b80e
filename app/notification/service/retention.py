"""Notifications and announcements that are older than LINKY_NOTIFICATION_DAYS (ADR 0109)."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from app.core.keyset import FIRST_ID
from app.notification.repository.leaving import LeavingRepository
from app.notification.repository.retention import RetentionRepository
from app.notification.rows import LONG_AGO, OldNotification
from app.notification.service.announcements import AnnouncementService
from app.runtime.context import Context, Needs, Service


class OldNotificationService(Service):
    _announcements = Needs(AnnouncementService)
    _old = Needs(RetentionRepository)
    _locks = Needs(LeavingRepository)

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self._before = ctx.clock() - timedelta(days=ctx.settings.notification_days)

    async def list_some(self, after: OldNotification | None) -> Sequence[OldNotification]:
        """The next batch of old notifications, of all types. Empty at the end."""
        if after is None:
            return await self._old.list_old(self._before, LONG_AGO, FIRST_ID)
        return await self._old.list_old(self._before, after.created_at, after.id)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """Delete a batch. Their owners' badges are counted again."""
        if ids:
            await self._locks.lock(ids)
            await self._old.delete(ids)

    async def delete_announcements(self) -> None:
        """Delete announcements that are old: they go from all lists, the admins' too."""
        for announcement_id in await self._old.list_old_announcements(self._before):
            await self._announcements.delete(announcement_id)
