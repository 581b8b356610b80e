"""A supervisor with stand-ins for servers: `python -m tests.operations.stand_in_server KIND`.

It prints what its processes do: `PLACE PID WORD`, a line each. The supervisor's log is between
these lines. Each begins with a line feed of its own, since a log line may be half written: without
buffers (PYTHONUNBUFFERED) its text and its end are two writes.
"""

import os
import signal
import sys
import time

from app.operations.processes import Place, Supervisor
from app.operations.systemd import notify, watchdog_seconds

PAUSE_SECONDS = 0.05


def say(place: Place, word: str) -> None:
    os.write(1, f"\n{place.number} {os.getpid()} {word}\n".encode())


def serve(place: Place, together: int = 1) -> None:
    """Serve until SIGTERM, and then finish what was begun, once so many finish."""

    def finish(*_: object) -> None:
        say(place, "finishes")
        (place.folder / f"finishes-{place.number}").touch()
        while len(list(place.folder.glob("finishes-*"))) < together:
            time.sleep(PAUSE_SECONDS)
        time.sleep(4 * PAUSE_SECONDS)
        say(place, "ends")
        sys.exit(0)

    signal.signal(signal.SIGTERM, finish)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    notify("READY=1")
    say(place, "serves")
    while True:
        notify("WATCHDOG=1")
        time.sleep(watchdog_seconds() / 10)


def serve_together(place: Place) -> None:
    """Each ends when all have got the signal, however late one gets it."""
    serve(place, place.count)


def fail(place: Place) -> None:
    """The second one cannot start."""
    if place.number == 2:
        sys.exit(7)
    serve(place)


def hang(place: Place) -> None:
    """The first one hangs after its start, and so cannot even end."""
    if place.number == 1 and place.is_first:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        notify("READY=1")
        say(place, "hangs")
        time.sleep(3600)
    serve(place)


def start_late(place: Place) -> None:
    """The second one takes its time to get ready."""
    time.sleep(4 * PAUSE_SECONDS * (place.number - 1))
    serve(place)


KINDS = {
    function.__name__: function for function in (serve, serve_together, fail, hang, start_late)
}

if __name__ == "__main__":
    sys.exit(Supervisor(2, KINDS[sys.argv[1]]).run())
