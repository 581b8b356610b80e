"""The fixtures of all tests: a real PostgreSQL, an app on it, and people who call it.

An ordinary test uses `world`. It runs on one connection in one outer transaction. The app's
commits and rollbacks are savepoints in it, and everything is rolled back at the end. Tests of races
use `committed_world`, which has its own database and real commits.
"""

import gc
import logging
import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from app.core.database import POOL_SIZE
from app.core.logging import configure_logging
from app.core.passwords.hashing import PasswordHasher
from app.core.pool import Pool
from app.core.settings.config import Settings
from app.operations import embedded
from app.runtime.runtime import Runtime
from tests import levels
from tests.support import chance, contract
from tests.support.apps import WARM, SettingsOfTests, borrowed_app
from tests.support.database import fresh_database, template_url
from tests.support.fakes import FakeClock, FakeMailer, FakePush
from tests.support.memory import delete_memory_folder, make_memory_folder, memory_folder
from tests.support.patience import let_pools_wait, lift_limits, put_limits_back
from tests.support.people import LOWEST_COST
from tests.support.provider import Providers, running_providers
from tests.support.rolled_back import ROLLED_BACK, rolled_back, runtime_on
from tests.support.thrift import forget_sniffio, keep_tls_context
from tests.support.transport import AppClient
from tests.support.valkey import ValkeyServer, valkey_program, valkey_server
from tests.support.warm_database import WarmDatabase, WarmDatabases
from tests.support.world import World, token

LONG_FIRST = (
    "journey", "states", "matrix", "bench", "image", "web", "fuzz", "operations", "jobs",
    "integrations", "cli", "seed", "host",
)  # fmt: skip
"""Folders with slow tests: many of them wait for whole servers."""


def pytest_configure(config: pytest.Config) -> None:
    # Until all tests are collected, nothing that is loaded is garbage.
    gc.disable()
    forget_sniffio()
    for plugin in (levels, contract):
        config.pluginmanager.register(plugin)
    chance.load_profile()
    if not hasattr(config, "workerinput"):  # Only xdist's workers have it.
        make_memory_folder()
        if (folder := memory_folder()) and config.option.basetemp is None:
            config.option.basetemp = str(folder / "t")


def pytest_report_header() -> str:
    return chance.shown()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        delete_memory_folder()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the slow files first, so that the other tests run beside them.

    Within a folder the order stays random.
    """
    items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    """The place of the item's folder in LONG_FIRST; all other folders come last."""
    folder = item.path.relative_to(item.config.rootpath).parts[1]
    return LONG_FIRST.index(folder) if folder in LONG_FIRST else len(LONG_FIRST)


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_the_machine() -> None:
    for name in [name for name in os.environ if name.startswith("LINKY_")]:
        del os.environ[name]
    # A proxy of the machine can't reach the servers of tests.
    past = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = ",".join(filter(None, [past, "127.0.0.1", "localhost"]))


_HANDLERS: list[logging.Handler] = []
"""What writes the logs of this process, as `_plain_logs` has set it up."""


@pytest.fixture(scope="session", autouse=True)
def _plain_logs() -> None:
    # structlog's own default draws a traceback with all locals, which takes seconds.
    configure_logging("warning", as_json=True)
    _HANDLERS[:] = logging.getLogger().handlers


def pytest_runtest_logfinish() -> None:
    """Undo what a command in a test has configured: it logged to a stream that is closed now.

    Each request of the tests after it would else write a traceback of the logging itself.
    """
    if _HANDLERS and logging.getLogger().handlers != _HANDLERS:
        configure_logging("warning", as_json=True)
        _HANDLERS[:] = logging.getLogger().handlers


@pytest.fixture(scope="session", autouse=True)
def _lifted_limits() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        lift_limits(patch)
        yield


@pytest.fixture
def product_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The limits that other tests do without."""
    put_limits_back(monkeypatch)


@pytest.fixture(scope="session", autouse=True)
def _one_tls_context() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        keep_tls_context(patch)
        yield


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all test processes of a run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def server_url(shared_folder: Path) -> Iterator[str]:
    """The URL of the PostgreSQL that all test processes share; its database is the template."""
    with levels.unbarred():
        url = template_url(memory_folder() or shared_folder / "postgres")
    yield url
    embedded.release()


@pytest.fixture(scope="session")
def valkey() -> Iterator[ValkeyServer]:
    """A Valkey that the tests of a process share. Each of them counts with a secret of its own."""
    if valkey_program() is None:
        pytest.skip("there is no wheel of Valkey for this machine")
    with valkey_server() as server:
        yield server


@pytest.fixture
def own_valkey() -> Iterator[ValkeyServer]:
    """A Valkey that a test may break."""
    with valkey_server() as server:
        yield server


@pytest.fixture(scope="session")
def test_database(server_url: str) -> Iterator[str]:
    """This process's copy of the template. Its tests commit nothing."""
    with fresh_database(server_url, f"test_{token()}") as url:
        yield url


