"""What the tests of the benchmarks share."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from bench.requests import loading, servers
from tests.support.database import PLAIN
from tests.support.patient_linky import PATIENT_PROGRAM
from tests.support.ports import free_port
from tests.support.preloaded import Process, start


@pytest.fixture(scope="module")
def tables_by_copy() -> Iterator[None]:
    """Lets a benchmark copy the migrated template. Migrating takes a process of three seconds.

    `test_search.py` does without: there a benchmark migrates its database as it does elsewhere.
    """

    async def copy(admin: Any, tree: Path, python: str, url: str) -> None:
        name = make_url(url).database
        await admin.execute(
            f"CREATE DATABASE {name} TEMPLATE {PLAIN} STRATEGY file_copy OWNER linky"
        )

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loading, "_create", copy)
        yield


@pytest.fixture(scope="module", autouse=True)
def _preloaded_servers() -> Iterator[None]:
    """Lets the compared servers begin in a process that has imported the app."""

    def launch(
        command: Sequence[str], folder: Path, environment: Mapping[str, str], **_: Any
    ) -> Process:
        name, *arguments = command
        program = PATIENT_PROGRAM
        if name == sys.executable:
            _m, module, *arguments = arguments
            program = f"{module}:main"
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "log").open("ab") as log:
            return start(program, arguments, environment, log, folder)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servers, "launch", launch)
        # Another test could get one of the system's before the server takes it.
        patch.setattr(servers, "free_port", free_port)
        yield
