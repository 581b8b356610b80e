"""The parts of the cluster, on loopback: databases, PgBouncer, servers, workers and nginx."""

import asyncio
import os
import secrets
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
from sqlalchemy import URL, make_url

from app.core import migrations
from app.operations import embedded
from app.operations.database_roles import RoleLogin, make_pool_roles, make_roles, pool_logins
from tests.support.person import PASSWORD
from tests.support.pgbouncer import pgbouncer
from tests.support.ports import free_port
from tests.support.quick_linky import QUICK_LINKY
from tests.support.server import LINKY, ROOT, environment, run
from tests.support.site import Site, of_several, running_site
from tests.support.sql import plain_url
from tests.support.valkey import valkey_server
from tests.support.waiting import HANG_SECONDS, wait_until

SERVERS, WORKERS = 3, 2
ADMIN_EMAIL = "admin@example.com"


class Process:
    """A process of the cluster, with a log of its own. `program` may be another release's."""

    def __init__(
        self,
        folder: Path,
        name: str,
        *command: str,
        program: Sequence[str] = (LINKY,),
        **settings: str,
    ) -> None:
        self.log = folder / f"{name}.log"
        self.port = free_port()
        self._command = (*program, *command)
        self._environment = environment(folder / "shared", LINKY_PORT=str(self.port), **settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, listener: socket.socket | None = None) -> "Process":
        """Start it. A listener is handed to it as systemd does: as descriptor 3."""
        command = list(self._command)
        if listener is not None:
            script = f'exec 3<&{listener.fileno()}; LISTEN_FDS=1 LISTEN_PID=$$ exec "$@"'
            command = ["/bin/bash", "-c", script, "bash", *command]
        with self.log.open("ab") as log:
            # A killed test leaves nothing behind.
            self._process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", *command],
                env=self._environment, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                pass_fds=() if listener is None else (listener.fileno(),),
            )  # fmt: skip
        return self

    def children(self) -> list[int]:
        """The processes of a server that has several."""
        assert self._process is not None
        pid = self._process.pid
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
        return [int(child) for child in text.split()]

    def wait_until_ready(self) -> None:
        wait_until(f"ready: {self.log}", self.is_ready)

    def is_ready(self) -> bool:
        answer = self.readiness()
        return answer is not None and answer.is_success

    def readiness(self) -> httpx.Response | None:
        """The answer of /health/ready; None while nothing listens."""
        assert self._process is not None
        assert self._process.poll() is None, self.log.read_text(errors="replace")[-3000:]
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=HANG_SECONDS)
        except httpx.TransportError:
            return None

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(HANG_SECONDS)

    def end(self) -> None:
        """End it as a service manager does. Raises AssertionError if it does not end well."""
        assert self._process is not None
        self._process.terminate()
        assert self._process.wait(HANG_SECONDS) == 0, self.log.read_text(errors="replace")[-3000:]


@dataclass(frozen=True, slots=True)
class Cluster:
    """What runs. Clients reach the servers through `site`."""

    servers: list[Process]
    workers: list[Process]
    site: Site
    database: URL
    """Of PostgreSQL itself, as its superuser."""

    folder: Path
    settings: dict[str, str]
    """Of the servers and workers."""


@contextmanager
def running_cluster(folder: Path) -> Iterator[Cluster]:
    """All parts while the block runs."""
    with ExitStack() as stack:
        stack.callback(embedded.release, folder / "postgres")
        superuser = make_url(embedded.acquire(folder / "postgres")).set(username="postgres")
        owner, server = _role("owner"), _role("server")
        asyncio.run(_make_roles(superuser, owner, server))
        migrations.upgrade(_as(superuser, owner).render_as_string(hide_password=False))
        users = [login for login, _ in pool_logins(server)]
        pooler = stack.enter_context(pgbouncer(superuser, users))
        valkey = stack.enter_context(valkey_server())
        direct = _as(superuser, server)
        settings = {
            "LINKY_DATABASE_POOLED": "1",
            "LINKY_DATABASE_URL": _plain(make_url(pooler.url(direct))),
            "LINKY_DIRECT_DATABASE_URL": _plain(direct),
            "LINKY_LIMITS_URL": valkey.url,
            "LINKY_RATE_LIMITS": "on",
            "LINKY_JWT_KEYS": f"k:{secrets.token_hex(32)}",
            "LINKY_TRUSTED_PROXIES": "127.0.0.1",
            "LINKY_NEW_ACCOUNT_HOURS": "0",
            "LINKY_WORKER": "apart",
            "LINKY_LOG_LEVEL": "warning",
        }
        servers = [_patient(folder, f"server-{n}", "serve", settings) for n in range(SERVERS)]
        workers = [_patient(folder, f"worker-{n}", "worker", settings) for n in range(WORKERS)]
        _make_admin(folder, settings)
        for process in (*workers, *servers):
            stack.callback(process.kill)
            process.start()
        for process in servers:
            process.wait_until_ready()
        site = stack.enter_context(_site_of(folder / "nginx", servers))
        yield Cluster(servers, workers, site, superuser, folder, settings)


