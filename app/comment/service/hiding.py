"""Hiding all comments of a suspended user, and showing exactly these again, in batches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.comment.repository import CommentHidingRepository
from app.comment.rows import HidableThread
from app.core.batches import in_batches
from app.post.enums import Moderation
from app.runtime.context import Context

BATCH = 500
"""Replies, and top-level comments, that one job changes (statements time out after 2.3 s)."""


@dataclass(frozen=True, slots=True)
class HiddenComments:
    """What a batch has changed, and where the next one begins."""

    comment_ids: Sequence[UUID]
    count_changes: Mapping[UUID, int]
    """By how much the `comment_count` of posts changes."""

    last_reply: UUID
    last_thread: UUID
    is_all: bool


class CommentHidingService:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._comments = CommentHidingRepository(ctx.session)

    async def change_some_of(
        self, author_id: UUID, after_reply: UUID, after_thread: UUID, *, hide: bool
    ) -> HiddenComments:
        """Hide a batch of what is visible, or show a batch of what this has hidden.

        All numbers come from locked rows: replies are locked first, then top-level comments.
        """
        replies = await self._comments.lock_replies(author_id, after_reply, BATCH, hide=hide)
        reply_ids = [reply.id for reply in replies]
        own = await self._comments.list_threads(author_id, after_thread, BATCH, hide=hide)
        sign = -1 if hide else 1
        by_thread = {
            thread_id: sign * number
            for thread_id, number in Counter(reply.parent_id for reply in replies).items()
        }
        changes: Counter[UUID] = Counter()
        thread_ids: list[UUID] = []
        for batch in in_batches({*own, *by_thread}, BATCH):
            for thread in await self._comments.lock_threads(batch):
                is_changed = thread.id in own and _is_hidable(thread, author_id, hide=hide)
                thread_ids += [thread.id] if is_changed else []
                change = _count_change(thread, by_thread.get(thread.id, 0), is_changed)
                changes[thread.post_id] += change
        await self._comments.change_reply_counts(by_thread)
        await self._comments.set_hidden(reply_ids + thread_ids, hide=hide)
        return HiddenComments(
            reply_ids + thread_ids,
            {post_id: change for post_id, change in changes.items() if change},
            max(reply_ids, default=after_reply),
            max(own, default=after_thread),
            is_all=max(len(reply_ids), len(own)) < BATCH,
        )


def _is_hidable(thread: HidableThread, author_id: UUID, *, hide: bool) -> bool:
    """Whether a locked comment is still what the list found before it was locked."""
    if thread.author_id != author_id or thread.is_deleted:
        return False
    if hide:
        return thread.moderation == Moderation.VISIBLE
    return thread.moderation == Moderation.HIDDEN and thread.hidden_with_author


def _count_change(thread: HidableThread, by_replies: int, is_changed: bool) -> int:
    """By how much a post's count changes: a post counts a visible thread with its replies."""
    was_visible = thread.moderation == Moderation.VISIBLE
    before = was_visible * (thread.reply_count + (not thread.is_deleted))
    is_visible = was_visible != is_changed
    after = is_visible * (thread.reply_count + by_replies + (not thread.is_deleted))
    return after - before
