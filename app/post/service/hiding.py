"""Hiding all posts of a suspended user, and showing exactly these again, in batches."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from app.core.batches import in_batches
from app.image.service import ImageService
from app.live_log import Kind
from app.lounge.service import LoungeService
from app.notification.service import NotificationService
from app.post.enums import Moderation
from app.post.policy import only_reader
from app.post.repository import PostHidingRepository, PostLeavingRepository
from app.post.rows import HidablePost, Visibility
from app.post.service.fan_out import PostFanOutService
from app.post.service.leaving import PostLeavingService
from app.runtime.context import Context, Needs
from app.user.service import UserService

BATCH = 200
"""Posts that one job changes, with up to ten pictures each (statements time out after 2.3 s)."""


@dataclass(frozen=True, slots=True)
class HiddenPosts:
    """What a batch has changed, and where the next one begins."""

    post_ids: Sequence[UUID]
    released: Sequence[UUID]
    """Those that are shown for the first time."""

    lost_by_lounge: Mapping[UUID, int]
    """How many posts each lounge loses. It gets them back if negative."""

    last: UUID
    is_all: bool


class PostHidingService:
    _users = Needs(UserService)
    _images = Needs(ImageService)
    _lounges = Needs(LoungeService)
    _leaving = Needs(PostLeavingService)
    _notifications = Needs(NotificationService)
    _fan_outs = Needs(PostFanOutService)
    _posts = Needs(PostHidingRepository)
    _counts = Needs(PostLeavingRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def change_some_of(
        self, author_id: UUID, after_id: UUID, comment_changes: Mapping[UUID, int], *, hide: bool
    ) -> HiddenPosts:
        """Hide a batch of what is visible, or show a batch of what this has hidden.

        `comment_changes` says how the `comment_count` of posts changes. Notifications and the
        counts of the author and the lounges are changed by `settle`, after those of comments.
        """
        own = set(await self._posts.list_page(author_id, after_id, BATCH, hide=hide))
        locked: list[HidablePost] = []
        for post_ids in in_batches({*own, *comment_changes}, BATCH):
            locked += await self._posts.lock_all(post_ids)
            await self._counts.change_counts(post_ids, comment_changes, {})
        changed = [p for p in locked if p.id in own and _is_hidable(p, author_id, hide=hide)]
        ids = [post.id for post in changed]
        released = [] if hide else await self._posts.list_unseen(ids)
        await self._posts.set_hidden(ids, hide=hide)
        self._tell(locked, changed)
        image_ids = await self._posts.list_image_ids(ids)
        await self._images.set_hidden(image_ids, hidden=hide)
        if not hide:
            await self._images.note_review(image_ids)
        sign = 1 if hide else -1
        by_lounge = Counter(post.lounge_id for post in changed)
        return HiddenPosts(
            ids,
            released,
            {lounge_id: sign * number for lounge_id, number in by_lounge.items()},
            max(own, default=after_id),
            is_all=len(own) < BATCH,
        )

    def _tell(self, locked: Sequence[HidablePost], changed: Sequence[HidablePost]) -> None:
        """Say what went out of sight or came back, and which posts count other comments."""
        changed_ids = {post.id for post in changed}
        for post in changed:
            for topic in (post.id, post.lounge_id):
                self._ctx.changed(topic, Kind.POST, post.id)
        for post in locked:
            if post.id not in changed_ids:
                visibility = Visibility(post.author_id, post.moderation, is_gone=False)
                self._ctx.changed(post.id, Kind.POST, post.id, only_reader(visibility))

    async def settle(self, author_id: UUID, hidden: HiddenPosts, *, hide: bool) -> None:
        """Change what depends on the posts of a batch. The lounges come last: others wait."""
        if not hidden.post_ids:
            return
        await self._notifications.tell(post_ids=hidden.post_ids)
        await self._users.change_post_count(author_id, -sum(hidden.lost_by_lounge.values()))
        await self._lounges.lock_all(hidden.lost_by_lounge)
        await self._leaving.discount(hidden.lost_by_lounge)
        for post_id in hidden.released:
            await self._fan_outs.begin_released(post_id)


def _is_hidable(post: HidablePost, author_id: UUID, *, hide: bool) -> bool:
    """Whether a locked post is still what the list found before it was locked."""
    if post.author_id != author_id:
        return False
    if hide:
        return post.moderation == Moderation.VISIBLE
    return post.moderation == Moderation.HIDDEN and post.hidden_with_author