@dataclass(frozen=True, slots=True)
class Box:
    """One machine: two processes on one socket from systemd, as `deploy/systemd` has it."""

    api: Process
    bridge: Process
    """The API of the next release, during a deploy (ADR 0021)."""

    listener: socket.socket
    site: Site

    def kill_one(self) -> None:
        """Kill one of the two processes, and wait until another has its place."""
        before = self.api.children()
        os.kill(before[0], signal.SIGKILL)
        wait_until("replaced", lambda: len(set(self.api.children()) - set(before)) == 1)

    def hand_over(self) -> None:
        """What `linky-deploy` does: a bridge, a restart, and the end of the bridge."""
        self.bridge.start(self.listener)
        # With --when-ready it says so only when it is, and these lines come before it listens.
        wait_until("started", lambda: self.bridge.log.read_text().count("startup complete") == 2)
        self.api.end()
        self.api.start(self.listener)
        wait_until("started", lambda: self.api.log.read_text().count("startup complete") >= 5)
        self.bridge.end()


@contextmanager
def running_box(cluster: Cluster) -> Iterator[Box]:
    """A box on the cluster's database, while the block runs."""
    settings = cluster.settings | {"LINKY_PROCESSES": "2", "LINKY_LOG_LEVEL": "info"}
    api = _patient(cluster.folder, "box-api", "serve", settings)
    bridge = _patient(cluster.folder, "box-bridge", "serve", settings, "--when-ready")
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=2048))
        stack.callback(api.end)
        api.start(listener)
        wait_until("started", lambda: api.log.read_text().count("startup complete") == 2)
        folder = cluster.folder / "nginx-box"
        folder.mkdir()
        site = stack.enter_context(running_site(folder, listener.getsockname()[1]))
        yield Box(api, bridge, listener, site)


@contextmanager
def _site_of(folder: Path, servers: list[Process]) -> Iterator[Site]:
    """The site of `deploy/nginx`, in front of several servers."""
    folder.mkdir()
    ports = [server.port for server in servers]
    shown = {'"upstream_status"': '"upstream":"$upstream_addr","upstream_status"'}
    with running_site(folder, ports[0], of_several(ports) | shown) as site:
        yield site


def _patient(
    folder: Path, name: str, command: str, settings: dict[str, str], *options: str
) -> Process:
    """A process that gives up no request on a busy machine, so each refusal has another cause."""
    return Process(folder, name, command, *options, program=QUICK_LINKY, **settings)


def _role(name: str) -> RoleLogin:
    return RoleLogin(f"linky_{name}", secrets.token_hex(16))


def _as(url: URL, login: RoleLogin) -> URL:
    return url.set(username=login.name, password=login.password)


def _plain(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


async def _make_roles(superuser: URL, owner: RoleLogin, server: RoleLogin) -> None:
    connection = await asyncpg.connect(plain_url(superuser))
    try:
        await make_roles(connection, owner, server)
        await make_pool_roles(connection, server)
    finally:
        await connection.close()


def _make_admin(folder: Path, settings: dict[str, str]) -> None:
    command = [LINKY, "create-admin", ADMIN_EMAIL, "--password-stdin"]
    done = run(command, environment(folder / "shared", **settings), stdin=PASSWORD)
    assert done.returncode == 0, done.stderr
