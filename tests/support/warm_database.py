"""A database with real commits that many tests of a process use one after the other.

A copy of the template is quickly made, but its first connections load PostgreSQL's catalogues and
plan each statement again, and a new engine compiles each again: two thirds of a small test. So a
test gives its database back, with its connections. What it changed is undone: all rows are
deleted, and those of the template are put back. If a test changed more than rows, or something of
it still runs, the next one gets a new copy.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from sqlalchemy import make_url

from app.runtime.runtime import Runtime
from tests.support.apps import WARM, patient_pools
from tests.support.database import copy_template, drop_database
from tests.support.pools import SeenPool, are_open
from tests.support.sql import plain_url
from tests.support.waiting import HANG_SECONDS
from tests.support.world import token

MOST_ROWS = 3_000
"""A database from which more rows were deleted is slower than a new one."""

LOCK_SECONDS = 5
"""How long emptying a table waits for a transaction that a test forgot."""

_PREPARE = """
CREATE FUNCTION pg_temp.undo() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    part record;
    deleted bigint;
    total bigint := 0;
BEGIN
    -- Without triggers and foreign keys, so in any order.
    SET LOCAL session_replication_role = replica;
    FOR part IN SELECT c.relname AS name FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
            -- Most tables never had a row.
            AND pg_relation_size(c.oid) > 0
    LOOP
        EXECUTE format('DELETE FROM public.%I', part.name);
        GET DIAGNOSTICS deleted = ROW_COUNT;
        total := total + deleted;
    END LOOP;
    FOR part IN SELECT c.relname AS name FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = pg_my_temp_schema()
    LOOP
        EXECUTE format('INSERT INTO public.%I SELECT * FROM pg_temp.%I', part.name, part.name);
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false)
        FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL;
    RETURN total;
END $$;
DO $$
DECLARE
    part record;
    found boolean;
BEGIN
    FOR part IN SELECT c.relname AS name FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', part.name) INTO found;
        IF found THEN
            EXECUTE format('CREATE TEMP TABLE %I AS TABLE public.%I', part.name, part.name);
        END IF;
    END LOOP;
END $$;
"""

# Each change of a definition writes a row of these, with the number of its transaction.
_DEFINITIONS = "SELECT " + ", ".join(
    f"(SELECT (count(*), max(xmin::text::bigint))::text FROM {catalogue})"
    for catalogue in ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc")
)

_STILL_BUSY = """
SELECT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database()
        AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND state <> 'idle'
) OR EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)
"""


class WarmDatabase:
    """A copy of the template, with the connections of the tests that used it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pools = patient_pools(url, WARM)
        self._undoing: Any = None
        """A connection of the superuser, who alone may do without triggers."""

        self._definitions: Any = None

    def serve(self, runtime: Runtime) -> None:
        """Let the runtime of a test use these connections instead of its own."""
        runtime.pools = self.pools

    async def prepare(self) -> None:
        """Keep the template's rows. To be called once, before any test that is to be undone."""
        superuser = make_url(self.url).set(username="postgres")
        self._undoing = await asyncpg.connect(
            plain_url(superuser), server_settings={"lock_timeout": f"{LOCK_SECONDS}s"}
        )
        await self._undoing.execute(_PREPARE)
        self._definitions = await self._undoing.fetchrow(_DEFINITIONS)

    async def take_back(self, tasks_before: int) -> bool:
        """Undo what a test did. False if the database can not be used again.

        `tasks_before` is how many tasks there were before the test.
        """
        try:
            return (
                len(asyncio.all_tasks()) <= tasks_before
                and await self._is_at_rest()
                and await self._undo()
            )
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False  # The test holds a lock, or cut this connection too.

    async def _undo(self) -> bool:
        if await self._undoing.fetchval("SELECT pg_temp.undo()") > MOST_ROWS:
            return False
        for pool in self.pools.by_name().values():
            assert isinstance(pool, SeenPool)
            pool.sent.clear()
        return bool(await self._undoing.fetchrow(_DEFINITIONS) == self._definitions)

    async def _is_at_rest(self) -> bool:
        """Whether no connection is in use, and none was cut."""
        pools = self.pools.by_name().values()
        if self._undoing.is_closed() or any(pool.used or not are_open(pool) for pool in pools):
            return False
        return not await self._undoing.fetchval(_STILL_BUSY)

    async def close(self) -> None:
        await self.pools.close()
        if self._undoing is not None:
            await self._undoing.close(timeout=HANG_SECONDS)


class WarmDatabases:
    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._free: list[WarmDatabase] = []

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[WarmDatabase]:
        """A database like the template, in which a test may commit."""
        database = self._free.pop() if self._free else await self._new()
        tasks = len(asyncio.all_tasks())
        try:
            yield database
        finally:
            if await database.take_back(tasks):
                self._free.append(database)
            else:
                await self._drop(database)

    async def close(self) -> None:
        while self._free:
            await self._drop(self._free.pop())

    async def _new(self) -> WarmDatabase:
        database = WarmDatabase(await copy_template(self._server_url, f"warm_{token()}"))
        await database.prepare()
        return database

    async def _drop(self, database: WarmDatabase) -> None:
        await database.close()
        name = make_url(database.url).database
        assert name is not None
        await drop_database(self._server_url, name)
