"""A user's own marks on a thing, such as a like or a favorite.

Each kind is one declaration, a `Mark` in the class of its table. Columns, statements, lists, the
export, the erasure and the tests are made from it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Uuid, text
from sqlalchemy.orm import InstrumentedAttribute, Mapped, declared_attr, mapped_column

from app.core.database import Base


class Setter(StrEnum):
    """Who may set a mark. An author's marks can be taken back by each member."""

    USER = "guests and users"
    MEMBER = "users who are not guests"
    AUTHOR = "users who have accepted the terms, too"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The facts of one kind of mark."""

    act: str
    """The last part of its path: `like` in `PUT` and `DELETE /posts/{post_id}/like`."""

    setter: Setter
    export: str
    """The name of its section in the export."""

    field: str | None = None
    """The field of the thing that is true where it is set. None: it hides the thing."""

    means: str = ""
    """What the field means, for the OpenAPI document."""

    listed_at: str | None = None
    """The path of the list of what the caller has marked, the latest first."""

    @property
    def is_kept(self) -> bool:
        """Whether users set it to find the thing again: its list shows the things themselves."""
        return bool(self.field and self.listed_at)


class MarkTable(Base):
    """A table of marks: one row for each user and thing. `id` orders a user's marks by time.

    A class has the column of the thing, too: `post_id` where `thing` is `post`.
    """

    __abstract__ = True
    mark: ClassVar[Mark]
    thing: ClassVar[str]

    user_id: Mapped[UUID] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, sort_order=-2
    )
    id: Mapped[UUID] = mapped_column(Uuid, server_default=text("uuidv7()"), sort_order=1)

    @declared_attr.directive
    def __table_args__(cls) -> Any:  # noqa: N805 - as SQLAlchemy has it.
        listed = Index(f"{cls.__tablename__}_newest_idx", "user_id", "id")
        return (listed,) if cls.mark.listed_at else ()

    @classmethod
    def thing_id(cls) -> InstrumentedAttribute[UUID]:
        """The column with the id of what is marked."""
        column: InstrumentedAttribute[UUID] = getattr(cls, f"{cls.thing}_id")
        return column

    @classmethod
    def path(cls) -> str:
        """Where a mark is set and taken back."""
        return f"/{cls.thing}s/{{{cls.thing}_id}}/{cls.mark.act}"


def mark_tables(base: type[MarkTable] = MarkTable) -> Iterator[type[MarkTable]]:
    """All kinds of marks whose models are imported, in the order of their declaration."""
    for table in base.__subclasses__():
        if "__tablename__" in vars(table):
            yield table
        else:
            yield from mark_tables(table)
