"""Marking notifications as read, while what they are about is hidden: neither waits."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from app.suspension.service.hiding import ContentHidingService, ContentOf
from tests.support.api import Api, expect
from tests.support.console import leads_to, signed_in
from tests.support.races import holding
from tests.support.sql import sql
from tests.support.world import World

LOCK = "SELECT FROM notifications FOR UPDATE"
WRITE = """
    INSERT INTO notifications (user_id, type, actor_id, post_id, comment_id, params)
    SELECT CAST(:user AS uuid), :kind, CAST(:actor AS uuid), CAST(:post AS uuid),
        CAST(:comment AS uuid), '{}'
"""

type Thing = dict[str, Any]


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
async def test_who_hides_posts_and_comments_waits_for_none_of_their_notifications(
    committed_world: World, hide: Callable[..., Awaitable[None]]
) -> None:
    world = committed_world
    writer, reader, other = [await world.member() for _ in range(3)]
    post = await world.post(writer)
    comment = await world.comment(writer, await world.post(other))
    about_post = {"post": post["id"], "comment": None, "kind": "lounge_post", "actor": writer.id}
    about_comment = {"post": comment["post_id"], "comment": comment["id"], "kind": "watched"}
    rows = [
        about_post | {"user": other.id},
        about_post | {"user": reader.id},
        about_comment | {"user": reader.id, "actor": writer.id},
    ]
    for row in rows:
        await sql(world, WRITE, **row)
    assert len(await reader.items("/notifications")) == 2
    async with holding(world, LOCK):
        await hide(world, writer, post, comment)
        assert await reader.items("/notifications") == []
