"""Starts `quick_linky` from a process that has imported it, which saves most of a start's CPU.

A test process has one helper, which is this module as a program. For each start the helper forks a
keeper, and the keeper forks the server. It tells how the server ended, which only a parent sees.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
IS_POSSIBLE = sys.platform == "linux"
"""Elsewhere a socket keeps no borders between messages."""

LONGEST_ORDER = 2**20
PRELOADED = (
    *("app.cli", "app.cli.server", "app.main", "tests.support.quick_linky"),
    *("app.dev.app", "app.dev.http_protocol", "app.dev.stand_ins"),
)
"""What `linky serve`, `worker` and `dev` import where they begin."""


class PreloadedProcess:
    """A process of `linky`, in a session of its own. Used like `subprocess.Popen`."""

    def __init__(
        self, arguments: Sequence[str], environment: dict[str, str], output: IO[bytes]
    ) -> None:
        self.arguments = arguments
        self.returncode: int | None = None
        self._channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(_helper().control, [b"."], [theirs.fileno(), output.fileno()])
        order = {"arguments": list(arguments), "environment": environment}
        self._channel.send(json.dumps(order).encode())
        self.pid = int(self._channel.recv(100))

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
            self.returncode = int(self._channel.recv(100))
            self._channel.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class _Helper:
    """The helper of this process, and the socket over which it takes orders."""

    def __init__(self) -> None:
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.support.preloaded", str(theirs.fileno())],
                cwd=ROOT,
                pass_fds=[theirs.fileno()],
            )

    def end(self) -> None:
        self.control.close()
        self._process.wait()


@cache
def _helper() -> _Helper:
    return _Helper()


def end_helper() -> None:
    """End the helper, if there is one. What it started goes on."""
    if _helper.cache_info().currsize:
        _helper().end()
        _helper.cache_clear()


def _take_orders(control: socket.socket) -> None:
    """Until the test process closes its end, or ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # No keeper is waited for.
    while True:
        message, files, _, _ = socket.recv_fds(control, 1, 2)
        if not message:
            return None
        if os.fork() == 0:
            control.close()
            return _keep(*files)
        for file in files:
            os.close(file)


def _keep(channel_file: int, output: int) -> None:
    """Start what is ordered, and tell its id and how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    channel = socket.socket(fileno=channel_file)
    order = json.loads(channel.recv(LONGEST_ORDER))
    pid = os.fork()
    if pid == 0:
        os.setsid()
        channel.send(str(os.getpid()).encode())
        channel.close()
        return _become(order, output)
    os.close(output)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    try:
        channel.send(str(status).encode())
    finally:
        os._exit(0)


def _become(order: dict[str, Any], output: int) -> None:
    """Run `linky` as if this process had been started for it."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for file, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(file, number)
    os.close(nothing)
    os.close(output)
    os.environ.clear()
    os.environ.update(order["environment"])
    sys.argv = ["linky", *order["arguments"]]
    sys.modules["__main__"].__package__ = ""  # Else the usage would name this module.
    from tests.support.quick_linky import run

    run()


def _import_all() -> None:
    gc.disable()
    for name in PRELOADED:
        importlib.import_module(name)
    gc.freeze()


if __name__ == "__main__":
    _import_all()
    _take_orders(socket.socket(fileno=int(sys.argv[1])))
