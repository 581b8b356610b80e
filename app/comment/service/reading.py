"""Reading comments: lists and single ones."""

from uuid import UUID

from app.comment.exceptions import CommentNotFound
from app.comment.repository import CommentReader
from app.comment.rows import CommentRow
from app.core.keyset import FIRST_ID, LAST_ID, PageRequest, Slice
from app.post.service import PostService
from app.runtime.context import Context, Needs
from app.user.policy import Viewer

MINE = "comments:mine"

type CommentPage = Slice[CommentRow]


class CommentService:
    _posts = Needs(PostService)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._comments = CommentReader(ctx.session, ctx.media_url)

    async def list_top_level(self, viewer: Viewer, post_id: UUID, page: PageRequest) -> CommentPage:
        """A post's comments, the oldest first. Raises PostNotFound."""
        name = f"comments:{post_id}"
        after_id = page.after_id(name, start=FIRST_ID)
        rows = await self._comments.list_top_level(
            viewer.user_id, post_id, after_id, page.row_limit
        )
        if not rows:
            await self._posts.ensure_visible(viewer, post_id)
        return page.slice(name, rows, lambda comment: [comment.id])

    async def list_replies(
        self, viewer: Viewer, post_id: UUID, parent_id: UUID, page: PageRequest
    ) -> CommentPage:
        """The replies to one comment. Raises PostNotFound, CommentNotFound."""
        name = f"comments:{post_id}:{parent_id}"
        after_id = page.after_id(name, start=FIRST_ID)
        parent = await self._comments.find(viewer.user_id, parent_id)
        if parent is None or parent.post_id != post_id:
            await self._posts.ensure_visible(viewer, post_id)
            raise CommentNotFound
        rows = await self._comments.list_replies(
            viewer.user_id, post_id, parent_id, after_id, page.row_limit
        )
        if not rows:
            await self._posts.ensure_visible(viewer, post_id)
        return page.slice(name, rows, lambda comment: [comment.id])

    async def list_mine(self, viewer: Viewer, page: PageRequest) -> CommentPage:
        """The viewer's own comments, the newest first."""
        after_id = page.after_id(MINE, start=LAST_ID)
        rows = await self._comments.list_of_author(viewer.user_id, after_id, page.row_limit)
        return page.slice(MINE, rows, lambda comment: [comment.id])

    async def get(self, viewer: Viewer, comment_id: UUID) -> CommentRow:
        """Raises CommentNotFound, also for a place-holder."""
        comment = await self._comments.find(viewer.user_id, comment_id)
        if comment is None or comment.deleted:
            raise CommentNotFound
        return comment
