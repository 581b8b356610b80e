"""A server that takes no connection: connecting to it waits until the client gives up."""

import errno
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

MOST = 64
"""Connections that wait: far more than the shortest queue holds."""


@contextmanager
def full_server() -> Iterator[int]:
    """The port of a socket that listens, whose queue of connections is full."""
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        for _ in range(MOST):
            client = stack.enter_context(socket.socket())
            client.setblocking(False)
            assert client.connect_ex(address) in (0, errno.EINPROGRESS)
        yield int(address[1])
