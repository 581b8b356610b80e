"""Counts that change with posts and comments.

Call these last in a transaction: other writers wait for the rows that hold the counts.
"""

from collections.abc import Iterable
from uuid import UUID

from app.live_log import Kind
from app.lounge.service import LoungeService
from app.post.models import Post
from app.post.policy import ModerationChange, only_reader
from app.post.repository import PostRepository
from app.runtime.context import Context, Needs
from app.user.service import UserService


def tell(ctx: Context, post: Post, change: ModerationChange) -> None:
    """Say that a post changed, to those who see it and to those who see its lounge."""
    reader = change.only_reader(post.author_id)
    for topic in (post.id, post.lounge_id):
        ctx.changed(topic, Kind.POST, post.id, reader)


class PostCountService:
    _users = Needs(UserService)
    _lounges = Needs(LoungeService)
    _posts = Needs(PostRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def change(self, post: Post, by: int) -> None:
        """Count a post for its author and lounge (1), or no longer (-1). 0 does nothing."""
        await self.change_all([(post, by)])

    async def change_all(self, changes: Iterable[tuple[Post, int]]) -> None:
        """As `change`, for several posts: first the users, then the lounges, each by their ids."""
        counted = [(post, by) for post, by in changes if by]
        for post, by in sorted(counted, key=lambda pair: pair[0].author_id):
            await self._users.change_post_count(post.author_id, by)
        for post, by in sorted(counted, key=lambda pair: pair[0].lounge_id):
            if by > 0:
                await self._lounges.count_post(post.lounge_id, post.created_at)
            else:
                await self._discount_in_lounge(post.lounge_id)

    async def _discount_in_lounge(self, lounge_id: UUID) -> None:
        await self._lounges.discount_post(lounge_id)
        # Read after the lounge is locked: a post that was being written meanwhile is found.
        latest = await self._posts.latest_in(lounge_id)
        await self._lounges.set_last_posted_at(lounge_id, latest)

    async def change_comment_count(self, post_id: UUID, by: int) -> None:
        """Raises PostNotFound if the post has been deleted meanwhile."""
        post = await self._posts.change_comment_count(post_id, by)
        self._ctx.changed(post_id, Kind.POST, post_id, only_reader(post))
