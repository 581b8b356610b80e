"""The word list. It is data: admins change it, no release does."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.screening.enums import WordKind


class ListedWord(Base):
    """A word as it was written, and its `key`: folded, as texts are when they are searched."""

    __tablename__ = "banned_words"

    id: Mapped[UuidPk]
    kind: Mapped[str] = mapped_column(Text)
    word: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]

    __table_args__ = (one_of("kind", WordKind), UniqueConstraint("kind", "key"))


class ListVersion(Base):
    """Which state the list is in: one row, whose version a trigger changes with each change.

    A server builds what it needs of the list once for each version. The trigger sees to changes
    by hand, and by servers of the release before, too.
    """

    __tablename__ = "banned_words_version"

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    version: Mapped[UUID] = mapped_column(Uuid, server_default=text("uuidv7()"))

    __table_args__ = (CheckConstraint("only_row", name="only_row"),)
