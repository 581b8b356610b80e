"""Comments and replies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Text,
    and_,
    false,
    or_,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.post.enums import Moderation
from app.post.models import Post, is_not_hidden
from app.user.models import is_there, not_blocked


class Comment(Base):
    """A comment on a post, or a reply to a top-level comment.

    A deleted comment stays as an empty row while it has replies, even after its author was erased.
    `reply_count` counts the replies that are visible. If the comment itself is hidden or held, the
    post counts none of them. `held_at`, `held_decided_at` and `hidden_with_author` are as in Post.
    """

    __tablename__ = "comments"

    id: Mapped[UuidPk]
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id", ondelete="CASCADE"))
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("comments.id", ondelete="CASCADE"))
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str] = mapped_column(Text)
    reply_count: Mapped[int] = mapped_column(server_default="0")
    moderation: Mapped[str] = mapped_column(Text, server_default=Moderation.VISIBLE)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    held_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    held_decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    hidden_with_author: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        one_of("moderation", Moderation),
        CheckConstraint("reply_count >= 0", name="reply_count"),
        CheckConstraint("author_id IS NOT NULL OR deleted_at IS NOT NULL", name="author"),
        # What is hidden, however much, costs no page of a thread.
        Index(
            "comments_post_present_idx",
            "post_id",
            "id",
            postgresql_where=text("parent_id IS NULL AND moderation <> 'hidden'"),
        ),
        # For the foreign key: otherwise deleting a post would read all comments.
        Index("comments_post_id_idx", "post_id"),
        Index("comments_parent_idx", "parent_id", "id"),
        Index("comments_author_idx", "author_id", "id"),
        Index("comments_created_at_idx", "created_at"),
        Index(
            "comments_hidden_with_author_idx",
            "author_id",
            "id",
            postgresql_where=text("hidden_with_author AND deleted_at IS NULL"),
        ),
        Index(
            "comments_held_idx",
            "id",
            postgresql_where=text("moderation = 'held' AND deleted_at IS NULL"),
        ),
        Index(
            "comments_held_decided_idx",
            "held_decided_at",
            postgresql_where=text("held_decided_at IS NOT NULL"),
        ),
    )


def is_shown(comment: type[Comment] = Comment) -> ColumnElement[bool]:
    """Comments that are not deleted, and placeholders that have replies.

    Of an author who is leaving, none.
    """
    stands = or_(comment.deleted_at.is_(None), comment.reply_count > 0)
    return and_(stands, is_there(comment.author_id))


def post_is_deleted() -> ColumnElement[bool]:
    """Whether a comment's post is deleted: a look at the post of each comment that is read.

    Not a join: for that the planner may read all posts.
    """
    return select(Post.deleted_at.is_not(None)).where(Post.id == Comment.post_id).scalar_subquery()


def present_for(
    viewer: ColumnElement[UUID], comment: type[Comment] = Comment
) -> ColumnElement[bool]:
    """Comments that are neither hidden nor held; held ones are visible only to their author.

    A deleted comment is there as a placeholder while it has replies. Whether the post is there is
    a condition of its own.
    """
    own_held = and_(comment.moderation == Moderation.HELD, comment.author_id == viewer)
    is_open = or_(comment.moderation == Moderation.VISIBLE, own_held)
    return and_(is_not_hidden(comment.moderation), is_shown(comment), is_open)


def visible_to(
    viewer: ColumnElement[UUID], comment: type[Comment] = Comment
) -> ColumnElement[bool]:
    """Comments that the viewer may see: present for them, and not by a blocked user."""
    return and_(present_for(viewer, comment), not_blocked(viewer, comment.author_id))
