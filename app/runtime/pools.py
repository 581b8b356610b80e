"""The pools of connections to the database that a process has."""

from dataclasses import dataclass

from app.core import pooled
from app.core.database import POOL_SIZE, SEARCH_POOL_SIZE, WRITER_POOL_SIZE
from app.core.pool import PLANNED_EACH_TIME, PLANNED_ONCE, Pool


@dataclass(slots=True)
class Pools:
    transactions: Pool
    """And what is composed for one read, which PostgreSQL plans as it thinks best."""

    reads: Pool
    writes: Pool
    searches: Pool

    def by_name(self) -> dict[str, Pool]:
        return {
            "transactions": self.transactions,
            "reads": self.reads,
            "searches": self.searches,
            "single_writes": self.writes,
        }

    async def close(self) -> None:
        for pool in self.by_name().values():
            await pool.close()


def make_pools(url: str, name: str | None) -> Pools:
    """Pools of a database that is reached itself. `name` is the process's for PostgreSQL."""
    own = {"application_name": name} if name else {}
    return Pools(
        transactions=Pool(url, POOL_SIZE, own),
        reads=Pool(url),
        writes=Pool(url, WRITER_POOL_SIZE, PLANNED_ONCE),
        searches=Pool(url, SEARCH_POOL_SIZE, PLANNED_EACH_TIME),
    )


def make_pools_behind_pooler(url: str) -> Pools:
    """Pools of a database behind a pooler, each with its role. ADR 0065."""
    passed = pooled.PASSED_ON
    return Pools(
        transactions=Pool(pooled.TRANSACTIONS.url(url), POOL_SIZE, server_settings=passed),
        reads=Pool(pooled.READS.url(url), server_settings=passed),
        writes=Pool(pooled.SINGLE_WRITES.url(url), WRITER_POOL_SIZE, server_settings=passed),
        searches=Pool(pooled.SEARCHES.url(url), SEARCH_POOL_SIZE, server_settings=passed),
    )
