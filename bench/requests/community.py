"""The data of the benchmark: made once by SQL for each scale and each schema, and kept."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from string import Template
from typing import Any

import asyncpg

from app.core.passwords.hashing import PasswordHasher
from bench.requests.loading import ensure_kept, run_script, superuser, without_indexes

FOLDER = Path(__file__).parent
PASSWORD = "ほうじ茶を毎朝いれる 2026"
VIEWERS = 2_000
"""Users who call: enough that none of them reaches a rate limit."""

PICTURES = 8
"""Pictures of each viewer that no post shows yet."""

REFRESH_TOKENS = 4
NOTIFICATIONS = 20
"""Notifications of each viewer that are not read."""

SAMPLE = 2_000

_VISIBLE_TO_ALL = """moderation = 'visible' AND deleted_at IS NULL
    AND id NOT IN (SELECT post_id FROM post_mutes JOIN viewers ON viewers.id = user_id)
    AND author_id NOT IN (
        SELECT blocked_id FROM user_blocks JOIN viewers ON viewers.id = blocker_id)
"""
"""Any viewer may be asked for any post of the sample."""

_OWN = "SELECT n, own.id::text AS id FROM own JOIN viewers ON viewers.id = own.author_id"

WORDS = (
    *("お茶", "猫", "東京", "海", "カレー", "京都", "映画", "ラーメン", "勉強会", "図書館"),
    *("鎌倉", "プログラミング", "山", "写真", "音楽", "ゲーム", "花見", "温泉", "自転車", "手帳"),
)
PHRASES = (
    *("今日は天気がよかったので", "昨日は友だちと一緒に", "週末にひとりで", "はじめて行った"),
    *("みなさんのおすすめは", "東京で食べました", "映画がおすすめで", "京都でゆっくり過ごした"),
    *("図書館で借りた", "久しぶりに会えて", "しばらく迷って買った", "カレーのあとに"),
    *("来月の予定を考えながら", "雨の日に読んだ", "駅前で見つけた", "教えてもらった"),
)


@dataclass(frozen=True, slots=True)
class Viewer:
    """A user who calls. The session is open, no post shows the images, no notification is read."""

    user_id: str
    session_id: str
    email: str
    refresh_tokens: tuple[str, ...]
    images: tuple[str, ...]
    notifications: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Community:
    """What the cases choose from."""

    url: str
    viewers: list[Viewer]
    posts: list[str]
    talks: list[str]
    """Posts with a page of comments."""

    lounges: list[str]
    own: list[tuple[Viewer, str]]
    """Viewers with a post of theirs, which is not among `posts` and `talks`: they mute it."""


async def ensure_made(server: str, tree: Path, python: str, scale: float) -> str:
    """The URL of the database with this scale and the schema of `tree`, made if need be."""
    filled = partial(fill, sizes=sizes_of(scale))
    return await ensure_kept(server, tree, python, f"bench_{scale:g}", filled)


async def fill(connection: Any, sizes: Mapping[str, Any]) -> None:
    password = await PasswordHasher().hash(PASSWORD, "bench")
    script = Template((FOLDER / "community.sql").read_text())
    async with without_indexes(connection):
        await run_script(connection, script.substitute(**sizes, password=password))


def sizes_of(scale: float) -> dict[str, Any]:
    posts = max(300, round(1_000_000 * scale))
    return {
        "users": max(40, round(50_000 * scale)),
        "lounges": max(20, round(500 * scale)),
        "posts": posts,
        "comments": 2 * posts,
        "texts": max(100, posts // 20),
        "words": _array(WORDS),
        "word_count": len(WORDS),
        "phrases": _array(PHRASES),
        "phrase_count": len(PHRASES),
    }


def _array(texts: tuple[str, ...]) -> str:
    return f"ARRAY[{', '.join(f"'{text}'" for text in texts)}]"


async def prepare_run(url: str) -> Community:
    """Make what a run uses up, and choose what it asks for."""
    run = secrets.token_hex(8)
    script = Template((FOLDER / "run.sql").read_text()).substitute(
        run=run,
        viewers=VIEWERS,
        tokens=REFRESH_TOKENS,
        pictures=PICTURES,
        notifications=NOTIFICATIONS,
    )
    connection = await asyncpg.connect(superuser(url))
    try:
        await connection.execute(script, timeout=600)
        rows = await connection.fetch(
            "SELECT viewers.n, viewers.id::text AS user_id, users.email, sessions.id::text AS"
            " session_id, array(SELECT painted.id::text FROM painted WHERE owner_id = viewers.id)"
            " AS images, array(SELECT fresh.id::text FROM fresh WHERE user_id = viewers.id)"
            " AS notifications FROM viewers JOIN users USING (id) JOIN user_sessions sessions"
            " ON sessions.user_id = viewers.id AND sessions.user_agent = 'bench' ORDER BY n"
        )
        viewers = [
            Viewer(
                row["user_id"],
                row["session_id"],
                row["email"],
                tuple(f"{run}-{row['n']}-{number}" for number in range(REFRESH_TOKENS)),
                tuple(row["images"]),
                tuple(row["notifications"]),
            )
            for row in rows
        ]
        own = await connection.fetch(_OWN)
        others = f"{_VISIBLE_TO_ALL} AND id NOT IN (SELECT id FROM own)"
        return Community(
            url,
            viewers,
            await _ids(connection, "posts", others),
            await _ids(connection, "posts", f"comment_count >= 20 AND {others}"),
            await _ids(connection, "lounges", "post_count >= 5"),
            [(viewers[row["n"] - 1], row["id"]) for row in own],
        )
    finally:
        await connection.close()


async def _ids(connection: Any, table: str, condition: str) -> list[str]:
    """A sample that is the same each time, as far as the table is."""
    rows = await connection.fetch(
        f"SELECT id::text FROM {table} WHERE {condition} ORDER BY md5(id::text) LIMIT {SAMPLE}"
    )
    return [row["id"] for row in rows]
