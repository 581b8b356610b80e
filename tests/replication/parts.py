"""The parts: a primary, its replica, and two servers that each run in a process."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.cluster.parts import Process
from tests.support.replication import Replication, replicated_database
from tests.support.waiting import HANG_SECONDS


class Server(Process):
    """A server that says what it has of its replica."""

    def replica(self) -> str:
        """What /health/ready says of the replica; "" while it is not ready."""
        answer = self.readiness()
        return str(answer.json()["checks"]["replica"]) if answer and answer.is_success else ""

    def figure(self, name: str) -> float:
        """A figure of /metrics, with its labels."""
        shown = httpx.get(f"{self.url}/metrics", timeout=HANG_SECONDS).text
        found = [line for line in shown.splitlines() if line.startswith(f"{name} ")]
        return float(found[0].rpartition(" ")[2]) if found else 0.0


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
        one, two = (Server(folder, name, "serve", **settings) for name in ("one", "two"))
        for server in (one, two):
            server.start()
            stack.callback(server.kill)
        for server in (one, two):
            server.wait_until_ready()
        yield Stage(databases, (one, two))
