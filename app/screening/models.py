"""The tables of the word list. Admins change it, not releases."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Text, UniqueConstraint, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base, CreatedAt, UuidPk, one_of
from app.screening.enums import WordKind


class ListedWord(Base):
    """A word as it was written, and its `key`: folded, like a text that is searched."""

    __tablename__ = "banned_words"

    id: Mapped[UuidPk]
    kind: Mapped[str] = mapped_column(Text)
    word: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]

    __table_args__ = (one_of("kind", WordKind), UniqueConstraint("kind", "key"))


class ListVersion(Base):
    """The version of the list, in one row. A trigger changes it with each change of the list.

    A server builds its automaton once for each version. The trigger covers changes that are made
    by hand, or by servers of an older release.
    """

    __tablename__ = "banned_words_version"

    only_row: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
    version: Mapped[UUID] = mapped_column(Uuid, server_default=text("uuidv7()"))

    __table_args__ = (CheckConstraint("only_row", name="only_row"),)
