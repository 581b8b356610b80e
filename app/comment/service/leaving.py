"""Erasing the comments of a user who has left."""

from uuid import UUID

from app.comment.repository.leaving import CommentLeavingRepository
from app.comment.service.visibility import CommentVisibilityService
from app.runtime.context import Needs, Service


class CommentLeavingService(Service):
    _visibility = Needs(CommentVisibilityService)
    _comments = Needs(CommentLeavingRepository)

    async def erase_all_of(self, author_id: UUID) -> None:
        """Delete the rows of a leaver's comments, and all comments on their posts.

        A placeholder stays, without its author.
        """
        placeholders = await self._comments.erase_all_of(author_id)
        await self._visibility.publish_erased(placeholders)
