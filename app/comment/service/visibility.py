"""What follows when comments go hidden or come back: one function, in one order (ADR 0112).

Who hides, shows, holds or deletes comments chooses and locks them, those above, and then the posts,
and says what becomes of each.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.comment.models import Comment
from app.comment.repository.visibility import CommentVisibilityRepository
from app.comment.rows import LockedComment
from app.comment.service.notifying import CommentNotifier
from app.core.sql.sorted_batches import in_batches
from app.live_log.changes import Kind
from app.notification.service.notifications import NotificationService
from app.post.enums import Moderation
from app.post.policy import ByState, ModerationChange, by_state, only_reader
from app.post.service.visibility import PostVisibilityService
from app.runtime.context import Needs, Service

THREAD_BATCH_ROWS = 1_000
"""Posts whose authors one statement finds."""

type Row = Comment | LockedComment
type Change = tuple[Row, ModerationChange]


@dataclass(frozen=True, slots=True)
class ThreadChange:
    """What becomes of a top-level comment with its replies."""

    row: Row
    change: ModerationChange | None
    """None if only replies change."""

    by: int
    """How many more replies are visible."""

    @property
    def in_post(self) -> int:
        """By how much the post's count changes: it counts a visible thread with its replies."""
        before = after = Moderation(self.row.moderation)
        had_words = has_words = self.row.deleted_at is None
        if self.change is not None:
            after, has_words = self.change.after, had_words and not self.change.deletes
        counted = (before == Moderation.VISIBLE) * (self.row.reply_count + had_words)
        counts = (after == Moderation.VISIBLE) * (self.row.reply_count + self.by + has_words)
        return counts - counted

    @property
    def turns_replies(self) -> bool:
        """Whether replies that do not change themselves go hidden with it, or come back."""
        if self.change is None:
            return False
        is_turned = (self.change.before == Moderation.VISIBLE) != (
            self.change.after == Moderation.VISIBLE
        )
        return is_turned and self.row.reply_count + min(self.by, 0) > 0


def threads_of(moved: Iterable[Change], above: Iterable[Row]) -> Sequence[ThreadChange]:
    by_id: dict[UUID, ModerationChange] = {}
    rows = {row.id: row for row in above}
    more: Counter[UUID] = Counter()
    for row, change in moved:
        if row.parent_id is not None:
            more[row.parent_id] += change.in_counts
        else:
            by_id[row.id], rows[row.id] = change, row
    assert more.keys() <= rows.keys(), "the comments above replies must be locked"
    return [ThreadChange(row, by_id.get(id_), more[id_]) for id_, row in rows.items()]


def in_posts(threads: Iterable[ThreadChange]) -> Mapping[UUID, int]:
    """By how much the counts of posts change."""
    by_post: Counter[UUID] = Counter()
    for thread in threads:
        by_post[thread.row.post_id] += thread.in_post
    return {post_id: by for post_id, by in by_post.items() if by}


class CommentVisibilityService(Service):
    _posts = Needs(PostVisibilityService)
    _notifications = Needs(NotificationService)
    _notifier = Needs(CommentNotifier)
    _comments = Needs(CommentVisibilityRepository)

    async def apply(
        self, changes: Iterable[Change], above: Iterable[Row], *, leaves: bool = False
    ) -> bool:
        """Change comments that are locked, with all that depends on them. `changes` says from what.

        `above` are the comments above the replies, locked too, and the posts, if they are several.
        Each step is for all of them, so rows are locked in the order of all other code. Returns
        whether all posts are there whose counts change: one may have been deleted meanwhile.

        `leaves`: their author's content is published as one change, but for remaining placeholders,
        and no user keeps notifications of it.
        """
        due = by_state(changes)
        moved = [each for _, group in due for each in group if each[1].moves]
        threads = threads_of(moved, above)
        await self._comments.count_replies({t.row.id: t.by for t in threads if t.by})
        await self._mark(due)
        self._publish([(c, change) for c, change in moved if c.reply_count or not leaves], threads)
        are_there = await self._posts.count(in_posts(threads))
        turned = [thread.row for thread in threads if thread.turns_replies]
        authors = () if leaves else [row.author_id for row in turned if row.author_id is not None]
        await self._reload_notifications({row.post_id for row in turned}, authors)
        if not leaves:
            await self._notifications.publish_changed(
                comment_ids=[comment.id for comment, _ in moved]
            )
            await self._release(moved)
        return are_there

    async def _mark(self, due: ByState[Row]) -> None:
        now = self._ctx.clock()
        for state, group in due:
            ids = [comment.id for comment, _ in group]
            if state.deletes:
                await self._comments.soft_delete(ids, now)
            else:
                await self._comments.set_moderation(
                    ids, state.after, now, with_author=state.with_author
                )

    def _publish(self, moved: Iterable[Change], threads: Iterable[ThreadChange]) -> None:
        """Say what went hidden or came back, and which threads count other replies."""
        for row, change in moved:
            reader = change.only_reader(row.author_id, has_placeholder=row.reply_count > 0)
            self._ctx.changed(row.post_id, Kind.COMMENT, row.id, reader)
        for thread in threads:
            row = thread.row
            if thread.by and thread.change is None:
                reader = only_reader(row.author_id, row.moderation)
                self._ctx.changed(row.post_id, Kind.COMMENT, row.id, reader)

    async def _release(self, moved: Iterable[Change]) -> None:
        for comment, change in moved:
            if change.releases(comment.held_at, comment.created_at):
                await self._notifier.notify_of_released(comment)

    async def publish_erased(self, placeholders: Mapping[UUID, UUID]) -> None:
        """Publish a change for placeholders whose author is erased, given with their posts.

        They were hidden if the author had much.
        """
        for comment_id, post_id in placeholders.items():
            self._ctx.changed(post_id, Kind.COMMENT, comment_id)
        await self._reload_notifications(set(placeholders.values()), ())

    async def _reload_notifications(
        self, post_ids: Collection[UUID], authors: Iterable[UUID]
    ) -> None:
        """Make the authors of comments and of posts load their notifications again.

        No index finds the notifications of the replies to a comment that goes hidden or comes
        back. No one else can have any.
        """
        users = set(authors)
        for batch in in_batches(post_ids, THREAD_BATCH_ROWS):
            users.update(await self._comments.list_post_authors(batch))
        for user_id in users:
            self._ctx.changed(user_id, Kind.RELOAD, user_id)
