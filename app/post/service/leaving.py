"""Deleting the posts and likes of a user who leaves."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from app.core.keyset import FIRST_ID
from app.post.repository.leaving import LEAVING_BATCH_ROWS, PostLeavingRepository
from app.post.service.author_content import PostsOfAuthor
from app.post.service.visibility import PostVisibilityService, in_lounges
from app.runtime.context import Needs, Service


class PostLeavingService(Service):
    _visibility = Needs(PostVisibilityService)
    _posts = Needs(PostLeavingRepository)

    async def delete_likes_of(self, user_id: UUID) -> tuple[Sequence[UUID], bool]:
        """Delete a batch of a leaver's likes. Returns the posts, and whether those were all."""
        liked = await self._posts.delete_likes_of(user_id)
        return liked, len(liked) < LEAVING_BATCH_ROWS

    async def soft_delete(self, posts: PostsOfAuthor, liked: Sequence[UUID]) -> Mapping[UUID, int]:
        """Soft-delete a leaver's posts, which are locked, and subtract likes that are deleted.

        Publishes changes only for others' posts: all content of the leaver is one change. Returns
        by how much the counts of lounges change (`PostVisibilityService.count_in_lounges`).
        """
        await self._visibility.mark(posts.changes)
        await self._visibility.count({}, dict.fromkeys(liked, -1))
        return in_lounges(posts.changes)

    async def list_deleted_since(self, author_id: UUID, moment: datetime) -> Sequence[UUID]:
        """The ids of an author's posts that were deleted at a moment or later."""
        found: list[UUID] = []
        more = True
        while more:
            after_id = found[-1] if found else FIRST_ID
            ids = await self._posts.list_deleted_since(author_id, moment, after_id)
            found += ids
            more = len(ids) == LEAVING_BATCH_ROWS
        return found

    async def erase_all_of(self, author_id: UUID) -> None:
        """Delete the rows of a leaver's posts, and with them the comments on these posts."""
        await self._posts.erase_all_of(author_id)
