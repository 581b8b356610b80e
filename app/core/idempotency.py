"""`Idempotency-Key`: the answer of a POST is kept in the same transaction as its effect, and a
retry within 24 hours gets it again, byte for byte (after the draft of the IETF's HTTPAPI group,
draft-ietf-httpapi-idempotency-key-header).

Two requests with one key at the same moment are told apart by a transaction-scoped advisory
lock: whoever holds it works, the other is told so. It falls with the transaction, whatever ends
it, so that a crash never leaves a key taken.
"""

import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Annotated, BinaryIO
from uuid import UUID

from anyio import to_thread
from fastapi import Header, Request
from sqlalchemy import DateTime, LargeBinary, SmallInteger, Text, Uuid, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from starlette.responses import Response

from app.core.context import Context
from app.core.database import Base
from app.core.errors import IdempotencyInProgress, IdempotencyKeyReused

KEPT_FOR = timedelta(hours=24)
HASHED_AT_ONCE = 256 * 1024

IdempotencyKeyHeader = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="Made by the client for each thing that it creates: a retry with the same key "
        "makes no second one and gets the first answer again.",
    ),
]


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


async def once(
    ctx: Context,
    caller: UUID,
    key: str,
    fingerprint: bytes,
    act: Callable[[], Awaitable[Response]],
) -> Response:
    """Run `act` unless this caller's `key` was answered before; then give that answer again.

    Raises IdempotencyInProgress while the first request runs, and IdempotencyKeyReused if the
    key came with another request. A refusal that `act` raises does not use the key up.
    """
    if not await _lock(ctx.session, caller, key):
        raise IdempotencyInProgress
    kept = await find_kept(ctx, caller, key, fingerprint)
    if kept is not None:
        return kept
    response = await act()
    await _keep(ctx, caller, key, fingerprint, response)
    return response


async def find_kept(ctx: Context, caller: UUID, key: str, fingerprint: bytes) -> Response | None:
    """The answer that was kept for this key, ready to send. Raises IdempotencyKeyReused."""
    since = ctx.clock() - KEPT_FOR
    query = select(KeptAnswer).where(
        KeptAnswer.user_id == caller, KeptAnswer.key == key, KeptAnswer.created_at > since
    )
    kept = await ctx.session.scalar(query)
    if kept is None:
        return None
    if kept.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return _replay(kept)


def _replay(kept: KeptAnswer) -> Response:
    headers = {"Idempotency-Replayed": "true", "Cache-Control": "private, no-cache"}
    if kept.location:
        headers["Location"] = kept.location
    return Response(
        kept.body, status_code=kept.status, headers=headers, media_type="application/json"
    )


async def _lock(session: AsyncSession, caller: UUID, key: str) -> bool:
    digest = hashlib.blake2b(f"{caller}:{key}".encode(), digest_size=8).digest()
    number = int.from_bytes(digest, signed=True)
    return bool(await session.scalar(select(func.pg_try_advisory_xact_lock(number))))


async def _keep(
    ctx: Context, caller: UUID, key: str, fingerprint: bytes, response: Response
) -> None:
    values = {
        "fingerprint": fingerprint,
        "status": response.status_code,
        "location": response.headers.get("location"),
        "body": bytes(response.body),
        "created_at": ctx.clock(),
    }
    # A row that is there is over 24 hours old, or it would have been found.
    statement = insert(KeptAnswer).values(user_id=caller, key=key, **values)
    await ctx.session.execute(
        statement.on_conflict_do_update(index_elements=["user_id", "key"], set_=values)
    )


async def forget_old_answers(ctx: Context) -> None:
    """Remove the answers that no retry can get any more."""
    over = KeptAnswer.created_at < ctx.clock() - KEPT_FOR
    await ctx.session.execute(delete(KeptAnswer).where(over))


async def forget_answers_of(ctx: Context, user_id: UUID) -> None:
    """Of one who leaves."""
    await ctx.session.execute(delete(KeptAnswer).where(KeptAnswer.user_id == user_id))


async def json_fingerprint(request: Request) -> bytes:
    """What makes two JSON requests the same: method, path and body, but not its spelling."""
    body = await request.body()
    spelled = json.dumps(json.loads(body), sort_keys=True) if body else ""
    return fingerprint_of(request, spelled.encode())


def fingerprint_of(request: Request, content: bytes) -> bytes:
    """As `json_fingerprint`, for content of any kind."""
    return hashlib.sha256(_target(request) + content).digest()


async def file_fingerprint(request: Request, file: BinaryIO) -> bytes:
    """As `fingerprint_of`, for a file, which is never whole in memory."""

    def digest() -> bytes:
        hashed = hashlib.sha256(_target(request))
        file.seek(0)
        while chunk := file.read(HASHED_AT_ONCE):
            hashed.update(chunk)
        return hashed.digest()

    return await to_thread.run_sync(digest)


def _target(request: Request) -> bytes:
    return f"{request.method} {request.url.path}\0".encode("utf-8", "replace")
