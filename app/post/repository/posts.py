"""SQL statements that lock posts, and change their words and images."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Text,
    Uuid,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from app.core.db import Repository
from app.core.sql.rows import Query
from app.post.exceptions import PostNotFound
from app.post.models import Post, PostImage, PostSearchText
from app.post.rows import search_text

_POST_ID = bindparam("post_id", type_=Uuid)
_IS_THIS = Post.id == _POST_ID
_LOCK = Query(Post, select(Post).where(_IS_THIS, Post.deleted_at.is_(None)).with_for_update())
_LOCK_ALL = Query(
    Post,
    select(Post)
    .where(Post.id == func.any(bindparam("post_ids", type_=ARRAY(Uuid))), Post.deleted_at.is_(None))
    .order_by(Post.id)
    .with_for_update(),
)
_SET_HELD_AT = (
    update(Post)
    .where(_IS_THIS)
    .values(held_at=bindparam("new_held_at", type_=DateTime(timezone=True)))
)
_IMAGE_IDS = (
    select(PostImage.image_id).where(PostImage.post_id == _POST_ID).order_by(PostImage.position)
)
_SET_WORDS = (
    update(Post).where(_IS_THIS).values(title=bindparam("new_title"), body=bindparam("new_body"))
)
_TOUCH = update(Post).where(_IS_THIS).values(updated_at=func.clock_timestamp())


def _searched() -> Insert:
    row = select(Post.id, Post.lounge_id, bindparam("folded", type_=Text)).where(_IS_THIS)
    add = insert(PostSearchText).from_select(["post_id", "lounge_id", "search_text"], row)
    # An upsert: the migration that fills the table may not have come to this post yet.
    return add.on_conflict_do_update(
        index_elements=["post_id"], set_={"search_text": add.excluded.search_text}
    )


_SET_SEARCHED = _searched()


class PostRepository(Repository):
    async def lock(self, post_id: UUID) -> Post:
        """Lock a post until the transaction ends. Raises PostNotFound for a deleted one."""
        post = await self._db.first(_LOCK, post_id=post_id)
        if post is None:
            raise PostNotFound
        return post

    async def lock_all(self, post_ids: Collection[UUID]) -> Sequence[Post]:
        """Lock those of some posts that are not deleted, in the order of their ids."""
        return await self._db.all(_LOCK_ALL, post_ids=list(post_ids))

    async def save_words(self, post_id: UUID, title: str, body: str) -> None:
        await self._db.execute(_SET_WORDS, post_id=post_id, new_title=title, new_body=body)
        folded = search_text(title, body)
        await self._db.execute(_SET_SEARCHED, post_id=post_id, folded=folded)

    async def touch(self, post_id: UUID) -> None:
        """Set `updated_at` to now."""
        await self._db.execute(_TOUCH, post_id=post_id)

    async def set_held_at(self, post_id: UUID, held_at: datetime | None) -> None:
        await self._db.execute(_SET_HELD_AT, post_id=post_id, new_held_at=held_at)

    # Images

    async def list_image_ids(self, post_id: UUID) -> Sequence[UUID]:
        return await self._db.all(_IMAGE_IDS, post_id=post_id)

    async def set_images(self, post_id: UUID, image_ids: Sequence[UUID]) -> None:
        """Replace a post's images."""
        await self._db.execute(delete(PostImage).where(PostImage.post_id == post_id))
        if image_ids:
            rows = [
                {"post_id": post_id, "position": position, "image_id": image_id}
                for position, image_id in enumerate(image_ids)
            ]
            await self._db.execute(insert(PostImage).values(rows))
