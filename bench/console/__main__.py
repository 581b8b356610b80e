"""`make bench-console`: the database's CPU of each page of the console, beside the demo's.

The first run makes a million posts, which takes some minutes. It needs Linux.
"""

import argparse
import asyncio
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from app.core.logging import configure_logging
from app.core.statements import writes
from app.operations import embedded
from app.operations.embedded.server import SETTINGS
from bench.console.data import Desk, ensure_desk, sit_down
from bench.console.desk import DeskApp, rows_read, serving
from bench.console.pages import PAGES, ConsolePage
from bench.document import ROOT
from bench.requests.loading import make_empty, schema_of
from bench.scale.__main__ import SERVER

FOLDER = ROOT / ".bench" / "console"
"""Holds the database, which later runs use again. Remove it to get the space back."""

BURST = 5
"""How often a page is opened in a round: the clock of a process is exact, but a page is short."""


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-console", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="1 is a million posts")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count")
    parser.add_argument("--page", action="append", help="only pages with these letters")
    return parser.parse_args()


async def demo(server: str) -> str:
    """The demo community, made for this run: it takes seconds."""
    url = await make_empty(server, ROOT, sys.executable, f"demo_{schema_of(ROOT)}")
    settings = {"LINKY_DATABASE_URL": url, "PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    seed = [sys.executable, "-m", "app.cli", "seed"]
    await asyncio.to_thread(partial(subprocess.run, seed, cwd=FOLDER, env=settings, check=True))
    return url


async def measure(desk: Desk, asked: Sequence[ConsolePage], rounds: int) -> Mapping[str, Any]:
    """Of each page: statements, the most rows that one of them reads, and the database's CPU."""
    async with serving(desk) as app:
        measured = {page.name: await _look(app, page) for page in asked}
        times: dict[str, list[float]] = {page.name: [] for page in asked}
        for _ in range(rounds):
            for page in asked:
                begun = await app.database_time()
                for _ in range(BURST):
                    await app.open(page)
                times[page.name].append((await app.database_time() - begun) / BURST / 1000)
    return {name: (*looked, statistics.median(times[name])) for name, looked in measured.items()}


async def _look(app: DeskApp, page: ConsolePage) -> tuple[int, int]:
    await app.open(page)
    sent = (await app.open(page)).sent
    read = [rows_read(await app.plan_of(*query)) for query in sent if not writes(query[0])]
    return len(sent), max(read)


async def run(arguments: argparse.Namespace, server: str) -> None:
    wanted = arguments.page or [""]
    asked = [page for page in PAGES if any(letters in page.name for letters in wanted)]
    urls = [await demo(server), await ensure_desk(server, ROOT, sys.executable, arguments.scale)]
    small, big = [await measure(await sit_down(url), asked, arguments.rounds) for url in urls]
    print(f"\n{'':76}{'statements':>10}{'rows':>8}{'demo':>8}{'scale':>8}{'ratio':>7}")
    for name, (number, rows, cost) in big.items():
        before = small[name][2]
        print(f"{name:76}{number:10}{rows:8,}{before:8,.0f}{cost:8,.0f}{cost / before:7.2f}")
    print("The most rows that one statement reads; CPU µs of PostgreSQL for a page")


def main() -> None:
    arguments = parsed()
    if sys.platform != "linux":
        raise SystemExit("The benchmark reads the CPU clocks of other processes: it needs Linux.")
    configure_logging("error", as_json=True)
    SETTINGS.update(SERVER)
    server = embedded.acquire(FOLDER)
    try:
        asyncio.run(run(arguments, server))
    finally:
        embedded.release()


if __name__ == "__main__":
    main()
