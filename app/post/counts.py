"""What is counted of posts, on posts, lounges and profiles."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func, select

from app.core.counts import Count
from app.lounge.models import Lounge
from app.post.enums import Moderation
from app.post.models import Post, PostLike
from app.user.models import User

LATEST = 100
"""Ids and times of posts are made in the same order, but for posts of the same millisecond."""

IN_SIGHT: ColumnElement[bool] = and_(
    Post.deleted_at.is_(None), Post.moderation == Moderation.VISIBLE
)
"""The posts that are counted."""


def latest_in(lounge_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """When the latest post of a lounge was written: NULL where none is in sight."""
    newest = (
        select(Post.created_at)
        .where(Post.lounge_id == lounge_id, IN_SIGHT)
        .order_by(Post.id.desc())
        .limit(LATEST)
        .subquery()
    )
    return select(func.max(newest.c.created_at)).scalar_subquery()


_LIKES = select(func.count()).where(PostLike.post_id == Post.id).correlate(Post)
_IN_LOUNGE = select(func.count()).where(Post.lounge_id == Lounge.id, IN_SIGHT).correlate(Lounge)
_OF_AUTHOR = select(func.count()).where(Post.author_id == User.id, IN_SIGHT).correlate(User)

COUNTS = [
    Count(Post, "like_count", _LIKES.scalar_subquery(), Post.deleted_at.is_(None)),
    Count(Lounge, "post_count", _IN_LOUNGE.scalar_subquery()),
    Count(Lounge, "last_posted_at", latest_in(Lounge.id.expression)),
    Count(User, "post_count", _OF_AUTHOR.scalar_subquery(), User.left_at.is_(None)),
]
