"""Databases for tests of the worker, and what it logs."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from app.jobs import runner, worker
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


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The log entries of the worker."""
    capture = LogCapture()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(),
        processors=[structlog.contextvars.merge_contextvars, capture],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
    )
    for module in (worker, runner):
        monkeypatch.setattr(module, "log", logger)
    return capture.entries
