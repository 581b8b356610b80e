"""Marking notifications as read, while what they are about is hidden: no deadlock."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from app.notification.service import notifications
from app.sanction.service import ContentHidingService, ContentOf
from tests.support.api import Api, expect
from tests.support.console import leads_to, signed_in
from tests.support.races import holding, start, until_settled, until_waiting
from tests.support.sql import sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

LOCK = "SELECT FROM notifications WHERE id = CAST(:id AS uuid) FOR UPDATE"
WRITE = """
    INSERT INTO notifications (id, user_id, type, actor_id, post_id, comment_id, params)
    SELECT CAST(:id AS uuid), CAST(:user AS uuid), :kind, CAST(:actor AS uuid), CAST(:post AS uuid),
        CAST(:comment AS uuid), '{}'
"""

type Thing = dict[str, Any]


def id_of(number: int) -> str:
    return f"01900000-0000-7000-8000-{number:012}"


async def suspend(world: World, writer: Api, *_: Thing) -> None:
    """The job that hides all of a suspended user's content."""
    admin = await world.admin()
    form = {"status": "suspended", "hide_content": True, "reason": "規約違反"}
    expect(await admin.patch(f"/admin/users/{writer.id}", json=form), 200)
    async with world.runtime.writing() as ctx:
        await ctx.service(ContentHidingService).settle(ContentOf(UUID(writer.id)))


async def hide_several(world: World, writer: Api, post: Thing, comment: Thing) -> None:
    """An admin's act, in the console."""
    browser = await signed_in(world, await world.admin())
    path = f"/admin/users/{writer.id}/content"
    things = [f"post:{post['id']}", f"comment:{comment['id']}"]
    form = {"token": await browser.token(), "verb": "hide", "item": things, "reason": "規約違反"}
    leads_to(await browser.http.post(path, data=form), f"{path}?done=bulk-hidden")


@pytest.mark.parametrize("hide", [suspend, hide_several])
async def test_who_hides_posts_and_comments_locks_in_the_order_of_their_readers(
    committed_world: World, hide: Callable[..., Awaitable[None]]
) -> None:
    world = committed_world
    writer, reader, other = [await world.member() for _ in range(3)]
    post = await world.post(writer)
    comment = await world.comment(writer, await world.post(other))
    about_post = {"post": post["id"], "comment": None, "kind": "lounge_post", "actor": writer.id}
    about_comment = {"post": comment["post_id"], "comment": comment["id"], "kind": "watched"}
    rows = [
        about_post | {"id": id_of(1), "user": other.id},
        about_post | {"id": id_of(2), "user": reader.id},
        about_comment | {"id": id_of(3), "user": reader.id, "actor": writer.id},
    ]
    for row in rows:
        await sql(world, WRITE, **row)
    async with holding(world, LOCK, id=id_of(1)):
        hiding = start(hide(world, writer, post, comment))
        await until_waiting(world)
        form = {"ids": [id_of(2), id_of(3)]}
        marking = start(reader.post("/notifications/read", json=form))
        await until_settled(world, hiding, marking)
        # The one that hides waits for the first, and holds none of the others.
        assert marking.done()
    expect(await marking, 204)
    await hiding
    assert await reader.items("/notifications") == []


async def test_a_mark_that_ended_a_deadlock_waits_and_is_made_again(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = committed_world
    reader = await world.member()
    for number in (1, 2):
        row = {"user": reader.id, "kind": "report_resolved", "actor": None}
        await sql(world, WRITE, **row, id=id_of(number), post=None, comment=None)
    async with holding(world, LOCK, id=id_of(2)) as other:
        locking: asyncio.Future[None] | None = None

        async def until_locked(_: float) -> None:
            # On a busy machine the other takes its lock later than the pause. Here it never does.
            assert locking is not None
            await locking

        monkeypatch.setattr(notifications, "sleep", until_locked)
        ids = [id_of(1), id_of(2)]
        marking = start(reader.post("/notifications/read", json={"ids": ids}))
        await until_waiting(world)
        # The mark began to wait first, so PostgreSQL ends the mark.
        locking = start(other.execute(text(LOCK), id=id_of(1)))
        await locking
    expect(await marking, 204)
    assert [item["read"] for item in await reader.items("/notifications")] == [True, True]
