"""Sessions that write and sessions that only read. A writing session notes its writes."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession, async_sessionmaker
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction

from app.core.reader import Reader, Writer

_HAS_WRITTEN = "linky_has_written"
_HAS_ENQUEUED = "linky_has_enqueued"
_READER = "linky_reader"
_SEARCHER = "linky_searcher"
_WRITER = "linky_writer"
_RING = "linky_ring"


class WrittenBefore(RuntimeError):
    """Closing the session would lose what it wrote or locked: a mistake in our own code."""


class ReadSession(AsyncSession):
    """A session for reads, which SQLAlchemy sets up only if something runs on it.

    A `Query` goes past it to the reader, so most reads use nothing else of it. Setting it up takes
    15 µs.
    """

    def __init__(self, bind: AsyncEngine, *, info: Mapping[str, Any], **options: Any) -> None:
        self.given_info = info
        self._waiting_options = {"bind": bind, "info": info, **options}

    def __getattr__(self, name: str) -> Any:
        """Called for what AsyncSession's own `__init__` has not set yet."""
        if "_waiting_options" not in self.__dict__:
            raise AttributeError(name)
        super().__init__(**self.__dict__.pop("_waiting_options"))
        return getattr(self, name)

    def in_transaction(self) -> bool:
        return "_waiting_options" not in self.__dict__ and super().in_transaction()


class _WritingSession(Session):
    """Remembers whether its transaction has written, locked or enqueued anything."""


def write_sessions(
    bind: AsyncEngine | AsyncConnection, **options: Any
) -> async_sessionmaker[AsyncSession]:
    """Sessions with one transaction each."""
    return async_sessionmaker(
        bind,
        sync_session_class=_WritingSession,
        expire_on_commit=False,
        autoflush=False,
        **options,
    )


def read_sessions(
    engine: AsyncEngine,
    reader: Reader | None = None,
    searcher: Reader | None = None,
    **info: Any,
) -> async_sessionmaker[AsyncSession]:
    """Sessions for reads: each statement on its own, without BEGIN and ROLLBACK.

    A `Query` goes past the session to the reader, or to the searcher if it is planned each time.
    All else takes a connection of the engine.
    """
    reading = engine.execution_options(isolation_level="AUTOCOMMIT")
    return async_sessionmaker(
        reading,
        class_=ReadSession,
        expire_on_commit=False,
        autoflush=False,
        info=with_reader(reader, searcher) | info,
    )


def single_write_sessions(
    engine: AsyncEngine, reader: Reader, writer: Writer, ring: Callable[[], None]
) -> async_sessionmaker[AsyncSession]:
    """Sessions for writes of one statement, which goes to the writer, and for reads before it."""
    return read_sessions(engine, reader, **with_writer(writer), **with_bell(ring))


def with_reader(reader: Reader | None, searcher: Reader | None = None) -> dict[str, Any]:
    """A session's `info` that names its readers."""
    return {_READER: reader, _SEARCHER: searcher}


def with_writer(writer: Writer) -> dict[str, Any]:
    """A session's `info` that names what its single writes go to."""
    return {_WRITER: writer}


def reader_of(session: AsyncSession, *, plan_each_time: bool = False) -> Reader | None:
    """The reader of a session for reads. A session that writes has none."""
    reader: Reader | None = _info(session).get(_SEARCHER if plan_each_time else _READER)
    return reader


def writer_of(session: AsyncSession) -> Writer:
    """What the single writes of a session go to. Raises KeyError for a session that only reads."""
    writer: Writer = _info(session)[_WRITER]
    return writer


def _info(session: AsyncSession) -> Mapping[str, Any]:
    """A session's `info`, without setting the session up."""
    return session.given_info if isinstance(session, ReadSession) else session.sync_session.info


def has_written(session: AsyncSession) -> bool:
    """Whether the session's transaction has written or locked anything, or will at its commit."""
    pending = session.new or session.dirty or session.deleted
    return bool(pending or session.sync_session.info.get(_HAS_WRITTEN))


def note_write(session: AsyncSession) -> None:
    """Say that the next statement writes or locks, where SQLAlchemy can't see it."""
    session.sync_session.info[_HAS_WRITTEN] = True


def with_bell(ring: Callable[[], None]) -> dict[str, Any]:
    """A session's `info` that names what to call after a commit with a job."""
    return {_RING: ring}


def note_enqueued(session: AsyncSession) -> None:
    """Say that a job was enqueued: after the commit a worker is woken.

    A session whose statements commit by themselves has committed it already.
    """
    if reader_of(session) is None:
        session.sync_session.info[_HAS_ENQUEUED] = True
    elif ring := _info(session).get(_RING):
        ring()


def ensure_nothing_written(session: AsyncSession) -> None:
    """Raises WrittenBefore if the session's transaction has written or locked anything."""
    if has_written(session):
        raise WrittenBefore("release the connection before the first write or lock")


@event.listens_for(_WritingSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    locks = getattr(state.statement, "_for_update_arg", None) is not None
    if locks or not state.is_select:
        state.session.info[_HAS_WRITTEN] = True


@event.listens_for(_WritingSession, "after_flush")
def _note_flush(session: Session, _: object) -> None:
    session.info[_HAS_WRITTEN] = True


@event.listens_for(_WritingSession, "after_commit")
def _wake_a_worker(session: Session) -> None:
    ring: Callable[[], None] | None = session.info.get(_RING)
    # The event comes for the end of a savepoint too.
    if ring and session.info.get(_HAS_ENQUEUED) and not session.in_nested_transaction():
        ring()


@event.listens_for(_WritingSession, "after_transaction_end")
def _forget_writes(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_HAS_WRITTEN, None)
        session.info.pop(_HAS_ENQUEUED, None)
