"""`make bench-cold BASE=REV`: the CPU time of the operations that no hot path covers."""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from app.operations import embedded
from bench.checkout import checkout
from bench.cold.cases import CASES
from bench.cold.operations import NAMED
from bench.cold.report import AFTER, BEFORE, Results, lines_of
from bench.cold.stage import Stage
from bench.cold.trees import Refused, Tree
from bench.document import FOLDER, ROOT, commit
from bench.requests.loading import make_empty

PROCESSES = 3
"""Each tree starts so often, because its memory layout changes the result by a few percent."""

IN_A_ROW = 5
"""Requests of an operation without a pause, before the other tree has its turn.

After a pause a request costs two or three times as much: the processor's caches hold other things.
"""


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-cold", description=__doc__)
    parser.add_argument("base", metavar="REV", help="the commit to compare with")
    parser.add_argument("--only", action="append", help="only operations with these letters")
    parser.add_argument("--rounds", type=int, default=4, help="counted rounds of each process")
    parser.add_argument("--minutes", type=float, default=7, help="how long to measure")
    return parser.parse_args()


class Checkout:
    """Where a tree lies, which Python has its packages, and its database."""

    def __init__(self, folder: Path, python: str, url: str, data: Path) -> None:
        self.folder, self.python, self.url, self.data = folder, python, url, data

    def start(self) -> Tree:
        return Tree(self.folder, self.python, self.url, self.data)


def measure(
    places: dict[str, Checkout], operations: Sequence[str], rounds: int, minutes: float
) -> Results:
    """Send each operation to both trees in turns, in a new order each round.

    The first round of a process makes plans and fills caches. It does not count.
    """
    results, end = Results(), time.monotonic() + 60 * minutes
    for process in range(PROCESSES):
        # Share the time out, so that each process counts as much as the others.
        until = time.monotonic() + (end - time.monotonic()) / (PROCESSES - process)
        trees = {name: place.start() for name, place in places.items()}
        try:
            stages = {name: Stage(tree) for name, tree in trees.items()}
            for number in range(-1, rounds):
                print(f"process {process + 1}, round {number + 1} of {rounds}", file=sys.stderr)
                _round(stages, operations, results, number, process, until)
        finally:
            for tree in trees.values():
                tree.stop()
    return results


def _round(
    stages: dict[str, Stage],
    operations: Sequence[str],
    results: Results,
    number: int,
    process: int,
    until: float,
) -> None:
    """Stop when time is up, but let the first process count each operation once."""
    must_end = process == 0 and number < 1
    chance = random.Random(f"{process} {number}")
    for operation in chance.sample(operations, len(operations)):
        if time.monotonic() > until and not must_end:
            return
        for name in chance.sample(list(stages), len(stages)):
            if (operation, name) in results.refused:
                continue
            try:
                times = _times(stages[name], operation)
            except Refused as refused:
                results.refused[operation, name] = str(refused)
                continue
            if number >= 0:
                results.add(operation, name, times)


def _times(stage: Stage, operation: str) -> list[float]:
    calls = [CASES[operation](stage) for _ in range(IN_A_ROW)]
    return [answer.micros for answer in stage.tree.ask(*calls)]


async def _places(server: str, base: Path, data: Path) -> dict[str, Checkout]:
    trees = {BEFORE: (base, str(base / ".venv" / "bin" / "python")), AFTER: (ROOT, sys.executable)}
    return {
        name: Checkout(
            folder,
            python,
            await make_empty(server, folder, python, f"bench_cold_{name}"),
            data / name,
        )
        for name, (folder, python) in trees.items()
    }


def main() -> None:
    arguments = parsed()
    operations = [
        name
        for name in sorted(CASES, key=lambda operation: operation.split()[::-1])
        if not arguments.only or any(part in name for part in arguments.only)
    ]
    server = embedded.acquire(FOLDER)
    try:
        with checkout(arguments.base) as base, tempfile.TemporaryDirectory() as data:
            assert base is not None
            places = asyncio.run(_places(server, base, Path(data)))
            results = measure(places, operations, arguments.rounds, arguments.minutes)
    finally:
        embedded.release()
    print(f"{BEFORE}: {arguments.base}, {AFTER}: {commit()}")
    print("\n".join(lines_of(results, operations, NAMED)))
    for (_, name), refused in results.refused.items():
        print(f"{name}: {refused}")
    if any(name == AFTER for _, name in results.refused):
        raise SystemExit("some requests were refused")


if __name__ == "__main__":
    main()
