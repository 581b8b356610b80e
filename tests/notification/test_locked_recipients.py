"""A recipient who closes a sign-in method, or becomes a member, at the same moment is notified."""

from uuid import UUID

import pytest

from app.core.keyset import FIRST_ID
from app.post.jobs import notify_lounge
from app.post.rows import LoungeFanOut
from tests.support.api import expect
from tests.support.races import holding, start, until_waiting
from tests.support.world import World

CHANGES = {
    "a method is closed": "SELECT FROM users WHERE id = CAST(:id AS uuid) FOR UPDATE",
    "a key of the row changes": "UPDATE users SET provider = 'line', provider_user_id = id::text"
    " WHERE id = CAST(:id AS uuid)",
}
"""A guest who becomes a member changes a key. Then PostgreSQL looks at the changed row again."""

changing = pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)


@pytest.fixture
def world(committed_world: World) -> World:
    return committed_world


@changing
async def test_a_comment_waits_for_its_recipient(world: World, change: str) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    async with holding(world, change, id=author.id):
        commenting = start(world.comment(reader, post))
        await until_waiting(world)
    comment = await commenting
    (told,) = await author.items("/notifications")
    assert told["comment_id"] == comment["id"]


@changing
async def test_a_warning_waits_for_its_recipient(world: World, change: str) -> None:
    member, admin = await world.member(), await world.admin()
    async with holding(world, change, id=member.id):
        warning = start(admin.post(f"/admin/users/{member.id}/warn", json={"reason": "注意"}))
        await until_waiting(world)
    expect(await warning, 201)
    assert [told["type"] for told in await member.items("/notifications")] == ["warning"]


@changing
async def test_a_batch_waits_for_its_recipients(world: World, change: str) -> None:
    lounge = await world.lounge()
    author, reader = await world.member(), await world.member()
    path = f"/lounges/{lounge['id']}/notifications"
    expect(await reader.put(path, json={"level": "all"}), 204)
    post = await world.post(author, lounge)

    async def run_batch() -> None:
        async with world.runtime.writing() as ctx:
            await notify_lounge(ctx, LoungeFanOut(UUID(post["id"]), FIRST_ID))

    async with holding(world, change, id=reader.id):
        batch = start(run_batch())
        await until_waiting(world)
    await batch
    (told,) = await reader.items("/notifications")
    assert told["post_id"] == post["id"]
