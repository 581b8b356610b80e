"""The table of uploaded images: keys and sizes. The store has the bytes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, ForeignKey, Index, Text, func, or_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk
from app.core.picture_keys import register_pictures


class Image(Base):
    """An image in two sizes. `unattached_since` is set while no post shows it.

    `needs_review`: the operator's check did not pass it, and no admin has shown a post with it yet.
    `hidden`: an admin has hidden its post. While either is true its objects belong where no public
    address leads (`belongs_hidden`); a job moves them there and back.
    """

    __tablename__ = "images"

    id: Mapped[UuidPk]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(Text, unique=True)
    thumbnail_key: Mapped[str] = mapped_column(Text, unique=True)
    width: Mapped[int]
    height: Mapped[int]
    blurhash: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
    unattached_since: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), server_default=func.now()
    )
    hidden: Mapped[bool] = mapped_column(server_default=text("false"))
    needs_review: Mapped[bool] = mapped_column(server_default=text("false"))

    __table_args__ = (
        Index(
            "images_unattached_idx",
            "unattached_since",
            postgresql_where=text("unattached_since IS NOT NULL"),
        ),
    )


def belongs_hidden() -> ColumnElement[bool]:
    return or_(Image.hidden, Image.needs_review)


IMAGES = register_pictures("images/", Image.key, Image.thumbnail_key)
