"""Many people act at the same time, and afterwards everything adds up (see `simulation.py`).

By day it plays a tour and the first rounds of one seed, `make test-states` whole seeds for ten
minutes.
"""

import os
import time
from collections.abc import AsyncIterator, Iterator
from itertools import count, takewhile

import pytest
from pydantic import SecretStr

from app.api import METADATA
from app.core.database import POOL_SIZE
from app.integrations.push.log import LogPushSender
from app.live_log.log import LiveLog
from tests.states.live_check import by_id
from tests.states.picture_check import HoldsTallPictures
from tests.states.reach import WORD_ACTIONS
from tests.states.recount import COUNTS
from tests.states.simulation import ROUNDS, Simulation, Totals, open_state
from tests.states.watch import Watch, WatchedPool
from tests.support.apps import PATIENT, patient_pools
from tests.support.chance import SEED, times
from tests.support.world import World

# `python -m tests.states` sets these.
SECONDS = float(os.environ.get("STATES_SECONDS", "0"))
"""One seed after the other is played until the time is up."""
TIMES = int(os.environ.get("STATES_TIMES", "0"))
"""How often one seed is played instead."""
WITHOUT = os.environ.get("STATES_WITHOUT", "").split()

REQUESTS_AT_ONCE = 40

SMALL = 3
"""The app hides, shows and deletes by hundreds. Here it takes several batches, too."""

BATCHES = (
    *(
        "comment.repository.leaving.LEAVING_BATCH_ROWS",
        "comment.repository.visibility.VISIBILITY_BATCH_ROWS",
    ),
    *(
        "comment.service.author_content.AUTHOR_BATCH_ROWS",
        "comment.service.author_content.DELETED_AT_ONCE",
    ),
    "comment.service.visibility.THREAD_BATCH_ROWS",
    *(
        "post.repository.leaving.LEAVING_BATCH_ROWS",
        "post.repository.visibility.VISIBILITY_BATCH_ROWS",
    ),
    *(
        "post.service.author_content.AUTHOR_BATCH_ROWS",
        "post.service.author_content.DELETED_AT_ONCE",
    ),
    "post.service.leaving.LEAVING_BATCH_ROWS",
)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
async def patient_world(
    committed_world: World, committed_url: str, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A world in which forty concurrent requests may wait up to a minute for a connection.

    Transactions and reads pause where the watch says so. Single writes need not wait: each has a
    connection.
    """
    for batch in BATCHES:
        monkeypatch.setattr(f"app.{batch}", SMALL)
    runtime = committed_world.runtime
    pools = patient_pools(committed_url, size=REQUESTS_AT_ONCE)
    watched = WatchedPool(watch, committed_url, POOL_SIZE, **PATIENT)
    pools.transactions = pools.reads = pools.searches = watched
    runtime.pools = pools
    runtime.live_log = LiveLog(lambda: pools.writes)
    runtime.push = LogPushSender()
    runtime.outbound = HoldsTallPictures()
    check = {"picture_check_url": SecretStr("http://pictures.example/check")}
    runtime.settings = runtime.settings.model_copy(update=check)
    yield committed_world
    await pools.close()


def seeds() -> Iterator[int]:
    """One seed, `TIMES` times, or one seed after the other until the time is up."""
    if TIMES or not SECONDS:
        yield from [SEED] * max(TIMES, 1)
        return
    end = time.monotonic() + SECONDS
    yield from takewhile(lambda _: time.monotonic() < end, count(SEED))


async def test_everything_adds_up_after_concurrent_random_acts(
    patient_world: World, watch: Watch, capsys: pytest.CaptureFixture[str]
) -> None:
    totals, state = Totals(), await open_state(patient_world, watch)
    for seed in seeds():
        simulation = Simulation(state, seed, totals, WITHOUT)
        await simulation.start()
        await simulation.tour()
        for _ in range(times(4, ROUNDS)):
            await simulation.run_round()
        await simulation.finish()
    assert sorted(WORD_ACTIONS - totals.changes.keys()) == []
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


async def test_a_new_name_is_no_difference_to_what_was_told() -> None:
    names = ("名前1", "名前2")
    before, after = (
        {"actor": {"id": "M1", "nickname": name}, "title": f"{name}さんがコメントしました"}
        for name in names
    )
    assert by_id(before) == by_id(after)
