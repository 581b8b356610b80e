"""A worker is woken after the commit of a job, and nothing notifies inside the transaction."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.core.database_session import with_bell, write_sessions
from app.core.reader import PoolReader
from app.jobs import Job, Pace, enqueue, wake_by_notification
from app.jobs.wake import notify_workers
from tests.support.statements import statements
from tests.support.waiting import HANG_SECONDS, until
from tests.support.worker_bench import Bench, leave_effect, signalling
from tests.support.world import World

pytestmark = pytest.mark.anyio

NEVER = Pace(poll=timedelta(hours=1))
"""The worker finds no job within a test, unless it is woken."""


@pytest.fixture
async def reader(patient_pools: None, bench: Bench) -> AsyncIterator[PoolReader]:
    reader = PoolReader(bench.url)
    yield reader
    await reader.close()


@pytest.mark.parametrize("apart", [False, True])
async def test_a_job_runs_as_soon_as_it_is_committed(
    bench: Bench, reader: PoolReader, apart: bool
) -> None:
    ran, other = asyncio.Event(), asyncio.Event()
    jobs = Job("signal", signalling(ran)), Job("other", signalling(other))
    async with bench.working(*jobs, pace=NEVER):
        if apart:
            bench.bell.wake = partial(notify_workers, reader)
        for _ in range(5):
            ran.clear()
            other.clear()
            async with bench.sessions() as session:
                await enqueue(session, "signal", {})
                await bench.enqueue("other")
                await asyncio.wait_for(other.wait(), HANG_SECONDS)
                assert not ran.is_set()
                await session.commit()
            await asyncio.wait_for(ran.wait(), HANG_SECONDS)
        await until(bench.empty)


async def test_a_burst_of_jobs_is_done_without_a_poll(bench: Bench) -> None:
    async with bench.working(Job("effect", leave_effect), pace=NEVER):
        await asyncio.gather(
            *(bench.enqueue("effect", payload={"key": str(number)}) for number in range(60))
        )
        await until(bench.empty)
    assert len(await bench.effects()) == 60


async def test_a_notification_wakes_every_worker(bench: Bench, reader: PoolReader) -> None:
    """Each worker has a job of its own, so it must be woken itself."""
    first, second = asyncio.Event(), asyncio.Event()
    async with (
        bench.working(Job("first", signalling(first)), pace=NEVER),
        bench.working(Job("second", signalling(second)), pace=NEVER),
    ):
        bench.bell.wake = partial(notify_workers, reader)
        async with bench.sessions.begin() as session:
            await enqueue(session, "first", {})
            await enqueue(session, "second", {})
        for event in (first, second):
            await asyncio.wait_for(event.wait(), HANG_SECONDS)
        await until(bench.empty)


async def test_a_delayed_job_shortens_the_sleep_of_the_worker(bench: Bench) -> None:
    ran = asyncio.Event()
    async with bench.working(Job("late", signalling(ran)), pace=NEVER):
        await bench.enqueue("late", delay=timedelta(seconds=0.3))
        await asyncio.wait_for(ran.wait(), HANG_SECONDS)


async def test_a_failed_job_is_tried_again_without_a_poll(bench: Bench) -> None:
    tries = []

    async def handler(_: object, __: dict[str, str]) -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ValueError

    pace = Pace(poll=NEVER.poll, retry_base=timedelta(seconds=0.2))
    async with bench.working(Job("flaky", handler), pace=pace):
        await bench.enqueue("flaky")
        await until(bench.empty)
    assert len(tries) == 2


async def test_a_poll_finds_a_job_of_which_no_worker_was_told(bench: Bench) -> None:
    """As after a crash between the commit and the notification, or a job added by hand."""
    ran = asyncio.Event()
    async with bench.working(Job("signal", signalling(ran))):
        bench.bell.wake = None
        await bench.enqueue("signal")
        await asyncio.wait_for(ran.wait(), HANG_SECONDS)


async def test_only_the_commit_of_a_job_rings(bench: Bench) -> None:
    rings: list[int] = []
    sessions = write_sessions(bench.engine, info=with_bell(lambda: rings.append(1)))
    async with sessions() as session:
        await session.execute(text("INSERT INTO effects VALUES ('a')"))
        await session.commit()
        await enqueue(session, "effect", {})
        await session.rollback()
        await session.execute(text("INSERT INTO effects VALUES ('b')"))
        await session.commit()
        assert not rings
        async with session.begin_nested():
            await enqueue(session, "effect", {})
        assert not rings
        await session.commit()
        assert len(rings) == 1
        await session.execute(text("INSERT INTO effects VALUES ('c')"))
        await session.commit()
        assert len(rings) == 1


async def test_the_table_of_the_queue_has_no_trigger(connection: AsyncConnection) -> None:
    triggers = "SELECT tgname FROM pg_trigger WHERE tgrelid = 'pgqueuer'::regclass"
    assert (await connection.execute(text(triggers))).all() == []


async def test_the_notification_is_sent_after_the_commit(committed_world: World) -> None:
    world = committed_world
    runtime = world.runtime
    runtime.sessions = write_sessions(runtime.engine, info=with_bell(runtime.bell.ring))
    wake_by_notification(runtime)
    writer, reader = await world.member(), await world.member()
    post = await world.post(writer)
    await runtime.bell.close()
    with statements(runtime.engine) as sent:
        await world.comment(reader, post)
        await runtime.bell.close()
    words = [statement.strip() for statement, _ in sent]
    notified = [place for place, word in enumerate(words) if "notify" in word.lower()]
    # The comment is one statement, which commits by itself.
    (written,) = [place for place, word in enumerate(words) if "INSERT INTO pgqueuer" in word]
    assert notified == [len(words) - 1]
    assert written < notified[0]
