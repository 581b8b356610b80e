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

from app.operations import embedded
from app.operations.embedded.errors import EmbeddedError
from app.operations.embedded.server import EmbeddedServer
from tests.support.preloaded import start
from tests.support.waiting import HANG_SECONDS

END = signal.SIGTERM


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
        answers, ours = os.pipe()
        self._answers = os.fdopen(answers)
        with os.fdopen(ours, "wb") as output:
            arguments = [str(data_dir), *ids, str(packages or "")]
            self.process = start(f"{__name__}:use_the_database", arguments, os.environ, output)
        self._answer: str | None = None

    @property
    def answer(self) -> str:
        """Wait for the process's answer: the URL, or the reason for a refusal."""
        if self._answer is None:
            self._answer = self._answers.readline().strip()
        return self._answer

    def leave(self) -> None:
        """Tell a process that has answered to end, and do not wait."""
        self.process.send_signal(END)

    def wait(self) -> int:
        """Wait for its end; returns its exit status."""
        code = self.process.wait(HANG_SECONDS)
        self._answers.close()
        return code

    def kill(self) -> None:
        """Kill it and its children, such as an initdb. The server runs in another session."""
        if self.process.returncode is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.wait()


def use_the_database() -> None:
    """What such a process does."""
    folder, user, group, packages = sys.argv[1:]
    if packages:
        sys.path.insert(0, packages)
    if user:
        os.setgroups([])
        os.setgid(int(group))
        os.setuid(int(user))
    try:
        answer = embedded.acquire(Path(folder))
    except EmbeddedError as error:
        answer = f"refused: {error}"
    # From before the answer on, the signal waits for us.
    signal.pthread_sigmask(signal.SIG_BLOCK, {END})
    print(answer, flush=True)
    signal.sigwait({END})
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {END})


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
    process = EmbeddedServer(folder)._postmaster()
    return process.pid if process and EmbeddedServer(folder)._is_alive() else None
