"""Deleting the comments of a user who leaves."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from app.comment.repository import CommentLeavingRepository
from app.comment.repository.leaving import BATCH
from app.comment.rows import LockedThread
from app.comment.service.telling import ReplyNotifications
from app.live_log import Kind
from app.post.enums import Moderation
from app.post.policy import only_reader
from app.post.rows import Visibility
from app.runtime.context import Context, Needs


class CommentLeavingService:
    _reply_notifications = Needs(ReplyNotifications)
    _comments = Needs(CommentLeavingRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def soft_delete_some_of(
        self, author_id: UUID, now: datetime
    ) -> tuple[Mapping[UUID, int], bool]:
        """Soft-deletes a batch of a leaver's comments. One with replies stays as a place-holder.

        Returns by how much the `comment_count` of each post changes, for
        `PostLeavingService.soft_delete_some_of`, and whether those were all. All numbers come from
        locked rows. A count before or after the lock would see the rows of another moment.
        """
        replies = await self._comments.lock_replies_of(author_id)
        await self._comments.soft_delete_all([reply.id for reply in replies], now)
        counted = [reply for reply in replies if reply.moderation == Moderation.VISIBLE]
        lost = Counter(reply.parent_id for reply in counted)
        own_thread_ids = await self._comments.list_thread_ids_of(author_id)
        thread_ids = {*own_thread_ids, *lost}
        changes: Counter[UUID] = Counter()
        for batch in self._comments.in_batches(thread_ids):
            threads = await self._comments.lock_threads(batch)
            fewer = {thread_id: lost[thread_id] for thread_id in batch if lost[thread_id]}
            await self._comments.subtract_replies(fewer)
            own_ids = [thread.id for thread in threads if _is_own(thread, author_id)]
            await self._comments.soft_delete_all(own_ids, now)
            for thread in threads:
                self._tell(thread, lost[thread.id], is_own=_is_own(thread, author_id))
                changes[thread.post_id] += _count_change(thread, author_id, lost[thread.id])
            shown = [t.post_id for t in threads if _shows_replies(t, author_id, lost[t.id])]
            await self._reply_notifications.tell_to_reload(shown, None)
        changed = {post_id: change for post_id, change in changes.items() if change}
        return changed, max(len(replies), len(own_thread_ids)) < BATCH

    def _tell(self, thread: LockedThread, lost: int, *, is_own: bool) -> None:
        """Tell the counts of others' threads, and the place-holders that stay of the leaver's."""
        if lost or (is_own and thread.reply_count):
            was = Visibility(thread.author_id, thread.moderation, is_gone=False)
            reader = None if is_own else only_reader(was)
            self._ctx.changed(thread.post_id, Kind.COMMENT, thread.id, reader)

    async def erase_all_of(self, author_id: UUID) -> None:
        """Delete the rows of a leaver's comments, and all comments on their posts.

        A place-holder stays, without its author. It was out of sight if the leaver had much.
        """
        place_holders = await self._comments.erase_all_of(author_id)
        for comment_id, post_id in place_holders.items():
            self._ctx.changed(post_id, Kind.COMMENT, comment_id)
        await self._reply_notifications.tell_to_reload(place_holders.values(), None)


def _is_own(thread: LockedThread, author_id: UUID) -> bool:
    return thread.author_id == author_id and not thread.is_deleted


def _count_change(thread: LockedThread, author_id: UUID, lost: int) -> int:
    """By how much a post's count changes when a leaver's part of a thread is deleted.

    `thread` is as it was before, `lost` how many of its counted replies are the leaver's.
    """
    is_own = _is_own(thread, author_id)
    if thread.moderation == Moderation.VISIBLE:
        return -lost - is_own
    return thread.reply_count - lost if _shows_replies(thread, author_id, lost) else 0


def _shows_replies(thread: LockedThread, author_id: UUID, lost: int) -> bool:
    """Whether others' replies are visible again.

    They are below the place-holder of a comment that was held, or hidden with its author's whole
    content.
    """
    was_passing = thread.moderation == Moderation.HELD or thread.hidden_with_author
    return was_passing and _is_own(thread, author_id) and thread.reply_count > lost
