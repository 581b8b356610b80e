"""The pools of connections to the database that a process has."""

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from app.core import pooled
from app.core.database import SEARCH_POOL_SIZE, WRITER_POOL_SIZE, make_engine
from app.core.reader import PLANNED_EACH_TIME, PLANNED_ONCE, PoolReader


class Pools(NamedTuple):
    engine: AsyncEngine
    reader: PoolReader
    writer: PoolReader
    searcher: PoolReader


def make_pools(url: str, name: str | None) -> Pools:
    """Pools of a database that is reached itself. `name` is the process's for PostgreSQL."""
    return Pools(
        engine=make_engine(url, name),
        reader=PoolReader(url),
        writer=PoolReader(url, WRITER_POOL_SIZE, PLANNED_ONCE),
        searcher=PoolReader(url, SEARCH_POOL_SIZE, PLANNED_EACH_TIME),
    )


def make_pools_behind_pooler(url: str) -> Pools:
    """Pools of a database behind a pooler, each with its role. ADR 0065."""
    passed = pooled.PASSED_ON
    return Pools(
        engine=make_engine(pooled.TRANSACTIONS.url(url), server_settings=passed),
        reader=PoolReader(pooled.READS.url(url), server_settings=passed),
        writer=PoolReader(pooled.SINGLE_WRITES.url(url), WRITER_POOL_SIZE, server_settings=passed),
        searcher=PoolReader(pooled.SEARCHES.url(url), SEARCH_POOL_SIZE, server_settings=passed),
    )
