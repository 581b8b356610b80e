"""A user's notifications: writing and deleting them, and what is read.

Features call `notify` in the transaction of the event. A job sends the push, so nothing is pushed
unless the transaction commits. `app/notification_delivery` reads what this writes.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from app.core.keyset import FIRST_ID
from app.jobs.definitions import AboutUser
from app.jobs.enqueue import enqueue
from app.live_log.changes import Kind
from app.notification.enums import About, NotificationType
from app.notification.exceptions import NotificationNotFound
from app.notification.kinds import ABOUT_COMMENTS
from app.notification.repository.announcements import AnnouncementRepository
from app.notification.repository.leaving import LeavingRepository
from app.notification.repository.notifications import NotificationRepository
from app.notification.repository.publishing import PublishingRepository
from app.notification.repository.read_marks import ReadMarkRepository
from app.notification.repository.renewing import RenewingRepository
from app.notification.rows import (
    PUBLISH_CHANGED,
    RENEW,
    SEND_PUSH,
    SETTLE_READ,
    ChangedContent,
    NewNotification,
    OwnNotification,
    Renew,
    SendPush,
)
from app.notification.schemas import MarkRead
from app.notification.writes import NOTIFICATION_BATCH_ROWS
from app.runtime.context import Needs, Service
from app.user.policy import Viewer
from app.user.service.blocks import BlockService


class NotificationService(Service):
    _blocks = Needs(BlockService)
    _notifications = Needs(NotificationRepository)
    _announcements = Needs(AnnouncementRepository)
    _marks = Needs(ReadMarkRepository)
    _publishing = Needs(PublishingRepository)
    _renewing = Needs(RenewingRepository)
    _leaving = Needs(LeavingRepository)

    async def notify(
        self, new: NewNotification, *, push: bool = True, by: UUID | None = None
    ) -> UUID | None:
        """Write a notification and enqueue its push; returns its id.

        Does nothing if the actor is the recipient, the recipient has blocked the actor, or the
        recipient has left. `by` is an admin whose act this is: the recipient doesn't see who. The
        push of an act that can be taken back waits until it can't be. What is hidden by then
        is not pushed.
        """
        actor_id = new.actor_id
        if new.recipient_id in (actor_id, by):
            return None
        if actor_id and await self._blocks.has_blocked(new.recipient_id, actor_id):
            return None
        added_id = await self._notifications.add(new)
        if added_id is None:
            return None
        self._ctx.changed(new.recipient_id, Kind.NOTIFICATION, added_id)
        revocable = self._ctx.revocable
        if revocable is not None:
            revocable.notified.append(added_id)
        if push:
            delay = self._ctx.push_delay
            await enqueue(self._ctx.db, SEND_PUSH, SendPush(added_id), delay=delay)
        return added_id

    async def withdraw(self, notification_ids: Sequence[UUID]) -> None:
        """Delete notifications of an act that is taken back. Their pushes find nothing to send."""
        await self._leaving.lock(notification_ids)
        for recipient_id, notification_id in await self._notifications.delete(notification_ids):
            self._ctx.changed(recipient_id, Kind.NOTIFICATION, notification_id)

    async def get_own(self, user_id: UUID, notification_id: UUID) -> OwnNotification:
        """One of a user's notifications, seen by them or not. Raises NotificationNotFound.

        An announcement is one, too, although it is one row for all users.
        """
        found = await self._notifications.find_own(user_id, notification_id)
        if found is not None:
            return found
        if not await self._announcements.is_for(user_id, notification_id):
            raise NotificationNotFound
        return OwnNotification(notification_id, NotificationType.ANNOUNCEMENT)

    async def find_own(self, user_id: UUID, notification_id: UUID) -> OwnNotification | None:
        """As `get_own`, for what is not an announcement; None if it is gone."""
        return await self._notifications.find_own(user_id, notification_id)

    async def has_later_moderation(
        self, user_id: UUID, notification_id: UUID, post_id: UUID, comment_id: UUID | None
    ) -> bool:
        """Whether the user has a later notification about a post or comment than a given one.

        The notification itself may be gone: its act was taken back.
        """
        return await self._notifications.has_later_moderation(
            user_id, notification_id, post_id, comment_id
        )

    async def note_opened(self, viewer: Viewer, notification_id: UUID) -> None:
        """Note that the caller opened the push, the first time. Raises NotificationNotFound."""
        key = (viewer.user_id, notification_id, self._ctx.clock())
        if await self._notifications.mark_opened(*key):
            return
        if not await self._announcements.mark_opened(*key):
            raise NotificationNotFound

    async def mark_read(self, viewer: Viewer, which: MarkRead) -> None:
        """Mark some notifications as read, or all that there are: those by one row (ADR 0055).

        Either is one statement, which needs no transaction around it. Raises SessionRevoked.
        """
        if which.all:
            await self._marks.mark_all(viewer, self._ctx.clock())
        else:
            await self._marks.mark_some(viewer, which.ids or [], self._ctx.clock())

    async def settle_read(self, user_id: UUID) -> None:
        """The job behind `mark_read`: note in some rows that the user's mark covers them.

        This keeps the index of unread notifications small. Each job takes one batch and enqueues
        the next.
        """
        if not await self._marks.settle(user_id):
            await enqueue(self._ctx.db, SETTLE_READ, AboutUser(user_id))

    async def publish_changed(
        self, *, post_ids: Collection[UUID] = (), comment_ids: Collection[UUID] = ()
    ) -> None:
        """ChangedContent apps of the notifications about posts and comments that have changed.

        Whether readers see them, and with which words, is asked when they are read. So this is for
        apps that show them now. It publishes a batch, and a job the rest.
        """
        for about, ids in ((About.POST, post_ids), (About.COMMENT, comment_ids)):
            if ids:
                await self.publish_batch(ChangedContent(about, sorted(ids), FIRST_ID))

    async def publish_batch(self, changed: ChangedContent) -> None:
        """Publish a batch, and enqueue the job for the next one."""
        rest = await self._publishing.publish(changed)
        if rest is not None:
            await enqueue(self._ctx.db, PUBLISH_CHANGED, rest)

    async def renew(self, due: Sequence[Renew]) -> None:
        """Let jobs make notifications new that were written while a hidden post hid them.

        Their users may have marked all as read meanwhile, and nothing was pushed. So each gets a
        new id and time, as if it were written now, and is unread and pushed. If the act can still
        be undone, the push waits until it can't be.
        """
        for each in due:
            await enqueue(self._ctx.db, RENEW, each, delay=self._ctx.push_delay)

    async def renew_some(self, due: Renew) -> None:
        """The job: renew a batch, and enqueue the job for the next one.

        It may run twice, and the post may be hidden again by now: what is renewed has an id after
        `last_id`, and after the moment of being hidden again.
        """
        done = await self._renewing.renew(due)
        if done.number == NOTIFICATION_BATCH_ROWS and done.last_id is not None:
            await enqueue(self._ctx.db, RENEW, replace(due, after_id=done.last_id))

    async def has_notified_of_comment(self, comment_id: UUID) -> bool:
        """Whether any user got a notification about the comment."""
        return await self._notifications.exists_for_comment(comment_id, ABOUT_COMMENTS)

    async def has_notified_of_post(self, post_id: UUID) -> bool:
        """Whether any user got a notification of the post as new in its lounge."""
        return await self._notifications.exists_for_post(post_id, NotificationType.LOUNGE_POST)

    async def list_some_about(self, user_id: UUID) -> tuple[Sequence[UUID], bool]:
        """Some of a leaver's notifications, and of others' about the leaver and their posts.

        Returns whether those are all, too.
        """
        return await self._leaving.list_some_about(user_id)

    async def delete(self, ids: Sequence[UUID]) -> None:
        await self._leaving.lock(ids)
        await self._leaving.delete(ids)
