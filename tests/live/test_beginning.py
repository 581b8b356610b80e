"""A client without a cursor begins at now, also while others read the log."""

import asyncio
from uuid import uuid4

from app.live_log.changes import Kind
from app.live_log.log import Cursor, cursor_of
from tests.support.api import Api, expect
from tests.support.live import live
from tests.support.races import holding, start, until_waiting
from tests.support.sql import sql
from tests.support.world import World

CHANGES = 3
_ENDLESS = (
    """
    CREATE FUNCTION pg_temp.write_on() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO live_inbox (topic, kind, subject) VALUES (uuidv7(), 5, uuidv7());
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER write_on AFTER INSERT ON live_changes
    FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.write_on()
    """,
)


async def begin_stream(api: Api) -> Cursor | None:
    async with live(api) as stream:
        return cursor_of((await stream.wait("hello")).cursor or "")


async def begin_asking(api: Api) -> Cursor | None:
    return cursor_of(expect(await api.get("/changes"), 200)["cursor"])


async def test_a_beginning_waits_for_a_reader_who_moves_the_log(committed_world: World) -> None:
    world = committed_world
    people = [await world.member() for _ in range(3)]
    before = await begin_asking(people[0])
    assert before is not None
    async with world.runtime.writing() as ctx:
        for _ in range(CHANGES):
            ctx.changed(uuid4(), Kind.COMMENT, uuid4())
    async with holding(world, "SELECT live_advance(1)"):
        begun = [start(begin_stream(people[0])), start(begin_stream(people[1]))]
        begun.append(start(begin_asking(people[2])))
        await until_waiting(world, len(begun))
    now = Cursor(before.epoch, before.position + CHANGES)
    assert [await each for each in begun] == [now] * len(begun)


async def test_steady_writes_do_not_keep_a_beginning(world: World) -> None:
    """Each time that changes get their positions, another one is there."""
    reader = await world.member()
    for statement in _ENDLESS:
        await sql(world, statement)
    async with world.runtime.writing() as ctx:
        ctx.changed(uuid4(), Kind.COMMENT, uuid4())
    async with asyncio.timeout(5):
        assert await begin_asking(reader) is not None
