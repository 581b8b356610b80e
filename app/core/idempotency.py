"""Answers for `Idempotency-Key`, kept in the same transaction as their effects.

A retry within 24 hours gets the first answer again, byte for byte
(draft-ietf-httpapi-idempotency-key-header). An advisory lock separates two requests with the same
key at the same moment. It ends with the transaction, so a crash never leaves a key taken.
"""

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    DateTime,
    LargeBinary,
    SmallInteger,
    Subquery,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.core.advisory_locks import lock_exclusive, lock_key, try_lock_exclusive
from app.core.database import AnySelect, Base
from app.core.db import Database, Repository
from app.core.errors import IdempotencyInProgress, IdempotencyKeyReused
from app.core.keys import derived_key
from app.core.sql.materialized import materialized
from app.core.sql.rows import Query, values_of
from app.core.sql.writes import insert_from, table_of

KEPT_FOR = timedelta(hours=24)

KEY_BATCH_ROWS = 1_000
"""Rows per statement when an account is erased (statements time out after 2.3 s)."""


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
    """A request that came with a key.

    `fingerprints` stand for its content. The first is stored. An answer stored with any of them
    belongs to this request.
    """

    user_id: UUID
    key: str
    fingerprints: tuple[bytes, ...]

    @property
    def lock_name(self) -> str:
        return f"{self.user_id}:{self.key}"

    @property
    def fingerprint(self) -> bytes:
        """The one that is stored with the answer."""
        return self.fingerprints[0]

    def ensure_same(self, fingerprint: bytes | None) -> None:
        """Raises IdempotencyKeyReused if `fingerprint` belongs to another request."""
        if fingerprint not in self.fingerprints:
            raise IdempotencyKeyReused


def fingerprints(
    digest: bytes, secrets: Iterable[bytes], *, holds_secret: bool
) -> tuple[bytes, ...]:
    """What a request with this digest may be stored as. The first is what is stored now.

    That is the digest; of a body with a password or token it is a MAC under the newest signing key,
    since a plain digest would let a reader of the database test guesses quickly. All keys count, so
    that a retry is known after a rotation, too.
    """
    keys = (derived_key(secret, "idempotency") for secret in secrets)
    macs = tuple(hmac.digest(key, digest, "sha256") for key in keys)
    # 0.1.0 stored the digest, and took no key with a secret. 0.2.0 stored a MAC of each request.
    return macs if holds_secret else (digest, *macs)


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored parts of an answer. `location` is its header `Location`, if it has one.

    `is_replay`: an earlier request got this answer.
    """

    status: int
    location: str | None
    body: bytes
    is_replay: bool = False


_KEYS = select(KeptAnswer.user_id, KeptAnswer.key)


class IdempotencyRepository(Repository):
    """Every SQL statement about kept answers."""

    async def lock(self, request: KeyedRequest) -> bool:
        """Lock the key until the transaction ends. Returns False while another request has it."""
        return await try_lock_exclusive(self._db, request.lock_name)

    async def wait(self, request: KeyedRequest) -> None:
        """Lock the key until the transaction ends, after another request with it is over."""
        await lock_exclusive(self._db, request.lock_name)

    async def find(self, request: KeyedRequest, now: datetime) -> Answer | None:
        """The answer that was kept for this request.

        Raises IdempotencyKeyReused if the key came with another request before.
        """
        query = select(KeptAnswer).where(
            KeptAnswer.user_id == request.user_id,
            KeptAnswer.key == request.key,
            KeptAnswer.created_at > now - KEPT_FOR,
        )
        kept = await self._db.first(query)
        if kept is None:
            return None
        request.ensure_same(kept.fingerprint)
        return Answer(kept.status, kept.location, kept.body, is_replay=True)

    async def keep(self, request: KeyedRequest, answer: Answer, now: datetime) -> None:
        """The key must be locked."""
        values = {
            "fingerprint": request.fingerprint,
            "status": answer.status,
            "location": answer.location,
            "body": answer.body,
            "created_at": now,
        }
        # A row that exists is over 24 hours old: `find` would have returned it otherwise.
        statement = insert(KeptAnswer).values(user_id=request.user_id, key=request.key, **values)
        await self._db.execute(
            statement.on_conflict_do_update(index_elements=["user_id", "key"], set_=values)
        )

    async def delete_old(self, now: datetime, limit: int) -> int:
        """Deletes answers after their 24 hours, at most `limit`. Returns how many."""
        old = _KEYS.where(KeptAnswer.created_at < now - KEPT_FOR).order_by(KeptAnswer.created_at)
        return await self._delete(old.limit(limit).with_for_update(skip_locked=True))

    async def delete_if_old(self, request: KeyedRequest, now: datetime) -> None:
        """Frees the key if its answer is older than 24 hours."""
        await self._db.first(_DELETED_IF_OLD, **kept_params(request, now))

    async def delete_of(self, user_id: UUID) -> None:
        """Works in batches, for a user who leaves."""
        own = _KEYS.where(KeptAnswer.user_id == user_id).order_by(KeptAnswer.key)
        while await self._delete(own.limit(KEY_BATCH_ROWS).with_for_update()) == KEY_BATCH_ROWS:
            pass

    async def _delete(self, keys: AnySelect) -> int:
        """`keys` selects and locks them. Returns how many answers were deleted."""
        is_one = tuple_(KeptAnswer.user_id, KeptAnswer.key).in_(select(materialized(keys)))
        deleted = delete(KeptAnswer).where(is_one).returning(KeptAnswer.user_id)
        return len(await self._db.all(deleted))


# Parts of the guard and of the write of a use case that is two statements (ADR 0053)

_KEPT_ONCE = "idempotency_keys_pkey"
"""The constraint that a write breaks if its key got an answer after the guard."""

_USER_ID = bindparam("keyed_user_id", type_=Uuid)
_KEY = bindparam("key", type_=Text)
_LOCK = bindparam("key_lock", type_=BigInteger)
_KEPT_SINCE = bindparam("kept_since", type_=DateTime(timezone=True))


@dataclass(frozen=True, slots=True)
class Kept:
    """What a guard read for the request's key. All is None without a key or an answer."""

    fingerprint: bytes | None
    status: int | None
    location: str | None
    body: bytes | None

    def answer_to(self, request: KeyedRequest | None) -> Answer | None:
        """Raises IdempotencyKeyReused."""
        if request is None or self.body is None or self.status is None:
            return None
        request.ensure_same(self.fingerprint)
        return Answer(self.status, self.location, self.body, is_replay=True)


