"""Muting and unmuting a post while others do the same, or write notifications about it."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

from tests.support.api import Api, expect
from tests.support.notifications import unread_count
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

_LOCK = (
    "SELECT pg_advisory_xact_lock(hashtextextended("
    "CAST(CAST(:user_id AS uuid) AS text) || CAST(CAST(:post_id AS uuid) AS text), 2))"
)
_NOTIFY = """
    INSERT INTO notifications (user_id, type, post_id, params)
    VALUES (CAST(:user_id AS uuid), 'comment', CAST(:post_id AS uuid), '{}')
"""
_LOCK_POST = "SELECT FROM posts WHERE id = CAST(:post_id AS uuid) FOR UPDATE"
_CHANGE_NOTIFICATIONS = (
    "UPDATE notifications SET created_at = now() WHERE post_id = CAST(:post_id AS uuid)"
)


class Stage:
    """An author, who mutes a post of their own: they still see it, but no notification of it."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Stage":
        self.author, self.fan = await self.world.member(), await self.world.member()
        self.post = await self.world.post(self.author)
        self.path = f"/posts/{self.post['id']}/mute"
        self.ids = {"user_id": self.author.id, "post_id": self.post["id"]}
        return self

    async def mute(self) -> None:
        expect(await self.author.put(self.path), 204)

    async def unmute(self) -> None:
        expect(await self.author.delete(self.path), 204)

    async def notify(self) -> None:
        await sql(self.world, _NOTIFY, **self.ids)

    @asynccontextmanager
    async def while_all_wait(self, *acts: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Let these wait for the lock on the mute, in this order, during the block."""
        async with holding(self.world, _LOCK, **self.ids):
            waiting = []
            for number, act in enumerate(acts, 1):
                waiting.append(start(act))
                await until_waiting(self.world, number)
            yield
        await asyncio.gather(*waiting)

    async def ensure(self, *, muted: bool, shown: int) -> None:
        """Whether the post is muted, and how many notifications are shown: the count agrees."""
        assert await count(self.world, "post_mutes") == muted
        assert await count(self.world, "notifications", "NOT post_muted") == shown
        assert await count(self.world, "notification_hidings") == 0
        listed = await self.author.ids("/notifications", unread=True)
        assert await unread_count(self.author) == len(listed) == shown


@pytest.fixture
async def stage(committed_world: World) -> Stage:
    return await Stage(committed_world).start()


async def test_a_mute_hides_what_is_committed_while_it_waits(stage: Stage) -> None:
    await stage.notify()
    async with stage.while_all_wait(stage.mute(), stage.mute()):
        await stage.notify()
    await stage.ensure(muted=True, shown=0)


async def test_of_a_mute_and_an_unmute_the_later_one_wins(stage: Stage) -> None:
    await stage.notify()
    async with stage.while_all_wait(stage.mute(), stage.unmute()):
        pass
    await stage.ensure(muted=False, shown=1)
    async with stage.while_all_wait(stage.unmute(), stage.mute()):
        await stage.notify()
    await stage.ensure(muted=True, shown=0)
    await stage.unmute()
    async with stage.while_all_wait(stage.mute(), stage.unmute()):
        await stage.notify()
    await stage.ensure(muted=False, shown=3)


async def test_a_mute_waits_for_the_post_before_it_changes_notifications(stage: Stage) -> None:
    """Who deletes a post has locked it, and then changes the notifications about it."""
    await stage.notify()
    world, post_id = stage.world, stage.post["id"]
    async with world.runtime.writing() as ctx:
        await ctx.db.execute(text(_LOCK_POST), post_id=post_id)
        muting = start(stage.mute())
        await until_waiting(world, 1)
        await ctx.db.execute(text(_CHANGE_NOTIFICATIONS), post_id=post_id)
    await muting
    await stage.ensure(muted=True, shown=0)


async def test_a_mute_of_another_reader_does_not_wait(stage: Stage) -> None:
    async with holding(stage.world, _LOCK, **stage.ids):
        expect(await stage.fan.put(stage.path), 204)


async def test_mutes_and_comments_at_once_leave_nothing_that_should_be_out_of_sight(
    stage: Stage,
) -> None:
    author, fan = stage.author, stage.fan
    comments = f"/posts/{stage.post['id']}/comments"

    async def comment(by: Api) -> None:
        expect(await by.post(comments, json={"body": "茶"}), 201)

    for _ in range(5):
        await asyncio.gather(stage.mute(), comment(fan), stage.mute(), comment(fan))
        await stage.ensure(muted=True, shown=0)
        await asyncio.gather(stage.unmute(), stage.mute(), comment(fan), comment(author))
        muted = await count(stage.world, "post_mutes") == 1
        flagged = await count(stage.world, "notifications", "post_muted")
        assert (flagged == 0) or muted
        await stage.unmute()
    total = await count(stage.world, "notifications")
    assert total < 15
    await stage.ensure(muted=False, shown=total)


async def test_a_mute_that_fails_has_written_nothing(stage: Stage) -> None:
    await stage.notify()
    async with holding(stage.world, "DELETE FROM posts"):
        muting = start(stage.author.put(stage.path))
        await until_waiting(stage.world)
    expect(await muting, 404, "post_not_found")
    await stage.ensure(muted=False, shown=1)
