"""Muting and unmuting a post while others do the same, or write notifications about it."""

import asyncio

import pytest

from tests.support.api import Api, expect
from tests.support.notifications import unread_count
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count
from tests.support.world import World


class Stage:
    """An author, who mutes a post of their own: they still see it, but no notification of it."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def start(self) -> "Stage":
        self.author, self.fan = await self.world.member(), await self.world.member()
        self.post = await self.world.post(self.author)
        self.path = f"/posts/{self.post['id']}/mute"
        return self

    async def mute(self) -> None:
        expect(await self.author.put(self.path), 204)

    async def unmute(self) -> None:
        expect(await self.author.delete(self.path), 204)

    async def comment(self, by: Api) -> None:
        path = f"/posts/{self.post['id']}/comments"
        expect(await by.post(path, json={"body": "茶"}), 201)

    async def ensure(self, *, muted: bool, shown: int) -> None:
        """Whether the post is muted, and how many notifications are shown: the count agrees."""
        assert await count(self.world, "post_mutes") == muted
        listed = await self.author.ids("/notifications", unread=True)
        assert await unread_count(self.author) == len(listed) == shown


@pytest.fixture
async def stage(committed_world: World) -> Stage:
    return await Stage(committed_world).start()


async def test_a_mute_hides_what_is_committed_while_it_waits(stage: Stage) -> None:
    await stage.comment(stage.fan)
    async with holding(stage.world, "SELECT FROM posts FOR UPDATE"):
        comment = start(stage.comment(stage.fan))
        await until_waiting(stage.world)
        mute = start(stage.mute())
        await until_waiting(stage.world, 2)
    await asyncio.gather(comment, mute)
    await stage.ensure(muted=True, shown=0)
