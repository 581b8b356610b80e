"""Answers for `Idempotency-Key`, kept in the same transaction as their effects.

A retry within 24 hours gets the first answer again, byte for byte
(draft-ietf-httpapi-idempotency-key-header). An advisory lock separates two requests with the same
key at the same moment. It ends with the transaction, so a crash never leaves a key taken.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, SmallInteger, Text, Uuid, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from app.core.advisory_locks import try_lock_exclusive
from app.core.database import Base
from app.core.errors import IdempotencyKeyReused

KEPT_FOR = timedelta(hours=24)


class KeptAnswer(Base):
    """The answer to a request that came with a key."""

    __tablename__ = "idempotency_keys"

    user_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int] = mapped_column(SmallInteger)
    location: Mapped[str | None] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), index=True)


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """The caller, the key, and a digest of method, path and body."""

    user_id: UUID
    key: str
    fingerprint: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The kept parts of an answer. `location` is the header `Location`, if there is one."""

    status: int
    location: str | None
    body: bytes


class IdempotencyRepository:
    """Every SQL statement about kept answers."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def lock(self, request: KeyedRequest) -> bool:
        """Lock the key until the transaction ends. Returns False while another request has it."""
        return await try_lock_exclusive(self._session, f"{request.user_id}:{request.key}")

    async def find(self, request: KeyedRequest, now: datetime) -> Answer | None:
        """The answer that was kept for this request.

        Raises IdempotencyKeyReused if the key came with another request before.
        """
        query = select(KeptAnswer).where(
            KeptAnswer.user_id == request.user_id,
            KeptAnswer.key == request.key,
            KeptAnswer.created_at > now - KEPT_FOR,
        )
        kept = await self._session.scalar(query)
        if kept is None:
            return None
        if kept.fingerprint != request.fingerprint:
            raise IdempotencyKeyReused
        return Answer(kept.status, kept.location, kept.body)

    async def keep(self, request: KeyedRequest, answer: Answer, now: datetime) -> None:
        """Store the answer for a locked key."""
        values = {
            "fingerprint": request.fingerprint,
            "status": answer.status,
            "location": answer.location,
            "body": answer.body,
            "created_at": now,
        }
        # A row that exists is over 24 hours old: `find` would have returned it otherwise.
        statement = insert(KeptAnswer).values(user_id=request.user_id, key=request.key, **values)
        await self._session.execute(
            statement.on_conflict_do_update(index_elements=["user_id", "key"], set_=values)
        )

    async def delete_old(self, now: datetime) -> None:
        """Delete the answers that are too old for a retry."""
        old = KeptAnswer.created_at < now - KEPT_FOR
        await self._session.execute(delete(KeptAnswer).where(old))

    async def delete_of(self, user_id: UUID) -> None:
        """Delete the answers of a user who leaves."""
        await self._session.execute(delete(KeptAnswer).where(KeptAnswer.user_id == user_id))
