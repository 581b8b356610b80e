"""Changes of long posts: no event and no page is large, and nothing of them is lost."""

import json
from typing import Any
from uuid import UUID

import pytest

from app.live.hub import streams as hub_streams
from app.live.service import resolving
from app.live_log.changes import Kind
from tests.support.api import Api, expect
from tests.support.live import Event, live, until_followed
from tests.support.live_copy import Copy
from tests.support.sql import sql
from tests.support.world import World

POSTS = 90
PART = 20_000
"""Bytes of some six of the posts."""


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "MAX_PART_BYTES", PART)
    monkeypatch.setattr(resolving, "LOADED_FIRST", 4)
    monkeypatch.setattr(hub_streams, "LARGEST_EVENT", 4 * PART)


async def test_a_client_that_was_away_gets_long_posts_in_parts(committed_world: World) -> None:
    world, reader, copy = await _scene(committed_world)
    by_polling = await _copy(reader, copy.lounge_id)
    own = await world.post(reader)
    since = expect(await reader.get("/changes"), 200)["cursor"]
    await world.comment(await world.member(), own)  # It is told first, and so is the badge.
    await _come_back(world, copy.lounge_id)
    pages = []
    cursor, more = since, True
    while more:
        params = {"since": cursor, "topics": f"lounge:{copy.lounge_id}"}
        response = await reader.get("/changes", params=params)
        page = expect(response, 200)
        assert page["reset"] is None
        pages.append(len(response.content))
        cursor, more = page["cursor"], page["more"]
        for change in page["changes"]:
            await by_polling.apply(change)
    assert max(pages) < PART + 1_000
    assert len(pages) > 10
    loaded = await _copy(reader, copy.lounge_id)
    assert (len(loaded.posts), loaded.unread) == (POSTS, (1, False))
    assert by_polling.shown == loaded.shown
    # As many cuts as there are events: each goes on from where the last one ended.
    last: str | None = since
    while last != cursor:
        async with live(reader, f"lounge:{copy.lounge_id}", last=last) as stream:
            event = await stream.wait("changes")
            await _apply(copy, event)
            assert _size(event) < PART + 1_000
            last = event.cursor
    assert copy.shown == loaded.shown


async def test_an_open_stream_gets_many_long_posts_by_coming_back(committed_world: World) -> None:
    world, reader, copy = await _scene(committed_world)
    topic = f"lounge:{copy.lounge_id}"
    async with live(reader, topic) as stream:
        await stream.wait("hello")
        await until_followed(world, 1)
        await _come_back(world, copy.lounge_id)
        assert [event.data for event in await stream.rest()] == [{"reason": "too_slow"}]
    async with live(reader, topic, last=stream.last) as stream:
        while len(copy.posts) < POSTS:
            event = await stream.wait("changes")
            assert _size(event) < PART + 1_000
            await _apply(copy, event)
        # It was not sent away again, and follows what happens now.
        await until_followed(world, 1)
        (post_id, *_) = copy.posts
        async with world.runtime.writing() as ctx:
            ctx.changed(UUID(copy.lounge_id), Kind.POST, UUID(post_id))
        assert [change["id"] for change in await stream.changes("post")] == [post_id]
    assert copy.shown == (await _copy(reader, copy.lounge_id)).shown


async def _scene(world: World) -> tuple[World, Api, Copy]:
    """A lounge whose posts are hidden, and a reader with a copy of it."""
    author, reader = await world.member(), await world.member()
    lounge = await world.lounge()
    await sql(
        world,
        "INSERT INTO posts (lounge_id, author_id, title, body, moderation)"
        " SELECT :lounge, :author, '題 ' || n, repeat('あ', 1000), 'hidden'"
        " FROM generate_series(1, :number) n",
        lounge=lounge["id"], author=author.id, number=POSTS,
    )  # fmt: skip
    return world, reader, await _copy(reader, lounge["id"])


async def _copy(reader: Api, lounge_id: str) -> Copy:
    copy = Copy(reader, lounge_id)
    await copy.fetch()
    return copy


async def _come_back(world: World, lounge_id: str) -> None:
    """Show all posts, in one transaction as far as the log goes."""
    rows = await sql(
        world,
        "UPDATE posts SET moderation = 'visible' WHERE lounge_id = :lounge RETURNING id",
        lounge=lounge_id,
    )
    async with world.runtime.writing() as ctx:
        for row in rows:
            ctx.changed(UUID(lounge_id), Kind.POST, row["id"])


async def _apply(copy: Copy, event: Event) -> None:
    for change in event.data["changes"]:
        await copy.apply(change)


def _size(event: Event) -> int:
    """About as long as it was on the wire."""
    data: Any = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return len(data.encode())
