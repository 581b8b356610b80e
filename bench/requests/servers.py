"""The servers that are compared: each a process on a port of its own, with its own database role.

By the role we know which of PostgreSQL's processes work for which server.
"""

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import URL, make_url

from bench.document import ROOT
from bench.requests.cases import JWT_KEY, LIMIT, LINKY, USUAL
from bench.requests.loading import superuser
from bench.requests.wire import Wire, wire_to

START_SECONDS = 60.0
STOP_SECONDS = 30.0


@dataclass
class Server:
    """A variant that runs. `worker` runs Linky's jobs, and its time is not counted."""

    name: str
    url: str
    port: int
    process: subprocess.Popen[bytes]
    role: str
    database: Any
    """A connection that sees the processes of all roles."""

    worker: subprocess.Popen[bytes] | None = None
    wire: Wire | None = None
    """Counts what the server sends to the database, if that is wanted."""

    _backends: dict[int, int] = field(default_factory=dict)

    @property
    def is_linky(self) -> bool:
        return self.worker is not None

    def own_time(self) -> int:
        """Nanoseconds that the server's process has worked so far."""
        return cpu_time(self.process.pid) or 0

    async def database_time(self) -> int:
        """Nanoseconds that PostgreSQL's processes have worked for this server so far."""
        pids = await self.database.fetch(
            "SELECT pid FROM pg_stat_activity WHERE usename = $1", self.role
        )
        for row in pids:
            time_so_far = cpu_time(row["pid"])
            if time_so_far is not None:
                self._backends[row["pid"]] = time_so_far
        return sum(self._backends.values())

    async def stop(self) -> None:
        processes = [one for one in (self.worker, self.process) if one is not None]
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                # In a thread: the wire needs the loop, so that the server can say good-bye.
                await asyncio.to_thread(process.wait, STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        await self.database.close()


def cpu_time(pid: int) -> int | None:
    """The CPU clock of another process (clock_getcpuclockid), exact and with all its threads."""
    try:
        return time.clock_gettime_ns((~pid << 3) | 2)
    except OSError:  # It has ended.
        return None


@dataclass(frozen=True, slots=True)
class Plan:
    """How to start a variant: a command with {port} and {url}, and its worker's if it has one."""

    name: str
    url: str
    command: Sequence[str]
    worker: Sequence[str] | None = None

    @property
    def is_ours(self) -> bool:
        """Whether the command runs a module of the benchmark."""
        return self.command[0] == sys.executable


def plan_limit(url: str) -> Plan:
    return Plan(LIMIT, url, [sys.executable, "-m", "bench.requests.limit", "{port}", "{url}"])


def plan_usual(url: str) -> Plan:
    return Plan(USUAL, url, [sys.executable, "-m", "bench.requests.usual", "{port}", "{url}"])


def plan_linky(url: str, programs: Path = Path(sys.executable).parent, name: str = LINKY) -> Plan:
    """Linky of the checkout whose virtual environment has these programs."""
    linky = str(programs / "linky")
    return Plan(name, url, [linky, "serve"], [linky, "worker"])


@asynccontextmanager
async def running(
    plans: Sequence[Plan], folder: Path, *, counted: bool = False
) -> AsyncIterator[list[Server]]:
    """The servers of these plans, started one after the other, and stopped at the end.

    If they are `counted`, each has a wire to the database, which costs time.
    """
    servers: list[Server] = []
    async with AsyncExitStack() as stack:
        for number, plan in enumerate(plans):
            address = make_url(plan.url)
            assert address.host
            assert address.port
            wire = None
            if counted:
                wire = await stack.enter_async_context(wire_to(address.host, address.port))
            server = await _start(plan, f"bench_{number}", folder / f"server-{number}", wire)
            stack.push_async_callback(server.stop)
            servers.append(server)
        yield servers


async def _start(plan: Plan, role: str, folder: Path, wire: Wire | None) -> Server:
    port = free_port()
    database = await asyncpg.connect(superuser(plan.url))
    address = await _address(database, plan, role)
    if wire is not None:
        address = address.set(host="127.0.0.1", port=wire.port)
    url = address.render_as_string(hide_password=False)
    command = [part.format(port=port, url=url) for part in plan.command]
    settings = production(folder, port, url)
    process = launch(command, folder, settings, at_root=plan.is_ours)
    server = Server(plan.name, plan.url, port, process, role, database, wire=wire)
    try:
        await _until_it_serves(server, folder)
        if plan.worker is not None:
            jobs = await _address(database, plan, f"{role}_worker")
            settings["LINKY_DATABASE_URL"] = jobs.render_as_string(hide_password=False)
            server.worker = launch(plan.worker, folder, settings)
    except BaseException:
        await server.stop()
        raise
    return server


def launch(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], *, at_root: bool = False
) -> subprocess.Popen[bytes]:
    # Linky starts in a folder without `.env`.
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=ROOT if at_root else folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )


def production(folder: Path, port: int, url: str) -> dict[str, str]:
    """Linky's settings as in production, behind a proxy on this machine."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LINKY_")}
    return kept | {
        "LINKY_ENV": "production",
        "LINKY_DATABASE_URL": url,
        "LINKY_DATA_DIR": str(folder.resolve()),
        "LINKY_JWT_KEYS": JWT_KEY,
        "LINKY_PORT": str(port),
        "LINKY_PUBLIC_URL": "https://bench.example",
        "LINKY_RATE_LIMITS": "on",
        "LINKY_TRUSTED_PROXIES": "127.0.0.1",
        "LINKY_WORKER": "apart",
    }


async def _address(database: Any, plan: Plan, role: str) -> URL:
    """The database for a role that may do what Linky's role may, with the same password."""
    address = make_url(plan.url)
    if not await database.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        # Another run may make it at the same moment.
        with suppress(asyncpg.DuplicateObjectError, asyncpg.UniqueViolationError):
            await database.execute(
                f"CREATE ROLE {role} LOGIN PASSWORD '{address.password}' IN ROLE linky"
            )
    return address.set(username=role)


async def _until_it_serves(server: Server, folder: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        except OSError:
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return
    end_of_log = (folder / "log").read_text(errors="replace")[-2000:]
    raise RuntimeError(f"{server.name} did not start:\n{end_of_log}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
