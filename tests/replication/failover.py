"""A failover: one replica becomes the primary, the other is re-pointed to it."""

import asyncio
from pathlib import Path

from sqlalchemy import make_url

from app.runtime.runtime import Runtime
from tests.support.apps import SettingsOfTests
from tests.support.replication import Postgres, Replication, replicated_database
from tests.support.waiting import until


async def check_failover(databases: Replication, other: Postgres) -> None:
    """A replica that does not follow the new primary is not read. It is as soon as it does."""
    await databases.catch_up()
    databases.primary.stop()  # It sends the replicas all that it has, and ends.
    promoted = databases.replica
    await promoted.ask("SELECT pg_promote()")
    settings = SettingsOfTests(database_replica_url=other.url)
    runtime = Runtime.build(settings, promoted.url)
    replica = runtime.replica
    assert replica is not None
    async with runtime.following_replica():
        shown = runtime.metrics.render().decode()
        assert 'linky_replica_failures_total{failure="stranger"}' in shown, shown
        assert not replica.is_usable
        # The promotion has emptied the unlogged table; the floor was laid again.
        assert await promoted.ask("SELECT count(*) FROM write_positions") == 1
        await _follow(other, promoted)
        await until(lambda: replica.is_usable)
    await runtime.close()


async def _follow(replica: Postgres, primary: Postgres) -> None:
    url = make_url(primary.superuser_url)
    where = f"host={url.host} port={url.port} user={url.username} password={url.password}"
    await replica.ask(f"ALTER SYSTEM SET primary_conninfo = '{where}'")
    await replica.ask("SELECT pg_reload_conf()")
    # What a busy primary does within minutes, and the replica after it.
    await primary.ask("CHECKPOINT")
    written = await primary.ask("SELECT pg_current_wal_flush_lsn()::text")
    await until(lambda: replica.ask(f"SELECT pg_last_wal_replay_lsn() >= '{written}'"))
    await replica.ask("CHECKPOINT")


def run_failover(folder: Path) -> None:
    """With three databases of its own."""
    with replicated_database(folder) as databases:
        databases.primary.copy_to(folder / "other")
        other = Postgres(folder / "other").start()
        try:
            asyncio.run(check_failover(databases, other))
        finally:
            other.stop()
    print("failover: a replica on the old timeline was refused, and read once it followed")
