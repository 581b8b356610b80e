"""Counts that change with comments.

Call this last in a transaction: other writers wait for the rows that hold the counts.
"""

from app.comment.models import Comment
from app.comment.repository import CommentRepository
from app.live_log import Kind
from app.post.enums import Moderation
from app.post.policy import only_reader
from app.post.service import PostCountService
from app.runtime.context import Context, Needs


class CommentCountService:
    _posts = Needs(PostCountService)
    _comments = Needs(CommentRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def change(self, comment: Comment, by: int) -> None:
        """Change the counts by how many comments become visible, or invisible if negative.

        A comment takes its replies along. A post does not count a reply whose parent is invisible.
        Raises PostNotFound if the post has been deleted meanwhile.
        """
        if by == 0:
            return
        parent_id = comment.parent_id
        if parent_id is not None:
            parent = await self._comments.change_reply_count(parent_id, by)
            self._ctx.changed(comment.post_id, Kind.COMMENT, parent_id, only_reader(parent))
            if parent.moderation != Moderation.VISIBLE:
                return
        await self._posts.change_comment_count(comment.post_id, by)
