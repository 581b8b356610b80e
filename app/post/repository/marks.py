"""SQL statements that mark posts."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    select,
    true,
)

from app.core.database import broken_means
from app.core.db import Repository
from app.core.errors import SessionRevoked
from app.core.sql.rows import Query
from app.live_log.changes import Kind
from app.live_log.writing import change
from app.post.exceptions import PostNotFound
from app.post.models import (
    POST_MARKS,
    Post,
    PostLike,
    PostMark,
    PostMute,
    only_for,
    present_for,
    readable_by,
    visible_to,
)
from app.user.models import caller_params
from app.user.policy import Viewer
from app.user.writes import MarkResult, counted_marks, marks

_VIEWER = bindparam("viewer_id", type_=Uuid)
_POST_ID = bindparam("post_id", type_=Uuid)


def _post(is_found: ColumnElement[bool]) -> CTE:
    return (
        select(Post.id, only_for().label("only_for"))
        .where(Post.id == _POST_ID, is_found)
        .cte("post")
    )


_VISIBLE, _PRESENT = _post(visible_to(_VIEWER)), _post(present_for(_VIEWER))
"""Marks are set on what the caller sees. They are taken from what they have muted or blocked, too.
"""


def _like_published(liked: CTE, post: CTE) -> Select[*tuple[Any, ...]]:
    """A like changes the post. Lists of its lounge do not follow its counts."""
    changed = liked.join(post, true())
    return change(changed, post.c.id, Kind.POST, post.c.id, only_for=post.c.only_for)


_STATEMENTS: dict[type[PostMark], tuple[Query[MarkResult], Query[MarkResult]]] = {
    **{
        table: marks(Kind.POST_MARK, _VISIBLE, table.post_id, reachable=_PRESENT)
        for table in POST_MARKS
    },
    PostLike: counted_marks(
        *(Kind.POST_MARK, _VISIBLE, PostLike.post_id, Post.like_count, Post.deleted_at.is_(None)),
        reachable=_PRESENT,
        published=_like_published,
    ),
    PostMute: marks(
        Kind.VISIBILITY, _post(readable_by(_VIEWER)), PostMute.post_id, reachable=_PRESENT
    ),
}
"""For each kind, what sets it and what takes it back."""


class PostMarkRepository(Repository):
    """A viewer's marks of posts. Each is a whole write, with no transaction around it."""

    async def add(self, table: type[PostMark], viewer: Viewer, post_id: UUID) -> None:
        """Set a mark, if it is not set. Raises SessionRevoked, PostNotFound."""
        with broken_means(f"{table.__tablename__}_post_id_fkey", PostNotFound):
            await self._change(_STATEMENTS[table][0], viewer, post_id)

    async def delete(self, table: type[PostMark], viewer: Viewer, post_id: UUID) -> None:
        """Take a mark back, if it is set. Raises SessionRevoked, PostNotFound."""
        await self._change(_STATEMENTS[table][1], viewer, post_id)

    async def _change(self, change: Query[MarkResult], viewer: Viewer, post_id: UUID) -> None:
        caller = caller_params(viewer.user_id, viewer.session_id)
        found = await self._db.first(change, post_id=post_id, **caller)
        if found is None or not found.caller:
            raise SessionRevoked
        if not found.target:
            raise PostNotFound
