"""Starts a program in a process that has imported the app, which saves most of a start's CPU.

The process is forked by the fork server of `multiprocessing`. A test process has one once it starts
a program, and that imports the app.
"""

import atexit
import gc
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fcntl import F_DUPFD_CLOEXEC, fcntl
from multiprocessing import active_children, connection, get_context, parent_process
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.reduction import DupFd
from operator import methodcaller
from pathlib import Path
from threading import Thread
from typing import IO, Any

ROOT = Path(__file__).parents[2]
IS_POSSIBLE = sys.platform == "linux"
"""Elsewhere a fork is not safe (macOS): there a program starts from the beginning."""

LINKY_PROGRAM = "app.start:main"
QUICK_PROGRAM = "tests.support.quick_linky:run"
FIRST_HANDED = 3
"""The number of the first socket that systemd hands to a service."""

ABOVE = 100
"""Here begin the numbers of files that only this module uses."""

PRELOADED = (
    *("app.cli", "app.cli.server", "app.main", "tests.support.quick_linky", __name__),
    *("linky_dev.app", "linky_dev.fake_providers"),
)
"""What `linky serve`, `worker` and `dev` import where they begin, and this module."""

_CONTEXT: ForkServerContext | SpawnContext = (
    get_context("forkserver") if IS_POSSIBLE else get_context("spawn")
)
_CONTEXT.set_forkserver_preload(list(PRELOADED))


class PreloadedProcess:
    """A process in a session of its own. Used like `subprocess.Popen`.

    `program` is a module and its function, as in an entry point. The program works in `folder`, and
    gets `sockets` as systemd hands them to a service. It never outlives the test process.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes],
        *,
        program: str = QUICK_PROGRAM,
        folder: Path = ROOT,
        sockets: Sequence[Any] = (),
    ) -> None:
        # `multiprocessing` does not announce it, and tests/levels.py wants to know.
        sys.audit("subprocess.Popen", program, arguments, folder, environment)
        self.arguments = arguments
        files = [_File(file.fileno()) for file in (output, *sockets)]
        order = (program, list(arguments), dict(environment), folder)
        has_session, begun = _CONTEXT.Pipe(duplex=False)
        self._process = _CONTEXT.Process(target=_become, args=(begun, *order, *files))
        self._process.start()
        begun.close()
        has_session.poll(None)
        has_session.close()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit status, or the negative number of the signal. None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if (status := self.returncode) is None:
            raise subprocess.TimeoutExpired(list(self.arguments), timeout or 0)
        return status

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


type Process = subprocess.Popen[bytes] | PreloadedProcess


def start(
    program: str,
    arguments: Sequence[str],
    environment: Mapping[str, str],
    output: IO[bytes],
    folder: Path = ROOT,
) -> PreloadedProcess:
    return PreloadedProcess(arguments, environment, output, program=program, folder=folder)


class _File:
    """A file that the process gets. It arrives as the number that the file has there."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Any, ...]:
        return methodcaller("detach"), (DupFd(self.number),)


def _become(
    begun: connection.Connection,
    program: str,
    arguments: list[str],
    environment: dict[str, str],
    folder: Path,
    output: int,
    *sockets: int,
) -> None:
    """Run the program as if this process had been started for it."""
    os.setsid()
    begun.close()
    tests = parent_process()
    assert tests is not None
    end, *handed = [fcntl(file, F_DUPFD_CLOEXEC, ABOVE) for file in (tests.sentinel, *sockets)]
    _end_with_the_tests(end)
    # `multiprocessing` has opened /dev/null, and closed Python's own standard input.
    for file, number in ((sys.stdin.fileno(), 0), (output, 1), (output, 2)):
        os.dup2(file, number)
    sys.stdin = open(0)  # noqa: SIM115
    if IS_POSSIBLE:
        # At its end, a test process waits for a helper that lives as long as these files are open.
        # Where it does not fork, it sees by one of them that this process lives.
        os.closerange(FIRST_HANDED, ABOVE)
    os.environ.clear()
    os.environ.update(environment)
    _hand(handed)
    os.chdir(folder)
    sys.argv = ["linky", *arguments]
    gc.freeze()  # Collecting would copy the memory of what was imported.
    module, _, function = program.partition(":")
    getattr(importlib.import_module(module), function)()


def _end_with_the_tests(end: int) -> None:
    """Kill this process and its children once the test process has ended, even by SIGKILL.

    The kernel can't do it (PR_SET_PDEATHSIG): this process is a child of the fork server.
    """

    def await_end() -> None:
        connection.wait([end])
        os.killpg(0, signal.SIGKILL)

    # Signals are for the program: a thread that took one would end the process.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    Thread(target=await_end, daemon=True).start()
    signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hand(sockets: Sequence[int]) -> None:
    """Let this process find the sockets where systemd puts them."""
    for number, handed in enumerate(sockets, FIRST_HANDED):
        os.dup2(handed, number)
        os.close(handed)
    if sockets:
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(sockets)))


@atexit.register
def _end_what_is_left() -> None:
    """`multiprocessing` would wait for it at the end of a test process."""
    for process in active_children():
        if process.pid is not None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
