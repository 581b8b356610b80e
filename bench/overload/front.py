"""nginx with our site in front of the server, as on a host, but without TLS and flood limits."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from bench.requests.servers import Server, cpu_time
from tests.support.site import DOMAIN, running_site

PLAIN = {
    " ssl;": ";",
    " ssl default_server;": " default_server;",
    "http2 on;": "",
    "rate=200r/s": "rate=1000000r/s",
    "limit_conn linky_connections 500;": "keepalive_requests 10000000;",
    # The client names no domain of ours.
    f"server_name {DOMAIN}": "server_name bench",
}


class Served(Protocol):
    """What clients talk to: the server itself, or nginx in front of it."""

    port: int

    def own_time(self) -> int:
        """Nanoseconds that its processes have worked so far."""
        ...


class Front:
    def __init__(self, server: Server, port: int, pid: int) -> None:
        self.port = port
        self._server, self._pid = server, pid

    def own_time(self) -> int:
        workers = Path(f"/proc/{self._pid}/task/{self._pid}/children").read_text().split()
        times = [cpu_time(pid) or 0 for pid in (self._pid, *map(int, workers))]
        return self._server.own_time() + sum(times)


@contextmanager
def nginx_before(server: Server, folder: Path) -> Iterator[Front]:
    with running_site(folder, server.port, PLAIN) as site:
        yield Front(server, site.https, int((site.folder / "pid").read_text()))
