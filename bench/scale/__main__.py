"""`make bench-scale`: each list with a hundred thousand posts and with ten million. It needs Linux.

The first run makes ten million posts, which takes half an hour and 27 GB. It fails if a goal is
missed. `--scale 1` makes a million.
"""

import argparse
import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from app.operations import embedded
from app.operations.embedded.server import SETTINGS
from bench.document import ROOT, commit, write_figures
from bench.requests.cases import Asker
from bench.requests.loading import superuser, version_of
from bench.requests.servers import Plan, running
from bench.scale.data import SMALL, Scaled, choose, ensure_scaled
from bench.scale.lists import LISTS
from bench.scale.measure import Source, measure_scale
from bench.scale.report import ScaleRun, print_scale, read_sizes, scale_figures

FOLDER = ROOT / ".bench" / "scale"
"""Holds the database, which later runs use again. Remove it to get the space back."""

SERVER = {
    "shared_buffers": "3GB",
    # The rows are not needed after a power cut, and writing them twice takes longer.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "8GB",
}
WITHOUT_LIMITS = {"LINKY_ENV": "development", "LINKY_RATE_LIMITS": "off"}
"""A few users ask for everything."""


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-scale", description=__doc__)
    parser.add_argument("--scale", type=float, default=10.0, help="10 is ten million posts")
    parser.add_argument("--small", type=float, default=SMALL, help="what it is compared with")
    parser.add_argument("--rounds", type=int, default=9, help="rounds that count")
    parser.add_argument("--list", action="append", help="only this list; may be repeated")
    parser.add_argument(
        "--write", action="store_true", help="write the figures into docs/performance.md"
    )
    return parser.parse_args()


@asynccontextmanager
async def serving(datas: list[Scaled]) -> AsyncIterator[list[Source]]:
    """Linky on each data set, without a worker: its jobs would read much now and then."""
    linky = str(Path(sys.executable).parent / "linky")
    plans = [
        Plan(f"Linky {number}", data.url, [linky, "serve"], settings=WITHOUT_LIMITS)
        for number, data in enumerate(datas)
    ]
    async with running(plans, FOLDER) as servers:
        yield [
            Source(data, server, Asker(data.community))
            for data, server in zip(datas, servers, strict=True)
        ]


async def run(arguments: argparse.Namespace, server: str) -> ScaleRun:
    load, _, _ = os.getloadavg()
    lists = [one for one in LISTS if not arguments.list or one.name in arguments.list]
    if not lists:
        raise SystemExit(f"the lists are: {', '.join(one.name for one in LISTS)}")
    scales = arguments.small, arguments.scale
    datas = [
        await choose(await ensure_scaled(server, ROOT, sys.executable, scale)) for scale in scales
    ]
    async with serving(datas) as (small, big):
        measured = await measure_scale(small, big, lists, rounds=arguments.rounds)
    connection = await asyncpg.connect(superuser(datas[1].url))
    try:
        sizes = await read_sizes(connection)
    finally:
        await connection.close()
    version = await version_of(datas[1].url)
    return ScaleRun(scales, arguments.rounds, commit(), version, load, measured, sizes)


def main() -> None:
    arguments = parsed()
    if sys.platform != "linux":
        raise SystemExit("The benchmark reads the CPU clocks of other processes: it needs Linux.")
    SETTINGS.update(SERVER)
    server = embedded.acquire(FOLDER)
    try:
        result = asyncio.run(run(arguments, server))
    finally:
        embedded.release()
    print_scale(result)
    if arguments.write:
        write_figures("scale", scale_figures(result))
    if missed := result.missed():
        raise SystemExit(f"missed: {'; '.join(missed)}")


if __name__ == "__main__":
    main()
