"""SQL statements about likes and mutes."""

from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import INTEGRITY_ERRORS, violated_constraint
from app.core.database_session import note_write
from app.core.errors import SessionRevoked
from app.core.rows import Query
from app.post.exceptions import PostNotFound
from app.post.models import Post, PostLike, PostMute, mute_lock, visible_to
from app.user.models import caller_params
from app.user.policy import Viewer
from app.user.writes import Marked, counted_marks

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)


_POST = select(Post.id).where(Post.id == _POST_ID, visible_to(_VIEWER)).cte("post")
_LIKE, _UNLIKE = counted_marks(_POST, PostLike.post_id, Post.like_count, Post.deleted_at.is_(None))


class MarkRepository:
    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add_like(self, viewer: Viewer, post_id: UUID) -> None:
        """Add a like, if there is none, and count it. Raises SessionRevoked, PostNotFound."""
        try:
            await self._change(_LIKE, viewer, post_id)
        except INTEGRITY_ERRORS as error:
            # The post was erased while the statement waited for it.
            if violated_constraint(error) == "post_likes_post_id_fkey":
                raise PostNotFound from None
            raise

    async def delete_like(self, viewer: Viewer, post_id: UUID) -> None:
        """Delete a like, if there is one, and discount it. Raises SessionRevoked, PostNotFound."""
        await self._change(_UNLIKE, viewer, post_id)

    async def _change(self, change: Query[Marked], viewer: Viewer, post_id: UUID) -> None:
        caller = caller_params(viewer.user_id, viewer.session_id)
        found = await change.first(self._session, post_id=post_id, **caller)
        if found is None or not found.caller:
            raise SessionRevoked
        if not found.target:
            raise PostNotFound

    async def lock_mutes(self, user_id: UUID, post_id: UUID, *, changing: bool) -> None:
        """Lock whether a user mutes a post: exclusive to change it, shared to notify the user."""
        note_write(self._session)
        lock = func.pg_advisory_xact_lock if changing else func.pg_advisory_xact_lock_shared
        number = mute_lock(literal(user_id, Uuid), literal(post_id, Uuid))
        await self._session.execute(select(lock(number)))

    async def is_muted(self, user_id: UUID, post_id: UUID) -> bool:
        return await self._session.get(PostMute, (user_id, post_id)) is not None

    async def add_mute(self, user_id: UUID, post_id: UUID) -> None:
        """Raises PostNotFound if the post has been erased meanwhile."""
        statement = insert(PostMute).values(user_id=user_id, post_id=post_id)
        try:
            await self._session.execute(statement.on_conflict_do_nothing())
        except IntegrityError as error:
            if violated_constraint(error) == "post_mutes_post_id_fkey":
                raise PostNotFound from None
            raise

    async def delete_mute(self, user_id: UUID, post_id: UUID) -> None:
        await self._session.execute(
            delete(PostMute).where(PostMute.user_id == user_id, PostMute.post_id == post_id)
        )
