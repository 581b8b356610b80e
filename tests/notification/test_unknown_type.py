"""A notification of a type that only a newer release knows, before it was taken back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from app.live_log.changes import Kind
from app.notification.rows import SEND_PUSH
from tests.support.api import Api, expect
from tests.support.fakes import FakePush
from tests.support.jobs import NOTIFICATION_JOBS as JOBS
from tests.support.jobs import add_job, run_jobs
from tests.support.live import live, until_followed
from tests.support.notifications import register_device, unread_count
from tests.support.sql import sql
from tests.support.world import World


@asynccontextmanager
async def notified(world: World, reader: Api) -> AsyncIterator[UUID]:
    """That a reader has such a notification. After it the table is as it was."""
    (check,) = await sql(
        world,
        "SELECT conname, pg_get_constraintdef(oid) AS definition FROM pg_constraint"
        " WHERE conrelid = 'notifications'::regclass AND contype = 'c'"
        " AND pg_get_constraintdef(oid) LIKE '%lounge_post%'",
    )
    await sql(world, f"ALTER TABLE notifications DROP CONSTRAINT {check['conname']}")
    (row,) = await sql(
        world,
        "INSERT INTO notifications (user_id, type, lounge_id, params)"
        " VALUES (:id, 'new_type', uuidv7(), '{}') RETURNING id",
        id=reader.id,
    )
    try:
        yield row["id"]
    finally:
        await sql(world, "DELETE FROM notifications WHERE id = :id", id=row["id"])
        again = f"ADD CONSTRAINT {check['conname']} {check['definition']}"
        await sql(world, f"ALTER TABLE notifications {again}")


async def test_it_is_listed_by_a_general_title_and_not_pushed(
    committed_world: World, push: FakePush
) -> None:
    world = committed_world
    reader = await world.member()
    await register_device(reader, "mine")
    async with notified(world, reader) as notification_id:
        (item,) = await reader.items("/notifications")
        assert (item["type"], item["title"]) == ("new_type", "通知があります")
        # It has something to open, but this release does not know when it may be opened.
        assert (item["url"], await unread_count(reader)) == (None, 1)
        expect(await reader.patch("/users/me", json={"locale": "en"}), 200)
        (item,) = await reader.items("/notifications")
        assert item["title"] == "You have a notification"
        await add_job(
            world, SEND_PUSH, f'{{"notification_id": "{notification_id}"}}', status="queued"
        )
        assert (await run_jobs(world, JOBS), push.sent) == (1, [])
        form = {"notification_id": str(notification_id), "text": "なぜですか"}
        expect(await reader.post("/appeals", json=form), 422, "not_appealable")


async def test_it_ends_no_streams(committed_world: World) -> None:
    world = committed_world
    reader, other = await world.member(), await world.member()
    async with (
        notified(world, reader) as notification_id,
        live(reader) as stream,
        live(other) as stream_of_other,
    ):
        for each in (stream, stream_of_other):
            await each.wait("hello")
        await until_followed(world, 2)
        async with world.runtime.writing() as ctx:
            ctx.changed(UUID(reader.id), Kind.NOTIFICATION, notification_id)
            ctx.changed(UUID(other.id), Kind.BADGE, UUID(other.id))
        told = await stream.changes("notification", "badge")
        assert [change.get("id") for change in told] == [str(notification_id), None]
        assert await stream_of_other.changes("badge")
