"""What follows when posts go hidden or come back: one function, in one order (ADR 0112).

Who hides, shows, holds or deletes posts chooses and locks them, and says what becomes of each.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from app.image.service.images import ImageService
from app.live_log.changes import Kind
from app.lounge.service import LoungeService
from app.notification.rows import Renew
from app.notification.service.notifications import NotificationService
from app.post.enums import Moderation
from app.post.models import Post
from app.post.policy import ModerationChange, by_state, only_reader
from app.post.repository.visibility import PostVisibilityRepository
from app.post.rows import LockedPost
from app.post.service.fan_out import PostFanOutService
from app.runtime.context import Context, Needs, Service
from app.user.service.users import UserService

type Change = tuple[Post | LockedPost, ModerationChange]


def publish_change(ctx: Context, post: Post | LockedPost, change: ModerationChange) -> None:
    """Say that a post changed, to those who see it and to those who see its lounge."""
    reader = change.only_reader(post.author_id)
    for topic in (post.id, post.lounge_id):
        ctx.changed(topic, Kind.POST, post.id, reader)


def in_lounges(changes: Iterable[Change]) -> Mapping[UUID, int]:
    """By how much the counts of lounges change. 0 for one whose latest post may be another."""
    by_lounge: Counter[UUID] = Counter()
    for post, change in changes:
        if change.in_counts:
            by_lounge[post.lounge_id] += change.in_counts
    return by_lounge


class PostVisibilityService(Service):
    _users = Needs(UserService)
    _images = Needs(ImageService)
    _lounges = Needs(LoungeService)
    _notifications = Needs(NotificationService)
    _fan_outs = Needs(PostFanOutService)
    _posts = Needs(PostVisibilityRepository)

    async def apply(self, changes: Iterable[Change]) -> None:
        """Change posts that are locked, with all that depends on them. `changes` says from what.

        Each step is for all of them, so rows are locked in the order of all other code. The counts
        come last: other writers wait for them. A job notifies of what is released.
        """
        due = await self.mark(changes)
        await self._move_pictures(due)
        moved = [(post, change) for post, change in due if change.moves]
        for post, change in moved:
            publish_change(self._ctx, post, change)
        await self._notifications.publish_changed(post_ids=[post.id for post, _ in moved])
        await self._renew_unseen(moved)
        await self._count(moved)
        for post, change in moved:
            if change.releases(post.held_at, post.created_at):
                await self._fan_outs.begin_released(post.id)

    async def mark(self, changes: Iterable[Change]) -> Sequence[Change]:
        """Change only the rows. Returns the changes that took effect."""
        now = self._ctx.clock()
        due: list[Change] = []
        for state, group in by_state(changes):
            ids = [post.id for post, _ in group]
            if state.deletes:
                await self._posts.soft_delete(ids, now)
            else:
                await self._posts.set_moderation(
                    ids, state.after, now, with_author=state.with_author
                )
            due += group
        return due

    async def _move_pictures(self, due: Iterable[Change]) -> None:
        """Hidden images leave their public addresses. Those of held posts stay."""
        by_id = {post.id: change for post, change in due if _has_to_do_with_pictures(change)}
        pictures = await self._posts.list_images(list(by_id)) if by_id else ()
        images = [(image_id, by_id[post_id]) for post_id, image_id in pictures]
        if deleted := [id_ for id_, change in images if change.deletes]:
            await self._images.discard(deleted)
        if reviewed := [id_ for id_, change in images if change.reviews_pictures]:
            await self._images.note_review(reviewed)
        for hidden in (True, False):
            if moved := [id_ for id_, change in images if change.hides_pictures is hidden]:
                await self._images.set_hidden(moved, hidden=hidden)

    async def _renew_unseen(self, moved: Iterable[Change]) -> None:
        """Notify again of what came while these posts were out of view: nobody could see it.

        The author of a held post could.
        """
        before = {post.id: change.before for post, change in moved if change.in_counts > 0}
        if not before:
            return
        unseen = await self._posts.list_unseen(list(before))
        await self._notifications.renew(
            [
                Renew(
                    each.post_id,
                    each.after_id,
                    each.last_id,
                    each.author_id if before[each.post_id] == Moderation.HELD else None,
                )
                for each in unseen
            ]
        )

    async def _count(self, moved: Sequence[Change]) -> None:
        by_author: Counter[UUID] = Counter()
        for post, change in moved:
            by_author[post.author_id] += change.in_counts
        for author_id, by in sorted(by_author.items()):
            if by:
                await self._users.change_post_count(author_id, by)
        by_lounge = in_lounges(moved)
        await self._lounges.lock_all(by_lounge)
        await self.count_in_lounges(by_lounge)

    async def count_in_lounges(self, by_lounge: Mapping[UUID, int]) -> None:
        """Change the counts of lounges that are locked."""
        if by_lounge:
            await self._posts.count_in_lounges(by_lounge)

    async def count(
        self, comments: Mapping[UUID, int], likes: Mapping[UUID, int] | None = None
    ) -> bool:
        """Change the counts of posts, locked if they are several. Whether all of them are there.

        Deleted ones count nothing.
        """
        posts = await self._posts.count(comments, likes or {})
        for post_id, author_id, moderation in posts:
            self._ctx.changed(post_id, Kind.POST, post_id, only_reader(author_id, moderation))
        return len(posts) == len({*comments, *(likes or {})})


def _has_to_do_with_pictures(change: ModerationChange) -> bool:
    return change.deletes or change.reviews_pictures or change.hides_pictures is not None
