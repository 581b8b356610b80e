"""Processes that use the embedded database of a folder, and the server that they share.

They are real processes: the tests depend on what the kernel does with the locks of one that dies.
"""

import asyncio
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import asyncpg

from app.operations.embedded.server import Server
from tests.support.server import ROOT
from tests.support.waiting import HANG_SECONDS

USES_THE_DATABASE = """
import os, sys
from pathlib import Path
from app.operations import embedded
if sys.argv[2]:
    os.setgroups([])
    os.setgid(int(sys.argv[3]))
    os.setuid(int(sys.argv[2]))
try:
    print(embedded.acquire(Path(sys.argv[1])), flush=True)
except embedded.EmbeddedError as error:
    print("refused:", error, flush=True)
sys.stdin.readline()
"""


class User:
    """A process that uses the database of a folder until `leave` or `kill`."""

    def __init__(
        self,
        data_dir: Path,
        account: pwd.struct_passwd | None = None,
        packages: Path | None = None,
    ) -> None:
        """Run as `account` or as the tests' user; `packages` may hold the wheel's programs."""
        ids = [str(account.pw_uid), str(account.pw_gid)] if account else ["", ""]
        paths = {"PYTHONPATH": str(packages)} if packages else {}
        self.process = subprocess.Popen(
            [sys.executable, "-c", USES_THE_DATABASE, str(data_dir), *ids],
            cwd=ROOT,
            env=os.environ | paths,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._answer: str | None = None

    @property
    def answer(self) -> str:
        """Wait for the process's answer: the URL, or the reason for a refusal."""
        if self._answer is None:
            assert self.process.stdout is not None
            self._answer = self.process.stdout.readline().strip()
        return self._answer

    def leave(self) -> None:
        """Tell it to end, and do not wait."""
        assert self.process.stdin is not None
        self.process.stdin.close()

    def wait(self) -> int:
        """Wait for its end; returns its exit status."""
        code = self.process.wait(HANG_SECONDS)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        return code

    def kill(self) -> None:
        """Kill it and its children, such as an initdb. The server runs in another session."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()


type Enter = Callable[..., User]


def leave(user: User) -> None:
    """Wait until the process has the database, and let it end."""
    assert user.answer.startswith("postgresql")
    user.leave()
    assert user.wait() == 0


def copy_folder(made: Path, folder: Path) -> Path:
    """Copy a data folder whose server is stopped, with the owners of its files."""
    subprocess.run(["cp", "-a", made, folder], check=True)
    return folder


def query(url: str, *statements: str) -> Any:
    """Run the statements; returns the first value of the last statement."""

    async def run() -> Any:
        connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=HANG_SECONDS)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(run())


def postmaster(folder: Path) -> int | None:
    """The pid of the server that runs on a folder."""
    process = Server(folder)._postmaster()
    return process.pid if process and Server(folder)._is_alive() else None
