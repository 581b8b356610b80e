"""SQL statements about likes and mutes."""

from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.advisory_locks import lock_exclusive, lock_shared
from app.core.database import violated_constraint
from app.post.exceptions import PostNotFound
from app.post.models import Post, PostLike, PostMute


class MarkRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_like(self, user_id: UUID, post_id: UUID) -> None:
        """Raises PostNotFound if the post has been deleted meanwhile."""
        if await self._add(PostLike, user_id, post_id):
            await self._change_like_count(post_id, 1)

    async def delete_like(self, user_id: UUID, post_id: UUID) -> None:
        """Raises PostNotFound if the post has been deleted meanwhile."""
        statement = delete(PostLike).where(PostLike.user_id == user_id, PostLike.post_id == post_id)
        if await self._session.scalar(statement.returning(PostLike.id)) is not None:
            await self._change_like_count(post_id, -1)

    async def _change_like_count(self, post_id: UUID, by: int) -> None:
        changed = await self._session.scalar(
            update(Post)
            .where(Post.id == post_id, Post.deleted_at.is_(None))
            .values(like_count=Post.like_count + by)
            .returning(Post.id)
        )
        if changed is None:
            raise PostNotFound

    async def lock_mutes(self, user_id: UUID, post_id: UUID, *, muting: bool) -> None:
        """Lock whether a user mutes a post: exclusive to mute it, shared to notify the user."""
        lock = lock_exclusive if muting else lock_shared
        await lock(self._session, f"mute:{user_id}:{post_id}")

    async def add_mute(self, user_id: UUID, post_id: UUID) -> None:
        """Raises PostNotFound if the post has been erased meanwhile."""
        await self._add(PostMute, user_id, post_id)

    async def delete_mute(self, user_id: UUID, post_id: UUID) -> None:
        await self._session.execute(
            delete(PostMute).where(PostMute.user_id == user_id, PostMute.post_id == post_id)
        )

    async def _add(self, mark: type[PostLike | PostMute], user_id: UUID, post_id: UUID) -> bool:
        """Returns False if the user had marked the post before."""
        statement = insert(mark).values(user_id=user_id, post_id=post_id)
        try:
            added = await self._session.scalar(
                statement.on_conflict_do_nothing().returning(mark.post_id)
            )
        except IntegrityError as error:
            if violated_constraint(error) == f"{mark.__tablename__}_post_id_fkey":
                raise PostNotFound from None
            raise
        return added is not None
