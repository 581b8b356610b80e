"""The columns that count comments: on posts, and on the comments that they reply to."""

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from app.comment.models import Comment
from app.core.counts import Count
from app.post.enums import Moderation
from app.post.models import Post

_written = aliased(Comment)
_parent = aliased(Comment)

_ON_POST = (
    select(func.count())
    .select_from(_written)
    .outerjoin(_parent, _parent.id == _written.parent_id)
    .where(
        _written.post_id == Post.id,
        _written.deleted_at.is_(None),
        _written.moderation == Moderation.VISIBLE,
        # A reply to a hidden or held comment is invisible too.
        or_(_parent.id.is_(None), _parent.moderation == Moderation.VISIBLE),
    )
    .correlate(Post)
)
_REPLIES = (
    select(func.count())
    .where(
        _written.parent_id == Comment.id,
        _written.deleted_at.is_(None),
        _written.moderation == Moderation.VISIBLE,
    )
    .correlate(Comment)
)

COUNTS = [
    Count(Post, "comment_count", _ON_POST.scalar_subquery(), Post.deleted_at.is_(None), "id"),
    Count(
        Comment, "reply_count", _REPLIES.scalar_subquery(), Comment.parent_id.is_(None), "post_id"
    ),
]
