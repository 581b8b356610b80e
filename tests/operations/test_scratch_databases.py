"""The databases that a restore is tried in."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import make_url

from app.operations.backup.restoring import drop_database
from tests.support.sql import fetch, plain_url
from tests.support.waiting import until
from tests.support.world import token

pytestmark = pytest.mark.anyio


@pytest.fixture
async def name(server_url: str) -> AsyncIterator[str]:
    """The name of a database that the test drops."""
    name = f"scratch_{token()}"
    await fetch(server_url, f"CREATE DATABASE {name}")
    yield name
    superuser = make_url(server_url).set(username="postgres")
    await fetch(superuser, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


async def test_what_a_killed_client_left_running_is_ended_where_force_may_not(
    server_url: str, name: str
) -> None:
    """A session of the superuser stands for autovacuum. PostgreSQL would end that one itself."""
    inside = make_url(server_url).set(database=name)
    superuser = await asyncpg.connect(plain_url(inside.set(username="postgres")))
    killed = await asyncpg.connect(plain_url(inside))
    pid = killed.get_server_pid()
    running = asyncio.create_task(killed.execute("SELECT pg_sleep(60)"))
    await until(lambda: query_of(server_url, pid))
    killed.terminate()
    with pytest.raises(asyncpg.ObjectInUseError) as refused:
        await drop_database(server_url, name)
    assert "There is 1 other session" in str(refused.value.detail)
    assert await query_of(server_url, pid) is None
    await superuser.close()
    await asyncio.gather(running, return_exceptions=True)
    await drop_database(server_url, name)
    assert await fetch(server_url, "SELECT FROM pg_database WHERE datname = $1", name) == []


async def query_of(server_url: str, pid: int) -> str | None:
    """What this session runs, or None if it runs nothing or has ended."""
    running = "SELECT query FROM pg_stat_activity WHERE state = 'active' AND pid = $1"
    found = await fetch(server_url, running, pid)
    return found[0]["query"] if found else None
