"""Many people act at the same time, and afterwards everything adds up (see `simulation.py`).

`make test` runs it for half a minute, `make test-states` for ten minutes.
"""

import os
import random
import time
from collections.abc import AsyncIterator, Iterator

import pytest

from app.api import METADATA
from app.core.database import make_engine
from app.core.database_session import read_sessions, single_write_sessions, write_sessions
from app.core.reader import PoolReader
from app.integrations.push import LogPushSender
from tests.states.recount import COUNTS
from tests.states.simulation import ROUNDS, Simulation, Totals, open_state
from tests.support.apps import PATIENT, PATIENT_WRITER
from tests.support.world import World

pytestmark = pytest.mark.anyio

SECONDS = float(os.environ.get("STATES_SECONDS", "12"))
SEED = int(os.environ.get("STATES_SEED", "0")) or random.randrange(1, 10**6)
TIMES = int(os.environ.get("STATES_TIMES", "0"))
"""How often the seed is repeated; 0 runs one seed after the other until the time is up."""

REQUESTS_AT_ONCE = 40

WITHOUT = os.environ.get("STATES_WITHOUT", "").split()


@pytest.fixture
async def patient_world(committed_world: World, committed_url: str) -> AsyncIterator[World]:
    """A world in which forty concurrent requests may wait up to a minute for a connection.

    Single writes need not wait: each has one.
    """
    runtime = committed_world.runtime
    await runtime.engine.dispose()
    pool = PoolReader(committed_url, REQUESTS_AT_ONCE, **PATIENT_WRITER)
    runtime.engine = make_engine(committed_url, **PATIENT)
    runtime.sessions = write_sessions(runtime.engine)
    runtime.reads = read_sessions(runtime.engine)
    runtime.single_writes = single_write_sessions(runtime.engine, pool, pool, runtime.bell.ring)
    runtime.push = LogPushSender()
    yield committed_world
    await pool.close()
    await runtime.engine.dispose()


def seeds() -> Iterator[int]:
    """One seed `TIMES` times, or one seed after the other until the time is up."""
    if TIMES:
        yield from [SEED] * TIMES
        return
    yield from range(SEED, SEED + 10**6)


async def test_everything_adds_up_after_concurrent_random_acts(
    patient_world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    totals, end = Totals(), time.monotonic() + SECONDS
    state = await open_state(patient_world)
    for seed in seeds():
        simulation = Simulation(state, seed, totals, WITHOUT)
        await simulation.start()
        for _ in range(ROUNDS):
            await simulation.run_round()
            if not TIMES and time.monotonic() > end:
                break
        await simulation.finish()
        if not TIMES and time.monotonic() > end:
            break
    with capsys.disabled():
        print(f"\nseeds {SEED} to {seed}: {totals.summary()}")


async def test_every_count_column_is_recounted() -> None:
    columns = {
        (table.name, column.name)
        for table in METADATA.tables.values()
        for column in table.columns
        if column.name.endswith("_count")
    }
    assert columns == {place for place in COUNTS if place[1].endswith("_count")}
