"""`Runtime`: what lives as long as a process, and the units of work that it opens."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from app.core.admission import Admissions
from app.core.clock import Clock, utc_now
from app.core.config import Settings
from app.core.database import POOL_SIZE
from app.core.database_session import (
    has_written,
    read_sessions,
    reader_of,
    single_write_sessions,
    with_bell,
    write_sessions,
)
from app.core.errors import AppError
from app.core.passwords.hashing import PasswordHasher
from app.core.rate_limit import RateLimiter
from app.core.reader import PoolReader, Reader
from app.core.tokens import TokenCodec
from app.core.unavailable import is_unavailable
from app.integrations.hooks import Hooks
from app.integrations.mail import Mailer
from app.integrations.pictures.renderer import PictureRenderer
from app.integrations.push import PushSender
from app.integrations.storage import Storage
from app.live_log import Change, LiveLog, Nudge, write_changes
from app.runtime.bell import Bell
from app.runtime.context import Context, Origin, Revocable
from app.runtime.metrics import Metrics
from app.runtime.parts import (
    make_mailer,
    make_push_sender,
    make_replica,
    make_shared_limits,
    make_storage,
)
from app.runtime.pools import make_pools, make_pools_behind_pooler

if TYPE_CHECKING:
    from app.integrations.tracing.spans import Spans
    from app.integrations.valkey import SharedRateStore
    from app.runtime.replica import Replica

log = structlog.get_logger(__name__)

type NotePosition = Callable[[int], None]

UNDO_SECONDS = 3
"""How long undoing may delay the answer. The sweep of the store deletes what is left."""


@dataclass(slots=True)
class Runtime:
    """The long-lived parts of a process. A test builds its own, with fakes."""

    settings: Settings
    engine: AsyncEngine
    sessions: async_sessionmaker[AsyncSession]
    reads: async_sessionmaker[AsyncSession]
    storage: Storage
    push: PushSender
    mailer: Mailer
    pictures: PictureRenderer
    passwords: PasswordHasher
    tokens: TokenCodec
    clock: Clock
    limiter: RateLimiter
    single_writes: async_sessionmaker[AsyncSession]
    reader: PoolReader | None = None
    """The pool of `reads`. Tests in one transaction have none."""

    searcher: PoolReader | None = None
    """The pool of those `reads` that are planned each time."""

    writer: PoolReader | None = None
    """The pool of `single_writes`."""

    shared_limits: "SharedRateStore | None" = None
    """The limiter's store, if all processes share one."""

    replica: "Replica | None" = None
    """Serves the reads of requests, if there is one. A server follows it."""

    spans: "Spans | None" = None
    """Makes spans, if the process makes traces (`app/runtime/tracing.py`)."""

    bell: Bell = field(default_factory=Bell)
    """Rung after each commit with a job. Its `wake` depends on where the worker runs."""

    nudge: Nudge = field(default_factory=Nudge)
    """Called after each commit that may have changed what apps show."""

    metrics: Metrics = field(default_factory=Metrics)
    hooks: Hooks = field(default_factory=Hooks)
    admissions: Admissions = field(default_factory=Admissions)
    live_log: LiveLog = field(init=False)
    """What changed, as this process reads it."""

    def __post_init__(self) -> None:
        self.live_log = LiveLog(self._primary_reader)

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
        engine, reader, writer, searcher = (
            make_pools_behind_pooler(database_url) if is_pooled else make_pools(database_url, name)
        )
        bell, metrics = Bell(), metrics or Metrics()
        shared_limits = make_shared_limits(settings, metrics.limits)
        return cls(
            settings=settings,
            engine=engine,
            sessions=write_sessions(engine, info=with_bell(bell.ring)),
            reads=read_sessions(engine, reader, searcher),
            single_writes=single_write_sessions(engine, reader, writer, bell.ring),
            reader=reader,
            searcher=searcher,
            writer=writer,
            bell=bell,
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
                (reader, searcher),
                metrics.replica,
            ),
            metrics=metrics,
        )

    @asynccontextmanager
    async def unit_of_work(
        self,
        origin: Origin | None = None,
        writer: UUID | None = None,
        revocable: Revocable | None = None,
    ) -> AsyncIterator[Context]:
        """A transaction: commits at the end, rolls back on an exception.

        An AppError with `keeps_writes` is raised too, but what was written before it is committed.
        `origin` goes into the connection records. `writer` is the user who writes. `revocable`
        collects what taking the act back needs.
        """
        async with self.sessions() as session:
            context = self._context(session, origin, writer, [], revocable)
            try:
                yield context
            except AppError as error:
                if error.keeps_writes:
                    await self._committing(context, self._write_and_commit(context))
                else:
                    await _undo_effects(context)
                raise
            except BaseException:
                await _undo_effects(context)
                raise
            await self._committing(context, self._commit(context))

    def reading(self) -> AbstractAsyncContextManager[Context]:
        """For reads: each statement on its own, without BEGIN and ROLLBACK.

        Do not write here: each statement would commit by itself.
        """
        return _Statements(self._context(self.reads()))

    def reading_for(
        self, user_id: UUID | None, note_position: NotePosition | None = None
    ) -> AbstractAsyncContextManager[Context]:
        """Like `reading`, from the replica if there is one and it has what the user wrote.

        Not for what grants something, such as a session or a role: that is read from the primary.
        A read from the replica first notes up to which position the replica has the log.
        """
        if self.replica is None:
            return self.reading()
        session = self.reads(info=self.replica.session_info(user_id, note_position))
        return _Statements(self._context(session))

    def single_write(
        self, origin: Origin | None = None, writer: UUID | None = None
    ) -> AbstractAsyncContextManager[Context]:
        """For a write that is one `Query` with `writes`, and reads before it. It is all or nothing.

        Do not write otherwise here: each statement commits by itself. `origin` and `writer` are as
        in `unit_of_work`.
        """
        context = self._context(self.single_writes(), origin, writer)
        return _Statements(context, self.replica, self.nudge)

    async def _committing(self, context: Context, commit: Awaitable[None]) -> None:
        """Commit, note for the replica who has written, and say that there is something new."""
        wrote = bool(context.changes) or has_written(context.session)
        await commit
        for call in context.once_committed:
            call()
        if wrote:
            self.nudge()
        if wrote and self.replica is not None:
            await self.replica.note_writes(context.writers)

    async def _commit(self, context: Context) -> None:
        """Commit. If that fails, undo the effects outside the database.

        A commit that loses its connection, or is cancelled, may have happened or not. Then the
        effects stay, because a row may point to them. If none does, the sweep of the store deletes
        them.
        """
        try:
            await self._write_and_commit(context)
        except BaseException as error:
            if not (isinstance(error, asyncio.CancelledError) or is_unavailable(error)):
                await _undo_effects(context)
            raise

    async def _write_and_commit(self, context: Context) -> None:
        await self._before_commit(context)
        await context.session.commit()

    async def _before_commit(self, context: Context) -> None:
        """Write what changed into the log: the last statement before the commit."""
        if context.changes:
            await write_changes(context.session, context.changes)

    def _primary_reader(self) -> Reader:
        reader = reader_of(self.reads())
        assert reader is not None
        return reader

    def _context(
        self,
        session: AsyncSession,
        origin: Origin | None = None,
        writer: UUID | None = None,
        changes: list[Change] | None = None,
        revocable: Revocable | None = None,
    ) -> Context:
        return Context(
            session=session,
            storage=self.storage,
            push=self.push,
            mailer=self.mailer,
            pictures=self.pictures,
            passwords=self.passwords,
            tokens=self.tokens,
            clock=self.clock,
            settings=self.settings,
            live_log=self.live_log,
            hooks=self.hooks,
            origin=origin,
            writers=set() if writer is None else {writer},
            changes=changes,
            revocable=revocable,
        )

    @asynccontextmanager
    async def counting_together(self) -> AsyncIterator[None]:
        """Count rate limits with all processes, if the settings say so. For a server."""
        if self.shared_limits is None:
            yield
            return
        await self.shared_limits.open()
        try:
            yield
        finally:
            await self.shared_limits.close()

    @asynccontextmanager
    async def following_replica(self) -> AsyncIterator[None]:
        """Read from the replica where that is right, if the settings name one. For a server."""
        if self.replica is None:
            yield
            return
        await self.replica.open()
        try:
            yield
        finally:
            await self.replica.close()

    def connections(self) -> dict[str, tuple[int, int]]:
        """By pool: how many connections are in use, and how many there may be."""
        pool = self.engine.pool
        used = pool.checkedout() if isinstance(pool, QueuePool) else 0
        pools = {"transactions": (used, POOL_SIZE)}
        readers = {"reads": self.reader, "searches": self.searcher, "single_writes": self.writer}
        for name, reader in readers.items():
            if reader is not None:
                pools[name] = (reader.used, reader.size)
        return pools | (self.replica.connections() if self.replica else {})

    async def close(self) -> None:
        await self.bell.close()
        for pool in (self.reader, self.searcher, self.writer):
            if pool is not None:
                await pool.close()
        await self.engine.dispose()


class _Statements:
    """A context without a transaction. It is not a generator, which would cost 5 µs of a read."""

    __slots__ = ("_context", "_nudge", "_replica")

    def __init__(
        self,
        context: Context,
        replica: "Replica | None" = None,
        nudge: Nudge | None = None,
    ) -> None:
        self._context = context
        self._replica = replica
        """Is told who has written. None for reads."""

        self._nudge = nudge
        """None for reads."""

    async def __aenter__(self) -> Context:
        return self._context

    async def __aexit__(self, *_: object) -> None:
        # Closing takes a task of its own, and most reads took no connection of the session.
        if self._context.session.in_transaction():
            await asyncio.shield(self._context.session.close())
        if self._nudge is not None:
            self._nudge()
        if self._replica is not None:
            await self._replica.note_writes(self._context.writers)


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
