"""Marking all notifications as read: one row, however many notifications it covers."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from app.core.advisory_locks import lock_key
from app.core.errors import SessionRevoked
from app.notification.schemas import MarkRead
from app.notification.service.notifications import NotificationService
from app.notification.writes import NOTIFICATION_BATCH_ROWS
from app.user.enums import Role
from app.user.policy import Viewer
from tests.support.api import Api, expect
from tests.support.jobs import NOTIFICATION_JOBS as JOBS
from tests.support.jobs import run_jobs
from tests.support.notifications import register_device, unread_count
from tests.support.races import holding, start, until_waiting
from tests.support.sql import count, rows_changed, sql
from tests.support.world import World

MANY = 2 * NOTIFICATION_BATCH_ROWS + 100

_INSERT = (
    "INSERT INTO notifications (user_id, type, params)"
    " SELECT CAST(:user_id AS uuid), 'moderation', '{}' FROM generate_series(1, :number)"
)


async def notify(world: World, user: Api, number: int = 1) -> None:
    await sql(world, _INSERT, user_id=user.id, number=number)


async def mark_all(user: Api) -> None:
    expect(await user.post("/notifications/read", json={"all": True}), 204)


async def read_flags(user: Api) -> list[bool]:
    return [item["read"] for item in await user.items("/notifications")]


async def ensure_unread(user: Api, number: int) -> None:
    """The count, the list of unread ones and the flags of the whole list agree."""
    assert await unread_count(user) == number
    assert len(await user.ids("/notifications", unread=True)) == number
    assert (await read_flags(user)).count(False) == number


async def test_thousands_of_notifications_are_read_by_one_row(world: World) -> None:
    user = await world.member()
    await notify(world, user, MANY)
    before = await rows_changed(world)
    await mark_all(user)
    changed = await rows_changed(world) - before
    assert (changed["notification_marks"], changed["notifications"]) == (1, 0)
    assert await unread_count(user) == 0
    assert await user.ids("/notifications", unread=True) == []
    page = expect(await user.get("/notifications"), 200)
    assert all(item["read"] for item in page["items"])


async def test_a_job_notes_in_the_rows_what_is_read_a_batch_at_a_time(world: World) -> None:
    user, marked = await world.member(), world.clock.now
    await notify(world, user, MANY)
    await mark_all(user)
    world.clock.advance(minutes=10)
    await notify(world, user)
    assert await run_jobs(world, JOBS) == 3
    assert await count(world, "notifications", "read_at = :at", at=marked) == MANY
    assert await unread_count(user) == 1


async def test_a_mark_with_nothing_unread_leaves_no_job(world: World) -> None:
    user = await world.member()
    await mark_all(user)
    await notify(world, user)
    await mark_all(user)
    await run_jobs(world, JOBS)
    await mark_all(user)
    assert await run_jobs(world, JOBS) == 0


async def test_a_notification_that_commits_after_the_mark_stays_unread(
    committed_world: World,
) -> None:
    world = committed_world
    user = await world.member()
    await notify(world, user, 2)
    async with holding(world, _INSERT, user_id=user.id, number=1):
        await notify(world, user)
        await mark_all(user)
        await ensure_unread(user, 0)
    # Its id is below that of the newest one which the mark covers.
    assert await read_flags(user) == [True, False, True, True]
    await ensure_unread(user, 1)
    await run_jobs(world, JOBS)
    await ensure_unread(user, 1)
    await mark_all(user)
    await ensure_unread(user, 0)


async def test_a_mark_covers_what_is_committed_while_it_waits_for_its_turn(
    committed_world: World,
) -> None:
    world = committed_world
    user = await world.member()
    await notify(world, user)
    turn = lock_key(f"notification_marks:{user.id}")
    async with holding(world, "SELECT pg_advisory_xact_lock(:turn)", turn=turn):
        first, second = start(mark_all(user)), start(mark_all(user))
        await until_waiting(world, 2)
        await notify(world, user)
    await first
    await second
    await ensure_unread(user, 0)


async def test_of_two_marks_at_the_same_time_the_later_one_stays(committed_world: World) -> None:
    world = committed_world
    user = await world.member()
    await notify(world, user)
    await mark_all(user)
    await notify(world, user)
    async with holding(world, "SELECT FROM notification_marks FOR UPDATE"):
        # The first has looked already, and can't write its row.
        first = start(mark_all(user))
        await until_waiting(world)
        await notify(world, user)
        second = start(mark_all(user))
        await until_waiting(world, 2)
    await first
    await second
    await ensure_unread(user, 0)


async def test_a_mark_of_an_ended_session_is_refused_and_marks_nothing(world: World) -> None:
    user, ended = await world.member(), await world.member()
    await notify(world, ended)
    (note,) = await ended.ids("/notifications")
    await sql(world, "UPDATE user_sessions SET ended_at = now() WHERE user_id = :id", id=ended.id)
    (session,) = await sql(world, "SELECT * FROM user_sessions WHERE user_id = :id", id=ended.id)
    viewer = Viewer(UUID(ended.id), session["id"], Role.USER)
    for which in (MarkRead(ids=[UUID(note)]), MarkRead(all=True)):
        async with world.runtime.single() as ctx:
            with pytest.raises(SessionRevoked):
                await ctx.service(NotificationService).mark_read(viewer, which)
    assert await unread_count(ended) == 1
    assert await unread_count(user) == 0


async def test_a_restored_dump_whose_transactions_count_from_one_again_shows_what_is_new(
    world: World,
) -> None:
    user = await world.member()
    await notify(world, user, 2)
    await mark_all(user)
    # As after a restore: all that was there is of transactions far in the future.
    await sql(
        world, "UPDATE notification_marks SET snapshot = '9000000:9000000:', marked_in = '8000000'"
    )
    await sql(world, "UPDATE notifications SET written_in = '7000000'")
    await ensure_unread(user, 0)
    await notify(world, user)
    await ensure_unread(user, 1)
    # A mark of today covers what is over an hour older, whatever its transaction is called.
    await sql(
        world,
        "UPDATE notification_marks SET snapshot = '500:500:', marked_in = '400',"
        " up_to = uuidv7(), settled_up_to = uuidv7()",
    )
    await ensure_unread(user, 0)


async def test_rows_from_before_there_were_marks_are_covered(world: World) -> None:
    user = await world.member()
    await notify(world, user, 2)
    await sql(world, "UPDATE notifications SET written_in = NULL")
    await mark_all(user)
    await ensure_unread(user, 0)


async def test_a_push_of_what_a_mark_covers_is_not_sent_and_the_badge_leaves_it_out(
    world: World,
) -> None:
    author, reader = await world.member(), await world.member()
    post = await world.post(author)
    await register_device(author, "phone")
    await world.comment(reader, post)
    await mark_all(author)
    await world.comment(reader, post)
    await run_jobs(world, JOBS)
    assert [message.badge for message, _ in world.push.sent] == [1]


async def test_marking_one_that_a_mark_covers_keeps_its_time(world: World) -> None:
    user, marked = await world.member(), world.clock.now
    await notify(world, user)
    await mark_all(user)
    world.clock.advance(minutes=5)
    form = {"ids": await user.ids("/notifications")}
    expect(await user.post("/notifications/read", json=form), 204)
    (exported,) = json.loads((await user.get("/users/me/export")).text)["notifications"]
    assert abs(datetime.fromisoformat(exported["read_at"]) - marked) < timedelta(seconds=1)
