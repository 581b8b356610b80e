"""The tables of lounges, favorites, views, and who is notified of a lounge's posts."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ColumnElement,
    DateTime,
    ForeignKey,
    Index,
    Text,
    Uuid,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.compiler import SQLCompiler

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.core.picture_keys import register_pictures
from app.core.user_marks import Mark, MarkTable, Setter
from app.lounge.enums import NotificationLevel


class Lounge(Base):
    """A room for one topic. `name_key` is the folded name: unique, whatever the width and case."""

    __tablename__ = "lounges"

    id: Mapped[UuidPk]
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, unique=True)
    search_vector: Mapped[str] = mapped_column(TSVECTOR, deferred=True)
    description: Mapped[str] = mapped_column(Text)
    cover_key: Mapped[str | None] = mapped_column(Text)
    post_count: Mapped[int] = mapped_column(server_default="0")
    favorite_count: Mapped[int] = mapped_column(server_default="0")
    last_posted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
    closed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        CheckConstraint("post_count >= 0", name="post_count"),
        CheckConstraint("favorite_count >= 0", name="favorite_count"),
        Index("lounges_popular_idx", "favorite_count", "id"),
        Index("lounges_search_idx", "search_vector", postgresql_using="gin"),
    )


COVERS = register_pictures("covers/", Lounge.cover_key)


class LoungeFavorite(MarkTable):
    """A favorite of a user."""

    __tablename__ = "lounge_favorites"
    thing = "lounge"
    mark = Mark(
        act="favorite",
        setter=Setter.USER,
        export="favorites",
        field="is_favorite",
        means="Whether it is one of the caller's favorites",
        listed_at="/lounges/favorites",
    )

    lounge_id: Mapped[UUID] = mapped_column(
        ForeignKey("lounges.id", ondelete="CASCADE"), primary_key=True, index=True, sort_order=-1
    )


class LoungeRecentView(Base):
    """A user's latest view of a lounge. Each view gives the row a new `id`: the list's order.

    The list shows the 50 latest that the user has not `forgotten`. All are kept: they say which
    posts in a lounge are new to the user.
    """

    __tablename__ = "lounge_recent_views"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    lounge_id: Mapped[UUID] = mapped_column(
        ForeignKey("lounges.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    id: Mapped[UUID] = mapped_column(Uuid, server_default=text("uuidv7()"))
    forgotten: Mapped[bool] = mapped_column(server_default=false())

    __table_args__ = (
        Index(
            "lounge_recent_views_listed_idx",
            "user_id",
            "id",
            postgresql_where=text("NOT forgotten"),
        ),
    )


class HasNewPosts(ColumnElement[bool]):
    """Of a lounge and a viewer's look into it: whether posts came since that they see.

    `post` stands above and knows posts, so it says what this asks, at the end of its models. A
    statement needs that when it is compiled, at its first use.
    """

    inherit_cache = True
    type = Boolean()
    asks: ClassVar[ColumnElement[bool]]


@compiles(HasNewPosts)
def _as_post_says(new: HasNewPosts, compiler: SQLCompiler, **given: Any) -> str:
    return compiler.process(new.asks, **given)


class LoungeSubscription(Base):
    """Whether a user is notified of a lounge's posts, and what was pushed. No row means no.

    A row stays when the user switches the notifications off. Otherwise on and off again would allow
    another push within the hour.
    """

    __tablename__ = "lounge_subscriptions"

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    lounge_id: Mapped[UUID] = mapped_column(
        ForeignKey("lounges.id", ondelete="CASCADE"), primary_key=True
    )
    level: Mapped[str] = mapped_column(Text)
    pushed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When the latest push of the lounge was enqueued."""

    pushed_id: Mapped[UUID | None] = mapped_column(Uuid)
    """The latest notification that a push has told of."""

    push_due_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When to push how many posts came since. NULL if none came."""

    __table_args__ = (
        one_of("level", NotificationLevel),
        # Whole, because a lounge whose opening is taken back is deleted.
        Index("lounge_subscriptions_lounge_idx", "lounge_id", "level", "user_id"),
        Index(
            "lounge_subscriptions_due_idx",
            "push_due_at",
            postgresql_where=text("push_due_at IS NOT NULL"),
        ),
    )
