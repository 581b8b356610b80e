"""Announcements: one row for all users, written at its time, deleted, and pushed in batches."""

from typing import Any
from uuid import UUID

from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.jobs.enqueue import enqueue, enqueue_all
from app.live_log.changes import EVERYONE, Kind
from app.notification.exceptions import AlreadyPublished, AnnouncementNotFound
from app.notification.models import WaitingAnnouncement
from app.notification.repository.announcements import AnnouncementRepository
from app.notification.rows import (
    ANNOUNCE,
    COUNT_AUDIENCE,
    FORGET_ANNOUNCEMENT,
    SEND_PUSH,
    Announce,
    Announcement,
    CountAudience,
    ForgetAnnouncement,
    NewAnnouncement,
    SendPush,
)
from app.notification.schemas import AnnouncementUpdate
from app.runtime.context import Needs, Service

PUBLISHED_AT_ONCE = 10
"""Announcements per run. There is a run every few seconds."""

MOST_COUNTED = 100_000
"""Users whom a request counts. Of more, a job counts them a moment later."""

READERS_AT_ONCE = 500
"""Readers that one job enqueues a push for. Their jobs run before those of the next batch."""


class AnnouncementService(Service):
    _announcements = Needs(AnnouncementRepository)

    async def count_audience(self) -> int:
        """How many an announcement reaches now, counted up to one more than MOST_COUNTED."""
        return await self._announcements.count_audience_up_to(MOST_COUNTED + 1)

    async def announce(self, new: NewAnnouncement) -> Announcement:
        """Write an announcement. All users who are there when it comes out find it in their
        notifications.
        """
        audience = await self.count_audience()
        if new.publish_at is not None:
            return await self._announcements.add_waiting(new, audience)
        published = await self._publish(new, audience)
        if audience > MOST_COUNTED:
            await enqueue(self._ctx.db, COUNT_AUDIENCE, CountAudience(published.id))
        return published

    async def count_reached(self, announcement_id: UUID) -> None:
        """The job behind `announce`, where it reaches more than a request may count."""
        await self._announcements.set_audience(announcement_id)

    async def count_audiences(self) -> None:
        """The periodic: count again whom those would reach that wait."""
        await self._announcements.count_audiences()

    async def publish_due(self) -> None:
        """The periodic: bring out what has waited for its time."""
        due = await self._announcements.take_due(self._ctx.clock(), PUBLISHED_AT_ONCE)
        # Once for all of them: it counts every user.
        audience = await self._announcements.count_audience() if due else 0
        for each in due:
            await self._publish(each.new, audience, each.id)

    async def _publish(
        self, new: NewAnnouncement, audience: int, waiting_id: UUID | None = None
    ) -> Announcement:
        announcement = await self._announcements.add(new, audience, waiting_id)
        self._ctx.changed(EVERYONE, Kind.ANNOUNCEMENT, announcement.id)
        if new.push:
            first = Announce(announcement.id, FIRST_ID)
            await enqueue(self._ctx.db, ANNOUNCE, first)
        return announcement

    async def list_page(self, page: PageRequest) -> Page[Announcement]:
        """The newest first."""
        page = page.formerly("announcements")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._announcements.list_page(after_id, page.row_limit)
        return page.slice(rows, lambda row: [row.id])

    async def lock_waiting(self, announcement_id: UUID) -> WaitingAnnouncement:
        """Lock one that is not published yet. Raises AnnouncementNotFound, AlreadyPublished."""
        if (waiting := await self._announcements.lock_waiting(announcement_id)) is not None:
            return waiting
        # A publication that the lock has waited for is committed: a second statement sees it.
        if await self._announcements.is_published(announcement_id):
            raise AlreadyPublished
        raise AnnouncementNotFound

    async def change(
        self, waiting: WaitingAnnouncement, changes: AnnouncementUpdate
    ) -> Announcement:
        """Change the fields that were sent of an announcement that the caller has locked."""
        values: dict[str, Any] = changes.model_dump(exclude_unset=True)
        for name in {"title_en", "body_en"} & values.keys():
            values[name] = values[name] or None
        return await self._announcements.change(waiting, **values)

    async def delete(self, announcement_id: UUID) -> str:
        """Take an announcement out of all lists, or back before it is out. Returns its title.

        Raises AnnouncementNotFound.
        """
        # What comes out at this moment has been waited for by the first statement.
        if (waiting := await self._announcements.delete_waiting(announcement_id)) is not None:
            return waiting
        deleted = await self._announcements.delete(announcement_id)
        if deleted is None:
            raise AnnouncementNotFound
        published_id, title = deleted
        self._ctx.changed(EVERYONE, Kind.ANNOUNCEMENT, published_id)
        await self._forget_later(published_id)
        return title

    async def forget(self, announcement_id: UUID) -> None:
        """The job behind `delete`: delete a batch of what readers have marked."""
        if not await self._announcements.delete_some_marks(announcement_id):
            await self._forget_later(announcement_id)

    async def push_some(self, announce: Announce) -> None:
        """The job behind `announce`: enqueue a push for each reader of a batch, and the next batch.

        Each push checks its reader's settings and what they have read. A reply's
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
