"""Deleting the posts and likes of a user who leaves."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.core.batches import in_batches
from app.core.keyset import FIRST_ID
from app.live_log import Kind
from app.lounge.service import LoungeService
from app.post.enums import Moderation
from app.post.policy import only_reader
from app.post.repository import PostLeavingRepository
from app.post.repository.leaving import BATCH
from app.post.rows import LockedPost, Visibility
from app.runtime.context import Context, Needs


class PostLeavingService:
    _lounges = Needs(LoungeService)
    _posts = Needs(PostLeavingRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def soft_delete_some_of(
        self, author_id: UUID, now: datetime, comment_changes: Mapping[UUID, int]
    ) -> tuple[Mapping[UUID, int], bool]:
        """Soft-deletes a batch of a leaver's posts and likes, and changes the counts of posts.

        `comment_changes` says how the `comment_count` of posts changes. Returns how many posts each
        lounge loses (`discount` subtracts them), and whether those were all.
        """
        likes = dict.fromkeys(await self._posts.delete_likes_of(author_id), -1)
        own_ids = await self._posts.list_ids_of(author_id)
        lost: Counter[UUID] = Counter()
        for post_ids in in_batches({*own_ids, *likes, *comment_changes}, BATCH):
            locked = await self._posts.lock_all(post_ids)
            await self._posts.change_counts(post_ids, comment_changes, likes)
            own = [post for post in locked if post.author_id == author_id]
            self._tell(post for post in locked if post.author_id != author_id)
            await self._posts.soft_delete_all([post.id for post in own], now)
            counted = [post for post in own if post.moderation == Moderation.VISIBLE]
            lost.update(post.lounge_id for post in counted)
        return lost, max(len(own_ids), len(likes)) < BATCH

    def _tell(self, others: Iterable[LockedPost]) -> None:
        """The counts of others' posts changed. What the leaver wrote is told as one change."""
        for post in others:
            reader = only_reader(Visibility(post.author_id, post.moderation, is_gone=False))
            self._ctx.changed(post.id, Kind.POST, post.id, reader)

    async def discount(self, by_lounge: Mapping[UUID, int]) -> None:
        """Subtract posts from the counts of lounges, which are locked already."""
        latest = await self._posts.latest_in_each(list(by_lounge))
        await self._lounges.discount_posts(by_lounge, latest)

    async def list_deleted_since(self, author_id: UUID, moment: datetime) -> Sequence[UUID]:
        """The ids of an author's posts that were deleted at a moment or later."""
        found: list[UUID] = []
        more = True
        while more:
            after_id = found[-1] if found else FIRST_ID
            ids = await self._posts.list_deleted_since(author_id, moment, after_id)
            found += ids
            more = len(ids) == BATCH
        return found

    async def erase_all_of(self, author_id: UUID) -> None:
        """Delete the rows of a leaver's posts, and with them the comments on these posts."""
        await self._posts.erase_all_of(author_id)
