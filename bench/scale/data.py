"""The data: a community in two sizes without the table for searches, and whom to ask about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

import asyncpg

from bench.requests.community import Community, Viewer, fill_community, sizes_of
from bench.requests.loading import (
    ensure_kept,
    run_script,
    superuser,
    without_indexes,
)

SMALL = 0.1
"""A hundred thousand posts, with which all other sizes are compared."""

BUSY = 25
"""Rows that a sample must have, so that a page is full in both sizes."""

SAMPLE = 40
EXTREMES = Path(__file__).parent / "extremes.sql"

_FAST = (
    "SET work_mem = '512MB'",
    "SET maintenance_work_mem = '1GB'",
    "SET max_parallel_maintenance_workers = 2",
)
_TABLES = """
    SELECT string_agg(oid::regclass::text, ', ') FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relname IN (
        'users', 'lounges', 'posts', 'comments', 'images', 'post_images', 'post_likes',
        'notifications')
"""
_SESSION = """
    INSERT INTO user_sessions (user_id, user_agent, expires_at)
    VALUES ($1, 'bench-scale', now() + interval '7 days') RETURNING id::text
"""
_SAMPLES = {
    # New posts have most comments, so these are found at once.
    "talk": f"SELECT id FROM posts WHERE comment_count BETWEEN {BUSY} AND 300"
    f" ORDER BY id DESC LIMIT {SAMPLE}",
    "lounge": "SELECT id FROM lounges WHERE post_count BETWEEN 50 AND 1000"
    f" ORDER BY md5(name) LIMIT {SAMPLE}",
    "author": "SELECT id FROM users WHERE post_count BETWEEN 30 AND 1000 AND provider = 'email'"
    f" ORDER BY md5(email) LIMIT {SAMPLE}",
    "case": "SELECT id FROM report_cases WHERE status = 'open' LIMIT 1",
}
_STARS = """
    SELECT id, (SELECT id FROM posts WHERE lounge_id = lounges.id AND comment_count > 0) AS post
    FROM lounges WHERE name_key = '駅前の広場'
"""
_FIRST_COMMENT = """
    SELECT id FROM comments WHERE post_id = $1 AND parent_id IS NULL ORDER BY id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Scaled:
    """A data set, and what its lists are asked for."""

    community: Community
    readers: list[Viewer]
    """Ordinary authors."""

    stars: Mapping[str, Viewer]
    """By name: who has much of everything, who blocked many, and a moderator."""

    samples: Mapping[str, list[str]]

    @property
    def url(self) -> str:
        return self.community.url


async def ensure_scaled(server: str, tree: Path, python: str, scale: float) -> str:
    """The URL of the database with this scale and the schema of `tree`, made if need be."""
    return await ensure_kept(server, tree, python, f"scale_{scale:g}", partial(_fill, scale=scale))


async def _fill(connection: Any, scale: float) -> None:
    sizes = sizes_of(scale)
    # Of a thousand users PostgreSQL looks at each, where an index leads to some of many.
    sizes |= {"users": max(2_000, sizes["users"]), "lounges": max(200, round(10_000 * scale))}
    extremes = Template(EXTREMES.read_text()).substitute(sizes)
    # In the transaction that empties a table, PostgreSQL writes its rows into no log
    # (`wal_level = minimal`).
    async with connection.transaction(), without_indexes(connection):
        await connection.execute(f"TRUNCATE {await connection.fetchval(_TABLES)} CASCADE")
        await fill_community(connection, sizes)
        for setting in _FAST:
            await connection.execute(setting)
        await run_script(connection, extremes)


async def choose(url: str) -> Scaled:
    """Opens sessions, and picks the ids to ask for."""
    connection = await asyncpg.connect(superuser(url))
    try:
        await connection.execute("DELETE FROM user_sessions WHERE user_agent = 'bench-scale'")
        samples = {
            name: [str(row[0]) for row in await connection.fetch(sql)]
            for name, sql in _SAMPLES.items()
        }
        star = await connection.fetchrow(_STARS)
        samples |= {"crowd": [str(star["id"])], "thread": [str(star["post"])]}
        parent = (
            "SELECT id FROM comments WHERE post_id = $1 AND parent_id IS NULL ORDER BY id LIMIT 1"
        )
        samples["parent"] = [str(await connection.fetchval(parent, star["post"]))]
        readers = [await _viewer(connection, author) for author in samples["author"]]
        extreme = await connection.fetch(
            "SELECT nickname, id::text FROM users WHERE email LIKE '%@extremes.example'"
        )
        stars = {row["nickname"]: await _viewer(connection, row["id"]) for row in extreme}
    finally:
        await connection.close()
    everyone = [*readers, *stars.values()]
    return Scaled(Community(url, everyone, [], [], [], []), readers, stars, samples)


async def _viewer(connection: Any, user_id: str) -> Viewer:
    return Viewer(user_id, await connection.fetchval(_SESSION, user_id), "", (), (), ())
