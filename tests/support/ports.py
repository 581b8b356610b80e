"""Ports for the servers of tests, which two tests at the same time never share.

A port that the system chooses may be another server's, or an outgoing connection's, before the
server takes it. These ports are below those that Linux gives away by itself (32,768 and more), and
each test process has a range of its own.
"""

import os
import random
import socket
from collections.abc import Iterator

FIRST = 10_000
RANGE = 1_000
PROCESSES = 10
"""An S3 server also takes the port that is 10,000 higher. That is in no range, and below 32,768."""


def free_port() -> int:
    """A port on which nothing listens."""
    for port in _PORTS:
        if is_free(port):
            return port
    raise AssertionError("the ports never end")


def listens(port: int) -> bool:
    """Whether a server takes connections there. It is cheaper to ask than a client of HTTP."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _ports_of_this_process() -> Iterator[int]:
    """All ports of the range in turn, from a random one: another run may use the same range."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST + worker % PROCESSES * RANGE
    at = random.randrange(RANGE)
    while True:
        yield first + at
        at = (at + 1) % RANGE


_PORTS = _ports_of_this_process()
