"""A user's notifications: writing them, the list, and what is read or hidden.

Features call `notify` in the transaction of the event, with a snapshot of the names that the text
needs. A job sends the push, so nothing is pushed unless the transaction commits.
"""

from asyncio import sleep
from collections.abc import Sequence
from uuid import UUID

from app.core.keyset import LAST_ID, Page, PageRequest
from app.core.unavailable import was_deadlock
from app.jobs import AboutUser, enqueue
from app.live_log import Kind
from app.notification.enums import ABOUT_COMMENTS, NotificationType
from app.notification.exceptions import NotificationNotFound
from app.notification.repository import (
    COMMENT,
    POST,
    AnnouncementRepository,
    HidingRepository,
    LeavingRepository,
    MarkRepository,
    NotificationRepository,
)
from app.notification.rows import (
    SEND_PUSH,
    SETTLE_READ,
    Badge,
    NewNotification,
    NotificationRow,
    OwnNotification,
    SendPush,
)
from app.notification.schemas import MarkRead
from app.runtime.context import Context, Needs
from app.user.policy import Viewer
from app.user.service import BlockService

ALL, UNREAD = "notifications", "notifications:unread"
PAUSES_AFTER_DEADLOCKS = (0.05, 0.2)
"""In seconds. The transaction that a deadlock let pass needs less to take its lock."""


class NotificationService:
    _blocks = Needs(BlockService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._notifications = NotificationRepository(ctx.db)
        self._announcements = AnnouncementRepository(ctx.db)
        self._marks = MarkRepository(ctx.db)
        self._hidings = HidingRepository(ctx.db)
        self._leaving = LeavingRepository(ctx.db)

    async def notify(
        self, new: NewNotification, *, push: bool = True, by: UUID | None = None
    ) -> UUID | None:
        """Write a notification and enqueue its push; returns its id.

        Does nothing if the actor is the recipient, the recipient has blocked the actor, or the
        recipient has left. `by` is an admin whose act this is: the recipient is not told who. The
        push of an act that can be taken back waits until it can't be. What is out of sight by then
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
        """Whether the user was told of an act on a post or comment after a notification.

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

    async def list_page(
        self, viewer: Viewer, page: PageRequest, *, unread: bool
    ) -> Page[NotificationRow]:
        """The viewer's notifications, the newest first."""
        name = UNREAD if unread else ALL
        after_id = page.after_id(name, start=LAST_ID)
        rows = await self._notifications.list_page(
            viewer.user_id, after_id, page.row_limit, unread=unread
        )
        return page.slice(name, rows, lambda row: [row.id])

    async def count_unread(self, viewer: Viewer) -> Badge:
        """The badge of the viewer."""
        return await self._notifications.count_unread(viewer.user_id)

    async def mark_read(self, viewer: Viewer, which: MarkRead) -> None:
        """Mark some notifications as read, or all that there are: those by one row (ADR 0055).

        Either is one statement, which needs no transaction around it. So after a deadlock it runs
        again, up to two times. Raises SessionRevoked.
        """
        for pause in PAUSES_AFTER_DEADLOCKS:
            try:
                return await self._mark_read(viewer, which)
            except Exception as error:
                if not was_deadlock(error):
                    raise
            # The other transaction has to wake up and take the lock. A statement that comes at once
            # can take it first, and both wait in a circle again.
            await sleep(pause)
        return await self._mark_read(viewer, which)

    async def _mark_read(self, viewer: Viewer, which: MarkRead) -> None:
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

    # Features that hide, delete or mute the subject of notifications call these, under its lock.
    # One call changes one batch, and jobs of the features change the rest. What is to be hidden is
    # out of sight after the first call. What was deleted is hidden `for_good`: the words go, too.

    async def lock_about(self, post_ids: Sequence[UUID], comment_ids: Sequence[UUID]) -> None:
        """Lock what `set_posts_hidden` and `set_comments_hidden` change, for who calls both."""
        await self._hidings.lock_about({POST: post_ids, COMMENT: comment_ids})

    async def set_posts_hidden(
        self, post_ids: Sequence[UUID], *, hidden: bool, for_good: bool = False
    ) -> Sequence[UUID]:
        """Hide the notifications about posts that went out of sight, or show them again.

        Returns the posts about which there may be more: `settle_post` does these, from the start.
        """
        return await self._hidings.set_hidden(POST, post_ids, hidden=hidden, for_good=for_good)

    async def set_comments_hidden(
        self, comment_ids: Sequence[UUID], *, hidden: bool, for_good: bool = False
    ) -> Sequence[UUID]:
        """As `set_posts_hidden`, of comments."""
        return await self._hidings.set_hidden(
            COMMENT, comment_ids, hidden=hidden, for_good=for_good
        )

    async def settle_post(
        self, post_id: UUID, after_id: UUID, *, hidden: bool, title: str | None
    ) -> UUID | None:
        """Change the next batch about a post: whether it is in sight, and what it is called.

        Without a `title` the post is deleted. Returns after which id to go on; None at the end.
        """
        return await self._hidings.settle(POST, post_id, after_id, hidden=hidden, words=title)

    async def settle_comment(
        self, comment_id: UUID, after_id: UUID, *, hidden: bool, words: str | None
    ) -> UUID | None:
        """As `settle_post`, of a comment."""
        return await self._hidings.settle(COMMENT, comment_id, after_id, hidden=hidden, words=words)

    async def set_post_muted(
        self, user_id: UUID, post_id: UUID, after_id: UUID, *, muted: bool
    ) -> UUID | None:
        """As `settle_post`, of a user's notifications about a post that the user has muted."""
        return await self._hidings.set_post_muted(user_id, post_id, after_id, muted=muted)

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

    async def delete_and_close(self, ids: Sequence[UUID], post_ids: Sequence[UUID]) -> None:
        """Delete notifications. Moderators' messages about these posts open nothing any more.

        Name posts only when little else is left about them: then no statement reads much.
        """
        messages = await self._leaving.list_open_messages(post_ids)
        await self._leaving.lock([*ids, *messages])
        await self._leaving.delete(ids)
        if messages:
            await self._leaving.close(messages)
