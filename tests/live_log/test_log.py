"""The log: what a unit of work changed stands in it, once, if it commits."""

from uuid import UUID, uuid4

import asyncpg
import pytest

from app.core.errors import NotFound
from app.live_log.changes import EVERYONE, Kind
from tests.support.sql import fetch, plain_url
from tests.support.world import World


async def test_a_unit_of_work_writes_what_it_changed_once(world: World) -> None:
    post, lounge = uuid4(), uuid4()
    log, nudged = world.runtime.live_log, []
    world.runtime.log_signal.hook = lambda: nudged.append(1)
    before = await log.advance()
    async with world.runtime.writing() as ctx:
        for _ in range(3):
            ctx.changed(post, Kind.POST, post)
        ctx.changed(lounge, Kind.POST, post, only_for=post)
    state = await log.advance()
    found = (await log.since([lounge, post], before.top, state.top)).changes
    assert [tuple(change[1:]) for change in found] == [
        (post, Kind.POST, post, None),
        (lounge, Kind.POST, post, post),
    ]
    assert [change.pos for change in found] == [state.top - 1, state.top]
    assert nudged
    assert state.epoch == before.epoch
    assert await log.after(before.top, state.top, 1) == found[:1]
    assert (await log.since([EVERYONE], before.top, state.top)).changes == []


async def test_what_is_rolled_back_changed_nothing(world: World) -> None:
    post, log = uuid4(), world.runtime.live_log
    before = await log.advance()
    with pytest.raises(NotFound):
        await _change_and_fail(world, post)
    assert await log.advance() == before


async def test_reads_and_single_writes_take_no_changes(world: World) -> None:
    for opened in (world.runtime.reading(), world.runtime.single()):
        async with opened as ctx:
            with pytest.raises(RuntimeError, match="transaction"):
                ctx.changed(EVERYONE, Kind.AUTHOR, UUID(int=1))


async def test_a_reset_is_a_new_epoch(world: World) -> None:
    log = world.runtime.live_log
    before = await log.advance()
    await log.reset()
    after = await log.advance()
    assert after.epoch != before.epoch
    assert after.top == before.top


async def test_what_waits_is_counted_while_another_session_holds_the_log(
    committed_world: World,
) -> None:
    world = committed_world
    log, url = world.runtime.live_log, plain_url(world.runtime.database_url)
    holder = await asyncpg.connect(url)
    try:
        before = await log.advance()
        async with holder.transaction():
            await holder.execute("SELECT pg_advisory_xact_lock(815)")
            async with world.runtime.writing() as ctx:
                for _ in range(3):
                    ctx.changed(uuid4(), Kind.POST, uuid4())
            assert await log.advance() == before
            assert [await log.count_waiting(most) for most in (2, 100)] == [2, 3]
            # The runbook finds the session by this.
            held = """
                SELECT pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                WHERE l.locktype = 'advisory' AND l.objid = 815 AND datname = current_database()
            """
            found = await fetch(url, held)
            assert [row["pid"] for row in found] == [holder.get_server_pid()]
        assert (await log.advance()).top > before.top
        assert await log.count_waiting(100) == 0
    finally:
        await holder.close()


async def _change_and_fail(world: World, post: UUID) -> None:
    async with world.runtime.writing() as ctx:
        ctx.changed(post, Kind.POST, post)
        raise NotFound
