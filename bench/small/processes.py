"""Linky's processes as in production, their start on one core, and their memory."""

import asyncio
import os
import re
import subprocess
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.requests.cases import Asker
from bench.requests.client import UnexpectedStatus, send
from bench.requests.servers import cpu_time, free_port, launch, production

START_SECONDS, STOP_SECONDS, POLL_SECONDS = 60.0, 30.0, 0.01
CGROUPS = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Process:
    pid: int
    port: int


@dataclass(frozen=True, slots=True)
class Start:
    """Seconds from exec to the first 200 of /health/ready, and of CPU until then."""

    wall: float
    cpu: float


def memory_of(pid: int) -> int:
    """PSS in bytes: what is shared with other processes counts in part."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    return 1024 * int(found[1]) if found else 0


@asynccontextmanager
async def running(
    command: Sequence[str], url: str, folder: Path, **settings: str
) -> AsyncIterator[Process]:
    """A process as in production, but for these settings."""
    port = free_port()
    process = launch(command, folder, {**production(folder, port, url), **settings})
    try:
        yield Process(process.pid, port)
    finally:
        process.terminate()
        try:
            await asyncio.to_thread(process.wait, STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def one_core() -> Iterator[None]:
    """Pins processes that are started in the block to one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


async def until_ready(process: Process, asker: Asker) -> Start:
    begin = time.monotonic()
    while time.monotonic() < begin + START_SECONDS:
        try:
            await send(process.port, asker.anonymous("GET", "/health/ready"))
        except (OSError, UnexpectedStatus):
            await asyncio.sleep(POLL_SECONDS)
            continue
        return Start(time.monotonic() - begin, (cpu_time(process.pid) or 0) / 1e9)
    raise RuntimeError("the server did not get ready")


@contextmanager
def memory_group(limit: int) -> Iterator[Path | None]:
    """The file that takes processes into a group with so much memory; None where that fails."""
    first = CGROUPS / "memory"
    parent, name = (first, "memory.limit_in_bytes") if first.is_dir() else (CGROUPS, "memory.max")
    group = parent / f"linky-bench-{os.getpid()}"
    try:
        group.mkdir()
        (group / name).write_text(str(limit))
    except OSError:
        yield None
        return
    try:
        yield group / "cgroup.procs"
    finally:
        group.rmdir()
