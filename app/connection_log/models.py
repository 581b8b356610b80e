"""The table of the connection log. Its rows outlive the users and things that they are about."""

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column

from app.connection_log.enums import RecordedAct, Subject
from app.core.database import Base, CreatedAt, UuidPk, one_of


class ConnectionRecord(Base):
    """Who did what, from which address and port, and when to the microsecond.

    There are no foreign keys: a record stays for its time even if the user or post is erased. The
    id is made at the same moment as `created_at`, so the primary key is also the index by time. The
    address is NULL if the request came over a Unix socket.
    """

    __tablename__ = "connection_records"

    id: Mapped[UuidPk]
    user_id: Mapped[UUID] = mapped_column(Uuid)
    act: Mapped[str] = mapped_column(Text)
    subject_type: Mapped[str] = mapped_column(Text)
    subject_id: Mapped[UUID] = mapped_column(Uuid)
    address: Mapped[str | None] = mapped_column(INET)
    port: Mapped[int | None] = mapped_column(Integer)
    created_at: Mapped[CreatedAt]

    __table_args__ = (
        one_of("act", RecordedAct),
        one_of("subject_type", Subject),
        CheckConstraint("port BETWEEN 1 AND 65535", name="port"),
        Index("connection_records_subject_idx", "subject_id", "id"),
        Index("connection_records_user_idx", "user_id", "id"),
    )
