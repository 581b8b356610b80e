"""Transactions and connections of tests, beside those of the app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from app.core.db import Writing
from app.runtime.runtime import Runtime


@asynccontextmanager
async def beside(runtime: Runtime) -> AsyncIterator[Writing]:
    """A transaction beside the app, which is committed at the end, and not checked."""
    pool: Any = _Unchecked(runtime.pools.transactions)
    db = Writing({}, pool)
    try:
        yield db
        await db.commit()
    except BaseException:
        await db.rollback()
        raise


class _Unchecked:
    """A pool whose commits are not checked."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool
        self.commit = getattr(pool, "commit_unchecked", pool.commit)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pool, name)


@asynccontextmanager
async def raw_connection(runtime: Runtime) -> AsyncIterator[Any]:
    """The driver's own connection: the test's, or one from the pool of transactions."""
    pool = runtime.pools.transactions
    connection = await pool.acquire()
    try:
        yield connection
    finally:
        pool.release(connection, is_usable=not connection.is_closed())
