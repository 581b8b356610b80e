"""The database of a rehearsal, its servers and workers, and the commands that operators give."""

import asyncio
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import URL, make_url

from app.operations import embedded
from app.operations.database_roles import RoleLogin, make_roles
from bench.requests import community
from tests.cluster.parts import Process
from tests.rehearsal.versions import Version
from tests.support.server import environment
from tests.support.sql import plain_url

COMMAND_SECONDS = 3600
WHOLE_SCALE = 1_000_000
"""Posts of `sizes_of(1)`."""


class CommandEnded(Exception):
    """A command of a release failed. The message is its output."""


@dataclass
class Installation:
    folder: Path
    superuser: str
    settings: dict[str, str]
    running: list[Process] = field(default_factory=list)
    _number: int = 0

    def start(self, version: Version) -> tuple[Process, Process]:
        """A server of this release and its worker, beside those that run. Waits until it serves."""
        self._number += 1
        server, worker = (
            Process(
                self.folder, f"{self._number}-{command}", command,
                program=(version.program,), PYTHONPATH="", VIRTUAL_ENV="", **self.settings,
            )
            for command in ("serve", "worker")
        )  # fmt: skip
        for each in (worker, server):
            self.running.append(each)
            each.start()
        server.wait_until_ready()
        return server, worker

    def end(self, *processes: Process) -> None:
        """As a service manager does it. Raises AssertionError if one does not end well."""
        for each in processes:
            each.end()
            self.running.remove(each)

    def run(self, version: Version, *command: str, stdin: str = "") -> str:
        """A command as an operator gives it. Raises CommandEnded."""
        done = subprocess.run(
            [version.program, *command],
            env=environment(self.folder / "shared", PYTHONPATH="", **self.settings),
            input=stdin, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            text = f"{done.stdout[-2000:]}{done.stderr[-2000:]}"
            raise CommandEnded(f"{version.name}: linky {' '.join(command)}: {text}")
        return done.stdout

    async def ask(self, statement: str, *values: Any) -> list[asyncpg.Record]:
        connection = await asyncpg.connect(self.superuser)
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    def logs(self) -> Iterator[str]:
        """The end of each log, PostgreSQL's too."""
        for log in sorted(self.folder.rglob("*.log")):
            yield f"--- {log.name}\n{log.read_text(errors='replace')[-3000:]}"


@contextmanager
def installed(folder: Path, version: Version) -> Iterator[Installation]:
    """An empty database with the tables of this release and two roles, as production has them."""
    with ExitStack() as stack:
        stack.callback(embedded.release, folder / "postgres")
        superuser = make_url(embedded.acquire(folder / "postgres")).set(username="postgres")
        owner, server = (
            RoleLogin(f"linky_{name}", secrets.token_hex(16)) for name in ("owner", "server")
        )
        asyncio.run(_make_roles(plain_url(superuser), owner, server))
        settings = {
            "LINKY_DATABASE_URL": _url_of(superuser, server),
            "LINKY_MIGRATION_DATABASE_URL": _url_of(superuser, owner),
            "LINKY_JWT_KEYS": f"k:{secrets.token_hex(32)}",
            "LINKY_LOG_LEVEL": "warning",
            "LINKY_NEW_ACCOUNT_HOURS": "0",
            "LINKY_TRUSTED_PROXIES": "127.0.0.1",
            "LINKY_WORKER": "apart",
        }
        installation = Installation(folder, plain_url(superuser), settings)
        stack.callback(_kill_all, installation.running)
        installation.run(version, "migrate")
        yield installation


async def fill(installation: Installation, posts: int) -> None:
    """The community of the benchmarks, with so many posts."""
    connection = await asyncpg.connect(installation.superuser)
    try:
        await community.fill(connection, community.sizes_of(posts / WHOLE_SCALE))
        await connection.execute("VACUUM ANALYZE", timeout=COMMAND_SECONDS)
    finally:
        await connection.close()


def _kill_all(running: list[Process]) -> None:
    for each in running:
        with suppress(AssertionError):
            each.kill()


def _url_of(superuser: URL, login: RoleLogin) -> str:
    return plain_url(superuser.set(username=login.name, password=login.password))


async def _make_roles(url: str, owner: RoleLogin, server: RoleLogin) -> None:
    connection = await asyncpg.connect(url)
    try:
        await make_roles(connection, owner, server)
    finally:
        await connection.close()
