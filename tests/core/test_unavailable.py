"""Which errors say that a dependency is out of reach (503), and which are our own (500)."""

import asyncio

import asyncpg
import pytest
import uvloop

from app.core.unavailable import is_unavailable

SQLSTATES = {
    "25006": "read-only", "25P03": "idle in a transaction", "25P04": "a long transaction",
    "08006": "the connection failed", "28000": "no login", "3D000": "no database",
    "40001": "another transaction", "40P01": "deadlock", "53100": "disk full",
    "53200": "out of memory", "53300": "too many connections", "55P03": "a lock",
    "57014": "too slow", "57P01": "a stop", "57P02": "a crash", "57P03": "a start",
    "57P05": "an idle session", "58030": "the disk fails",
}  # fmt: skip
OURS = ("42601", "42P01", "22003", "23502", "23514", "54001")


@pytest.mark.parametrize("sqlstate", SQLSTATES)
def test_the_database_cannot_do_it_now(sqlstate: str) -> None:
    error = asyncpg.PostgresError.new({"C": sqlstate, "M": "…"})
    assert error.sqlstate == sqlstate
    assert is_unavailable(error)


@pytest.mark.parametrize("sqlstate", OURS)
def test_our_own_mistakes_are_not_taken_for_an_outage(sqlstate: str) -> None:
    error = asyncpg.PostgresError.new({"C": sqlstate, "M": "…"})
    assert not is_unavailable(error)


def test_a_write_to_a_connection_that_has_just_ended_is_an_outage() -> None:
    async def write_to_a_closed_connection() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0)
        address = server.sockets[0].getsockname()
        transport, _ = await loop.create_connection(asyncio.Protocol, *address)
        transport.abort()
        await asyncio.sleep(0.01)
        try:
            transport.write(b"SELECT 1")
        finally:
            server.close()

    with pytest.raises(RuntimeError) as raised:
        uvloop.run(write_to_a_closed_connection())
    assert is_unavailable(raised.value)
    assert not is_unavailable(RuntimeError("our own mistake"))


def test_a_connection_that_is_ending_is_an_outage() -> None:
    """As asyncpg 0.32 says it while PostgreSQL ends the connection."""
    busy = asyncpg.InternalClientError(
        "cannot switch to state 12; another operation (2) is in progress"
    )
    assert is_unavailable(busy)
    assert not is_unavailable(asyncpg.InternalClientError("our own mistake"))
