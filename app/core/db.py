"""All database access: `ctx.db`.

    lounge = await ctx.db.first(select(Lounge).where(Lounge.id == lounge_id))
    posts = await ctx.db.all(_NEWEST, viewer_id=viewer_id, row_limit=21)
    await ctx.db.execute(update(Lounge).where(Lounge.id == lounge_id).values(name=name))

SQLAlchemy composes the statements; asyncpg runs them. A statement is a `Query`, which is built once
and makes typed rows, or one that is built here and now. There are three kinds of access, and
`Runtime` makes them: `Reading`, each statement on its own, perhaps on a replica; `Writing`, one
transaction; `Single`, for a write that is one statement.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from functools import lru_cache
from itertools import starmap
from typing import Any, overload

import asyncpg
from sqlalchemy import ClauseElement, Executable, TextClause, bindparam, insert, update
from sqlalchemy.sql.selectable import TypedReturnsRows

from app.core.database import Base
from app.core.pool import Connection, LaggingReader, Pool, Reader, Row, Writer
from app.core.sql.rows import Query
from app.core.sql.statements import Prepared, composed, writes
from app.core.sql.writes import LOCKS_ONLY


class WrittenBefore(RuntimeError):
    """Giving the connection back would lose what was written or locked: our own mistake."""


_NEW = "new_"


@lru_cache(512)
def _inserted(kind: Any, names: tuple[str, ...]) -> Any:
    """The INSERT of an entity, of which these attributes are given as `new_…`. Built once."""
    return insert(kind).values({name: bindparam(_NEW + name) for name in names}).returning(kind)


@lru_cache(512)
def _updated(kind: Any, names: tuple[str, ...]) -> Any:
    """The UPDATE of the row with a primary key. Built once."""
    is_this = (column == bindparam(column.key) for column in kind.__mapper__.primary_key)
    values: dict[str, Any] = {name: bindparam(_NEW + name) for name in names}
    statement = update(kind.__table__).where(*is_this)
    return statement.values(values) if values else statement


class Database(ABC):
    """Runs statements. `given` are values that every statement gets, such as the
    beginning of all addresses of pictures (`media_url`).
    """

    has_enqueued = False
    """Whether a job was enqueued: once that is committed, a worker is woken."""

    has_written = False
    """Whether anything was written or locked (since the transaction began, where there is one)."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = given

    @overload
    async def all[R](self, statement: Query[R], /, **params: Any) -> list[R]: ...
    @overload
    async def all[T](self, statement: TypedReturnsRows[T], /, **params: Any) -> list[T]: ...
    @overload
    async def all[*Ts](  # type: ignore[overload-cannot-match]  # Of several columns: mypy errs.
        self, statement: TypedReturnsRows[*Ts], /, **params: Any
    ) -> list[tuple[*Ts]]: ...
    @overload
    async def all(self, statement: TextClause, /, **params: Any) -> list[Any]: ...
    async def all(self, statement: Any, /, **params: Any) -> list[Any]:
        """What each row is made to: by the Query, or else a value, an entity or a tuple.

        `params` are the values of the statement's `bindparam`s, by their names.
        """
        if isinstance(statement, Query):
            return list(starmap(statement.make, await self._query(statement, params)))
        make, rows = await self._compose(statement, params)
        return list(starmap(make, rows))

    @overload
    async def first[R](self, statement: Query[R], /, **params: Any) -> R | None: ...
    @overload
    async def first[T](self, statement: TypedReturnsRows[T], /, **params: Any) -> T | None: ...
    @overload
    async def first[*Ts](  # type: ignore[overload-cannot-match]
        self, statement: TypedReturnsRows[*Ts], /, **params: Any
    ) -> tuple[*Ts] | None: ...
    @overload
    async def first(self, statement: TextClause, /, **params: Any) -> Any: ...
    async def first(self, statement: Any, /, **params: Any) -> Any:
        """As `all`, of the first row. None if there is none."""
        make: Callable[..., Any]
        if isinstance(statement, Query):
            make, rows = statement.make, await self._query(statement, params)
            if not rows:
                rows = await self._query_again(statement, params)
        else:
            make, rows = await self._compose(statement, params)
        return make(*rows[0]) if rows else None

    @overload
    async def one[R](self, statement: Query[R], /, **params: Any) -> R: ...
    @overload
    async def one[T](self, statement: TypedReturnsRows[T], /, **params: Any) -> T: ...
    @overload
    async def one[*Ts](  # type: ignore[overload-cannot-match]
        self, statement: TypedReturnsRows[*Ts], /, **params: Any
    ) -> tuple[*Ts]: ...
    @overload
    async def one(self, statement: TextClause, /, **params: Any) -> Any: ...
    async def one(self, statement: Any, /, **params: Any) -> Any:
        """As `first`, of a statement that always has a row, such as a count or an INSERT."""
        rows = await self.all(statement, **params)
        assert rows, "the statement has no row"
        return rows[0]

    async def execute(self, statement: Executable, /, **params: Any) -> None:
        """Run a statement whose rows, if it has any, do not matter."""
        await self._compose(statement, params)

    async def add[E: Base](self, entity: E) -> E:
        """Insert a row of the attributes that are set. Returns it with what the database filled in.

        None is NULL, also where the column has a default.
        """
        kind: Any = type(entity)
        given = {name: value for name, value in vars(entity).items() if name in kind.__mapper__.c}
        if any(isinstance(value, ClauseElement) for value in given.values()):
            return await self.one(insert(kind).values(given).returning(kind))  # type: ignore[no-any-return]
        new = {_NEW + name: value for name, value in given.items()}
        return await self.one(_inserted(kind, tuple(given)), **new)  # type: ignore[no-any-return]

    async def change(self, entity: Base, **values: Any) -> None:
        """Change a row that the caller has locked, and the entity that stands for it."""
        kind: Any = type(entity)
        sql = {name: each for name, each in values.items() if isinstance(each, ClauseElement)}
        new = {
            name: value
            for name, value in values.items()
            if name not in sql and getattr(entity, name) != value
        }
        if not new and not sql:
            return
        this = {column.key: getattr(entity, column.key) for column in kind.__mapper__.primary_key}
        statement = _updated(kind, tuple(new))
        if sql:
            statement = statement.values(sql)
        await self.execute(statement, **this, **{_NEW + name: new[name] for name in new})
        for name, value in new.items():
            setattr(entity, name, value)

    async def first_under_locks[R](self, query: Query[R], /, **params: Any) -> R | None:
        """As `first`, of a write that must see what was committed while it waited for its locks.

        A statement sees what was committed before it began, however long it then waits. So this one
        runs twice, in one transaction: the first time it takes its locks, the second time it looks
        and writes (`LOCKS_ONLY`).
        """
        runs = [{**params, LOCKS_ONLY.key: locks_only} for locks_only in (True, False)]
        found = query.prepared(None)
        rows = await self._in_turn(found.sql, *(found.arguments(run, self._given) for run in runs))
        return query.make(*rows[-1]) if rows else None

    async def release(self) -> None:  # noqa: B027 - Not abstract: two of three have nothing to do.
        """Give the connection back before slow work. Raises WrittenBefore if that loses a write.

        Where each statement stands on its own there is none to give back.
        """

    def savepoint(self) -> AbstractAsyncContextManager[None]:
        """If a statement in it fails, the transaction goes on as it was before."""
        raise RuntimeError("only a transaction has savepoints")

    async def driver(self, sql: str, *arguments: Any) -> Sequence[Row]:
        """Run SQL as asyncpg takes it, with `$1`, `$2`."""
        return await self._run(sql, list(arguments), is_write=writes(sql))

    async def _query(self, query: Query[Any], params: Mapping[str, Any]) -> Sequence[Row]:
        found = query.prepared(params.get("row_limit"))
        return await self._run_query(query, found, found.arguments(params, self._given))

    async def _compose(
        self, statement: Any, params: Mapping[str, Any]
    ) -> tuple[Callable[..., Any], Sequence[Row]]:
        form, sql, arguments = composed(statement, params, self._given)
        return form.make, await self._run(sql, arguments, is_write=form.writes)

    async def _run_query(
        self, query: Query[Any], found: Prepared, arguments: list[Any]
    ) -> Sequence[Row]:
        del query
        return await self._run(found.sql, arguments, is_write=found.writes)

    async def _query_again(self, query: Query[Any], params: Mapping[str, Any]) -> Sequence[Row]:
        """Where a replica found nothing: what the primary has."""
        del query, params
        return ()

    @abstractmethod
    async def _run(self, sql: str, arguments: list[Any], *, is_write: bool) -> Sequence[Row]: ...

    @abstractmethod
    async def _in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]: ...


