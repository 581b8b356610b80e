"""`Runtime`: what lives as long as a process, and the units of work that it opens."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from types import TracebackType
from uuid import UUID

import structlog

from app.core.clock import utc_now
from app.core.db import Reading, Single, Writing
from app.core.errors import AppError
from app.core.passwords.hashing import PasswordHasher
from app.core.rate_limit import RateLimiter
from app.core.settings.config import Settings
from app.core.tokens import TokenCodec
from app.core.unavailable import is_unavailable
from app.integrations.pictures.renderer import PictureRenderer
from app.live_log.writing import write_changes
from app.runtime.context import Context, Origin, Revocable
from app.runtime.factories import (
    make_mailer,
    make_push_sender,
    make_replica,
    make_shared_limits,
    make_storage,
)
from app.runtime.metrics import Metrics
from app.runtime.pools import make_pools, make_pools_behind_pooler
from app.runtime.process import Process

log = structlog.get_logger(__name__)

type NotePosition = Callable[[int], None]

UNDO_SECONDS = 3
"""How long undoing may delay the answer. The sweep of the store deletes what is left."""


@dataclass(slots=True)
class Runtime(Process):
    """A process that opens units of work. A test builds its own, with fakes."""

    @classmethod
    def build(
        cls,
        settings: Settings,
        database_url: str,
        metrics: Metrics | None = None,
        name: str | None = None,
        *,
        is_pooled: bool = False,
    ) -> "Runtime":
        """The parts that the settings name. Nothing connects yet.

        `name` is the process's for PostgreSQL, if it is not just `linky`. `is_pooled`: the URL
        leads to a pooler in transaction mode.
        """
        pools = (
            make_pools_behind_pooler(database_url) if is_pooled else make_pools(database_url, name)
        )
        metrics = metrics or Metrics()
        shared_limits = make_shared_limits(settings, metrics.limits)
        return cls(
            settings=settings,
            database_url=database_url,
            pools=pools,
            storage=make_storage(settings),
            push=make_push_sender(settings),
            mailer=make_mailer(settings),
            pictures=PictureRenderer(),
            passwords=PasswordHasher(),
            tokens=TokenCodec(settings.signing_keys, utc_now),
            clock=utc_now,
            limiter=RateLimiter(enabled=settings.rate_limits == "on", store=shared_limits),
            shared_limits=shared_limits,
            # It asks the primary for positions, with settings that a pooler would not pass on.
            replica=make_replica(
                settings,
                settings.direct_database_url or database_url,
                (pools.reads, pools.searches),
                metrics.replica,
            ),
            metrics=metrics,
        )

    def writing(
        self,
        origin: Origin | None = None,
        writer: UUID | None = None,
        revocable: Revocable | None = None,
    ) -> "UnitOfWork":
        """A transaction: commits at the end, rolls back on an exception.

        An AppError with `keeps_writes` is raised too, but what was written before it is committed.
        `origin` goes into the connection log. `writer` is the user who writes. `revocable`
        collects what taking the act back needs.
        """
        db = Writing(self._given, self.pools.transactions, self.job_signal.ring)
        return UnitOfWork(Context(self, db, origin, writer, revocable), self._end)

    async def _end(self, context: Context, error: BaseException | None) -> None:
        db = context.transaction
        is_refusal = isinstance(error, AppError) and error.keeps_writes
        if error is None or is_refusal:
            await self._commit(context, db, is_refusal=is_refusal)
            return
        try:
            await db.rollback()
        finally:
            await _undo_effects(context)

    def reading(self) -> "UnitOfWork":
        """For reads: each statement on its own, without BEGIN and ROLLBACK."""
        pools = self.pools
        return UnitOfWork(
            Context(self, Reading(self._given, pools.reads, pools.searches, pools.transactions))
        )

    def reading_for(
        self, user_id: UUID | None, note_position: NotePosition | None = None
    ) -> "UnitOfWork":
        """Like `reading`, from the replica if there is one and it has what the user wrote.

        Not for what grants something, such as a session or a role: that is read from the primary.
        A read from the replica first notes up to which position the replica has the log.
        """
        if self.replica is None:
            return self.reading()
        reads, searches = self.replica.readers(user_id, note_position)
        return UnitOfWork(
            Context(self, Reading(self._given, reads, searches, self.pools.transactions))
        )

    def single(self, origin: Origin | None = None, writer: UUID | None = None) -> "UnitOfWork":
        """For a write that is one statement, and reads before it. It is all or nothing.

        Do not write otherwise here: each statement commits on its own. `origin` and `writer` are as
        in `writing`.
        """
        pools = self.pools
        db = Single(self._given, pools.reads, pools.searches, pools.transactions, pools.writes)
        return UnitOfWork(Context(self, db, origin, writer), self._end_single)

    async def _end_single(self, context: Context, _: BaseException | None) -> None:
        if context.db.has_written:
            await self._written(context)

    async def _written(self, context: Context) -> None:
        """Say that there is something new. A transaction has rung the job signal at its commit."""
        if context.db.has_enqueued:
            self.job_signal.ring()
        self.log_signal()
        if self.replica is not None:
            await self.replica.note_writes(context.writers)

    async def _commit(self, context: Context, db: Writing, *, is_refusal: bool) -> None:
        """Commit, and say that there is something new. If that fails, undo the effects outside.

        A commit that loses its connection, or is cancelled, may have happened or not. Then the
        effects stay, because a row may point to them. If none does, the sweep of the store deletes
        them.
        """
        try:
            if not is_refusal:
                context.ensure_asked_again()
            await self._before_commit(context)
            wrote = db.has_written
            await db.commit()
        except BaseException as error:
            try:
                await db.rollback()
            finally:
                if not (isinstance(error, asyncio.CancelledError) or is_unavailable(error)):
                    await _undo_effects(context)
            raise
        for call in context.once_committed:
            call()
        if wrote:
            await self._written(context)

    async def _before_commit(self, context: Context) -> None:
        """Write what changed into the log: the last statement before the commit."""
        if context.changes:
            await write_changes(context.db, context.changes)


type End = Callable[[Context, BaseException | None], Awaitable[None]]


class UnitOfWork:
    """A context to enter, and what ends it. It is not a generator, which would cost 5 µs of a read.

    Nothing is asked or locked before the first statement.
    """

    __slots__ = ("_end", "context")

    def __init__(self, context: Context, end: End | None = None) -> None:
        self.context = context
        self._end = end

    async def __aenter__(self) -> Context:
        return self.context

    async def __aexit__(
        self, _: type[BaseException] | None, error: BaseException | None, __: TracebackType | None
    ) -> None:
        if self._end is not None:
            await self._end(self.context, error)


async def _undo_effects(context: Context) -> None:
    """Undo the effects outside the database, the latest first."""
    try:
        async with asyncio.timeout(UNDO_SECONDS):
            for undo in reversed(context.if_rolled_back):
                await _log_failure_of(undo)
    except TimeoutError:
        log.warning("undo_took_too_long")


async def _log_failure_of(undo: Callable[[], Awaitable[None]]) -> None:
    try:
        await undo()
    except Exception:
        log.exception("undo_failed")
