"""Reading comments: lists and single ones."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

from app.comment.exceptions import CommentNotFound
from app.comment.repository.reading import READ_BEFORE, CommentReader
from app.comment.rows import (
    Comment,
    CommentForMany,
    CommentInContext,
    EmptyPage,
    UnseenComment,
)
from app.core.keyset import FIRST_ID, LAST_ID, Page, PageRequest
from app.post.exceptions import PostNotFound
from app.runtime.context import Needs, Service
from app.user.policy import Viewer

COUNTED_BEFORE = 1_000
"""How far the place of a comment is counted."""

READ_ATTEMPTS = 3
"""How often an empty page is loaded, if the post is hidden and restored again and again."""

type CommentPage = Page[Comment]

type ListOf = Callable[[UUID, UUID | None], PageRequest]
"""Gives a page of the comments on a post, or of the replies to one of them."""


class CommentService(Service):
    _comments = Needs(CommentReader)

    async def list_top_level(self, viewer: Viewer, post_id: UUID, page: PageRequest) -> CommentPage:
        """A post's comments, the oldest first. Raises PostNotFound."""
        page = page.formerly(_former_name(post_id, None))
        after_id = page.after_id(start=FIRST_ID)
        load = partial(
            self._comments.list_top_level, viewer.user_id, post_id, after_id, page.row_limit
        )
        explain = partial(self._comments.find_empty_page, viewer.user_id, post_id, None, after_id)
        rows = await _rows(load, explain)
        return page.slice(rows, lambda comment: [comment.id])

    async def list_replies(
        self, viewer: Viewer, post_id: UUID, parent_id: UUID, page: PageRequest
    ) -> CommentPage:
        """The replies to one comment. Raises PostNotFound, CommentNotFound."""
        page = page.formerly(_former_name(post_id, parent_id))
        after_id = page.after_id(start=FIRST_ID)
        load = partial(
            self._comments.list_replies,
            viewer.user_id,
            post_id,
            parent_id,
            after_id,
            page.row_limit,
        )
        explain = partial(
            self._comments.find_empty_page, viewer.user_id, post_id, parent_id, after_id
        )
        parent = await self._comments.find(viewer.user_id, parent_id)
        is_there = parent is not None and parent.post_id == post_id
        rows = await _rows(load, explain, is_parent_there=is_there)
        return page.slice(rows, lambda comment: [comment.id])

    async def list_mine(self, viewer: Viewer, page: PageRequest) -> CommentPage:
        """The viewer's own comments, the newest first."""
        page = page.formerly("comments:mine")
        after_id = page.after_id(start=LAST_ID)
        rows = await self._comments.list_of_author(viewer.user_id, after_id, page.row_limit)
        return page.slice(rows, lambda comment: [comment.id])

    async def get(self, viewer: Viewer, comment_id: UUID) -> Comment:
        """Raises CommentNotFound, also for a placeholder."""
        comment = await self.show(viewer, comment_id)
        if comment.deleted:
            raise CommentNotFound
        return comment

    async def get_present(self, viewer: Viewer, comment_id: UUID) -> Comment:
        """As `get`, also if the viewer has muted or blocked it away. Raises CommentNotFound."""
        comment = await self._comments.find_present(viewer.user_id, comment_id)
        if comment is None:
            raise CommentNotFound
        return comment

    async def show(self, viewer: Viewer, comment_id: UUID) -> Comment:
        """As the lists show it: a placeholder too. Raises CommentNotFound."""
        comment = await self._comments.find(viewer.user_id, comment_id)
        if comment is None:
            raise CommentNotFound
        return comment

    async def list_these(self, viewer_id: UUID, ids: Sequence[UUID]) -> list[Comment]:
        """Some comments, placeholders too. Those that the viewer does not see are left out."""
        return await self._comments.list_these(viewer_id, ids)

    async def list_unseen(self, viewer_id: UUID, ids: Sequence[UUID]) -> list[UnseenComment]:
        """Comments that the viewer does not see, and what the viewer may learn of them."""
        return await self._comments.list_unseen(viewer_id, ids)

    async def list_for_many(self, ids: Sequence[UUID]) -> list[CommentForMany]:
        """Some comments as they are. The caller checks which readers may see them."""
        return await self._comments.list_for_many(ids)

    async def show_in_context(
        self, viewer: Viewer, comment_id: UUID, list_of: ListOf
    ) -> CommentInContext:
        """As `show`, with its place in its list, of which `list_of` is asked for a page.

        Raises CommentNotFound.
        """
        comment = await self.show(viewer, comment_id)
        before = await self._comments.find_before(viewer.user_id, comment)
        is_counted = before.read < READ_BEFORE and before.visible <= COUNTED_BEFORE
        return CommentInContext(
            **vars(comment),
            position=before.visible if before.is_listed and is_counted else None,
            cursor=_cursor_at(comment, list_of) if before.is_listed else None,
        )


def _cursor_at(comment: Comment, list_of: ListOf) -> str:
    """The cursor of the page that begins with a comment: after the last id before its own."""
    page = list_of(comment.post_id, comment.parent_id)
    page = page.formerly(_former_name(comment.post_id, comment.parent_id))
    return page.cursor_after([UUID(int=comment.id.int - 1)])


async def _rows(
    load: Callable[[], Awaitable[Sequence[Comment]]],
    explain: Callable[[], Awaitable[EmptyPage | None]],
    *,
    is_parent_there: bool = True,
) -> Sequence[Comment]:
    """The rows of a page. Raises PostNotFound, CommentNotFound.

    The post may be hidden while the page loads, and restored right after it. An empty page would
    then be wrong, and clients would drop the comments that they have. So if a page is empty, one
    statement reads why, and the page is loaded again if it is no longer empty.
    """
    for _ in range(READ_ATTEMPTS):
        if is_parent_there and (rows := await load()):
            return rows
        page = await explain()
        if page is None:
            raise PostNotFound
        if not page.is_parent_visible:
            raise CommentNotFound
        if not page.has_comments:
            return ()
        is_parent_there = True
    raise PostNotFound


def _former_name(post_id: UUID, parent_id: UUID | None) -> str:
    return f"comments:{post_id}" if parent_id is None else f"comments:{post_id}:{parent_id}"
