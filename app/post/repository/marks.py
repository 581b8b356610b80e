"""SQL statements about likes, watches and mutes."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    LargeBinary,
    Select,
    Uuid,
    bindparam,
    delete,
    exists,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from app.core.database import AnySelect, broken_means
from app.core.db import Database
from app.core.errors import SessionRevoked
from app.core.json import to_json
from app.core.keyset import FIRST_ID
from app.core.rows import Query
from app.core.writes import LOCKS_ONLY, table_of
from app.jobs import enqueued, job_params
from app.live_log import Kind, change, logged
from app.notification.writes import post_muted
from app.post.exceptions import PostNotFound
from app.post.models import (
    Post,
    PostLike,
    PostMute,
    PostWatch,
    fan_out_lock,
    mute_lock,
    only_for,
    present_for,
    readable_by,
    visible_to,
)
from app.post.rows import SETTLE_NOTIFICATIONS, Muted, PostNotifications
from app.user.models import caller_params, writing_caller
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


def _muting(*, muted: bool) -> AnySelect:
    """Mutes a post for the caller, or ends that, with the notifications about it.

    The lock on the mute waits for notifications of the post that are being written, and for a job
    that hides others. They are looked for under it. The post's row is locked before, as for a
    comment: a mute refers to it, and who deletes the post locks it before the notifications. The
    lock on the fan-out waits for a batch of notifications of the post to many users.
    """
    writer = writing_caller()
    held = (
        select(Post.id)
        .where(Post.id == _POST_ID)
        .with_for_update(read=True, key_share=True)
        .cte("held")
    )
    lock = func.pg_advisory_xact_lock(mute_lock(_VIEWER, _POST_ID))
    fan_out = func.pg_advisory_xact_lock_shared(fan_out_lock(_POST_ID))
    turn = (
        select(writer.c.id, lock.label("lock"), fan_out.label("fan_out"))
        .select_from(writer.outerjoin(held, true()))
        .cte("turn")
    )
    is_found = readable_by(_VIEWER) if muted else present_for(_VIEWER)
    post = (
        select(Post.id, turn.c.id.label("reader_id"))
        .where(Post.id == _POST_ID, is_found, ~LOCKS_ONLY)
        .cte("post")
    )
    rest, hidden = post_muted(post, post.c.reader_id, muted=muted)
    payload = bindparam("rest", type_=LargeBinary).label("payload")
    jobs = enqueued(select(payload).select_from(rest).cte("rest_job"))
    caller, target, more = (exists().select_from(found) for found in (turn, post, rest))
    mute = _mute_set(post, muted=muted)
    return select(caller.label("caller"), target.label("target"), more.label("has_more")).add_cte(
        mute,
        logged(change(mute, mute.c.user_id, Kind.SIGHT, mute.c.post_id)),
        *hidden,
        *jobs,
    )


def _mute_set(post: CTE, *, muted: bool) -> CTE:
    mutes = table_of(PostMute)
    if muted:
        rows = select(post.c.reader_id, post.c.id)
        added = insert(mutes).from_select(["user_id", "post_id"], rows).on_conflict_do_nothing()
        return added.returning(mutes.c.user_id, mutes.c.post_id).cte("mute")
    its = (mutes.c.user_id == post.c.reader_id, mutes.c.post_id == post.c.id)
    return delete(mutes).where(*its).returning(mutes.c.user_id, mutes.c.post_id).cte("mute")


_MUTE = Query(Muted, _muting(muted=True))
_UNMUTE = Query(Muted, _muting(muted=False))


class MarkRepository:
    """A viewer's likes, watches and mutes. Each is a whole write, with no transaction around it."""

    def __init__(self, db: Database) -> None:
        self._db = db

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
        """Mute a post, or end that, with a batch of the notifications about it.

        A job changes the others. Raises SessionRevoked, PostNotFound.
        """
        rest = PostNotifications(post_id, FIRST_ID, viewer.user_id)
        with broken_means("post_mutes_post_id_fkey", PostNotFound):
            found = await self._db.first_under_locks(
                _MUTE if muted else _UNMUTE,
                post_id=post_id,
                rest=to_json(rest),
                **caller_params(viewer.user_id, viewer.session_id),
                **job_params(SETTLE_NOTIFICATIONS),
            )
        _ensure_found(found)
        if found is not None and found.has_more:
            self._db.has_enqueued = True

    # For notifications and jobs, in their transactions

    async def lock_mutes(self, user_id: UUID, post_id: UUID, *, changing: bool) -> None:
        """Lock whether a user mutes a post: exclusive to change it, shared to notify the user."""
        lock = func.pg_advisory_xact_lock if changing else func.pg_advisory_xact_lock_shared
        number = mute_lock(literal(user_id, Uuid), literal(post_id, Uuid))
        await self._db.execute(select(lock(number)))

    async def is_muted(self, user_id: UUID, post_id: UUID) -> bool:
        query = select(PostMute.id).where(PostMute.user_id == user_id, PostMute.post_id == post_id)
        return await self._db.first(query) is not None


def _ensure_found(found: Marked | Muted | None) -> None:
    """Raises SessionRevoked, PostNotFound."""
    if found is None or not found.caller:
        raise SessionRevoked
    if not found.target:
        raise PostNotFound
