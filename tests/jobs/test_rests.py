"""The rest between the batches of a job, by a clock that stands still."""

from datetime import timedelta
from typing import Any

import pytest

from app.jobs import pause as rest
from app.jobs.definitions import Job
from app.jobs.enqueue import enqueue
from app.jobs.pause import LONGEST_REST, batch_of, delay_of_next, rest_after
from app.runtime.context import Context
from tests.support.waiting import until
from tests.support.worker_bench import Bench

DELAYS = "SELECT entrypoint, execute_after - created FROM pgqueuer ORDER BY id"


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What the clock says, one after the other: when a batch begins, and when it enqueues."""
    values: list[float] = []
    monkeypatch.setattr(rest, "perf_counter", lambda: values.pop(0))
    return values


def test_a_rest_is_twice_as_long_as_the_batch_and_bounded() -> None:
    assert rest_after(timedelta(seconds=0.3)) == timedelta(seconds=0.6)
    assert rest_after(timedelta(minutes=4)) == LONGEST_REST


def test_only_the_next_batch_of_the_same_job_rests(seconds: list[float]) -> None:
    seconds += [10.0, 10.5]
    assert delay_of_next("batches") == timedelta(0)
    with batch_of("batches"):
        assert delay_of_next("another job") == timedelta(0)
        # The delay counts from the beginning of the transaction.
        assert delay_of_next("batches") == timedelta(seconds=1.5)
    assert delay_of_next("batches") == timedelta(0)


async def test_a_job_that_rests_delays_its_next_batch_and_nothing_else(
    bench: Bench, seconds: list[float]
) -> None:
    seconds += [0.0, 7000.0]

    async def change_some(context: Context, _: dict[str, Any]) -> None:
        await enqueue(context.db, "batches", {})
        await enqueue(context.db, "other", {})

    async def plainly(context: Context, _: dict[str, Any]) -> None:
        await enqueue(context.db, "later", {})

    jobs = [Job("batches", change_some, rests=True), Job("plain", plainly)]
    await bench.enqueue("batches")
    await bench.enqueue("plain")

    async def has_enqueued() -> bool:
        return {name for name, *_ in await bench.queue()} == {"batches", "other", "later"}

    async with bench.working(*jobs):
        await until(has_enqueued)
    assert dict(await bench.fetch(DELAYS)) == {
        "batches": timedelta(seconds=7000) + LONGEST_REST,
        "other": timedelta(0),
        "later": timedelta(0),
    }
