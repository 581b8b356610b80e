"""The protocols of systemd: service notifications (sd_notify) and inherited sockets.

Without systemd (`NOTIFY_SOCKET` and `LISTEN_FDS` are unset) nothing here does anything.
"""

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

log = structlog.get_logger(__name__)

FIRST_INHERITED = 3
"""SD_LISTEN_FDS_START: the first descriptor after standard input, output and error."""


@asynccontextmanager
async def notifying_service_manager() -> AsyncIterator[None]:
    """Notify systemd that we are ready, then regularly that we are alive, and at last that we stop.

    The event loop sends the pings, because the watchdog is to detect a loop that is blocked. They
    continue while running requests end, since the app's lifespan ends after them.
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
    """Send one message (sd_notify(3)) if systemd started us."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    # @ stands for the NUL with which the name of a socket in Linux's abstract namespace begins.
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
    """How often systemd wants a ping at least. 0 if it wants none."""
    meant_for = os.environ.get("WATCHDOG_PID", str(os.getpid()))
    if meant_for != str(os.getpid()):
        return 0.0
    return int(os.environ.get("WATCHDOG_USEC", "0")) / 1_000_000


def inherited_sockets() -> list[socket.socket]:
    """The listening sockets that systemd opened for this process (sd_listen_fds(3)).

    Their variables are removed from the environment, so that a child does not use them too.
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
