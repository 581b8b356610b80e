"""The fixtures of all tests: a real PostgreSQL, an app on it, and people who call it.

An HTTP test lives on one connection and one outer transaction: the app's own commits and
rollbacks run as savepoints in it, and nothing stays. Tests of races and of the database's
absence commit for real, in a database of their own (`committed_world`).
"""

import gc
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic_settings import SettingsConfigDict
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import State

from app.core.config import Settings
from app.core.database import SERVER_SETTINGS, make_engine
from app.core.database_session import read_sessions, write_sessions
from app.core.logging import configure_logging
from app.core.passwords.hashing import PasswordHasher
from app.core.rate_limit import RateLimiter
from app.core.tokens import TokenCodec
from app.integrations.pictures.renderer import PictureRenderer
from app.integrations.storage import LocalStorage
from app.main import create_app
from app.operations import embedded
from app.runtime.runtime import Runtime
from tests.support.database import fresh_database, template_url
from tests.support.fakes import FakeClock, FakeMailer, FakePush
from tests.support.world import World, token

LOWEST_COST = 4
"""bcrypt's: a test hashes hundreds of passwords."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: the journeys, which wait a lot, and the minute of states. The others
    are done meanwhile.
    """
    items.sort(key=lambda item: {"journey", "states"}.isdisjoint(item.path.parts))


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_machine() -> None:
    for name in [name for name in os.environ if name.startswith("LINKY_")]:
        del os.environ[name]


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    # structlog's own default draws a traceback with all locals, which takes seconds.
    configure_logging("warning", as_json=True)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The server that all test processes share; `linky` in it is the template."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    yield template_url(shared / "postgres")
    embedded.release()


@pytest.fixture(scope="session")
def test_database(server_url: str) -> Iterator[str]:
    """This process's copy of the template, in which nothing ever stays."""
    with fresh_database(server_url, f"test_{token()}") as url:
        yield url


class SettingsOfTests(Settings):
    """Settings that no `.env` of the checkout has a say in."""

    model_config = SettingsConfigDict(env_file=None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return SettingsOfTests(
        data_dir=tmp_path,
        jwt_keys=("test:" + "t" * 40,),
        rate_limits="off",
        public_url="http://test",
    )


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def push() -> FakePush:
    return FakePush()


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


PATIENT = {
    "connect_args": {
        "timeout": 20,
        "command_timeout": 60,
        "server_settings": {**SERVER_SETTINGS, "statement_timeout": "60s", "lock_timeout": "20s"},
    }
}
"""For machines whose disk stands still for seconds, as where databases are made and dropped. What
happens when the database is slow has tests of its own (`tests/http/test_database_away.py`).
"""


@pytest.fixture
async def connection(test_database: str) -> AsyncIterator[AsyncConnection]:
    engine = make_engine(test_database, **PATIENT)
    async with engine.connect() as connection:
        outer = await connection.begin()
        yield connection
        await outer.rollback()
    await engine.dispose()


@pytest.fixture
def runtime(
    settings: Settings,
    connection: AsyncConnection,
    clock: FakeClock,
    push: FakePush,
    mailer: FakeMailer,
) -> Runtime:
    sessions = write_sessions(connection, join_transaction_mode="create_savepoint")
    return Runtime(
        settings=settings,
        engine=connection.engine,
        sessions=sessions,
        reads=sessions,
        storage=LocalStorage(settings.storage_dir, settings.media_url),
        push=push,
        mailer=mailer,
        pictures=PictureRenderer(),
        passwords=PasswordHasher(cost=LOWEST_COST),
        tokens=TokenCodec(settings.signing_keys, clock),
        clock=clock,
        limiter=RateLimiter(enabled=False),
    )


@cache
def _made_app(name: str) -> FastAPI:
    """An app for many tests: to make one takes as long as a test or two."""
    app = create_app(SettingsOfTests())
    app.openapi()
    return app


@contextmanager
def borrowed_app(name: str, runtime: Runtime) -> Iterator[FastAPI]:
    """The app `name` with a test's own runtime; as new for the next one afterwards."""
    app = _made_app(name)
    routes, metrics = list(app.router.routes), app.state.metrics
    app.state = State({"metrics": metrics, "worker": None, "runtime": runtime})
    try:
        yield app
    finally:
        app.router.routes[:] = routes


@pytest.fixture
def app(runtime: Runtime) -> Iterator[FastAPI]:
    with borrowed_app("rolled back", runtime) as app:
        yield app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


@pytest.fixture
def world(app: FastAPI, runtime: Runtime, http: httpx.AsyncClient) -> World:
    return World(app, runtime, http)


@pytest.fixture
def own_database(server_url: str) -> Iterator[str]:
    """A copy of the template for one test, which may commit and break what it wants."""
    with fresh_database(server_url, f"own_{token()}") as url:
        yield url


@pytest.fixture
async def committed_world(
    own_database: str, settings: Settings, push: FakePush
) -> AsyncIterator[World]:
    """A world in a database of its own, with a pool and real commits: for races."""
    runtime = Runtime.build(settings, own_database)
    await runtime.engine.dispose()
    runtime.engine = make_engine(own_database, **PATIENT)
    runtime.sessions, runtime.reads = (
        write_sessions(runtime.engine),
        read_sessions(runtime.engine),
    )
    runtime.passwords, runtime.push = PasswordHasher(cost=LOWEST_COST), push
    with borrowed_app("committed", runtime) as app:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            yield World(app, runtime, client)
    await runtime.close()


def pytest_collection_finish() -> None:
    # The app and the tests themselves are no garbage: the collector need not look at them again.
    gc.collect()
    gc.freeze()
