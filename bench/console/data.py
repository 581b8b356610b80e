"""A community for the console, in any size, and the admin who looks at it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Any
from uuid import UUID

import asyncpg

from bench.requests.community import FILL_POST_SEARCH, fill_community, sizes_of
from bench.requests.loading import (
    LOAD_SECONDS,
    ensure_kept,
    run_script,
    superuser,
    without_indexes,
)
from bench.scale.data import EXTREMES

_SCRIPTS = (EXTREMES, Path(__file__).parent / "data.sql")
_SESSION = """
    INSERT INTO user_sessions (user_id, user_agent, expires_at, mfa_passed_at)
    VALUES ($1, 'Console: bench', now() + interval '7 days', now()) RETURNING id
"""
_SAMPLES = """
    SELECT (SELECT id FROM posts WHERE comment_count > 0 ORDER BY comment_count DESC, id LIMIT 1)
               AS thread,
           (SELECT author_id FROM posts WHERE author_id IS NOT NULL
            GROUP BY author_id ORDER BY count(*) DESC, author_id LIMIT 1) AS author,
           (SELECT id FROM lounges WHERE closed_at IS NULL
            ORDER BY post_count DESC, id LIMIT 1) AS lounge,
           (SELECT id FROM lounges WHERE closed_at IS NULL AND post_count > 0
            ORDER BY post_count, id LIMIT 1) AS quiet_lounge
"""
_COMMENT = "SELECT id FROM comments WHERE post_id = $1 AND deleted_at IS NULL ORDER BY id LIMIT 1"
_ADMIN = """
    SELECT id FROM users WHERE role = 'admin' AND status = 'active' AND left_at IS NULL
    ORDER BY id LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Desk:
    """A data set, an admin who is signed in to its console, and whom and what they look at."""

    url: str
    admin_id: UUID
    session_id: UUID
    samples: Mapping[str, UUID]


async def ensure_desk(server: str, tree: Path, python: str, scale: float) -> str:
    """The URL of the database, made if need be: at scale 1 with 100,000 users, a million posts and
    50,000 reports.
    """
    scripts = b"".join(script.read_bytes() for script in _SCRIPTS)
    name = f"console_{scale:g}_{hashlib.sha256(scripts).hexdigest()[:6]}"
    return await ensure_kept(server, tree, python, name, partial(_fill, scale=scale))


async def _fill(connection: Any, scale: float) -> None:
    posts = round(1_000_000 * scale)
    sizes = sizes_of(scale) | {
        "users": max(400, round(100_000 * scale)),
        "lounges": max(100, round(2_000 * scale)),
        "comments": posts,
    }
    async with connection.transaction(), without_indexes(connection):
        await fill_community(connection, sizes)
        await connection.execute(FILL_POST_SEARCH, timeout=LOAD_SECONDS)
        for script in _SCRIPTS:
            await run_script(connection, Template(script.read_text()).substitute(sizes))


async def sit_down(url: str) -> Desk:
    """Open a session for an admin, and pick what to look at: what has most."""
    connection = await asyncpg.connect(superuser(url))
    try:
        admin_id = await connection.fetchval(_ADMIN)
        session_id = await connection.fetchval(_SESSION, admin_id)
        samples = dict(await connection.fetchrow(_SAMPLES, timeout=LOAD_SECONDS))
        samples["comment"] = await connection.fetchval(_COMMENT, samples["thread"])
    finally:
        await connection.close()
    return Desk(url, admin_id, session_id, samples)
