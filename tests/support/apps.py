"""The app that tests call: made once a process, then borrowed with a test's runtime."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict
from starlette.datastructures import State

from app.core.database import (
    POOL_SIZE,
    READER_POOL_SIZE,
    SEARCH_POOL_SIZE,
    SERVER_SETTINGS,
    WRITER_POOL_SIZE,
)
from app.core.pool import ALONG_INDEXES, PLANNED_EACH_TIME, PLANNED_ONCE
from app.core.settings.config import Settings
from app.main import create_app
from app.runtime.pools import Pools
from app.runtime.runtime import Runtime
from app.web.health import Readiness
from tests.support.completeness import CHECKED
from tests.support.pools import SeenPool
from tests.support.waiting import HANG_SECONDS

_PATIENCE = {
    **SERVER_SETTINGS,
    "statement_timeout": f"{HANG_SECONDS:.0f}s",
    "lock_timeout": "20s",
    "idle_in_transaction_session_timeout": f"{HANG_SECONDS:.0f}s",
}
PATIENT: dict[str, Any] = {
    "timeout": HANG_SECONDS,
    "command_timeout": HANG_SECONDS,
    "wait_seconds": HANG_SECONDS,
    "server_settings": _PATIENCE,
}
"""Options of a pool for busy machines, whose disk may stand still for seconds.

What happens when the database is slow has tests of its own (`tests/web/test_database_outage.py`).
"""

WARM: dict[str, Any] = {
    **PATIENT,
    # A timer of the client for each statement took 4 % of a test. The server has its own.
    "command_timeout": None,
    "statement_cache_size": 1_000,
}
"""The same for connections that many tests use: they keep all statements of the tests prepared."""


def patient_pools(url: str, options: dict[str, Any] = PATIENT, size: int | None = None) -> Pools:
    """Pools that report their statements, and wait as long as they must.

    `size` is for each of them, if it is not the product's.
    """

    def pool(usual: int, plans: dict[str, str]) -> SeenPool:
        own = {**options, "server_settings": {**_PATIENCE, **plans}}
        return SeenPool(url, size or usual, **own)

    return Pools(
        transactions=pool(POOL_SIZE, {}),
        reads=pool(READER_POOL_SIZE, ALONG_INDEXES),
        writes=pool(WRITER_POOL_SIZE, {**PLANNED_ONCE, **CHECKED}),
        searches=pool(SEARCH_POOL_SIZE, PLANNED_EACH_TIME),
    )


class SettingsOfTests(Settings):
    """Ignores the checkout's `.env`."""

    model_config = SettingsConfigDict(env_file=None)


@cache
def _make_app(name: str) -> FastAPI:
    """An app for many tests: making one takes as long as a test or two."""
    app = create_app(SettingsOfTests())
    app.openapi_schema = documented_app().openapi()
    return app


@cache
def documented_app() -> FastAPI:
    """An app with the default settings, which keeps its document: it is the document of each.

    Made once: it takes as long as ten tests. The app does not connect to anything.
    """
    return create_app(SettingsOfTests())


@contextmanager
def borrowed_app(name: str, runtime: Runtime) -> Iterator[FastAPI]:
    """The app `name` with a test's runtime. Afterwards it is as before."""
    app = _make_app(name)
    routes, metrics = list(app.router.routes), app.state.metrics
    app.state = State(
        {
            "metrics": metrics,
            "measures": app.state.measures,
            "worker": None,
            "readiness": Readiness(),
            "siblings": None,
            "runtime": runtime,
        }
    )
    try:
        yield app
    finally:
        app.router.routes[:] = routes
