"""What a statement of a higher feature locks and writes in posts: parts of its WITH."""

from uuid import UUID

from sqlalchemy import CTE, ColumnElement, exists, select, update

from app.core.writes import table_of
from app.lounge.models import Lounge
from app.post.models import Post, visible_to


def open_post(
    post_id: ColumnElement[UUID],
    lounge_id: ColumnElement[UUID],
    viewer: ColumnElement[UUID],
    *conditions: ColumnElement[bool],
) -> CTE:
    """A post that the viewer sees, in an open lounge. Both are locked until the end.

    PostgreSQL reads a row again after it has waited for it. So the post is as it is under the lock.
    It gives no row if the post was deleted or hidden, or the lounge closed.
    """
    lounge = (
        select(Lounge.id)
        .where(Lounge.id == lounge_id, Lounge.closed_at.is_(None))
        .with_for_update(read=True, key_share=True)
        .cte("lounge")
    )
    return (
        select(Post.id)
        .where(
            Post.id == post_id,
            Post.lounge_id == lounge_id,
            visible_to(viewer),
            exists(select(lounge.c.id)),
            *conditions,
        )
        .with_for_update(key_share=True, of=Post)
        .cte("post")
    )


def comment_counted(
    source: CTE, post_id: ColumnElement[UUID], *only_if: ColumnElement[bool]
) -> CTE:
    """Adds one comment to the count of a locked post, if `source` has a row."""
    posts = table_of(Post)
    return (
        update(posts)
        .where(posts.c.id == post_id, exists(select(source)), *only_if)
        .values(comment_count=posts.c.comment_count + 1)
        .returning(posts.c.id)
        .cte("counted")
    )
