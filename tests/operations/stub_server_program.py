"""A supervisor with stub servers: `python -m tests.operations.stub_server_program KIND`.

It prints what its processes do: `PLACE PID WORD`, a line each. The supervisor's log is between
these lines. Each begins with a line feed of its own, since a log line may be half written: without
buffers (PYTHONUNBUFFERED) its text and its end are two writes.
"""

import os
import signal
import sys
import time

from app.operations.processes import ServerProcess, Supervisor
from app.operations.systemd import notify, watchdog_seconds

PAUSE_SECONDS = 0.05


def say(process: ServerProcess, word: str) -> None:
    os.write(1, f"\n{process.number} {os.getpid()} {word}\n".encode())


def serve(process: ServerProcess, together: int = 1) -> None:
    """Serve until SIGTERM, and then finish what was begun, once so many finish."""

    def finish(*_: object) -> None:
        say(process, "finishes")
        (process.folder / f"finishes-{process.number}").touch()
        while len(list(process.folder.glob("finishes-*"))) < together:
            time.sleep(PAUSE_SECONDS)
        time.sleep(4 * PAUSE_SECONDS)
        say(process, "ends")
        sys.exit(0)

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    notify("READY=1")
    say(process, "serves")
    while True:
        notify("WATCHDOG=1")
        time.sleep(watchdog_seconds() / 10)


def serve_together(process: ServerProcess) -> None:
    """Each ends when all have got the signal, however late one gets it."""
    serve(process, process.count)


def fail(process: ServerProcess) -> None:
    """The second one cannot start."""
    if process.number == 2:
        sys.exit(7)
    serve(process)


def hang(process: ServerProcess) -> None:
    """The first one hangs after its start, and so cannot even end."""
    if process.number == 1 and process.is_first:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        notify("READY=1")
        say(process, "hangs")
        time.sleep(3600)
    serve(process)


def start_late(process: ServerProcess) -> None:
    """The second one takes its time to get ready."""
    time.sleep(4 * PAUSE_SECONDS * (process.number - 1))
    serve(process)


KINDS = {
    function.__name__: function for function in (serve, serve_together, fail, hang, start_late)
}

if __name__ == "__main__":
    sys.exit(Supervisor(2, KINDS[sys.argv[1]]).run())