@pytest.fixture(scope="session")
def common_settings() -> Settings:
    """The settings, validated once: validating them takes as long as a request."""
    return SettingsOfTests(
        jwt_keys=("test:" + "t" * 40,), rate_limits="off", public_url="http://test"
    )


@pytest.fixture
def settings(common_settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """The settings of the app. A test that uses `idp` gets an app that knows these providers."""
    changes: dict[str, Any] = {"data_dir": tmp_path}
    if idp := _providers(request):
        changes |= idp.settings(tmp_path)
    return common_settings.model_copy(update=changes)


def _providers(request: pytest.FixtureRequest) -> Providers | None:
    return request.getfixturevalue("idp") if "idp" in request.fixturenames else None


@pytest.fixture(scope="session")
def provider_server() -> Iterator[Providers]:
    with running_providers() as providers:
        yield providers


@pytest.fixture
def idp(provider_server: Providers, clock: FakeClock) -> Iterator[Providers]:
    """Fake servers of LINE, Google and Apple, reset for each test."""
    provider_server.reset(clock)
    yield provider_server
    provider_server.released.set()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def push() -> FakePush:
    return FakePush()


@pytest.fixture
def mailer() -> FakeMailer:
    return FakeMailer()


@pytest.fixture(scope="session")
async def warm_pool(test_database: str) -> AsyncIterator[Pool]:
    """One pool, and so one event loop, for all tests of a process.

    A fresh connection loads PostgreSQL's catalogues and plans every statement again.
    """
    pool = Pool(test_database, POOL_SIZE, **WARM)
    yield pool
    await pool.close()


@pytest.fixture
async def connection(warm_pool: Pool) -> AsyncIterator[Any]:
    """A connection in a transaction that is rolled back at the end of the test."""
    async with rolled_back(warm_pool) as connection:
        yield connection


@pytest.fixture
def runtime(
    settings: Settings,
    test_database: str,
    connection: Any,
    clock: FakeClock,
    push: FakePush,
    mailer: FakeMailer,
) -> Runtime:
    return runtime_on(connection, test_database, settings, clock, push, mailer)


@pytest.fixture
def app(runtime: Runtime) -> Iterator[FastAPI]:
    with borrowed_app(ROLLED_BACK, runtime) as app:
        yield app


@pytest.fixture
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with AppClient(app) as client:
        yield client


@pytest.fixture
def world(
    app: FastAPI, runtime: Runtime, http: httpx.AsyncClient, request: pytest.FixtureRequest
) -> World:
    return World(app, runtime, http, _providers(request))


@pytest.fixture
def own_database(server_url: str) -> Iterator[str]:
    """A copy of the template for one test, which may commit and break anything."""
    with fresh_database(server_url, f"own_{token()}") as url:
        yield url


@pytest.fixture(scope="session")
async def warm_databases(server_url: str) -> AsyncIterator[WarmDatabases]:
    databases = WarmDatabases(server_url)
    yield databases
    await databases.close()


@pytest.fixture
async def committed_database(warm_databases: WarmDatabases) -> AsyncIterator[WarmDatabase]:
    """A database like the template, in which a test commits. It is used again, if possible."""
    async with warm_databases.lent() as database:
        yield database


@pytest.fixture
def patient_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pools that the test makes wait as long as they must: the machine may be busy."""
    let_pools_wait(monkeypatch)


@pytest.fixture
def committed_url(committed_database: WarmDatabase) -> str:
    """The URL of the database of `committed_world`."""
    return committed_database.url


@pytest.fixture
async def committed_world(
    committed_database: WarmDatabase,
    settings: Settings,
    push: FakePush,
    request: pytest.FixtureRequest,
) -> AsyncIterator[World]:
    """A world with its own database, a pool and real commits, for tests of races."""
    runtime = Runtime.build(settings, committed_database.url)
    committed_database.serve(runtime)
    runtime.passwords, runtime.push = PasswordHasher(cost=LOWEST_COST), push
    with borrowed_app("committed", runtime) as app:
        async with AppClient(app) as client:
            yield World(app, runtime, client, _providers(request))
        # A hub that goes on would miss its pools in the middle of a later test.
        if (hub := getattr(app.state, "hub", None)) is not None:
            await hub.close()
    await runtime.job_signal.close()


def pytest_collection_finish() -> None:
    # The app and the tests stay until the end: the garbage collector need not scan them again.
    gc.collect()
    gc.freeze()
    # Most of what a test makes is gone when its last user lets go. Looking for the rest, circles of
    # objects, 25 times as often took 8 % of a process's time.
    gc.set_threshold(50_000, 20, 20)
    gc.enable()
