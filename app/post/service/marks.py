"""What a reader makes of posts for themselves: likes, watches, mutes."""

from uuid import UUID

from app.post.models import PostMark
from app.post.repository.marks import PostMarkRepository
from app.runtime.context import Needs, Service
from app.user.policy import Viewer


class MarkService(Service):
    _marks = Needs(PostMarkRepository)

    async def mark(self, kind: type[PostMark], viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if it is set already. Raises SessionRevoked, PostNotFound.

        It is one statement, as is its end: it needs no transaction around it.
        """
        await self._marks.add(kind, viewer, post_id)

    async def unmark(self, kind: type[PostMark], viewer: Viewer, post_id: UUID) -> None:
        """Does nothing if it is not set. Raises SessionRevoked, PostNotFound."""
        await self._marks.delete(kind, viewer, post_id)
