"""`linky` as its user calls it: a process of its own, in a folder where no `.env` is."""

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import asyncpg
import pytest
from sqlalchemy import make_url

from tests.journey.server import LINKY, Server, environment, run


class Linky(Protocol):
    """Runs `linky` with these arguments and settings, until it ends."""

    def __call__(
        self, *arguments: str, stdin: str = "", **settings: str
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def linky(tmp_path: Path, data_dir: Path) -> Linky:
    def call(*arguments: str, stdin: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
        return run(
            [LINKY, *arguments], environment(data_dir, **settings), stdin=stdin, cwd=tmp_path
        )

    return call


@pytest.fixture
def server(data_dir: Path, own_database: str) -> Iterator[Server]:
    """A server on a database of its own."""
    server = Server(data_dir, [LINKY, "serve"], LINKY_DATABASE_URL=own_database)
    try:
        yield server.start()
    finally:
        server.clean_up()


def rows(database_url: str, statement: str) -> list[Any]:
    """What the database says to a statement, which is committed."""
    url = make_url(database_url).set(drivername="postgresql")

    async def fetch() -> list[Any]:
        connection = await asyncpg.connect(url.render_as_string(hide_password=False))
        try:
            return list(await connection.fetch(statement))
        finally:
            await connection.close()

    return asyncio.run(fetch())


def refused(result: subprocess.CompletedProcess[str], *words: str, secret: str = "geheim") -> None:
    """One sentence on stderr that has these words, no traceback, nothing secret, no success."""
    seen = f"{result.returncode}: {result.stderr}\n{result.stdout}"
    assert result.returncode == 1, seen
    (sentence,) = result.stderr.splitlines()
    assert sentence.startswith("linky: "), seen
    for word in words:
        assert word in sentence, seen
    assert "Traceback" not in seen
    assert secret not in seen
