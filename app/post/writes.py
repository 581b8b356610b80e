"""What a statement of a higher feature locks and writes in posts: parts of its WITH."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    and_,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute

from app.lounge.models import Lounge
from app.post.enums import Moderation
from app.post.models import Post, PostWatch, unmuted_by, visible_to
from app.user.models import not_blocked

UNDONE_WITHIN = timedelta(minutes=1)
"""An admin can take an act back for some seconds."""


def comment_counted(
    post_id: ColumnElement[UUID],
    lounge_id: ColumnElement[UUID],
    viewer: ColumnElement[UUID],
    counted: ColumnElement[int],
    *conditions: ColumnElement[bool],
) -> CTE:
    """Adds `counted` to the post's `comment_count`, and gives the post.

    Gives no row, and changes nothing, if the viewer does not see the post, its lounge is closed, or
    one of the `conditions` is false. The lounge is locked against closing, then the post. The
    UPDATE itself locks the post and counts: it reads the row again after it has waited for it.
    Locking the row first ends in deadlocks (ADR 0036).
    """
    lounge = (
        select(Lounge.id)
        .where(Lounge.id == lounge_id, Lounge.closed_at.is_(None))
        .with_for_update(read=True, key_share=True)
        .cte("lounge")
    )
    return (
        update(Post)
        .where(
            Post.id == post_id,
            Post.lounge_id == lounge_id,
            visible_to(viewer),
            exists(select(lounge.c.id)),
            *conditions,
        )
        .values(comment_count=Post.comment_count + counted)
        .returning(Post.id, Post.author_id, Post.moderation)
        .cte("post")
    )


def moderated(
    before: InstrumentedAttribute[str],
    held_at: InstrumentedAttribute[datetime | None],
    decided_at: InstrumentedAttribute[datetime | None],
    created_at: InstrumentedAttribute[datetime],
    after: Moderation,
    now: ColumnElement[datetime],
) -> Mapping[InstrumentedAttribute[Any], object]:
    """The values of a change of moderation, with the times of being held and of the decision.

    What is held again within a minute was put back by its admin: then the decision never was.

    What was held from its beginning and is hidden gets `created_at` as `held_at`, until it is shown
    for the first time. So what no user has seen differs from what was visible before.
    """
    was_held = before == Moderation.HELD
    decided = {before: after, decided_at: case((was_held, now), else_=decided_at)}
    if after == Moderation.VISIBLE:
        # What is shown is unseen no more (`ModerationChange.releases`).
        return {**decided, held_at: func.nullif(held_at, created_at)}
    if after == Moderation.HIDDEN:
        unseen_since = func.coalesce(held_at, created_at)
        return {**decided, held_at: case((was_held, unseen_since), else_=held_at)}
    is_put_back = decided_at > now - UNDONE_WITHIN
    held = case((or_(was_held, is_put_back), held_at), else_=now)
    return {before: after, held_at: held, decided_at: None}


def seen(after: Moderation) -> Mapping[InstrumentedAttribute[Any], object]:
    """The values of a change of moderation that say since when members see a post, and did not.

    So `has_new` tells a post that was hidden at a reader's latest look, and came back after.
    What was held from its beginning went hidden when it was written: it has no `hidden_id`.
    """
    if after == Moderation.VISIBLE:
        return {Post.shown_id: func.uuidv7()}
    was_seen = Post.moderation == Moderation.VISIBLE
    return {Post.hidden_id: case((was_seen, func.uuidv7()), else_=Post.hidden_id)}


def wants_notifications(post: CTE, reader: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a reader has neither muted the post of a comment, nor blocked its author.

    Who does so at this moment does not see the notification either: it is as visible as its post.
    """
    return and_(not_blocked(reader, post.c.author_id), unmuted_by(reader, post.c.id))


def has_watcher(post_id: ColumnElement[UUID], *besides: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether anyone besides some users watches a post."""
    others = (PostWatch.user_id != user_id for user_id in besides)
    return exists().where(PostWatch.post_id == post_id, *others)


def watchers(post_id: ColumnElement[UUID], after_id: ColumnElement[UUID], most: int) -> CTE:
    """A batch of the users who watch a post, in the order of their ids."""
    return (
        select(PostWatch.user_id)
        .where(PostWatch.post_id == post_id, PostWatch.user_id > after_id)
        .order_by(PostWatch.user_id)
        .limit(literal_column(str(most)))
        .cte("batch")
    )
