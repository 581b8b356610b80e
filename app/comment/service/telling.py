"""Telling that notifications of replies go out of sight with the comment above, and come back.

Nothing is written in these notifications: the comment above decides (`linky_hides_replies`). So
nothing else says that lists and badges changed.
"""

from collections.abc import Iterable
from uuid import UUID

from app.comment.repository import CommentRepository
from app.core.batches import in_batches
from app.live_log import Kind
from app.runtime.context import Context

BATCH = 1_000
"""Posts whose authors one statement finds."""


class ReplyTeller:
    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._comments = CommentRepository(ctx.session)

    async def tell(self, post_ids: Iterable[UUID], author_id: UUID | None) -> None:
        """Tell those who may have notifications of replies to an author's comments on some posts.

        Only that author and the authors of the posts have such notifications. Call it only for
        comments with replies.
        """
        for batch in in_batches(set(post_ids), BATCH):
            for user_id in (author_id, *await self._comments.list_post_authors(batch)):
                if user_id is not None:
                    self._ctx.changed(user_id, Kind.RELOAD, user_id)
