"""The order of the log: a reader that goes on from a position misses nothing.

Writers give their rows an id before they commit, and commit in another order. A reader of "all ids
above the last" then misses the late ones: the same test proves that it would.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import pytest

from app.core.pool import Pool
from app.live_log.log import LiveLog
from tests.support.sql import plain_url
from tests.support.waiting import until

WRITERS = 32
EACH = 12
PLAIN = """
    CREATE TABLE plain_log (
        pos bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, subject uuid NOT NULL
    )
"""
_PLAIN = "INSERT INTO plain_log (subject) VALUES ($1)"
_INBOX = "INSERT INTO live_inbox (topic, kind, subject) VALUES ($1, 1, $1)"


async def write(url: str, seed: int, committed: set[UUID]) -> None:
    """Transactions of uneven length. One in ten is rolled back."""
    dice = random.Random(seed)
    connection = await asyncpg.connect(plain_url(url))
    try:
        for _ in range(EACH):
            subject, fails = uuid4(), dice.random() < 0.1
            transaction = connection.transaction()
            await transaction.start()
            await connection.execute(_PLAIN, subject)
            await connection.execute(_INBOX, subject)
            if dice.random() < 0.3:
                await connection.execute("SELECT pg_sleep($1)", dice.random() / 20)
            if fails:
                await transaction.rollback()
            else:
                await transaction.commit()
                committed.add(subject)
    finally:
        await connection.close()


async def write_late(
    url: str, committed: set[UUID], began: asyncio.Event, is_passed: Callable[[], object]
) -> None:
    """Take the first id of all, and commit once the plain reader is past it."""
    subject, connection = uuid4(), await asyncpg.connect(plain_url(url))
    try:
        async with connection.transaction():
            await connection.execute(_PLAIN, subject)
            await connection.execute(_INBOX, subject)
            began.set()
            await until(is_passed)
        committed.add(subject)
    finally:
        await connection.close()


async def read_until(
    writers: asyncio.Future[list[None]], read: Callable[[], Awaitable[object]]
) -> None:
    """Read while they write, and once more after the last commit."""
    while not writers.done():
        await read()
        await asyncio.sleep(0)
    await read()


@pytest.mark.usefixtures("patient_pools")
async def test_no_reader_misses_a_change_of_32_writers(own_database: str) -> None:
    reader = Pool(own_database)
    connection = await asyncpg.connect(plain_url(own_database))
    await connection.execute(PLAIN)
    log, committed = LiveLog(lambda: reader), set[UUID]()
    seen: list[list[UUID]] = [[], [], []]
    plain: list[UUID] = []
    positions, plain_position = [0, 0, 0], 0

    async def follow(number: int) -> None:
        state = await log.advance(7)
        for change in await log.after(positions[number], state.top, 1_000):
            seen[number].append(change.subject)
            positions[number] = change.pos

    async def follow_plainly() -> None:
        nonlocal plain_position
        rows = await connection.fetch(
            "SELECT pos, subject FROM plain_log WHERE pos > $1 ORDER BY pos", plain_position
        )
        plain.extend(row["subject"] for row in rows)
        plain_position = rows[-1]["pos"] if rows else plain_position

    try:
        began = asyncio.Event()
        last = asyncio.create_task(write_late(own_database, committed, began, lambda: plain))
        await began.wait()
        writers = asyncio.gather(last, *(write(own_database, n, committed) for n in range(WRITERS)))
        await asyncio.gather(
            *(read_until(writers, partial(follow, number)) for number in range(3)),
            read_until(writers, follow_plainly),
        )
        await writers
        while len(seen[0]) < len(committed):
            before = len(seen[0])
            await follow(0)
            assert len(seen[0]) > before, "changes are missing"
        for number in (1, 2):
            await follow(number)
    finally:
        await connection.close()
        await reader.close()
    for each in seen:
        assert each == seen[0]
        assert len(each) == len(set(each))
        assert set(each) == committed
    # The test has teeth: in the order of ids some would have been missed.
    assert set(plain) < committed
