"""Announcements: writing one row for all users, deleting it, and pushing it in batches."""

from uuid import UUID

from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.jobs import enqueue, enqueue_all
from app.live_log import EVERYONE, Kind
from app.notification.exceptions import AnnouncementNotFound
from app.notification.repository import AnnouncementRepository
from app.notification.rows import (
    ANNOUNCE,
    FORGET_ANNOUNCEMENT,
    SEND_PUSH,
    Announce,
    Announcement,
    ForgetAnnouncement,
    NewAnnouncement,
    SendPush,
)
from app.runtime.context import Context, Needs

LIST = "announcements"

READERS_AT_ONCE = 500
"""Readers that one job enqueues a push for. Their jobs run before those of the next batch."""


class AnnouncementService:
    _announcements = Needs(AnnouncementRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def announce(self, new: NewAnnouncement) -> Announcement:
        """Write an announcement. All users who are there now find it in their notifications."""
        announcement = await self._announcements.add(new)
        self._ctx.changed(EVERYONE, Kind.ANNOUNCEMENT, announcement.id)
        if new.push:
            first = Announce(announcement.id, FIRST_ID)
            await enqueue(self._ctx.db, ANNOUNCE, first)
        return announcement

    async def list_page(self, page: PageRequest) -> Page[Announcement]:
        """The newest first."""
        after_id = page.after_id(LIST, start=LAST_ID)
        rows = await self._announcements.list_page(after_id, page.row_limit)
        return page.slice(LIST, rows, lambda row: [row.id])

    async def delete(self, announcement_id: UUID) -> str:
        """Take an announcement out of all lists; returns its title. Raises AnnouncementNotFound."""
        title = await self._announcements.delete(announcement_id)
        if title is None:
            raise AnnouncementNotFound
        self._ctx.changed(EVERYONE, Kind.ANNOUNCEMENT, announcement_id)
        await self._forget_later(announcement_id)
        return title

    async def forget(self, announcement_id: UUID) -> None:
        """The job behind `delete`: delete a batch of what readers have marked."""
        if not await self._announcements.delete_some_marks(announcement_id):
            await self._forget_later(announcement_id)

    async def push_some(self, announce: Announce) -> None:
        """The job behind `announce`: enqueue a push for each reader of a batch, and the next batch.

        Each push asks by itself what its reader's settings say and what they have read. A reply's
        push goes before all of them.
        """
        if not await self._announcements.exists(announce.announcement_id):
            return
        readers = await self._announcements.list_readers(
            announce.announcement_id, announce.after_reader, READERS_AT_ONCE
        )
        pushes = [SendPush(announce.announcement_id, reader_id=reader) for reader in readers]
        await enqueue_all(self._ctx.db, SEND_PUSH, pushes, bulk=True)
        if len(readers) == READERS_AT_ONCE:
            rest = Announce(announce.announcement_id, readers[-1])
            await enqueue(self._ctx.db, ANNOUNCE, rest, bulk=True)

    async def _forget_later(self, announcement_id: UUID) -> None:
        payload = ForgetAnnouncement(announcement_id)
        await enqueue(self._ctx.db, FORGET_ANNOUNCEMENT, payload)
