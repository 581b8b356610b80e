"""Telling apps that notifications of replies disappear with the comment above, or come back.

No index finds the notifications of the replies to a comment. So when one with replies is hidden or
shown again, this tells the apps of those users to load their notifications again.
"""

from collections.abc import Iterable
from uuid import UUID

from app.comment.repository import CommentRepository
from app.core.batches import in_batches
from app.live_log import Kind
from app.runtime.context import Context, Needs

BATCH = 1_000
"""Posts whose authors one statement finds."""


class ReplyNotifications:
    _comments = Needs(CommentRepository)

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx

    async def tell_to_reload(self, post_ids: Iterable[UUID], author_id: UUID | None) -> None:
        """Tell the comments' author and the posts' authors to load their notifications again.

        No one else can have notifications of the replies. Call it only for comments with replies.
        `author_id` is None if the author leaves.
        """
        for batch in in_batches(set(post_ids), BATCH):
            for user_id in (author_id, *await self._comments.list_post_authors(batch)):
                if user_id is not None:
                    self._ctx.changed(user_id, Kind.RELOAD, user_id)
