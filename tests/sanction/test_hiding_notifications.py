"""The notifications about what a suspended user wrote: a batch of that changes a batch of them.

Jobs change the rest, and nothing is seen meanwhile.
"""

from typing import Any
from uuid import UUID

import pytest

from app.comment.jobs import JOBS as COMMENT_JOBS
from app.notification.repository import hiding
from app.notification.writes import BATCH
from app.post.jobs import JOBS as POST_JOBS
from app.sanction.jobs import JOBS as SANCTION_JOBS
from app.sanction.service import ContentHidingService, ContentOf
from tests.support.api import Api, expect
from tests.support.jobs import run_jobs
from tests.support.notifications import number_unread, unread_count
from tests.support.sql import count, rows_changed, sql
from tests.support.world import World

pytestmark = pytest.mark.anyio

JOBS = [*SANCTION_JOBS, *POST_JOBS, *COMMENT_JOBS]
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
    INSERT INTO notifications (user_id, type, post_id, params)
    SELECT CAST(:reader AS uuid), 'comment', id, '{}'
    FROM posts, generate_series(1, :number) WHERE author_id = CAST(:author AS uuid)
"""


@pytest.fixture
def one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Jobs are left something to do by fewer notifications."""
    monkeypatch.setattr(hiding, "AT_ONCE", BATCH)


async def suspend(admin: Api, user: Api) -> None:
    form = {"status": "suspended", "hide_content": True, "reason": "規約違反"}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def restore(admin: Api, user: Api) -> None:
    form = {"status": "active", "reason": "規約違反"}
    expect(await admin.patch(f"/admin/users/{user.id}", json=form), 200)


async def settle(world: World, author: Api) -> None:
    async with world.runtime.writing() as ctx:
        await ctx.service(ContentHidingService).settle(ContentOf(UUID(author.id)))


async def add_of_comment(world: World, author: Api, reader: Api) -> tuple[int, str]:
    """Thousands of notifications about one comment."""
    await world.comment(author, await world.post(reader))
    await sql(world, "DELETE FROM notifications")
    number = 2 * BATCH + 100
    ids = {"reader": reader.id, "author": author.id}
    await sql(world, _OF_COMMENT, **ids, number=number)
    return number, "comment_gone"


async def add_posts(world: World, author: Api, number: int) -> None:
    ids = {"lounge": (await world.lounge())["id"], "author": author.id}
    await sql(world, _POSTS, **ids, number=number)
    await sql(world, _COUNTS, **ids, number=number)


async def add_of_posts(world: World, author: Api, reader: Api) -> tuple[int, str]:
    """Some notifications about each of many posts."""
    await add_posts(world, author, POSTS)
    await sql(world, _OF_POSTS, reader=reader.id, author=author.id, number=EACH)
    return POSTS * EACH, "post_gone"


@pytest.mark.usefixtures("one_batch")
@pytest.mark.parametrize("add", [add_of_comment, add_of_posts])
async def test_a_batch_of_content_changes_a_batch_of_notifications(world: World, add: Any) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    number, flag = await add(world, author, reader)
    assert await number_unread(reader) == number
    await suspend(admin, author)
    before = await rows_changed(world)
    await settle(world, author)
    assert (await rows_changed(world) - before)["notifications"] == BATCH
    assert await unread_count(reader) == 0
    await run_jobs(world, JOBS)
    assert await count(world, "notifications", flag) == number
    assert await count(world, "notification_hidings") == 0
    assert await unread_count(reader) == 0

    await restore(admin, author)
    before = await rows_changed(world)
    await settle(world, author)
    assert (await rows_changed(world) - before)["notifications"] == BATCH
    await run_jobs(world, JOBS)
    assert await number_unread(reader) == number


@pytest.mark.usefixtures("one_batch")
async def test_what_is_shown_again_before_the_jobs_is_seen_in_the_end(world: World) -> None:
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    number, flag = await add_of_posts(world, author, reader)
    await suspend(admin, author)
    await settle(world, author)
    await restore(admin, author)
    await settle(world, author)
    assert await count(world, "notification_hidings") == 0
    await run_jobs(world, JOBS)
    assert (await count(world, "notifications", flag), await number_unread(reader)) == (0, number)


@pytest.mark.usefixtures("one_batch")
async def test_only_posts_that_are_left_get_a_job(world: World) -> None:
    """Most posts of a spammer have no notification: none of these waits for a job."""
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    await add_of_posts(world, author, reader)
    await add_posts(world, author, POSTS)
    await suspend(admin, author)
    await run_jobs(world, SANCTION_JOBS)
    done = BATCH // EACH - 1
    assert await count(world, "notification_hidings") == POSTS - done
    assert await run_jobs(world, POST_JOBS) == POSTS - done


async def test_posts_with_some_notifications_each_leave_no_row_that_hides(world: World) -> None:
    """Each such row costs all lists a little."""
    admin, author, reader = await world.admin(), await world.member(), await world.member()
    number, flag = await add_of_posts(world, author, reader)
    await suspend(admin, author)
    await settle(world, author)
    assert await count(world, "notifications", flag) == number
    assert await count(world, "notification_hidings") == 0
    assert await unread_count(reader) == 0
