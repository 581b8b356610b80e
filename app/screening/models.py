"""The word list. It is data: admins change it, no release does."""

from sqlalchemy import Text, UniqueConstraint
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
