"""Two servers that read from a replica by streaming replication, whose replay can be paused."""

import gc
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path

import pytest

from app.core.settings.config import Settings
from app.runtime.replica import probe, replica, tracker
from tests.runtime.replica_servers import Servers, abandoned_connections, replica_of, serving
from tests.support.memory import memory_folder
from tests.support.replication import Replication, replicated_database
from tests.support.waiting import HANG_SECONDS, until
from tests.support.world import World


@pytest.fixture(scope="package")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replication]:
    """A primary and its replica."""
    # `abandoned_connections` collects garbage. It need not look at what was there before.
    gc.collect()
    gc.freeze()
    parent = memory_folder() or tmp_path_factory.getbasetemp()
    with tempfile.TemporaryDirectory(dir=parent, prefix="replication-") as folder:
        # PostgreSQL may run as another account, which must get in here.
        path = Path(folder)
        path.chmod(0o755)
        with replicated_database(path) as replication:
            yield replication


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica may be as far behind as it likes, so that a busy machine changes nothing."""
    monkeypatch.setattr(tracker, "MOST_BEHIND_SECONDS", HANG_SECONDS)


@pytest.fixture
def patient_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process waits for the replica as long as it must. The replica itself still gives up.

    The same holds for a probe, and for a position: one that takes too long on a busy machine would
    send reads to the primary for that reason.
    """
    monkeypatch.setattr(probe, "PROBE_SECONDS", HANG_SECONDS)
    for name in ("POOL_WAIT_SECONDS", "ANSWER_SECONDS", "PROBE_SECONDS"):
        monkeypatch.setattr(replica, name, HANG_SECONDS)


@pytest.fixture
def patient_reads(patient_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A read from the replica may take as long as it likes before it goes to the primary."""
    monkeypatch.setattr(replica, "STATEMENT_TIMEOUT", f"{HANG_SECONDS}s")


@pytest.fixture
async def servers(
    patient: None, patient_pools: None, pair: Replication, settings: Settings
) -> AsyncIterator[Servers]:
    """Two servers that may read from the replica, and wait for the primary."""
    pair.replica.start()
    await pair.resume()
    async with AsyncExitStack() as stack:
        worlds = [
            await stack.enter_async_context(serving(pair, settings, name))
            for name in ("one", "two")
        ]
        for world in worlds:
            await until(partial(_is_usable, world))
        with abandoned_connections():
            yield Servers(pair, worlds)
        await pair.resume()


def _is_usable(world: World) -> bool:
    return replica_of(world).is_usable