class Reading(Database):
    """For reads: each statement on its own, without BEGIN and ROLLBACK.

    A Query is planned once a connection, or each time if it says so. What is composed at a call is
    for few rows or few calls, and goes to `others`.
    """

    def __init__(
        self, given: Mapping[str, Any], reader: Reader, searcher: Reader, others: Reader
    ) -> None:
        super().__init__(given)
        self._reader, self._searcher, self._others = reader, searcher, others

    async def _run_query(
        self, query: Query[Any], found: Prepared, arguments: list[Any]
    ) -> Sequence[Row]:
        if found.writes:
            return await self._run(found.sql, arguments, is_write=True)
        reader = self._searcher if query.plan_each_time else self._reader
        return await reader.fetch(found.sql, arguments)

    async def _query_again(self, query: Query[Any], params: Mapping[str, Any]) -> Sequence[Row]:
        """Someone may have been pushed the link to what a replica lacks, and must not get a 404."""
        reader = self._searcher if query.plan_each_time else self._reader
        if not isinstance(reader, LaggingReader):
            return ()
        found = query.prepared(params.get("row_limit"))
        return await reader.fetch_missing(found.sql, found.arguments(params, self._given))

    async def _run(self, sql: str, arguments: list[Any], *, is_write: bool) -> Sequence[Row]:
        if is_write:
            raise RuntimeError("`Reading` writes nothing")
        return await self._others.fetch(sql, arguments)

    async def _in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        raise RuntimeError("`Reading` writes nothing")


