"""Runs `linky` in a folder without `.env`, inside the test process or as a process of its own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import Linky, linky_here
from tests.support.database import fresh_database
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import LINKY, Server, environment, run
from tests.support.world import token


@pytest.fixture(autouse=True)
def _patience(patient_pools: None) -> None:
    """Commands in this process wait for the database: no test here is about its limits."""


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def linky(tmp_path: Path, data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Linky:
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return linky_here(arguments, environment(data_dir, **settings), stdin=stdin)

    return call


@pytest.fixture
def linky_process(tmp_path: Path, data_dir: Path) -> Linky:
    """`linky` as a process of its own, as an operator runs it."""

    def call(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return run(
            [LINKY, *arguments], environment(data_dir, **settings), stdin=stdin, cwd=tmp_path
        )

    return call


@pytest.fixture(scope="package")
def server(server_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a database of its own."""
    with fresh_database(server_url, f"served_{token()}") as url:
        data_dir = tmp_path_factory.mktemp("served") / "data"
        server = Server(data_dir, [*QUICK_LINKY, "serve"], LINKY_DATABASE_URL=url)
        try:
            yield server.start()
        finally:
            server.clean_up()


@pytest.fixture
def other_database(server_url: str) -> Iterator[str]:
    """Where a community is imported."""
    with fresh_database(server_url, f"moved_{token()}") as url:
        yield url
