"""Finding comments in any state. For admins and moderators."""

from collections.abc import Sequence
from uuid import UUID

from app.comment.repository.finding import CommentFinder
from app.comment.rows import CommentFilter, ManagedComment
from app.core.keyset import FIRST_ID, Page, PageRequest
from app.core.sql.search import Looked, found_in_time
from app.runtime.context import Needs, Service

NEAR = 6
"""Comments that are shown on each side of one."""


class CommentFindingService(Service):
    _comments = Needs(CommentFinder)

    async def list_page(
        self, page: PageRequest, sought: CommentFilter, walks: int
    ) -> Page[ManagedComment]:
        """The newest first. A page may be short, or empty, before the end.

        `walks` says by how many statements it looks at most.
        """

        async def look(after_id: UUID, limit: int, is_first: bool) -> Looked[ManagedComment]:
            passed = await self._comments.walk(sought, after_id, limit, is_first=is_first)
            found = [each.comment for each in passed if each.comment is not None]
            return found, next((each.end_id for each in passed if each.end_id is not None), None)

        return await found_in_time(page.formerly(f"comments:staff:{sought}"), walks, look)

    async def list_thread(self, post_id: UUID, comment_id: UUID | None) -> list[ManagedComment]:
        """Some comments of a post, the oldest first: those around one, with what it answers, or
        the first ones.
        """
        found = await self.list_managed([comment_id] if comment_id else [])
        at = found[0] if found else None
        if at is None or at.post_id != post_id:
            return await self._comments.list_near(post_id, None, FIRST_ID, 2 * NEAR)
        return await self._comments.list_near(post_id, at.parent_id, at.id, NEAR)

    async def list_managed(self, comment_ids: Sequence[UUID]) -> list[ManagedComment]:
        """Some comments, deleted ones aside, the newest first."""
        return await self._comments.list_managed(comment_ids) if comment_ids else []
