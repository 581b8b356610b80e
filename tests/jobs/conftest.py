"""An empty database for tests of the worker, and one with the tables of the queue."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.database import EMPTY, fresh_database
from tests.support.worker_bench import Bench, bench_on
from tests.support.world import token


@pytest.fixture
def database_url(server_url: str) -> Iterator[str]:
    """The SQLAlchemy URL of a database without tables, which is dropped afterwards."""
    with fresh_database(server_url, f"empty_{token()}", EMPTY) as url:
        yield url


@pytest.fixture
async def bench(database_url: str) -> AsyncIterator[Bench]:
    async with bench_on(database_url) as bench:
        yield bench
