"""What systemd wants to hear (sd_notify, Type=notify), and the socket it may hand us.

Without systemd (`NOTIFY_SOCKET`, `LISTEN_FDS` unset) none of it does anything.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger(__name__)

FIRST_INHERITED = 3
"""SD_LISTEN_FDS_START: after standard input, output and error."""


@asynccontextmanager
async def service_manager_told() -> AsyncIterator[None]:
    """Say that we are ready, for as long as this lasts that we are alive, then that we stop.

    The pings come from the event loop: one that stands still is what the watchdog is for. They go
    on while requests in flight end, since the lifespan ends after them.
    """
    notify("READY=1")
    pinging = asyncio.create_task(_ping())
    try:
        yield
    finally:
        notify("STOPPING=1")
        pinging.cancel()
        with suppress(asyncio.CancelledError):
            await pinging


def notify(state: str) -> None:
    """Send one message (sd_notify(3)), if there is somebody to hear it."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # A name that begins with @ is one of Linux's abstract ones, which begin with NUL.
    name = "\0" + address[1:] if address.startswith("@") else address
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            sender.sendto(state.encode(), name)
    except OSError as error:
        log.warning("service_manager_unheard", state=state, error=str(error))


async def _ping() -> None:
    seconds = watchdog_seconds()
    while seconds:
        notify("WATCHDOG=1")
        await asyncio.sleep(seconds / 3)


def watchdog_seconds() -> float:
    """For how long systemd waits for a sign of life of this process; 0 if it does not."""
    meant_for = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if meant_for != str(os.getpid()):
        return 0.0
    return int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000


def inherited_sockets() -> list[socket.socket]:
    """The listening sockets that systemd opened for this process (sd_listen_fds(3)).

    They are taken out of the environment, so that a child does not believe them to be its own.
    """
    meant_for = os.environ.pop("LISTEN_PID", None)
    count = int(os.environ.pop("LISTEN_FDS", "0"))
    os.environ.pop("LISTEN_FDNAMES", None)
    if meant_for != str(os.getpid()):
        return []
    return [_adopt(FIRST_INHERITED + number) for number in range(count)]


def _adopt(descriptor: int) -> socket.socket:
    os.set_inheritable(descriptor, False)
    return socket.socket(fileno=descriptor)
