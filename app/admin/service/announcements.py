"""What admins do with announcements: write, list and delete them."""

from uuid import UUID

from app.admin.enums import Action
from app.admin.service.audit import AuditLog
from app.admin.service.changes import AnnouncedText
from app.core.keyset import Page, PageRequest
from app.notification.rows import Announcement
from app.notification.schemas import AnnouncementCreate
from app.notification.service import AnnouncementService, NewAnnouncement
from app.runtime.context import Context, Needs
from app.user.policy import Viewer


class AnnouncementAdmin:
    _announcements = Needs(AnnouncementService)

    def __init__(self, ctx: Context, audit: AuditLog, admin: Viewer) -> None:
        self._ctx = ctx
        self._audit = audit
        self._admin = admin

    async def list_page(self, page: PageRequest) -> Page[Announcement]:
        """The newest first."""
        return await self._announcements.list_page(page)

    async def announce(self, form: AnnouncementCreate) -> Announcement:
        """Tell all users who are there now."""
        new = NewAnnouncement(
            form.title_ja,
            form.body_ja,
            form.title_en,
            form.body_en,
            form.push,
            self._admin.user_id,
        )
        announcement = await self._announcements.announce(new)
        await self._audit.record(
            Action.ANNOUNCEMENT_MADE,
            announcement.id,
            after=AnnouncedText(form.title_ja, form.push),
        )
        return announcement

    async def delete(self, announcement_id: UUID) -> None:
        """Take an announcement out of all lists. Raises AnnouncementNotFound."""
        title = await self._announcements.delete(announcement_id)
        await self._audit.record(
            Action.ANNOUNCEMENT_DELETED, announcement_id, before=AnnouncedText(title, None)
        )
