"""Starts a program from a process that has imported the app, which saves most of a start's CPU.

A run has one helper, which is this module as a program. For each start the helper forks a keeper,
and the keeper forks the program. It tells how the program ended, which only a parent sees.
"""

import atexit
import fcntl
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO, Any

from tests.support.memory import maker_of, memory_folder

ROOT = Path(__file__).parents[2]
IS_POSSIBLE = sys.platform == "linux"
"""Elsewhere a socket keeps no borders between messages."""

LINKY_PROGRAM = "app.start:main"
QUICK_PROGRAM = "tests.support.quick_linky:run"
LONGEST_ORDER = 2**20
MOST_FILES = 8
FIRST_HANDED = 3
"""The number of the first socket that systemd hands to a service."""

PRELOADED = (
    *("app.cli", "app.cli.server", "app.main", "tests.support.quick_linky"),
    *("app.dev.app", "app.dev.http_protocol", "app.dev.stand_ins"),
)
"""What `linky serve`, `worker` and `dev` import where they begin."""


class PreloadedProcess:
    """A process in a session of its own. Used like `subprocess.Popen`.

    `program` is a module and its function, as in an entry point. The program works in `folder`, and
    gets `sockets` as systemd hands them to a service.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        output: IO[bytes],
        *,
        program: str = QUICK_PROGRAM,
        folder: Path = ROOT,
        sockets: Sequence[socket.socket] = (),
    ) -> None:
        self.arguments = arguments
        self.returncode: int | None = None
        order = {
            "program": program,
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": str(folder),
        }
        files = [output.fileno(), *(each.fileno() for each in sockets)]
        self._channel = _connect_to_helper()
        try:
            with suppress(ConnectionError):  # The answer says that it has ended.
                socket.send_fds(self._channel, [json.dumps(order).encode()], files)
            self.pid = self._told("pid")
        except BaseException:
            self._channel.close()
            raise

    def poll(self) -> int | None:
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """The exit status, or the negative number of the signal. Raises TimeoutExpired."""
        if self.returncode is None:
            if not select.select([self._channel], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired(list(self.arguments), timeout or 0)
            self.returncode = self._told("status")
            self._channel.close()
        return self.returncode

    def _told(self, word: str) -> int:
        """The number that the helper tells after this word. A status is never taken for an id."""
        try:
            message = self._channel.recv(100).decode()
        except ConnectionResetError:  # It has not read the order.
            message = ""
        said, _, number = message.partition(" ")
        if not message:
            raise ChildProcessError(
                f"the helper told no {word}: it could not start it, or has ended"
            )
        if said != word:
            raise ChildProcessError(f"the helper told {message!r} instead of a {word}")
        return int(number)

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
) -> Process:
    """Start a program preloaded, or from the beginning where that can't be."""
    if IS_POSSIBLE:
        return PreloadedProcess(arguments, environment, output, program=program, folder=folder)
    module, _, function = program.partition(":")
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import {module} as it; it.{function}()"
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], env=environment, cwd=folder,
        start_new_session=True, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
    )  # fmt: skip


@cache
def _place() -> tuple[Path, int]:
    """Where the run's helper listens, and the process of the run."""
    folder = memory_folder()
    run = maker_of(folder) if folder else None
    if folder is None or run is None:
        # These processes share no folder: each has a helper.
        folder, run = Path(tempfile.mkdtemp(prefix="linky-helper-")), os.getpid()
    return folder / "helper", run


def _connect_to_helper() -> socket.socket:
    """A channel to the run's helper. The first process that finds none starts one."""
    address, run = _place()
    with address.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return _connect(address)
        except (ConnectionRefusedError, FileNotFoundError):
            address.unlink(missing_ok=True)  # A helper that died has left it.
        # It ends when the helper takes orders.
        command = (sys.executable, "-m", "tests.support.preloaded", str(address), str(run))
        subprocess.run((*command, *PRELOADED), cwd=ROOT, check=True)
        return _connect(address)


def _connect(address: Path) -> socket.socket:
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        channel.connect(str(address))
    except OSError:
        channel.close()
        raise
    return channel


def help_a_run() -> None:
    """The helper: take orders at an address as long as the process of a run lives.

    Its arguments are the address, the run's process, and what to import before.
    """
    address, run, preloaded = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    try:
        life = os.pidfd_open(run)
    except ProcessLookupError:
        return None
    gc.disable()
    for name in preloaded:
        importlib.import_module(name)
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
        listener.bind(str(address))
        listener.listen(64)
        if os.fork():
            os._exit(0)
        os.setsid()  # Ctrl-C ends the run, and so the helper.
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # No keeper is waited for.
        while life not in select.select([listener.fileno(), life], [], [])[0]:
            channel, _ = listener.accept()
            try:
                is_keeper = os.fork() == 0
            except OSError:  # There are too many processes. The end of the channel says so.
                is_keeper = False
            if is_keeper:
                listener.close()
                return _keep(channel, life)
            channel.close()
    return _tidy_up(address)


def _tidy_up(address: Path) -> None:
    """Leave nothing in a folder that the run did not delete."""
    for path in (address, address.with_suffix(".lock")):
        path.unlink(missing_ok=True)
    with suppress(OSError):
        address.parent.rmdir()


def _keep(channel: socket.socket, life: int) -> None:
    """Start what is ordered, and tell its id and how it ended.

    The program never outlives the one who ordered it, nor the run.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, files, _, _ = socket.recv_fds(channel, LONGEST_ORDER, MOST_FILES)
    if not message:
        os._exit(0)  # The test process has ended.
    pid = os.fork()
    if pid == 0:
        os.setsid()
        channel.send(f"pid {os.getpid()}".encode())
        channel.close()
        os.close(life)
        return _become(json.loads(message), *files)
    for file in files:
        os.close(file)
    ended = os.pidfd_open(pid)
    if ended not in select.select([ended, channel.fileno(), life], [], [])[0]:
        with suppress(ProcessLookupError):  # It has no session yet.
            os.killpg(pid, signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        channel.send(f"status {status}".encode())
    finally:
        os._exit(0)


def _become(order: dict[str, Any], output: int, *handed: int) -> None:
    """Run the program as if this process had been started for it."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(file, number)
    os.close(nothing)
    os.close(output)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environment"])
    if handed:
        _hand(handed)
    module, _, function = order["program"].partition(":")
    sys.argv = ["linky", *order["arguments"]]
    sys.modules["__main__"].__package__ = ""  # Else the usage would name this module.
    gc.enable()
    try:
        getattr(importlib.import_module(module), function)()
    except SystemExit as end:
        if not isinstance(end.code, int | None):
            raise  # The interpreter prints it.
        _end(end.code or 0)
    _end(0)


def _end(status: int) -> None:
    """End as the interpreter does, but leave the memory to the kernel.

    To tidy up all that was imported takes ten times as long as the fork.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _hand(files: Sequence[int]) -> None:
    """Let this process find the files where systemd puts them."""
    # Above those numbers first, lest one takes the place of another.
    spare = [fcntl.fcntl(file, fcntl.F_DUPFD, FIRST_HANDED + MOST_FILES) for file in files]
    for file in files:
        os.close(file)
    for number, file in enumerate(spare, FIRST_HANDED):
        os.dup2(file, number)
        os.close(file)
    os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(files)))


if __name__ == "__main__":
    help_a_run()
