"""SQL statements about likes, watches and mutes."""

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
from app.core.rows import Query
from app.live_log.changes import Kind
from app.live_log.inbox import change
from app.post.exceptions import PostNotFound
from app.post.models import (
    Post,
    PostLike,
    PostMute,
    PostWatch,
    only_for,
    present_for,
    readable_by,
    visible_to,
)
from app.user.models import caller_params
from app.user.policy import Viewer
from app.user.writes import Marked, counted_marks, marks

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


def _like_told(liked: CTE, post: CTE) -> Select[*tuple[Any, ...]]:
    """A like changes the post. Lists of its lounge do not follow its counts."""
    changed = liked.join(post, true())
    return change(changed, post.c.id, Kind.POST, post.c.id, only_for=post.c.only_for)


_LIKE, _UNLIKE = counted_marks(
    *(Kind.POST_MARK, _VISIBLE, PostLike.post_id, Post.like_count, Post.deleted_at.is_(None)),
    reachable=_PRESENT,
    told=_like_told,
)
_WATCH, _UNWATCH = marks(Kind.POST_MARK, _VISIBLE, PostWatch.post_id, reachable=_PRESENT)


_MUTE, _UNMUTE = marks(
    Kind.SIGHT, _post(readable_by(_VIEWER)), PostMute.post_id, reachable=_PRESENT
)


class MarkRepository(Repository):
    """A viewer's likes, watches and mutes. Each is a whole write, with no transaction around it."""

    async def add_like(self, viewer: Viewer, post_id: UUID) -> None:
        """Add a like, if there is none, and count it. Raises SessionRevoked, PostNotFound."""
        with broken_means("post_likes_post_id_fkey", PostNotFound):
            await self._change(_LIKE, viewer, post_id)

    async def delete_like(self, viewer: Viewer, post_id: UUID) -> None:
        """Delete a like, if there is one, and discount it. Raises SessionRevoked, PostNotFound."""
        await self._change(_UNLIKE, viewer, post_id)

    async def add_watch(self, viewer: Viewer, post_id: UUID) -> None:
        """Add a watch, if there is none. Raises SessionRevoked, PostNotFound."""
        with broken_means("post_watches_post_id_fkey", PostNotFound):
            await self._change(_WATCH, viewer, post_id)

    async def delete_watch(self, viewer: Viewer, post_id: UUID) -> None:
        """Delete a watch, if there is one. Raises SessionRevoked, PostNotFound."""
        await self._change(_UNWATCH, viewer, post_id)

    async def _change(self, change: Query[Marked], viewer: Viewer, post_id: UUID) -> None:
        caller = caller_params(viewer.user_id, viewer.session_id)
        found = await self._db.first(change, post_id=post_id, **caller)
        _ensure_found(found)

    async def set_muted(self, viewer: Viewer, post_id: UUID, *, muted: bool) -> None:
        """Mute a post, or end that. Raises SessionRevoked, PostNotFound."""
        with broken_means("post_mutes_post_id_fkey", PostNotFound):
            await self._change(_MUTE if muted else _UNMUTE, viewer, post_id)


def _ensure_found(found: Marked | None) -> None:
    """Raises SessionRevoked, PostNotFound."""
    if found is None or not found.caller:
        raise SessionRevoked
    if not found.target:
        raise PostNotFound
