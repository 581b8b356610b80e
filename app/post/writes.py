"""What a statement of a higher feature locks and writes in posts: parts of its WITH."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    Boolean,
    ColumnElement,
    and_,
    exists,
    func,
    literal_column,
    select,
    update,
)

from app.lounge.models import Lounge
from app.post.enums import Moderation
from app.post.models import Post, PostWatch, mute_lock, visible_to
from app.user.models import not_blocked


def commented_post(
    post_id: ColumnElement[UUID],
    lounge_id: ColumnElement[UUID],
    viewer: ColumnElement[UUID],
    counted: ColumnElement[int],
    *conditions: ColumnElement[bool],
) -> CTE:
    """A post that the viewer sees, in an open lounge, with so many more comments.

    Without one it gives no row. The lounge is locked against closing, then the post. The UPDATE
    alone locks the post and counts: it reads the row again after it has waited for it. Locking the
    row first ends in deadlocks (ADR 0036).
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


def wants_notices(post: CTE, reader: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a reader other than the caller sees a commented post, and has not muted it.

    A statement sees what was committed before it began. So a function of the database locks the
    mutes and then looks: it sees what was committed before the lock.
    """
    lock = mute_lock(reader, post.c.id)
    return and_(
        post.c.moderation == Moderation.VISIBLE,
        not_blocked(reader, post.c.author_id),
        ~func.linky_has_muted(reader, post.c.id, lock, type_=Boolean),
    )


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
