"""The columns that count posts and likes: on posts, lounges and profiles."""

from sqlalchemy import ColumnElement, and_, func, select

from app.core.counts import Count
from app.lounge.models import Lounge
from app.post.enums import Moderation
from app.post.models import Post, PostLike, is_not_hidden
from app.user.models import User

MAX_OUT_OF_ORDER = 100
"""Posts get their ids and times in the same order, except within a millisecond."""

COUNTED: ColumnElement[bool] = and_(
    Post.deleted_at.is_(None),
    is_not_hidden(Post.moderation),
    Post.moderation == Moderation.VISIBLE,
)
"""The posts that are counted."""


_newest = (
    select(Post.created_at)
    .where(Post.lounge_id == Lounge.id, COUNTED)
    .order_by(Post.id.desc())
    .limit(MAX_OUT_OF_ORDER)
    .correlate(Lounge)
    .subquery()
)
LATEST = select(func.max(_newest.c.created_at)).scalar_subquery()
"""When the latest post of a lounge was written, found along an index; NULL if there is none."""

_LIKES = select(func.count()).where(PostLike.post_id == Post.id).correlate(Post)
_IN_LOUNGE = select(func.count()).where(Post.lounge_id == Lounge.id, COUNTED).correlate(Lounge)
_OF_AUTHOR = select(func.count()).where(Post.author_id == User.id, COUNTED).correlate(User)

COUNTS = [
    Count(Post, "like_count", _LIKES.scalar_subquery(), Post.deleted_at.is_(None), "id"),
    Count(Lounge, "post_count", _IN_LOUNGE.scalar_subquery()),
    Count(Lounge, "last_posted_at", LATEST),
    Count(User, "post_count", _OF_AUTHOR.scalar_subquery(), User.left_at.is_(None)),
]
