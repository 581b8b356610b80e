"""A replica that fails, takes too long or is none of ours: the primary is read."""

import asyncio
import re
from signal import SIGCONT, SIGSTOP
from typing import Any

import pytest

from app.core.db import Reading
from app.core.settings.config import Settings
from app.runtime.runtime import Runtime
from tests.runtime.replica_servers import (
    Servers,
    execute,
    is_read_from_replica,
    reads_of,
    replica_of,
)
from tests.support.api import Api, expect
from tests.support.replication import Replication
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World, token


@pytest.mark.usefixtures("patient_reads")
async def test_a_statement_that_the_replica_cancels_is_run_on_the_primary(servers: Servers) -> None:
    pair, table = servers.pair, f"conflict_{token()}"
    await execute(servers.one, f"CREATE TABLE {table} (id int)")
    await pair.catch_up()
    async with pair.impatient_replay(), servers.one.runtime.reading_for(None) as ctx:
        assert isinstance(ctx.db, Reading)
        reader = ctx.db._reader
        # On the replica it ends only because it is cancelled.
        seconds = f"CASE WHEN pg_is_in_recovery() THEN {HANG_SECONDS} ELSE 0 END"
        statement = f"SELECT count(*) FROM {table}, pg_sleep({seconds})"
        reading = asyncio.create_task(reader.fetch(statement, []))
        # Its lock would not do: preparing the statement takes one, too, and lets it go.
        running = (
            "SELECT count(*) FROM pg_stat_activity"
            f" WHERE wait_event = 'PgSleep' AND query LIKE '%{table}%'"
        )
        await until(lambda: pair.replica.ask(running))
        await execute(servers.one, f"TRUNCATE {table}")
        assert [tuple(row) for row in await reading] == [(0,)]
    assert failures_of(servers.one) == {"conflict": 1}
    assert (await reads_of(servers.one)).primary == {"failed": 1}
    assert replica_of(servers.one).is_usable


@pytest.mark.usefixtures("patient_process")
async def test_a_statement_that_takes_too_long_on_the_replica_is_made_on_the_primary(
    servers: Servers,
) -> None:
    await servers.pair.catch_up()
    async with servers.one.runtime.reading_for(None) as ctx:
        assert isinstance(ctx.db, Reading)
        reader = ctx.db._reader
        # The replica gives up after 0.9 s.
        seconds = "CASE WHEN pg_is_in_recovery() THEN 1.2 ELSE 0 END"
        statement = f"SELECT pg_is_in_recovery(), pg_sleep({seconds})"
        ((is_replica, _),) = await reader.fetch(statement, [])
    assert not is_replica
    assert (await reads_of(servers.one)).primary == {"failed": 1}
    assert replica_of(servers.one).is_usable


def failures_of(world: World) -> dict[str, float]:
    """How often the replica failed, by kind."""
    pattern = r'^linky_replica_failures_total\{failure="(\w+)"\} (.+)$'
    shown = world.runtime.metrics.render_process().decode()
    return {kind: float(times) for kind, times in re.findall(pattern, shown, re.MULTILINE)}


@pytest.mark.parametrize("how", ["killed", "halted"])
async def test_no_read_fails_when_the_replica_does(servers: Servers, how: str) -> None:
    """The process reads from the primary, says so, and comes back by itself."""
    author = await servers.one.register()
    lounge = await servers.one.lounge()
    post = await servers.one.post(author, lounge)
    await servers.pair.catch_up()
    done = asyncio.Event()
    readers = [asyncio.create_task(_read_until(done, author, lounge)) for _ in range(6)]
    await until(lambda: is_read_from_replica(servers.one, author))
    if how == "killed":
        servers.pair.replica.kill()
    else:
        servers.pair.replica.send_to_all(SIGSTOP)
        # What is a moment old may still be read. A replica that says nothing gets too old.
    try:
        await until(lambda: not replica_of(servers.one).is_usable)
        ready = await servers.one.http.get("/health/ready")
        assert expect(ready, 200)["checks"]["replica"] == "down"
        assert await author.ids("/users/me/posts") == [post["id"]]
    finally:
        if how == "killed":
            await asyncio.to_thread(servers.pair.replica.start)
        else:
            servers.pair.replica.send_to_all(SIGCONT)
    await until(lambda: is_read_from_replica(servers.one, author))
    done.set()
    assert {status for statuses in await asyncio.gather(*readers) for status in statuses} == {200}
    await until(lambda: _says_replica_is_ok(servers.one))


async def _says_replica_is_ok(world: World) -> bool:
    ready = await world.http.get("/health/ready")
    return bool(expect(ready, 200)["checks"]["replica"] == "ok")


async def _read_until(done: asyncio.Event, caller: Api, lounge: dict[str, Any]) -> list[int]:
    statuses = []
    while not done.is_set():
        statuses.append((await caller.get(f"/lounges/{lounge['id']}/posts")).status_code)
        await asyncio.sleep(0.005)
    return statuses


@pytest.mark.usefixtures("patient", "patient_process", "patient_pools")
async def test_a_server_that_is_no_replica_of_ours_is_never_read(
    pair: Replication, settings: Settings, own_database: str
) -> None:
    for url, failure in ((pair.primary.url, "promoted"), (own_database, "promoted")):
        changed = settings.model_copy(update={"database_replica_url": url})
        runtime = Runtime.build(changed, pair.primary.url)
        async with runtime.following_replica():
            replica = runtime.replica
            assert replica is not None
            assert not replica.is_usable
            assert f'failure="{failure}"' in runtime.metrics.render_process().decode()
        await runtime.close()
