"""Posts, their images, and what readers do with them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
    text,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.core.sql.row_lookup import has_row, lacks_row
from app.core.user_marks import Mark, MarkTable, Setter
from app.lounge.models import HasNewPosts, LoungeRecentView
from app.post.enums import Moderation
from app.user.models import is_there, not_blocked

_PRESENT = "moderation <> 'hidden' AND deleted_at IS NULL"


class Post(Base):
    """What a user wrote in a lounge.

    A deleted post stays as an empty row, because other rows point to it. `held_at` is set if it was
    held by an edit; one that was held from the beginning has waited since `created_at`. If that one
    is hidden before any user has seen it, `held_at` is `created_at` until it is shown.
    `hidden_id` and `shown_id` say when it last went hidden and came back, as places among the
    ids of new posts (`writes.seen`).
    `hidden_with_author` marks a post that is hidden only because all of its suspended author's are
    (ADR 0080).
    """

    __tablename__ = "posts"

    id: Mapped[UuidPk]
    lounge_id: Mapped[UUID] = mapped_column(ForeignKey("lounges.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    comment_count: Mapped[int] = mapped_column(server_default="0")
    like_count: Mapped[int] = mapped_column(server_default="0")
    moderation: Mapped[str] = mapped_column(Text, server_default=Moderation.VISIBLE)
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[CreatedAt]
    deleted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    held_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    held_decided_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    hidden_id: Mapped[UUID | None]
    shown_id: Mapped[UUID | None]
    hidden_with_author: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        one_of("moderation", Moderation),
        CheckConstraint("comment_count >= 0", name="comment_count"),
        CheckConstraint("like_count >= 0", name="like_count"),
        # What is hidden or deleted, however much, costs no page of a list.
        Index("posts_present_idx", "id", postgresql_where=text(_PRESENT)),
        Index("posts_lounge_present_idx", "lounge_id", "id", postgresql_where=text(_PRESENT)),
        # Includes deleted posts: erasing a user reads them.
        Index("posts_author_id_idx", "author_id", "id"),
        Index("posts_created_at_idx", "created_at"),
        Index(
            "posts_shown_idx",
            "lounge_id",
            "shown_id",
            postgresql_where=text("shown_id IS NOT NULL AND deleted_at IS NULL"),
        ),
        Index(
            "posts_held_idx",
            "id",
            postgresql_where=text("moderation = 'held' AND deleted_at IS NULL"),
        ),
        Index(
            "posts_hidden_idx",
            "id",
            postgresql_where=text("moderation = 'hidden' AND deleted_at IS NULL"),
        ),
        Index(
            "posts_held_decided_idx",
            "held_decided_at",
            postgresql_where=text("held_decided_at IS NOT NULL"),
        ),
        Index(
            "posts_hidden_with_author_idx",
            "author_id",
            "id",
            postgresql_where=text("hidden_with_author AND deleted_at IS NULL"),
        ),
        # Room in each page: a count that changes then touches no index.
        {"postgresql_with": {"fillfactor": 85}},
    )


class PostSearchText(Base):
    """The text of a post for searches: title, newline, body, folded as searches are.

    Beside the posts, because a row that is bumped by each comment and like must be slim. The index
    is on what a function makes of the words, so they are stored only once (ADR 0054).
    """

    __tablename__ = "post_search"

    post_id: Mapped[UUID] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    lounge_id: Mapped[UUID]
    search_text: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        Index(
            "post_search_idx",
            text("linky_post_lexemes(post_id, lounge_id, search_text)"),
            postgresql_using="gin",
            postgresql_with={"fastupdate": "on"},
        ),
    )


class PostImage(Base):
    """The place of an image in a post. An image is in one post only."""

    __tablename__ = "post_images"

    post_id: Mapped[UUID] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), unique=True)

    __table_args__ = (CheckConstraint("position BETWEEN 0 AND 9", name="position"),)


class PostMark(MarkTable):
    """What users mark posts by."""

    __abstract__ = True
    thing = "post"

    post_id: Mapped[UUID] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, index=True, sort_order=-1
    )


class PostLike(PostMark):
    """A user likes a post. Posts count their likes, and no other mark."""

    __tablename__ = "post_likes"
    mark = Mark(
        act="like",
        setter=Setter.AUTHOR,
        export="likes",
        field="liked",
        means="Whether the caller likes it",
        listed_at="/users/me/likes",
    )


class PostMute(PostMark):
    """A user does not want to see a post, nor its notifications. They still see their own."""

    __tablename__ = "post_mutes"
    mark = Mark(act="mute", setter=Setter.USER, export="mutes", listed_at="/users/me/mutes")

    id: Mapped[UUID] = mapped_column(
        Uuid, server_default=text("uuidv7()"), nullable=True, sort_order=1
    )


class PostWatch(PostMark):
    """A user wants to be notified of the comments on a post."""

    __tablename__ = "post_watches"
    mark = Mark(
        act="watch",
        setter=Setter.USER,
        export="watches",
        field="watching",
        means="Whether the caller is notified of new comments",
    )

    post_id: Mapped[UUID] = mapped_column(
        ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True, sort_order=-1
    )

    __table_args__ = (Index("post_watches_post_idx", "post_id", "user_id"),)


POST_MARKS: tuple[type[PostMark], ...] = tuple(PostMark.__subclasses__())
"""All kinds of marks of posts."""


def is_gone() -> ColumnElement[bool]:
    """Posts that nobody can see: deleted, or by an author whose account is being deleted."""
    return or_(Post.deleted_at.is_not(None), ~is_there(Post.author_id))


def only_for() -> ColumnElement[UUID | None]:
    """The only user who may learn that a post changed: the author of a held one. NULL: everyone."""
    return case((Post.moderation == Moderation.HELD, Post.author_id))


def is_not_hidden(
    moderation: ColumnElement[str] | InstrumentedAttribute[str],
) -> ColumnElement[bool]:
    """What lists may have. A literal, so that PostgreSQL uses the partial indexes."""
    return moderation != literal_column(f"'{Moderation.HIDDEN}'")


def present_for(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Posts that are neither deleted nor hidden; held ones are visible only to their author.

    This is what the author and the moderators decide; an author who has left shows none. It
    ignores the viewer's blocks and mutes: a viewer can still reach their own comments on a post
    whose author they have blocked.
    """
    own_held = and_(Post.moderation == Moderation.HELD, Post.author_id == viewer)
    return and_(
        is_not_hidden(Post.moderation),
        Post.deleted_at.is_(None),
        is_there(Post.author_id),
        or_(Post.moderation == Moderation.VISIBLE, own_held),
    )


