"""`linky serve --processes`: starts processes on one socket, and replaces each that ends.

The supervisor is to its processes what systemd is to a single one: they notify it with the same
messages (`systemd.py`). They are forked after the imports, so they share that memory. ADR 0064.
"""

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import structlog

from app.operations.systemd import notify, watchdog_seconds

SILENT_SECONDS = 30.0
"""A process that is silent for so long is killed, if systemd does not say how long it waits."""

STOP_SECONDS = 26.0
"""Uvicorn gives running requests 20 seconds. systemd kills us after 30."""

FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0
SETTLED_SECONDS = 10.0
"""A process that served for so long did not fail by its start, so the next one starts at once."""

_ENDS = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """What one of the processes knows of itself."""

    number: int
    """From 1. A process that replaces another has its number."""

    count: int
    folder: Path
    """Only the processes of one server see it. It is deleted when the server ends."""

    is_first: bool
    """Whether no other process was at this place before."""


type Serve = Callable[[ServerProcess], None]


class _Slot:
    def __init__(self, number: int, notices: socket.socket, address: str) -> None:
        self.number, self.notices, self.address = number, notices, address
        self.process: ForkProcess | None = None
        self.has_been_ready = False
        self.heard_at = self.started_at = 0.0
        self.start_at: float | None = None
        self.pause = 0.0

    def listen(self) -> None:
        """Reads the process's notifications."""
        with suppress(BlockingIOError):
            while state := self.notices.recv(256):
                self.heard_at = time.monotonic()
                self.has_been_ready = self.has_been_ready or b"READY=1" in state


class Supervisor:
    """Keeps `count` processes running, each in `serve`, until it gets SIGTERM or SIGINT."""

    def __init__(self, count: int, serve: Serve) -> None:
        self._count, self._serve = count, serve
        self._context = get_context("fork")
        self._slots: list[_Slot] = []
        self._is_ready = False
        self._watchdog = watchdog_seconds()
        self._silent_seconds = self._watchdog or SILENT_SECONDS

    def run(self) -> int:
        """Returns the exit status: 0 after a signal, another if a process could not start.

        A process that ends later is replaced. One that ends before it was ready, at its first
        start, ends them all: then the settings or the release are wrong.
        """
        with (
            TemporaryDirectory(prefix="linky-", ignore_cleanup_errors=True) as folder,
            _life_line() as self._life,
            _noticed_signals() as signals,
        ):
            self._folder = Path(folder)
            self._slots = [_open_slot(self._folder, n + 1) for n in range(self._count)]
            try:
                return self._watch(signals)
            finally:
                self._end_all()
                for slot in self._slots:
                    slot.notices.close()

    def _watch(self, signals: socket.socket) -> int:
        for slot in self._slots:
            self._start(slot)
        while True:
            running = [slot.process.sentinel for slot in self._slots if slot.process]
            notices = [slot.notices for slot in self._slots]
            if signals in wait([*running, *notices, signals], timeout=self._next_look()):
                return 0
            for slot in self._slots:
                slot.listen()
                if (status := self._look_after(slot)) is not None:
                    return status
            self._report()

    def _next_look(self) -> float:
        """Seconds until something may be due without a message from a process."""
        due = [slot.start_at - time.monotonic() for slot in self._slots if slot.start_at]
        return max(0.0, min([*due, self._silent_seconds / 3]))

    def _look_after(self, slot: _Slot) -> int | None:
        """Start, replace or kill a process. Returns a status to end with, if its start failed."""
        now = time.monotonic()
        if slot.process is None:
            if slot.start_at is not None and now >= slot.start_at:
                self._start(slot)
            return None
        if (status := slot.process.exitcode) is not None:
            if not slot.has_been_ready:
                log.error("process_not_started", place=slot.number, status=status)
                return status if status > 0 else 1
            self._note_end(slot, status)
        elif now - slot.heard_at > self._silent_seconds:
            log.error("process_hangs", place=slot.number, process=slot.process.pid)
            slot.process.kill()
        return None

    def _start(self, slot: _Slot) -> None:
        place = ServerProcess(slot.number, self._count, self._folder, not slot.has_been_ready)
        slot.process = self._context.Process(target=self._be, args=(slot, place))
        slot.heard_at = slot.started_at = time.monotonic()
        slot.start_at = None
        # The process must not lose a signal before it has handlers of its own.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            slot.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        log.info("process_started", place=slot.number, process=slot.process.pid)

    def _note_end(self, slot: _Slot, status: int) -> None:
        assert slot.process is not None
        log.warning("process_ended", place=slot.number, process=slot.process.pid, status=status)
        slot.process.close()
        slot.process = None
        settled = time.monotonic() - slot.started_at > SETTLED_SECONDS
        slot.start_at = time.monotonic() + (0.0 if settled else slot.pause)
        slot.pause = 0.0 if settled else max(FIRST_PAUSE_SECONDS, 2 * slot.pause)
        slot.pause = min(slot.pause, LONGEST_PAUSE_SECONDS)

    def _report(self) -> None:
        """Notifies systemd, if it started us, as a single process would."""
        if not self._is_ready and all(slot.has_been_ready for slot in self._slots):
            self._is_ready = True
            notify("READY=1")
        if self._is_ready and self._watchdog:
            notify("WATCHDOG=1")

    def _end_all(self) -> None:
        """Let every process finish its requests, all at the same time."""
        notify("STOPPING=1")
        running = [slot.process for slot in self._slots if slot.process]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in running:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                log.error("process_killed", process=process.pid)
                process.kill()
                process.join()

    def _be(self, slot: _Slot, place: ServerProcess) -> None:
        """Runs in the child, after the fork."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        os.environ["NOTIFY_SOCKET"] = slot.address
        os.environ["WATCHDOG_PID"] = str(os.getpid())
        os.environ["WATCHDOG_USEC"] = str(round(self._silent_seconds * 1_000_000))
        self._life.end_with_parent()
        self._serve(place)


@dataclass(frozen=True, slots=True)
class _LifeLine:
    """A pipe whose writing end only the supervisor holds, so it closes when the supervisor ends."""

    ours: int
    theirs: int

    def end_with_parent(self) -> None:
        """Ends the process, as SIGTERM does, once the supervisor was killed."""
        os.close(self.ours)
        Thread(target=self._await_end, daemon=True).start()

    def _await_end(self) -> None:
        os.read(self.theirs, 1)
        os.kill(os.getpid(), signal.SIGTERM)


@contextmanager
def _life_line() -> Iterator[_LifeLine]:
    theirs, ours = os.pipe()
    try:
        yield _LifeLine(ours, theirs)
    finally:
        os.close(ours)
        os.close(theirs)


@contextmanager
def _noticed_signals() -> Iterator[socket.socket]:
    """The socket becomes readable once a signal to end has come."""
    noticed, ours = socket.socketpair()
    for end in (noticed, ours):
        end.setblocking(False)
    before = {number: signal.signal(number, lambda *_: None) for number in _ENDS}
    signal.set_wakeup_fd(ours.fileno(), warn_on_full_buffer=False)
    try:
        yield noticed
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in before.items():
            signal.signal(number, handler)
        noticed.close()
        ours.close()


def _open_slot(folder: Path, number: int) -> _Slot:
    address = str(folder / f"notices-{number}")
    notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notices.bind(address)
    notices.setblocking(False)
    return _Slot(number, notices, address)
