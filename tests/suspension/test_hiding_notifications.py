"""The notifications about what a suspended user wrote go and come back with it."""

from typing import Any
from uuid import UUID

import pytest

from app.notification.writes import NOTIFICATION_BATCH_ROWS
from app.suspension.jobs import JOBS as SUSPENSION_JOBS
from app.suspension.service.hiding import ContentHidingService, ContentOf
from tests.support.api import Api, expect
from tests.support.jobs import NOTIFICATION_JOBS, run_jobs
from tests.support.notifications import number_unread
from tests.support.sql import rows_changed, sql
from tests.support.world import World

JOBS = [*SUSPENSION_JOBS, *NOTIFICATION_JOBS]
POSTS, EACH = 50, 40

_OF_COMMENT = """
    INSERT INTO notifications (user_id, type, post_id, comment_id, params)
    SELECT CAST(:reader AS uuid), 'comment', post_id, id, '{}'
    FROM comments, generate_series(1, :number) WHERE author_id = CAST(:author AS uuid)
"""
_POSTS = """
    INSERT INTO posts (lounge_id, author_id, title, body)
    SELECT CAST(:lounge AS uuid), CAST(:author AS uuid), '題', '本文'
    FROM generate_series(1, :number)
"""
_COUNTS = """
    WITH of_author AS (
        UPDATE users SET post_count = post_count + :number WHERE id = CAST(:author AS uuid)
    )
    UPDATE lounges SET post_count = :number, last_posted_at =
        (SELECT max(created_at) FROM posts WHERE lounge_id = lounges.id)
    WHERE id = CAST(:lounge AS uuid)
"""
_OF_POSTS = """
    WITH written AS (
    INSERT INTO comments (post_id, author_id, body)
    SELECT posts.id, CAST(:writer AS uuid), '茶'
    FROM posts, generate_series(1, :number) WHERE author_id = CAST(:author AS uuid)
    RETURNING id, post_id
    ), counted AS (
        UPDATE posts SET comment_count = :number WHERE author_id = CAST(:author AS uuid)
    )
    INSERT INTO notifications (user_id, type, post_id, comment_id, params)
    SELECT CAST(:reader AS uuid), 'watched', post_id, id, '{}' FROM written
"""

_TOLD = """
    SELECT DISTINCT subject FROM live_changes JOIN notifications ON notifications.id = subject
    WHERE type <> 'moderation'
"""


async def suspend(admin: Api, user: Api) -> None:
    form = {"status": "suspended", "hide_content": True, "reason": "規約違反"}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def restore(admin: Api, user: Api) -> None:
    form = {"status": "active", "reason": "規約違反"}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def settle(world: World, author: Api) -> None:
    async with world.runtime.writing() as ctx:
        await ctx.service(ContentHidingService).settle(ContentOf(UUID(author.id)))


async def told(world: World) -> int:
    """Of how many notifications the log tells."""
    return len(await sql(world, _TOLD))


async def add_of_comment(world: World, author: Api, reader: Api) -> int:
    """Thousands of notifications about one comment."""
    await world.comment(author, await world.post(reader))
    await sql(world, "DELETE FROM notifications")
    number = 2 * NOTIFICATION_BATCH_ROWS + 100
    ids = {"reader": reader.id, "author": author.id}
    await sql(world, _OF_COMMENT, **ids, number=number)
    return number


async def add_posts(world: World, author: Api, number: int) -> None:
    ids = {"lounge": (await world.lounge())["id"], "author": author.id}
    await sql(world, _POSTS, **ids, number=number)
    await sql(world, _COUNTS, **ids, number=number)


async def add_of_posts(world: World, author: Api, reader: Api) -> int:
    """Some notifications about each of many posts."""
    await add_posts(world, author, POSTS)
    writer = await world.member()
    ids = {"reader": reader.id, "author": author.id, "writer": writer.id}
    await sql(world, _OF_POSTS, **ids, number=EACH)
    return POSTS * EACH


@pytest.mark.parametrize("add", [add_of_comment, add_of_posts])
async def test_they_go_and_come_back_at_once_and_apps_are_told_in_batches(
    world: World, add: Any
) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    number = await add(world, author, reader)
    assert await number_unread(reader) == number
    for act, seen in ((suspend, 0), (restore, number)):
        await act(admin, author)
        await sql(world, "DELETE FROM live_changes")
        before = await rows_changed(world)
        await settle(world, author)
        assert await number_unread(reader) == seen
        assert await told(world) == NOTIFICATION_BATCH_ROWS
        await run_jobs(world, JOBS)
        assert await told(world) == number
        assert (await rows_changed(world) - before)["notifications"] == 0
        assert await number_unread(reader) == seen