def readable_by(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Posts that the viewer may read: present for them, and not by a person they blocked."""
    # No user blocks themselves. Their own posts need no look.
    unblocked = or_(Post.author_id == viewer, not_blocked(viewer, Post.author_id))
    return and_(present_for(viewer), unblocked)


def visible_to(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """The one predicate of all lists and look-ups of posts: readable, and not muted.

    A muted post stays visible to its own author, who gets no more notifications about it.
    """
    unmuted = lacks_row(
        PostMute, PostMute.user_id == viewer, PostMute.post_id == Post.id, Post.author_id != viewer
    )
    return and_(readable_by(viewer), unmuted)


def not_muted(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Posts about which the viewer wants notifications. Users can mute their own posts."""
    return unmuted_by(viewer, Post.id.expression)


def unmuted_by(reader: ColumnElement[UUID], post_id: ColumnElement[UUID]) -> ColumnElement[bool]:
    """That a user has not muted a post."""
    return lacks_row(PostMute, PostMute.user_id == reader, PostMute.post_id == post_id)


_LOOKED_AT: ColumnElement[int] = literal_column("200")


def _new_in_lounge(viewer: ColumnElement[UUID]) -> ColumnElement[bool]:
    """Whether there are posts that came, or came back, after a look, and that the viewer sees.

    Only the newest 200 of each kind are read: a viewer who sees none of these gets false.
    """
    since, of_lounge = LoungeRecentView.id, Post.lounge_id == LoungeRecentView.lounge_id
    came = (
        select(Post.id, since.label("hidden_id"))
        .where(of_lounge, Post.id > since, Post.deleted_at.is_(None))
        .where(is_not_hidden(Post.moderation))
        .order_by(Post.id.desc())
    )
    came_back = (
        select(Post.id, func.coalesce(Post.hidden_id, Post.id))
        .where(of_lounge, Post.shown_id > since, Post.deleted_at.is_(None))
        .order_by(Post.shown_id.desc())
    )
    newest = union_all(
        *(each.correlate(LoungeRecentView).limit(_LOOKED_AT) for each in (came, came_back))
    ).subquery("newest")
    is_seen = has_row(Post, Post.id == newest.c.id, Post.author_id != viewer, visible_to(viewer))
    new = select(newest.c.id).where(newest.c.hidden_id <= since, is_seen)
    return new.correlate(LoungeRecentView).exists()


HasNewPosts.asks = _new_in_lounge(bindparam("viewer_id", type_=Uuid))
