"""The tables as the usual way sees them: the ORM's objects, with relationships."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, func
from sqlalchemy.dialects.postgresql import INET, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from app.core.links import comment_url, lounge_url, post_url

BASE_URL = "https://bench.example"
MEDIA_URL = f"{BASE_URL}/media/"


class Base(DeclarativeBase):
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
    }


def _new_id() -> Any:
    return mapped_column(primary_key=True, server_default=func.uuidv7())


def _now() -> Any:
    return mapped_column(server_default=func.clock_timestamp())


class User(Base):
    __tablename__ = "users"

    id: Mapped[UUID] = _new_id()
    email: Mapped[str | None]
    email_verified_at: Mapped[datetime | None]
    nickname: Mapped[str]
    bio: Mapped[str]
    avatar_key: Mapped[str | None]
    role: Mapped[str]
    provider: Mapped[str]
    locale: Mapped[str]
    terms_version: Mapped[str | None]
    post_count: Mapped[int]
    created_at: Mapped[datetime]

    @property
    def avatar_url(self) -> str | None:
        return self.avatar_key and MEDIA_URL + self.avatar_key

    @property
    def may_publish(self) -> str:
        return "yes"

    @property
    def needs_nickname(self) -> bool:
        return False

    @property
    def is_guest(self) -> bool:
        return self.role == "guest"

    @property
    def email_verified(self) -> bool:
        return self.email_verified_at is not None


class Lounge(Base):
    __tablename__ = "lounges"

    id: Mapped[UUID] = _new_id()
    name: Mapped[str]
    description: Mapped[str]
    cover_key: Mapped[str | None]
    post_count: Mapped[int]
    favorite_count: Mapped[int]
    last_posted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    is_favorite = False
    has_new = True
    notification_level = "none"

    @property
    def cover_url(self) -> str | None:
        return self.cover_key and MEDIA_URL + self.cover_key

    @property
    def closed(self) -> bool:
        return self.closed_at is not None

    @property
    def url(self) -> str:
        return lounge_url(BASE_URL, self.id)


class Image(Base):
    __tablename__ = "images"

    id: Mapped[UUID] = _new_id()
    owner_id: Mapped[UUID]
    key: Mapped[str]
    thumbnail_key: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    blurhash: Mapped[str]
    unattached_since: Mapped[datetime | None]

    @property
    def url(self) -> str:
        return MEDIA_URL + self.key

    @property
    def thumbnail_url(self) -> str:
        return MEDIA_URL + self.thumbnail_key


class PostImage(Base):
    __tablename__ = "post_images"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[UUID] = mapped_column(ForeignKey("images.id"))


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[UUID] = _new_id()
    lounge_id: Mapped[UUID] = mapped_column(ForeignKey("lounges.id"))
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    title: Mapped[str]
    body: Mapped[str]
    comment_count: Mapped[int] = mapped_column(server_default="0")
    like_count: Mapped[int] = mapped_column(server_default="0")
    moderation: Mapped[str] = mapped_column(server_default="visible")
    created_at: Mapped[datetime] = _now()
    updated_at: Mapped[datetime] = _now()
    deleted_at: Mapped[datetime | None]

    lounge: Mapped[Lounge] = relationship()
    author: Mapped[User] = relationship()
    images: Mapped[list[Image]] = relationship(
        secondary=PostImage.__table__, order_by=PostImage.position, viewonly=True
    )
    liked = False
    watching = False

    @property
    def url(self) -> str:
        return post_url(BASE_URL, self.id)


class PostSearch(Base):
    __tablename__ = "post_search"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    lounge_id: Mapped[UUID]
    search_text: Mapped[str]


class PostLike(Base):
    __tablename__ = "post_likes"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id"), primary_key=True)


class PostWatch(Base):
    __tablename__ = "post_watches"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)


class PostMute(Base):
    __tablename__ = "post_mutes"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    post_id: Mapped[UUID] = mapped_column(primary_key=True)


class UserBlock(Base):
    __tablename__ = "user_blocks"

    blocker_id: Mapped[UUID] = mapped_column(primary_key=True)
    blocked_id: Mapped[UUID] = mapped_column(primary_key=True)


class Favorite(Base):
    __tablename__ = "lounge_favorites"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    lounge_id: Mapped[UUID] = mapped_column(primary_key=True)


class RecentView(Base):
    __tablename__ = "lounge_recent_views"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    lounge_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID]


class Subscription(Base):
    __tablename__ = "lounge_subscriptions"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    lounge_id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[str]


class Comment(Base):
    __tablename__ = "comments"

    id: Mapped[UUID] = _new_id()
    post_id: Mapped[UUID] = mapped_column(ForeignKey("posts.id"))
    parent_id: Mapped[UUID | None]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("users.id"))
    body: Mapped[str]
    reply_count: Mapped[int] = mapped_column(server_default="0")
    moderation: Mapped[str] = mapped_column(server_default="visible")
    created_at: Mapped[datetime] = _now()
    updated_at: Mapped[datetime] = _now()
    deleted_at: Mapped[datetime | None]

    author: Mapped[User] = relationship()

    @property
    def deleted(self) -> bool:
        return self.deleted_at is not None

    @property
    def url(self) -> str:
        return comment_url(BASE_URL, self.post_id, self.id)


class Notification(Base):
    __tablename__ = "notifications"

    id: Mapped[UUID] = _new_id()
    user_id: Mapped[UUID]
    type: Mapped[str]
    actor_id: Mapped[UUID]
    post_author_id: Mapped[UUID]
    post_id: Mapped[UUID]
    comment_id: Mapped[UUID]
    lounge_id: Mapped[UUID]
    params: Mapped[dict[str, Any]]


class ConnectionRecord(Base):
    __tablename__ = "connection_records"

    id: Mapped[UUID] = _new_id()
    user_id: Mapped[UUID]
    act: Mapped[str]
    subject_type: Mapped[str]
    subject_id: Mapped[UUID]
    address: Mapped[str] = mapped_column(INET)
    port: Mapped[int]
