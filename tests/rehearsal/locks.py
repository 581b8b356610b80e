"""Which tables a migration locks while servers use them, and how long others wait for it.

A thread looks at pg_locks again and again, and at the migration that the database is at. So a lock
is known to the distance of two looks: it was held for no longer than from the look before it to
the look after it. One that falls between two looks is not seen.
"""

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import asyncpg

from tests.support.outcomes import TableLock

PAUSE_SECONDS = 0.005
MIGRATOR = "linky-migrate"
"""`application_name` of `linky migrate` (migrations/env.py)."""

HARMLESS = ("AccessShareLock", "RowShareLock", "RowExclusiveLock")
"""What each read and write takes: they stop none of the others."""

_TABLES = """
    SELECT oid, relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
"""
_LOOK = """
    SELECT extract(epoch FROM clock_timestamp())::float8 AS at,
           (SELECT version_num FROM alembic_version) AS revision, seen.*
    FROM (SELECT) AS once LEFT JOIN LATERAL (
        SELECT locks.relation, locks.mode, locks.granted,
               extract(epoch FROM clock_timestamp() - locks.waitstart)::float8 AS waited
        FROM pg_locks locks JOIN pg_stat_activity sessions USING (pid)
        WHERE locks.relation = ANY ($1::oid[]) AND CASE
            WHEN locks.granted
                THEN sessions.application_name = $2 AND locks.mode <> ALL ($3::text[])
            ELSE EXISTS (
                SELECT FROM pg_stat_activity blocking
                WHERE blocking.pid = ANY (pg_blocking_pids(locks.pid))
                  AND blocking.application_name = $2
            )
        END
    ) AS seen ON true
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """A lock of the migration, or one that somebody waits for because of it."""

    table: str
    mode: str
    waited: float | None = None
    """Seconds, of another session; None for a lock that the migration has."""


@dataclass(frozen=True, slots=True)
class Look:
    at: float
    revision: str
    """The newest migration that is committed."""

    seen: Sequence[Seen] = ()


@dataclass
class Watch:
    looks: list[Look] = field(default_factory=list)
    error: Exception | None = None


@contextmanager
def watching(url: str) -> Iterator[Watch]:
    """Look while the block runs. `url` is the superuser's."""
    watch, over = Watch(), threading.Event()

    def run() -> None:
        try:
            asyncio.run(_look(url, watch, over))
        except Exception as error:
            watch.error = error

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield watch
    finally:
        over.set()
        thread.join()
    if watch.error:
        raise watch.error


async def _look(url: str, watch: Watch, over: threading.Event) -> None:
    connection = await asyncpg.connect(url)
    try:
        tables = {row["oid"]: row["relname"] for row in await connection.fetch(_TABLES)}
        look = await connection.prepare(_LOOK)
        while not over.is_set():
            rows = await look.fetch(list(tables), MIGRATOR, list(HARMLESS))
            watch.looks.append(_look_of(rows, tables))
            await asyncio.sleep(PAUSE_SECONDS)
    finally:
        await connection.close()


def _look_of(rows: Sequence[Any], tables: dict[int, str]) -> Look:
    seen = [
        Seen(tables[row["relation"]], row["mode"], None if row["granted"] else row["waited"] or 0.0)
        for row in rows
        if row["relation"] is not None
    ]
    return Look(rows[0]["at"], rows[0]["revision"], seen)


def locks_of(looks: Sequence[Look], line: Sequence[str]) -> list[TableLock]:
    """What each migration locked, in the order of `line`, which has all of them, the oldest first.

    Of a table that one migration locks more than once in the same mode it is the longest time.
    """
    after = dict(pairwise(line))
    held: dict[tuple[str, str, str], float] = {}
    since: dict[tuple[str, str, str], float] = {}
    before = looks[0].at
    for look in (*looks, Look(looks[-1].at, looks[-1].revision)):
        migration = after.get(look.revision, look.revision)
        now = {(migration, each.table, each.mode) for each in look.seen if each.waited is None}
        for lock in now - since.keys():
            since[lock] = before
        for lock in since.keys() - now:
            held[lock] = max(held.get(lock, 0.0), look.at - since.pop(lock))
        before = look.at
    waits = _waits(looks, after)
    return [
        TableLock(migration, table, mode, _ms(held[lock]), _ms(waits.get((migration, table), 0.0)))
        for lock in sorted(held, key=lambda each: (line.index(each[0]), *each[1:]))
        for migration, table, mode in (lock,)
    ]


def _waits(looks: Sequence[Look], after: dict[str, str]) -> dict[tuple[str, str], float]:
    """By migration and table: the longest that anybody waited for it."""
    longest: dict[tuple[str, str], float] = {}
    for look in looks:
        for each in look.seen:
            if each.waited is not None:
                key = after.get(look.revision, look.revision), each.table
                longest[key] = max(longest.get(key, 0.0), each.waited)
    return longest


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def distance(looks: Sequence[Look]) -> float:
    """Milliseconds between two looks, in the median."""
    steps = sorted(b.at - a.at for a, b in pairwise(looks))
    return _ms(steps[len(steps) // 2]) if steps else 0.0
