"""The stage, which is made once a file: that takes as long as hundreds of calls."""

from collections.abc import AsyncIterator

import pytest

from app.core.pool import Pool
from app.core.settings.config import Settings
from tests.matrix.stage import Stage
from tests.support.apps import borrowed_app
from tests.support.fakes import FakeClock, FakeMailer, FakePush
from tests.support.rolled_back import ROLLED_BACK, rolled_back, runtime_on, undone
from tests.support.transport import AppClient
from tests.support.world import World


@pytest.fixture(scope="module")
async def made_stage(
    warm_pool: Pool,
    test_database: str,
    common_settings: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Stage]:
    changes = {"data_dir": tmp_path_factory.mktemp("stage")}
    settings = common_settings.model_copy(update=changes)
    async with rolled_back(warm_pool) as connection:
        runtime = runtime_on(
            connection, test_database, settings, FakeClock(), FakePush(), FakeMailer()
        )
        with borrowed_app(ROLLED_BACK, runtime) as app:
            async with AppClient(app) as client:
                yield await Stage(World(app, runtime, client), connection).start()


@pytest.fixture
async def stage(made_stage: Stage) -> AsyncIterator[Stage]:
    """The stage, to which a test leaves nothing."""
    # Other tests have borrowed the app meanwhile.
    with borrowed_app(ROLLED_BACK, made_stage.world.runtime):
        async with undone(made_stage.connection):
            yield made_stage
