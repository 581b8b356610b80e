"""Muting a post while others write notifications about it."""

from tests.support.api import expect
from tests.support.notifications import unread_count
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count
from tests.support.world import World


async def test_a_mute_hides_what_is_committed_while_it_waits(committed_world: World) -> None:
    """An author who mutes a post of their own still sees it, but no notification of it."""
    world = committed_world
    author, fan = await world.member(), await world.member()
    post = await world.post(author)
    await world.comment(fan, post)
    async with holding(world, "SELECT FROM posts FOR UPDATE"):
        comment = start(world.comment(fan, post))
        await until_waiting(world)
        mute = start(author.put(f"/posts/{post['id']}/mute"))
        await until_waiting(world, 2)
    await comment
    expect(await mute, 204)
    assert await count(world, "post_mutes") == 1
    listed = await author.ids("/notifications", unread=True)
    assert await unread_count(author) == len(listed) == 0