class Single(Reading):
    """For a write that is one statement, all or nothing, and for reads before it."""

    def __init__(
        self,
        given: Mapping[str, Any],
        reader: Reader,
        searcher: Reader,
        others: Reader,
        writer: Writer,
    ) -> None:
        super().__init__(given, reader, searcher, others)
        self._writer = writer

    async def _run(self, sql: str, arguments: list[Any], *, is_write: bool) -> Sequence[Row]:
        self.has_written |= is_write
        return await (self._writer if is_write else self._others).fetch(sql, arguments)

    async def _in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        self.has_written = True
        return await self._writer.fetch_in_turn(sql, *arguments)


class Writing(Database):
    """A transaction. It takes a connection and begins with its first statement."""

    def __init__(
        self, given: Mapping[str, Any], pool: Pool, ring: Callable[[], None] | None = None
    ) -> None:
        super().__init__(given)
        self._pool = pool
        self._ring = ring
        """Wakes a worker, after each commit with a job."""
        self._connection: Connection | None = None
        self._is_broken = False
        """A statement failed: PostgreSQL takes no other until a rollback."""
        self._first: str | None = None
        """A statement that runs with each BEGIN."""

    async def _run(self, sql: str, arguments: list[Any], *, is_write: bool) -> Sequence[Row]:
        if is_write:
            self.has_written = True
        connection = await self._begun()
        with self._noting_errors(), self._pool.span(sql):
            return await self._pool.send(connection, sql, arguments)

    @contextmanager
    def _noting_errors(self) -> Iterator[None]:
        """Note what an error means for the transaction."""
        try:
            yield
        except asyncpg.PostgresError:
            self._is_broken = True
            raise
        except BaseException:
            # Cancelled, or too late: the answer may still be on its way.
            self._lose()
            raise

    async def _in_turn(self, sql: str, *arguments: list[Any]) -> Sequence[Row]:
        rows: Sequence[Row] = ()
        for each in arguments:
            rows = await self._run(sql, each, is_write=True)
        return rows

    async def begin_with(self, sql: str) -> None:
        """Run a statement, such as one that locks, with each BEGIN: now, and after each `release`.

        It takes no trip of its own. A transaction that began otherwise begins again. Raises
        WrittenBefore.
        """
        if sql != self._first:
            await self.release()
            self._first = sql

    async def _begun(self) -> Connection:
        if self._connection is None:
            if self._is_broken:
                raise RuntimeError("the connection was lost, so this transaction is over")
            self._connection = await self._pool.acquire()
            with self._noting_errors():
                await self._pool.begin(self._connection, self._first)
        return self._connection

    def _lose(self) -> None:
        """Give the connection up. What was written is gone, so only a rollback may follow."""
        if self._connection is not None:
            self._pool.release(self._connection, is_usable=False)
            self._connection = None
        self._is_broken = True

    def _forget(self) -> None:
        self.has_written = self.has_enqueued = self._is_broken = False

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        await self.driver("SAVEPOINT step")
        try:
            yield
        except BaseException:
            if self._connection is not None:
                self._is_broken = False
                await self.driver("ROLLBACK TO SAVEPOINT step")
                await self.driver("RELEASE SAVEPOINT step")
            raise
        await self.driver("RELEASE SAVEPOINT step")

    async def stream(
        self, statement: Any, /, batch: int, **params: Any
    ) -> AsyncIterator[Mapping[str, Any]]:
        """The rows of a long answer, by the names of their columns, so many at a time."""
        _, sql, arguments = composed(statement, params, self._given)
        connection = await self._begun()
        with self._noting_errors(), self._pool.span(sql):
            async for row in connection.cursor(sql, *arguments, prefetch=batch):
                yield dict(row)

    async def commit(self) -> None:
        """Raises RuntimeError if a statement failed and nothing was said of it."""
        if self._is_broken:
            raise RuntimeError("a statement failed, so this transaction can only be rolled back")
        has_enqueued = self.has_enqueued
        await self._end(self._pool.commit)
        if has_enqueued and self._ring is not None:
            self._ring()

    async def rollback(self) -> None:
        """Take everything back, and give the connection back."""
        if self._connection is not None and self._connection.is_closed():
            self._lose()  # The error that says why is on its way: this one must not hide it.
        await self._end(self._pool.rollback)

    async def _end(self, end: Callable[[Connection], Any]) -> None:
        connection, self._connection = self._connection, None
        self._forget()
        if connection is None:
            return
        is_usable = False
        try:
            await end(connection)
            is_usable = True
        except asyncpg.PostgresError:
            is_usable = True
            raise
        finally:
            self._pool.release(connection, is_usable=is_usable)

    async def release(self) -> None:
        if self.has_written:
            raise WrittenBefore("release the connection before the first write or lock")
        await self.rollback()


class Repository:
    """Statements about one subject. A service asks for it as for another service (`Needs`)."""

    def __init__(self, db: Database) -> None:
        self._db = db


def as_writing(db: Database) -> Writing:
    """The database access, if it is a transaction. Raises RuntimeError if it is not."""
    if not isinstance(db, Writing):
        raise RuntimeError("this needs a transaction")  # noqa: TRY004 - It is no wrong argument.
    return db
