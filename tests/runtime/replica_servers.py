"""Servers that read from a replica, and how often they did."""

import asyncio
import gc
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple

import httpx

from app.core.passwords.hashing import PasswordHasher
from app.core.settings.config import Settings
from app.runtime.replica.replica import Replica
from app.runtime.runtime import Runtime
from tests.support.api import Api
from tests.support.apps import borrowed_app
from tests.support.people import LOWEST_COST
from tests.support.replication import Replication
from tests.support.world import World


class Reads(NamedTuple):
    """How often a server read from the replica, and from the primary by reason."""

    replica: float
    primary: dict[str, float]


class Servers:
    """Two servers on the primary, which read from the replica."""

    def __init__(self, pair: Replication, worlds: list[World]) -> None:
        self.pair = pair
        self.one, self.two = worlds

    def on_two(self, caller: Api) -> Api:
        """The same caller, on the other server."""
        other = self.two.anonymous()
        other.user, other.access = caller.user, caller.access
        return other


@asynccontextmanager
async def serving(pair: Replication, settings: Settings, name: str) -> AsyncIterator[World]:
    """A server on the primary which reads from the replica, as long as the block runs."""
    settings = settings.model_copy(update={"database_replica_url": pair.replica.url})
    runtime = Runtime.build(settings, pair.primary.url)
    runtime.passwords = PasswordHasher(cost=LOWEST_COST)
    with borrowed_app(name, runtime) as app:
        app.state.worker = type("AliveWorker", (), {"alive": True})()
        async with (
            runtime.following_replica(),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as http,
        ):
            try:
                yield World(app, runtime, http)
            finally:
                await runtime.close()


@contextmanager
def abandoned_connections() -> Iterator[None]:
    """Let connections end that were given up while the replica was silent.

    The driver then sets an error on a future that has no reader any more, and asyncio reports it.
    """
    loop = asyncio.get_running_loop()
    report = loop.get_exception_handler()

    def report_others(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if isinstance(context.get("exception"), ConnectionError):
            return
        if report is None:
            loop.default_exception_handler(context)
        else:
            report(loop, context)

    loop.set_exception_handler(report_others)
    try:
        yield
    finally:
        gc.collect()  # reports what is left
        loop.set_exception_handler(report)


def replica_of(world: World) -> Replica:
    assert world.runtime.replica is not None
    return world.runtime.replica


async def reads_of(world: World) -> Reads:
    pattern = r'^linky_replica_reads_total\{place="(\w+)",reason="(\w*)"\} (.+)$'
    shown = world.runtime.metrics.render_process().decode()
    found = re.findall(pattern, shown, re.MULTILINE)
    times = {(place, reason): float(count) for place, reason, count in found if float(count)}
    replica = times.pop(("replica", ""), 0.0)
    return Reads(replica, {reason: count for (_, reason), count in times.items()})


async def is_read_from_replica(world: World, caller: Api) -> bool:
    """Whether the server reads from the replica for this caller."""
    before = (await reads_of(world)).replica
    await caller.ids("/users/me/posts")
    return (await reads_of(world)).replica > before


async def execute(world: World, statement: str) -> None:
    await world.runtime.pools.transactions.fetch(statement, [])
