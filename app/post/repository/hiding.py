"""SQL statements that hide and show the posts of a suspended user, in batches."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, cast, func, select, update

from app.core.db import Repository
from app.core.keyset import page_limit
from app.core.rows import Query, values_of
from app.post.enums import Moderation
from app.post.models import Post, PostImage
from app.post.rows import HidablePost
from app.post.writes import is_unseen, once_shown, seen

_OWN = (
    Post.author_id == bindparam("author_id", type_=Uuid),
    Post.deleted_at.is_(None),
    Post.id > bindparam("after_id", type_=Uuid),
)


def _batch(*conditions: Any) -> Query[UUID]:
    rows = select(Post.id).where(*_OWN, *conditions).order_by(Post.id).limit(page_limit())
    return values_of(UUID, rows)


_VISIBLE = _batch(Post.moderation == Moderation.VISIBLE)
_HIDDEN = _batch(Post.moderation == Moderation.HIDDEN, Post.hidden_with_author)
_LOCK = Query(
    HidablePost,
    select(Post.id, Post.author_id, Post.lounge_id, Post.moderation, Post.hidden_with_author)
    .where(Post.id == func.any(bindparam("post_ids", type_=ARRAY(Uuid))), Post.deleted_at.is_(None))
    .order_by(Post.id)
    # The whole row: this waits for a fan-out, whose notifications are hidden after it.
    .with_for_update(),
)


class PostHidingRepository(Repository):
    async def list_page(
        self, author_id: UUID, after_id: UUID, limit: int, *, hide: bool
    ) -> Sequence[UUID]:
        """A batch of an author's posts that are to be hidden, or shown again."""
        query = _VISIBLE if hide else _HIDDEN
        return await self._db.all(query, author_id=author_id, after_id=after_id, row_limit=limit)

    async def lock_all(self, post_ids: Sequence[UUID]) -> Sequence[HidablePost]:
        """Lock those that are not deleted, in the order of their ids."""
        return await self._db.all(_LOCK, post_ids=list(post_ids))

    async def set_hidden(self, post_ids: Sequence[UUID], *, hide: bool) -> None:
        """Hide posts that are locked, or show them again. What is shown is unseen no more."""
        after = Moderation.HIDDEN if hide else Moderation.VISIBLE
        await self._db.execute(
            update(Post)
            .where(Post.id == func.any(cast(post_ids, ARRAY(Uuid))))
            .values(
                {
                    Post.moderation: after,
                    Post.hidden_with_author: hide,
                    Post.held_at: Post.held_at
                    if hide
                    else once_shown(Post.held_at, Post.created_at),
                    **seen(after),
                }
            ),
        )

    async def list_unseen(self, post_ids: Sequence[UUID]) -> Sequence[UUID]:
        """Those of some hidden posts that no user has ever seen."""
        query = select(Post.id).where(
            Post.id == func.any(cast(post_ids, ARRAY(Uuid))),
            is_unseen(Post.held_at, Post.created_at),
        )
        return await self._db.all(query.order_by(Post.id))

    async def list_image_ids(self, post_ids: Sequence[UUID]) -> Sequence[UUID]:
        query = select(PostImage.image_id).where(
            PostImage.post_id == func.any(cast(post_ids, ARRAY(Uuid)))
        )
        return await self._db.all(query)
