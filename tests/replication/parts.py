"""The parts: a primary, its replica, and two servers that each run in a process."""

import secrets
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.ports import free_port
from tests.support.replication import Replication, replicated_database
from tests.support.server import LINKY, ROOT, environment
from tests.support.waiting import HANG_SECONDS, wait_until


class Server:
    """A server in a process of its own, with a log."""

    def __init__(self, folder: Path, name: str, settings: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"{name}.log"
        self._environment = environment(folder / "data", LINKY_PORT=str(self.port), **settings)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Server":
        with self.log.open("ab") as log:
            # A killed test leaves nothing behind.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", LINKY, "serve"],
                env=self._environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        return self

    def wait_until_ready(self) -> None:
        wait_until(f"ready: {self.log}", lambda: self._readiness() is not None)

    def replica(self) -> str:
        """What /health/ready says of the replica; "" while it is not ready."""
        checks = self._readiness()
        return checks["replica"] if checks else ""

    def figure(self, name: str) -> float:
        """A figure of /metrics, with its labels."""
        shown = httpx.get(f"{self.url}/metrics", timeout=HANG_SECONDS).text
        found = [line for line in shown.splitlines() if line.startswith(f"{name} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(HANG_SECONDS)

    def _readiness(self) -> dict[str, str] | None:
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")[-3000:]
        try:
            answer = httpx.get(f"{self.url}/health/ready", timeout=HANG_SECONDS)
        except httpx.TransportError:
            return None
        checks: dict[str, str] = answer.json()["checks"]
        return checks if answer.is_success else None


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs."""

    databases: Replication
    servers: tuple[Server, Server]


@contextmanager
def running(folder: Path) -> Iterator[Stage]:
    """Everything while the block runs."""
    with ExitStack() as stack:
        databases = stack.enter_context(replicated_database(folder))
        settings = {
            "LINKY_DATABASE_URL": databases.primary.url,
            "LINKY_DATABASE_REPLICA_URL": databases.replica.url,
            "LINKY_JWT_KEYS": f"k:{secrets.token_hex(32)}",
            "LINKY_NEW_ACCOUNT_HOURS": "0",
            "LINKY_LOG_LEVEL": "warning",
        }
        servers = (Server(folder, "one", settings), Server(folder, "two", settings))
        for server in servers:
            stack.callback(server.kill)
            server.start()
        for server in servers:
            server.wait_until_ready()
        yield Stage(databases, servers)
