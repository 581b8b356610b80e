"""A worker is woken after the commit of a job, and nothing notifies inside the transaction."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import text

from app.core.errors import NotFound
from app.core.pool import Pool
from app.jobs.definitions import Job, Pace
from app.jobs.enqueue import enqueue
from app.jobs.signal import notify_workers, wake_by_notification
from app.runtime.job_signal import JobSignal
from app.runtime.runtime import Runtime
from tests.support.statements import statements
from tests.support.waiting import HANG_SECONDS, until
from tests.support.worker_bench import Bench, leave_effect, signalling
from tests.support.world import World

NEVER = Pace(poll=timedelta(hours=1))
"""The worker finds no job within a test, unless it is woken."""


@pytest.fixture
async def reader(patient_pools: None, bench: Bench) -> AsyncIterator[Pool]:
    reader = Pool(bench.url)
    yield reader
    await reader.close()


@pytest.mark.parametrize("apart", [False, True])
async def test_a_job_runs_as_soon_as_it_is_committed(
    bench: Bench, reader: Pool, apart: bool
) -> None:
    ran, other = asyncio.Event(), asyncio.Event()
    jobs = Job("signal", signalling(ran)), Job("other", signalling(other))
    async with bench.working(*jobs, pace=NEVER):
        if apart:
            bench.job_signal.wake = partial(notify_workers, reader)
        for _ in range(5):
            ran.clear()
            other.clear()
            async with bench.open_context() as context:
                await enqueue(context.db, "signal", {})
                await bench.enqueue("other")
                await asyncio.wait_for(other.wait(), HANG_SECONDS)
                assert not ran.is_set()
            await asyncio.wait_for(ran.wait(), HANG_SECONDS)
        await until(bench.empty)


async def test_a_burst_of_jobs_is_done_without_a_poll(bench: Bench) -> None:
    async with bench.working(Job("effect", leave_effect), pace=NEVER):
        await asyncio.gather(
            *(bench.enqueue("effect", payload={"key": str(number)}) for number in range(60))
        )
        await until(bench.empty)
    assert len(await bench.effects()) == 60


async def test_a_notification_wakes_every_worker(bench: Bench, reader: Pool) -> None:
    """Each worker has a job of its own, so it must be woken itself."""
    first, second = asyncio.Event(), asyncio.Event()
    async with (
        bench.working(Job("first", signalling(first)), pace=NEVER),
        bench.working(Job("second", signalling(second)), pace=NEVER),
    ):
        bench.job_signal.wake = partial(notify_workers, reader)
        async with bench.open_context() as context:
            await enqueue(context.db, "first", {})
            await enqueue(context.db, "second", {})
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
        bench.job_signal.wake = None
        await bench.enqueue("signal")
        await asyncio.wait_for(ran.wait(), HANG_SECONDS)


async def enqueue_and_fail(runtime: Runtime) -> None:
    async with runtime.writing() as ctx:
        await enqueue(ctx.db, "effect", {})
        raise NotFound


async def test_only_the_commit_of_a_job_rings(
    committed_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, rings = committed_world.runtime, list[int]()
    monkeypatch.setattr(JobSignal, "ring", lambda _: rings.append(1))
    lock = text("SELECT FROM users FOR UPDATE")
    async with runtime.writing() as ctx:
        await ctx.db.execute(lock)
    with pytest.raises(NotFound):
        await enqueue_and_fail(runtime)
    assert not rings
    async with runtime.writing() as ctx:
        async with ctx.db.savepoint():
            await enqueue(ctx.db, "effect", {})
        assert not rings
    assert len(rings) == 1
    async with runtime.writing() as ctx:
        await ctx.db.execute(lock)
    assert len(rings) == 1


async def test_the_notification_is_sent_after_the_commit(committed_world: World) -> None:
    world = committed_world
    runtime = world.runtime
    wake_by_notification(runtime)
    writer, reader = await world.member(), await world.member()
    post = await world.post(writer)
    await runtime.job_signal.close()
    with statements(runtime) as sent:
        await world.comment(reader, post)
        await runtime.job_signal.close()
    words = [statement.strip() for statement, _ in sent]
    notified = [place for place, word in enumerate(words) if "notify" in word.lower()]
    # The comment is one statement, which commits by itself.
    (written,) = [place for place, word in enumerate(words) if "INSERT INTO pgqueuer" in word]
    assert notified == [len(words) - 1]
    assert written < notified[0]
