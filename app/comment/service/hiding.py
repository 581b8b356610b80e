"""Hiding all comments of a suspended user, and showing exactly these again, in batches."""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from app.comment.models import Comment
from app.comment.repository import CommentHidingRepository
from app.comment.rows import LockedReply, LockedThread
from app.comment.service.notifying import CommentNotifier
from app.comment.service.telling import ReplyNotifications
from app.core.batches import in_batches
from app.live_log import Kind
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.policy import only_reader
from app.post.rows import Visibility
from app.runtime.context import Context, Needs

BATCH = 500
"""Replies, and top-level comments, that one job changes (statements time out after 2.3 s)."""


@dataclass(frozen=True, slots=True)
class HiddenComments:
    """What a batch has changed, and where the next one begins."""

    comment_ids: Sequence[UUID]
    released: Sequence[Comment]
    """Those that are shown for the first time."""

    count_changes: Mapping[UUID, int]
    """By how much the `comment_count` of posts changes. 0 for a post whose state must stay."""

    last_reply: UUID
    last_thread: UUID
    is_all: bool


class CommentHidingService:
    _reply_notifications = Needs(ReplyNotifications)
    _notifications = Needs(NotificationService)
    _notifier = Needs(CommentNotifier)
    _comments = Needs(CommentHidingRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def change_some_of(
        self, author_id: UUID, after_reply: UUID, after_thread: UUID, *, hide: bool
    ) -> HiddenComments:
        """Hide a batch of what is visible, or show a batch of what this has hidden.

        All numbers come from locked rows: replies are locked first, then top-level comments.
        Notifications are changed by `settle`, after the posts are locked.
        """
        replies = await self._comments.lock_replies(author_id, after_reply, BATCH, hide=hide)
        own = set(await self._comments.list_threads(author_id, after_thread, BATCH, hide=hide))
        sign = -1 if hide else 1
        by_thread = Counter(reply.parent_id for reply in replies)
        threads = await self._lock_threads({*own, *by_thread})
        changed_ids = {
            t.id for t in threads if t.id in own and _is_hidable(t, author_id, hide=hide)
        }
        ids = [*(reply.id for reply in replies), *changed_ids]
        await self._comments.change_reply_counts({t: sign * n for t, n in by_thread.items()})
        released = [] if hide else await self._comments.list_unseen(ids)
        await self._comments.set_hidden(ids, hide=hide)
        self._tell(replies, threads, changed_ids)
        answered = [t.post_id for t in threads if t.id in changed_ids and t.reply_count]
        await self._reply_notifications.tell_to_reload(answered, author_id)
        changes: Counter[UUID] = Counter()
        for thread in threads:
            is_changed = thread.id in changed_ids
            by_replies = sign * by_thread[thread.id]
            changes[thread.post_id] += _count_change(thread, by_replies, is_changed=is_changed)
        told_of = {comment.post_id for comment in released}
        return HiddenComments(
            ids,
            released,
            {id_: change for id_, change in changes.items() if change or id_ in told_of},
            max((reply.id for reply in replies), default=after_reply),
            max(own, default=after_thread),
            is_all=max(len(replies), len(own)) < BATCH,
        )

    async def settle(self, hidden: HiddenComments, *, hide: bool) -> None:
        """Tell of the notifications about the comments of a batch, and notify of new ones."""
        await self._notifications.tell(comment_ids=hidden.comment_ids)
        for comment in hidden.released:
            await self._notifier.notify_of_released(comment)

    async def _lock_threads(self, thread_ids: Set[UUID]) -> Sequence[LockedThread]:
        locked: list[LockedThread] = []
        for batch in in_batches(thread_ids, BATCH):
            locked += await self._comments.lock_threads(batch)
        return locked

    def _tell(
        self,
        replies: Sequence[LockedReply],
        threads: Sequence[LockedThread],
        changed: Set[UUID],
    ) -> None:
        """Say what went out of sight or came back, and which threads count other replies."""
        by_id = {thread.id: thread for thread in threads}
        for reply in replies:
            self._ctx.changed(by_id[reply.parent_id].post_id, Kind.COMMENT, reply.id)
        parents = {reply.parent_id for reply in replies}
        for thread in threads:
            if thread.id in changed or thread.id in parents:
                visibility = Visibility(thread.author_id, thread.moderation, thread.is_deleted)
                reader = None if thread.id in changed else only_reader(visibility)
                self._ctx.changed(thread.post_id, Kind.COMMENT, thread.id, reader)


def _is_hidable(thread: LockedThread, author_id: UUID, *, hide: bool) -> bool:
    """Whether a locked comment is still what the list found before it was locked."""
    if thread.author_id != author_id or thread.is_deleted:
        return False
    if hide:
        return thread.moderation == Moderation.VISIBLE
    return thread.moderation == Moderation.HIDDEN and thread.hidden_with_author


def _count_change(thread: LockedThread, by_replies: int, *, is_changed: bool) -> int:
    """By how much a post's count changes: a post counts a visible thread with its replies."""
    was_visible = thread.moderation == Moderation.VISIBLE
    before = was_visible * (thread.reply_count + (not thread.is_deleted))
    is_visible = was_visible != is_changed
    after = is_visible * (thread.reply_count + by_replies + (not thread.is_deleted))
    return after - before
