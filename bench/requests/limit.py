"""The limit: a bare ASGI app with asyncpg and orjson, and the SQL that Linky sends.

It checks no token, no limit and no words, and writes no log. A write is one statement.
"""

import re
import secrets
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import orjson
import uvicorn
from sqlalchemy import make_url

from app.comment.rows import Comment
from app.core.database import SERVER_SETTINGS
from app.core.json import to_json
from app.core.pool import ALONG_INDEXES
from app.core.sql.rows import Positioned, maker_of
from app.core.text import fold
from app.lounge.rows import Lounge
from app.notification.rows import NotificationRow
from app.post.rows import Post
from bench.requests.captured import MEDIA_URL, ROWS, Statement, reads

_SQL = (Path(__file__).parent / "limit.sql").read_text()
SQL = dict(re.findall(r"-- name: (\w+)\n--[^\n]*\n(.*?)(?=-- name|\Z)", _SQL, re.DOTALL))

type Answer = tuple[int, bytes]


class Limit:
    """A bare ASGI app: the limit of what Python can answer."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._pool: Any = None
        self._reads: dict[str, Statement] = {}

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        status, body = await self._answer(scope, receive)
        headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        headers = headers if body else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._reads = await reads()
        self._pool = await asyncpg.create_pool(
            self._url.render_as_string(hide_password=False),
            min_size=0,
            max_size=8,
            server_settings=SERVER_SETTINGS | ALONG_INDEXES,
            init=_decode_json,
            reset=_nothing_to_reset,
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Any, receive: Any) -> Answer:
        path = scope["path"]
        if path == "/health/live":
            return 200, b'{"status":"ok"}'
        headers = dict(scope["headers"])
        viewer = UUID(headers[b"x-viewer"].decode())
        match scope["method"], path.split("/")[3:]:
            case "GET", parts:
                return 200, await self._read(viewer, parts)
            case "POST", ["posts"]:
                return 201, await self._write_post(viewer, await _json(receive))
            case "POST", ["posts", post_id, "comments"]:
                key, form = headers.get(b"idempotency-key"), await _json(receive)
                return 201, await self._write_comment(viewer, UUID(post_id), form, key)
            case "PUT", ["posts", post_id, "like"]:
                await self._pool.execute(SQL["like"], viewer, UUID(post_id))
                return 204, b""
        return 404, b""

    async def _read(self, viewer: UUID, parts: list[str]) -> bytes:
        match parts:
            case ["lounges", lounge_id, "posts"]:
                lounge = UUID(lounge_id)
                return await self._page("lounge feed", Post, viewer=viewer, lounge=lounge)
            case ["posts"]:
                return await self._page("home feed", Post, viewer=viewer)
            case ["posts", post_id]:
                rows = await self._rows("one post", viewer=viewer, post=UUID(post_id))
                return to_json(_made(Post, rows)[0])
            case ["posts", post_id, "comments"]:
                post = UUID(post_id)
                return await self._page("comments", Comment, viewer=viewer, post=post)
            case ["notifications"]:
                return await self._page("notifications", NotificationRow, viewer=viewer)
            case ["notifications", "unread-count"]:
                (row,) = await self._rows("unread count", viewer=viewer)
                return to_json({"count": row["unread"], "more": row["more"]})
            case ["lounges"]:
                rows = await self._rows("lounges", viewer=viewer)
                return _page([positioned.row for positioned in _made(Positioned[Lounge], rows)])
        me = await self._pool.fetchrow(SQL["me"], viewer, MEDIA_URL)
        return to_json(dict(me))

    async def _rows(self, name: str, **values: UUID) -> Sequence[Any]:
        statement = self._reads[name]
        rows: Sequence[Any] = await self._pool.fetch(
            statement.sql, *statement.with_values(**values)
        )
        return rows

    async def _page(self, name: str, make: Callable[..., Any], **values: UUID) -> bytes:
        return _page(_made(make, await self._rows(name, **values)))

    async def _write_comment(
        self, viewer: UUID, post_id: UUID, form: dict[str, Any], key: bytes | None
    ) -> bytes:
        new = {"id": _new_id(), "post_id": post_id, "parent_id": None, "body": form["body"]}
        row = await self._pool.fetchrow(
            SQL["comment"],
            viewer,
            post_id,
            new["id"],
            form["body"],
            key and key.decode(),
            key and secrets.token_bytes(32),
            # Without the author's name, which only this statement finds out.
            key and to_json(new),
        )
        return to_json(new | _author_and_times(viewer, row) | {"reply_count": 0})

    async def _write_post(self, viewer: UUID, form: dict[str, Any]) -> bytes:
        new = {"id": _new_id(), "title": form["title"], "body": form["body"]}
        folded = fold(f"{form['title']}\n{form['body']}")
        row = await self._pool.fetchrow(
            SQL["post"], viewer, form["lounge_id"], *new.values(), form["image_ids"], folded
        )
        lounge = {"id": form["lounge_id"], "name": row["name"]}
        shown = {"lounge": lounge, "images": orjson.Fragment(row["images"])}
        return to_json(new | shown | _author_and_times(viewer, row))


_MAKERS: dict[Any, Callable[..., Any]] = {}


def _made(kind: Any, rows: Sequence[Any]) -> list[Any]:
    if rows and kind not in _MAKERS:
        _MAKERS[kind] = maker_of(kind, list(rows[0].keys()))
    return [_MAKERS[kind](*row) for row in rows]


def _page(items: list[Any]) -> bytes:
    return to_json({"items": items[: ROWS - 1], "next_cursor": None})


def _author_and_times(viewer: UUID, row: Any) -> dict[str, Any]:
    key = row["avatar_key"]
    author = {"id": viewer, "nickname": row["nickname"], "avatar_url": key and MEDIA_URL + key}
    return {"author": author, "created_at": row["created_at"], "updated_at": row["updated_at"]}


async def _json(receive: Callable[[], Awaitable[Any]]) -> dict[str, Any]:
    body = b""
    while True:
        message = await receive()
        body += message["body"]
        if not message.get("more_body"):
            form: dict[str, Any] = orjson.loads(body)
            return form


def _new_id() -> UUID:
    """A UUIDv7: the database's own ids begin with the time too."""
    moment = time.time_ns() // 1_000_000
    return UUID(int=moment << 80 | 7 << 76 | 2 << 62 | secrets.randbits(62))


async def _decode_json(connection: Any) -> None:
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda value: value, decoder=orjson.loads
    )


async def _nothing_to_reset(_: Any) -> None:
    """Spares a round trip: no request changes its connection."""


def main() -> None:
    port, url = sys.argv[1:]
    uvicorn.run(Limit(url), port=int(port), access_log=False, log_level="warning", ws="none")


if __name__ == "__main__":
    main()
