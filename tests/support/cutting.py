"""A proxy that cuts the connection at a chosen moment of a chosen request."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

from tests.support.waiting import HANG_SECONDS


class Cut(StrEnum):
    """When the network is cut."""

    BEFORE = "before the request arrives"
    AFTER = "after it arrived, before the answer"
    MIDDLE = "in the middle of the answer"


class CuttingProxy:
    """Passes requests on to a server, one for each connection, and counts them.

    The server answers a request before its connection is cut, so a cut request was carried out.
    """

    def __init__(self, upstream: int) -> None:
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._cuts: list[tuple[str, Cut]] = []
        self._lock = threading.Lock()
        self.arrived: list[str] = []
        """`POST /api/v1/posts` for each request that reached the server."""
        self.is_down = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def cut(self, request: str, *cuts: Cut) -> None:
        """Cut the next requests that begin with these words, each in its way."""
        self._cuts += [(request, cut) for cut in cuts]

    def count(self, request: str) -> int:
        """How many such requests reached the server."""
        return sum(line.startswith(request) for line in self.arrived)

    def reset(self) -> None:
        self._cuts, self.arrived, self.is_down = [], [], False

    def all_were_cut(self) -> bool:
        return not self._cuts

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # It was closed.
            threading.Thread(target=self._handle, args=(client,), daemon=True).start()

    def close(self) -> None:
        # Closing alone would not wake the thread that accepts.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _handle(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            client.settimeout(HANG_SECONDS)
            head, body = _request_of(client)
            if not head or self.is_down:
                return
            line = b" ".join(head.split(b" ", 2)[:2]).decode()
            cut = self._cut_of(line)
            if cut == Cut.BEFORE:
                return
            answer = self._answer(head, body)
            with self._lock:
                self.arrived.append(line)
            if cut == Cut.AFTER:
                return
            if cut == Cut.MIDDLE:
                start = answer.index(b"\r\n\r\n") + 4
                answer = answer[: start + max(1, (len(answer) - start) // 2)]
                answer = answer if start < len(answer) else answer[: start - 3]
            client.sendall(answer)

    def _cut_of(self, line: str) -> Cut | None:
        with self._lock:
            for index, (request, cut) in enumerate(self._cuts):
                if line.split("?", maxsplit=1)[0] == request:
                    del self._cuts[index]
                    return cut
        return None

    def _answer(self, head: bytes, body: bytes) -> bytes:
        """Send a request to the server; returns the whole answer."""
        first, rest = head.split(b"\r\n", 1)
        lines = [one for one in rest.split(b"\r\n") if not one.lower().startswith(b"connection:")]
        with socket.create_connection(("127.0.0.1", self._upstream), HANG_SECONDS) as server:
            server.sendall(b"\r\n".join([first, b"Connection: close", *lines]) + b"\r\n\r\n" + body)
            parts = []
            while part := server.recv(65536):
                parts.append(part)
        return b"".join(parts)


def _request_of(client: socket.socket) -> tuple[bytes, bytes]:
    """The head and the body of the request that a client sends."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = client.recv(65536)
        if not part:
            return b"", b""
        data += part
    head, body = data.split(b"\r\n\r\n", 1)
    lengths = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while lengths and len(body) < lengths[0]:
        part = client.recv(65536)
        if not part:
            return b"", b""
        body += part
    return head, body


@contextmanager
def cutting_proxy(upstream: int) -> Iterator[CuttingProxy]:
    proxy = CuttingProxy(upstream)
    thread = threading.Thread(target=proxy.serve, daemon=True)
    thread.start()
    yield proxy
    proxy.close()
    thread.join(HANG_SECONDS)
