"""What admins do with announcements: write, list and delete them."""

from collections.abc import Sequence
from uuid import UUID

from app.admin.enums import Action
from app.admin.policy import ensure_in_near_future
from app.admin.rows import AuditRow
from app.admin.service.audit import AuditFilter
from app.admin.service.changes import AnnouncedText
from app.admin.service.part import AdminPart
from app.core.keyset import Page, PageRequest
from app.notification.rows import Announcement, NewAnnouncement
from app.notification.schemas import AnnouncementCreate, AnnouncementUpdate
from app.notification.service.announcements import AnnouncementService
from app.runtime.context import Needs

WITHDRAWN_SHOWN = 5


class AnnouncementAdmin(AdminPart):
    _announcements = Needs(AnnouncementService)

    async def list_page(self, page: PageRequest) -> Page[Announcement]:
        """The newest first."""
        return await self._announcements.list_page(page)

    async def list_withdrawn(self) -> Sequence[AuditRow]:
        """The log of the latest ones that were withdrawn. Only their titles are left."""
        latest = PageRequest.first(WITHDRAWN_SHOWN, self._ctx.settings)
        which = AuditFilter(action=Action.ANNOUNCEMENT_DELETED)
        return (await self._audit.list_page(latest, which)).items

    async def count_audience(self) -> int:
        """How many an announcement reaches now."""
        return await self._announcements.count_audience()

    def ensure_in_time(self, form: AnnouncementCreate) -> None:
        """Raises ValidationFailed for a time that is past, TooLate for one too far ahead."""
        ensure_in_near_future("publish_at", form.publish_at, self._ctx.clock())

    async def announce(self, form: AnnouncementCreate) -> Announcement:
        """Tell all users who are there when it comes out. Raises ValidationFailed, TooLate."""
        self.ensure_in_time(form)
        new = NewAnnouncement(**form.model_dump(), created_by=self._admin.user_id)
        announcement = await self._announcements.announce(new)
        await self._audit.record(
            Action.ANNOUNCEMENT_MADE,
            announcement.id,
            after=AnnouncedText(form.title_ja, form.push, form.publish_at),
        )
        return announcement

    async def change(self, announcement_id: UUID, changes: AnnouncementUpdate) -> Announcement:
        """Change an announcement that is not published yet.

        Raises ValidationFailed, TooLate, AnnouncementNotFound, AlreadyPublished.
        """
        ensure_in_near_future("publish_at", changes.publish_at, self._ctx.clock())
        waiting = await self._announcements.lock_waiting(announcement_id)
        before = AnnouncedText(waiting.title_ja, waiting.push, waiting.publish_at)
        changed = await self._announcements.change(waiting, changes)
        after = AnnouncedText(changed.title_ja, changed.push, changed.publish_at)
        await self._audit.record(
            Action.ANNOUNCEMENT_CHANGED, announcement_id, before=before, after=after
        )
        return changed

    async def delete(self, announcement_id: UUID) -> None:
        """Take an announcement out of all lists. Raises AnnouncementNotFound."""
        title = await self._announcements.delete(announcement_id)
        await self._audit.record(
            Action.ANNOUNCEMENT_DELETED, announcement_id, before=AnnouncedText(title, None)
        )
