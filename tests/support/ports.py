"""Ports for the servers of tests, which two tests at the same time never share.

A port that the system chooses may be another server's, or an outgoing connection's, before the
server takes it. These ports are below those that Linux gives away by itself (32,768 and more), and
each test process has a range of its own, also when several runs share the machine.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import cycle

FIRST = 10_000
RANGE = 250
RANGES = 40
"""An S3 server also takes the port that is 10,000 higher. That is in no range, and below 32,768."""


def free_port() -> int:
    return next(port for port in _PORTS if is_free(port))


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
    """All ports of a range in turn, without end.

    The first port of a range is bound by the process whose range it is, until the process ends.
    """
    for first in range(FIRST, FIRST + RANGES * RANGE, RANGE):
        with socket.socket() as owned, suppress(OSError):
            owned.bind(("127.0.0.1", first))
            yield from cycle(range(first + 1, first + RANGE))
    raise AssertionError("other test processes have all ranges")


_PORTS = _ports_of_this_process()
