"""Connecting to the two servers that a probe asks."""

import asyncio

import pytest

from app.runtime.replica.failures import ReplicaAway, ReplicaFailure
from app.runtime.replica.probe import open_probe
from tests.support.ports import free_port


async def test_the_primary_is_left_alone_while_the_replica_is_away() -> None:
    connections = 0

    async def count(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        writer.close()

    async with await asyncio.start_server(count, "127.0.0.1", 0) as primary:
        port = primary.sockets[0].getsockname()[1]
        with pytest.raises(ReplicaAway) as raised:
            async with open_probe(_url(port), _url(free_port())):
                pass
    assert (raised.value.failure, connections) == (ReplicaFailure.UNREACHABLE, 0)


def _url(port: int) -> str:
    return f"postgresql+asyncpg://linky@127.0.0.1:{port}/linky"
