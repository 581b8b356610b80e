"""`make bench-small`: how fast Linky starts, and how much memory it takes. It needs Linux.

It takes three minutes. The memory is the PSS of the processes: what they share counts once.
"""

import argparse
import asyncio
import os
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from app.operations import embedded
from bench.document import FOLDER, ROOT, commit, machine, write_figures
from bench.requests.cases import Asker
from bench.requests.community import ensure_made, prepare_run
from bench.requests.loading import version_of
from bench.small.load import Loaded, load, pictures
from bench.small.processes import (
    Start,
    memory_group,
    memory_of,
    one_core,
    running,
    until_ready,
)

SCALE = 0.01
STARTS = 5
REST_SECONDS = 5.0
MEBIBYTE = 2**20
AT_REST, UNDER_LOAD, ONE_PROCESS, START_SECONDS = 250, 500, 1024, 3.0
"""The goals, in MiB and seconds."""

LINKY = str(Path(sys.executable).parent / "linky")
SERVE = [LINKY, "serve"]


@dataclass(frozen=True, slots=True)
class Small:
    """What was measured. Memory in bytes: of the API, the worker, and both."""

    starts: Sequence[Start]
    at_start: tuple[int, int]
    at_rest: tuple[int, int]
    loaded: Loaded
    afterwards: tuple[int, int]
    alone: Loaded | None
    """One process with the worker inside, in a group of 1 GiB; None where there are no groups."""

    machine: str

    def lines(self) -> Iterator[tuple[str, str, str]]:
        wall = statistics.median(start.wall for start in self.starts)
        cpu = statistics.median(start.cpu for start in self.starts)
        yield "start on one core, s (CPU)", f"{wall:.1f} ({cpu:.1f})", f"{START_SECONDS:.0f}"
        yield "API and worker after the start, MiB", _both(self.at_start), str(AT_REST)
        yield "at rest after some requests, MiB", _both(self.at_rest), str(AT_REST)
        peak = f"{self.loaded.peak / MEBIBYTE:.0f} ({self.loaded.uploads} uploads)"
        yield "at most under full load, MiB", peak, str(UNDER_LOAD)
        yield "at rest after the load, MiB", _both(self.afterwards), ""
        if self.alone is not None:
            peak = f"{self.alone.peak / MEBIBYTE:.0f} ({self.alone.uploads} uploads)"
            yield "one process limited to 1 GiB: at most, MiB", peak, str(ONE_PROCESS)

    def missed(self) -> bool:
        return (
            statistics.median(start.cpu for start in self.starts) > START_SECONDS
            or sum(self.at_rest) > AT_REST * MEBIBYTE
            or self.loaded.peak > UNDER_LOAD * MEBIBYTE
        )


def _both(memory: tuple[int, int]) -> str:
    api, worker = (part / MEBIBYTE for part in memory)
    return f"{api + worker:.0f} ({api:.0f} + {worker:.0f})"


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-small", description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0, help="of full load")
    parser.add_argument(
        "--write", action="store_true", help="write the figures into docs/performance.md"
    )
    return parser.parse_args()


async def measure(server: str, seconds: float) -> Small:
    before, _, _ = os.getloadavg()
    url = await ensure_made(server, ROOT, sys.executable, SCALE)
    asker, files, folder = Asker(await prepare_run(url)), pictures(), FOLDER / "small"
    async with running([LINKY, "worker"], url, folder) as worker:
        starts = [await _start(url, asker, folder) for _ in range(STARTS)]
        async with running(SERVE, url, folder) as api:
            pids = api.pid, worker.pid
            await until_ready(api, asker)
            at_start = await _rest(pids)
            await load(api.port, pids, asker, [], REST_SECONDS)
            at_rest = await _rest(pids)
            loaded = await load(api.port, pids, asker, files, seconds)
            afterwards = await _rest(pids)
    alone = await _alone(url, asker, files, seconds / 2)
    about = machine(await version_of(url), before)
    return Small(starts, at_start, at_rest, loaded, afterwards, alone, about)


async def _start(url: str, asker: Asker, folder: Path) -> Start:
    async with AsyncExitStack() as stack:
        with one_core():
            api = await stack.enter_async_context(running(SERVE, url, folder))
        return await until_ready(api, asker)


async def _rest(pids: tuple[int, int]) -> tuple[int, int]:
    await asyncio.sleep(REST_SECONDS)
    api, worker = map(memory_of, pids)
    return api, worker


async def _alone(
    url: str, asker: Asker, files: Sequence[tuple[str, bytes]], seconds: float
) -> Loaded | None:
    """One process with the worker inside, in a group that the kernel keeps to 1 GiB."""
    with memory_group(ONE_PROCESS * MEBIBYTE) as members:
        if members is None:
            return None
        limited = ["/bin/sh", "-c", f"echo $$ > {members}; exec {LINKY} serve"]
        async with running(limited, url, FOLDER / "small", LINKY_WORKER="inside") as api:
            await until_ready(api, asker)
            return await load(api.port, [api.pid], asker, files, seconds)


def main() -> None:
    arguments = parsed()
    if sys.platform != "linux":
        raise SystemExit("The benchmark reads /proc: it needs Linux.")
    server = embedded.acquire(FOLDER)
    try:
        small = asyncio.run(measure(server, arguments.seconds))
    finally:
        embedded.release()
    for what, measured, goal in small.lines():
        print(f"{what:45}{measured:>24}{goal:>8}")
    print(small.machine)
    if arguments.write:
        write_figures("small", figures(small))
    if small.missed():
        raise SystemExit("a goal was missed")


def figures(small: Small) -> Iterator[str]:
    """The table for docs/performance.md."""
    yield f"Commit {commit()}. {small.machine}."
    yield ""
    yield "| | measured | goal |"
    yield "|---|---|---|"
    for line in small.lines():
        yield f"| {' | '.join(line)} |"
    yield ""


if __name__ == "__main__":
    main()
