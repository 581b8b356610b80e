"""SQL statements about likes and mutes."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import CTE, Uuid, bindparam, delete, exists, func, literal, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.database import INTEGRITY_ERRORS, violated_constraint
from app.core.database_session import note_write
from app.core.errors import SessionRevoked
from app.core.rows import Query
from app.post.exceptions import PostNotFound
from app.post.models import Post, PostLike, PostMute, mute_lock, visible_to
from app.user.models import caller_params, writing_caller
from app.user.policy import Viewer

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)


@dataclass(frozen=True, slots=True)
class _Found:
    """What a like, or its end, has found. If one is missing, it has changed nothing."""

    caller: bool
    post: bool


_CALLER = writing_caller()
_POST = select(Post.id).where(Post.id == _POST_ID, visible_to(_VIEWER)).cte("post")


def _change_like(changed: CTE, by: int) -> Query[_Found]:
    """Change likes, and the count of the post by as many rows as this has changed."""
    counted = (
        update(Post)
        .where(Post.id == changed.c.post_id, Post.deleted_at.is_(None))
        .values(like_count=Post.like_count + by)
        .cte("counted")
    )
    found = select(
        exists().select_from(_CALLER).label("caller"), exists().select_from(_POST).label("post")
    )
    return Query(_Found, found.add_cte(counted), writes=True)


_LIKE = _change_like(
    insert(PostLike)
    .from_select(["user_id", "post_id"], select(_CALLER.c.id, _POST.c.id).join(_POST, true()))
    .on_conflict_do_nothing()
    .returning(PostLike.post_id)
    .cte("added"),
    by=1,
)
_UNLIKE = _change_like(
    delete(PostLike)
    .where(PostLike.user_id == _CALLER.c.id, PostLike.post_id == _POST.c.id)
    .returning(PostLike.post_id)
    .cte("deleted"),
    by=-1,
)


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

    async def _change(self, change: Query[_Found], viewer: Viewer, post_id: UUID) -> None:
        caller = caller_params(viewer.user_id, viewer.session_id)
        found = await change.first(self._session, post_id=post_id, **caller)
        if found is None or not found.caller:
            raise SessionRevoked
        if not found.post:
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
