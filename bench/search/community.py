"""The posts of the measurement: written once for each number of posts and each schema, and kept."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import asyncpg

from app.core.text import fold
from bench.requests.loading import LOAD_SECONDS, ensure_kept, superuser, without_indexes
from bench.search.texts import Writer

DAYS = 400
"""The posts are from this many days: fifteen slices of the index."""

BATCH = 10_000

_PEOPLE = """
    INSERT INTO users (id, provider, nickname, role)
    SELECT id, 'email', 'ユーザー' || n, 'user'
    FROM unnest($1::uuid[]) WITH ORDINALITY AS people (id, n)
"""
_ROOMS = """
    INSERT INTO lounges (id, name, name_key, search_vector, description)
    SELECT id, '部屋' || n, '部屋' || n, '', '話'
    FROM unnest($1::uuid[]) WITH ORDINALITY AS rooms (id, n)
"""
_BLOCKS = """
    INSERT INTO user_blocks (blocker_id, blocked_id)
    SELECT blocker, blocked FROM unnest($1::uuid[], $2::uuid[]) AS pairs (blocker, blocked)
    WHERE blocker <> blocked ON CONFLICT DO NOTHING
"""
_MUTES = """
    INSERT INTO post_mutes (user_id, post_id)
    SELECT unnest($1::uuid[]), id
    FROM (SELECT id FROM posts TABLESAMPLE SYSTEM (1) ORDER BY md5(id::text) LIMIT 100) AS muted
"""
VIEWERS = 20


@dataclass(frozen=True, slots=True)
class SearchTargets:
    """Who searches, and where: the largest lounge, a middling one, and the busiest author."""

    viewer_id: UUID
    large_lounge_id: UUID
    small_lounge_id: UUID
    author_id: UUID


_PLACES = """
    WITH rooms AS (
        SELECT lounge_id, row_number() OVER (ORDER BY count(*) DESC) AS place,
               count(*) OVER () AS "all"
        FROM posts GROUP BY 1
    )
    SELECT (SELECT blocker_id FROM user_blocks GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1),
           (SELECT lounge_id FROM rooms WHERE place = 1),
           (SELECT lounge_id FROM rooms WHERE place = "all" / 2),
           (SELECT author_id FROM posts GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)
"""


async def places_in(url: str) -> SearchTargets:
    connection = await asyncpg.connect(superuser(url))
    try:
        return SearchTargets(*await connection.fetchrow(_PLACES, timeout=LOAD_SECONDS))
    finally:
        await connection.close()


async def ensure_written(server: str, tree: Path, python: str, scale: float) -> str:
    """The URL of the database with a million posts, or `scale` times as many."""
    return await ensure_kept(server, tree, python, f"search_{scale:g}", partial(_fill, scale=scale))


async def _fill(connection: Any, scale: float) -> None:
    # All rows fit together, so the foreign keys need no check.
    await connection.execute("SET session_replication_role = replica")
    await connection.execute("SET synchronous_commit = off")
    await connection.execute("SET maintenance_work_mem = '512MB'")
    async with without_indexes(connection, keys=False):
        await _fill_tables(connection, scale)


async def _fill_tables(connection: Any, scale: float) -> None:
    chance = Random(2)
    people = [_id_at(_begin(), chance) for _ in range(max(50, round(50_000 * scale)))]
    rooms = [_id_at(_begin(), chance) for _ in range(max(20, round(500 * scale)))]
    await connection.execute(_PEOPLE, people, timeout=LOAD_SECONDS)
    await connection.execute(_ROOMS, rooms)
    for batch in _batches(chance, people, rooms, max(1_000, round(1_000_000 * scale))):
        await connection.copy_records_to_table(
            "posts",
            records=[row[:5] for row in batch],
            columns=["id", "lounge_id", "author_id", "title", "body"],
        )
        await connection.copy_records_to_table(
            "post_search",
            records=[(row[0], row[1], fold(f"{row[3]}\n{row[4]}")) for row in batch],
            columns=["post_id", "lounge_id", "search_text"],
        )
    blockers = [*people[:VIEWERS] * 10, *chance.sample(people, len(people) // 10)]
    await connection.execute(_BLOCKS, blockers, chance.choices(people, k=len(blockers)))
    await connection.execute(_MUTES, people[:VIEWERS])


def _begin() -> datetime:
    return datetime.now(UTC) - timedelta(days=DAYS)


def _batches(
    chance: Random, people: list[UUID], rooms: list[UUID], number: int
) -> Iterator[list[tuple[UUID, UUID, UUID, str, str]]]:
    """Posts, the oldest first. Few authors write most of them, and few lounges have most."""
    writer, begin = Writer(3), _begin()
    for first in range(0, number, BATCH):
        batch = []
        for n in range(first, min(first + BATCH, number)):
            post_id = _id_at(begin + timedelta(days=DAYS) * (n / number), chance)
            lounge_id = rooms[int(len(rooms) * chance.random() ** 3)]
            author_id = people[int(len(people) * chance.random() ** 2)]
            batch.append((post_id, lounge_id, author_id, *writer.post()))
        yield batch


def _id_at(moment: datetime, chance: Random) -> UUID:
    """A UUIDv7."""
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62 | chance.getrandbits(62))