def kept_before() -> Subquery:
    """The stored answer of a request's key. A guard selects its `kept_columns`."""
    is_kept = and_(
        KeptAnswer.user_id == _USER_ID, KeptAnswer.key == _KEY, KeptAnswer.created_at > _KEPT_SINCE
    )
    columns = (KeptAnswer.fingerprint, KeptAnswer.status, KeptAnswer.location, KeptAnswer.body)
    return select(*columns).where(is_kept).subquery("kept_before")


def kept_columns(kept: Subquery) -> tuple[ColumnElement[Any], ...]:
    """For a guard whose row has a field `kept: Kept`."""
    return tuple(kept.c[each.name].label(f"kept_{each.name}") for each in fields(Kept))


def key_lock() -> CTE:
    """Tries to lock the request's key, without waiting, until the write ends.

    `is_free` is False if another request has the lock.
    """
    is_free = case((_LOCK.is_(None), true()), else_=func.pg_try_advisory_xact_lock(_LOCK))
    return select(is_free.label("is_free")).cte("key_lock")


def kept_answer(source: CTE) -> CTE:
    """Stores the answer for each row of `source`, if the request has a key.

    If the key has an answer by now, a constraint stops the whole statement. `write_once` handles
    that.
    """
    values = {
        "user_id": _USER_ID,
        "key": _KEY,
        "fingerprint": bindparam("fingerprint", type_=LargeBinary),
        "status": bindparam("answer_status", type_=SmallInteger),
        "location": bindparam("answer_location", type_=Text),
        "body": bindparam("answer_body", type_=LargeBinary),
        "created_at": bindparam("answered_at", type_=DateTime(timezone=True)),
    }
    rows = select().select_from(source).where(_KEY.is_not(None))
    return insert_from(table_of(KeptAnswer), values, rows).returning(KeptAnswer.key).cte("kept")


def _deleted_if_old() -> AnySelect:
    deleted = (
        delete(KeptAnswer)
        .where(
            KeptAnswer.user_id == _USER_ID,
            KeptAnswer.key == _KEY,
            KeptAnswer.created_at <= _KEPT_SINCE,
        )
        .returning(KeptAnswer.key)
        .cte("deleted")
    )
    return select(deleted.c.key)


_DELETED_IF_OLD = values_of(str, _deleted_if_old())


def kept_params(request: KeyedRequest | None, now: datetime) -> dict[str, Any]:
    """Parameters of `kept_before`."""
    return {
        "keyed_user_id": request.user_id if request else None,
        "key": request.key if request else None,
        "kept_since": now - KEPT_FOR,
    }


@dataclass(frozen=True, slots=True)
class WriteResult:
    """The row of a write's statement: what it did."""

    is_free: bool
    """Of `key_lock`: whether no other request with the same key was under way."""

    is_written: bool


async def write_once(
    db: Database,
    write: Query[WriteResult],
    params: Mapping[str, Any],
    request: KeyedRequest | None,
    answer: Answer,
    now: datetime,
) -> bool:
    """Run a write that takes `key_lock` and keeps its answer (`kept_answer`).

    Returns False if it has written nothing: then ask the guard again. An answer that was kept
    meanwhile stops it, and is deleted if it is too old for a retry. Raises IdempotencyInProgress.
    """
    try:
        written = await db.first(write, **params, **_answer_params(request, answer, now))
    except asyncpg.UniqueViolationError as error:
        if request is None or error.constraint_name != _KEPT_ONCE:
            raise
        await IdempotencyRepository(db).delete_if_old(request, now)
        return False
    assert written is not None
    if not written.is_free:
        raise IdempotencyInProgress
    return written.is_written


def _answer_params(request: KeyedRequest | None, answer: Answer, now: datetime) -> dict[str, Any]:
    """Parameters of `key_lock` and `kept_answer`."""
    return {
        "keyed_user_id": request.user_id if request else None,
        "key": request.key if request else None,
        "key_lock": lock_key(request.lock_name) if request else None,
        "fingerprint": request.fingerprint if request else None,
        "answer_status": answer.status,
        "answer_location": answer.location,
        "answer_body": answer.body,
        "answered_at": now,
    }
