"""SQL statements that lock and change single posts, their words, images and counts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    Text,
    Uuid,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    union,
    update,
)
from sqlalchemy.dialects.postgresql import Insert, insert

from app.core.db import Repository
from app.core.rows import Query
from app.image.models import Image
from app.lounge.models import Lounge
from app.post.counts import LATEST
from app.post.enums import Moderation
from app.post.exceptions import PostNotFound
from app.post.models import Post, PostImage, PostSearchText, is_gone
from app.post.rows import Visibility, search_text
from app.post.writes import moderated, seen

EMPTY = {"title": "", "body": ""}
"""The words of a deleted post: what a user deletes must not stay in the database."""


_POST_ID = bindparam("post_id", type_=Uuid)
_IS_THIS = Post.id == _POST_ID
_LOCK = Query(Post, select(Post).where(_IS_THIS, Post.deleted_at.is_(None)).with_for_update())
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
        chosen = Post.id == func.any(cast(list(post_ids), ARRAY(Uuid)))
        query = select(Post).where(chosen, Post.deleted_at.is_(None)).order_by(Post.id)
        return await self._db.all(query.with_for_update())

    async def save_words(self, post_id: UUID, title: str, body: str) -> None:
        await self._db.execute(_SET_WORDS, post_id=post_id, new_title=title, new_body=body)
        folded = search_text(title, body)
        await self._db.execute(_SET_SEARCHED, post_id=post_id, folded=folded)

    async def touch(self, post_id: UUID) -> None:
        """Set `updated_at` to now."""
        await self._db.execute(_TOUCH, post_id=post_id)

    async def soft_delete(self, post_id: UUID, now: datetime) -> None:
        """Empty the row and mark it as deleted. Rows that point to the post stay valid."""
        await self._db.execute(
            update(Post).where(Post.id == post_id).values(deleted_at=now, **EMPTY)
        )
        await self._db.execute(delete(PostSearchText).where(PostSearchText.post_id == post_id))

    async def set_moderation(
        self, post_id: UUID, moderation: Moderation, now: datetime, *, with_author: bool
    ) -> None:
        columns = Post.moderation, Post.held_at, Post.held_decided_at, Post.created_at
        values: dict[Any, object] = {
            **moderated(*columns, moderation, now),
            **seen(moderation),
            Post.hidden_with_author: with_author,
        }
        await self._db.execute(update(Post).where(Post.id == post_id).values(values))

    async def set_held_at(self, post_id: UUID, held_at: datetime | None) -> None:
        await self._db.execute(update(Post).where(Post.id == post_id).values(held_at=held_at))

    # Counts

    async def latest_in(self, lounge_id: UUID) -> datetime | None:
        """When the latest visible post of a lounge was written."""
        return await self._db.first(select(LATEST).where(Lounge.id == lounge_id))

    async def change_comment_count(self, post_id: UUID, by: int) -> Visibility:
        """Returns what decides who sees the post. Raises PostNotFound if it was deleted."""
        post = await self._db.first(
            update(Post)
            .where(Post.id == post_id, Post.deleted_at.is_(None))
            .values(comment_count=Post.comment_count + by)
            .returning(Post.author_id, Post.moderation, is_gone())
        )
        if post is None:
            raise PostNotFound
        return Visibility(*post)

    # Images

    async def list_image_ids(self, post_id: UUID) -> Sequence[UUID]:
        query = (
            select(PostImage.image_id)
            .where(PostImage.post_id == post_id)
            .order_by(PostImage.position)
        )
        return await self._db.all(query)

    async def set_images(self, post_id: UUID, image_ids: Sequence[UUID]) -> None:
        """Replace a post's images."""
        await self._db.execute(delete(PostImage).where(PostImage.post_id == post_id))
        if image_ids:
            rows = [
                {"post_id": post_id, "position": position, "image_id": image_id}
                for position, image_id in enumerate(image_ids)
            ]
            await self._db.execute(insert(PostImage).values(rows))

    async def list_wrongly_marked(self, limit: int) -> Sequence[UUID]:
        """Posts with an image that is hidden while the post is not, or the other way round."""
        marks = (
            select(Post.id)
            .join(PostImage, PostImage.post_id == Post.id)
            .join(Image, Image.id == PostImage.image_id)
            .where(Post.deleted_at.is_(None))
        )
        # Literals, so that PostgreSQL uses the partial indexes.
        hidden = Post.moderation == literal_column(f"'{Moderation.HIDDEN}'")
        wrong = union(
            marks.where(hidden, Image.hidden.is_(False)), marks.where(~hidden, Image.hidden)
        ).subquery()
        query = select(wrong.c.id).order_by(wrong.c.id).limit(limit)
        return await self._db.all(query)
