"""The process that sends the load, and what it sends."""

import asyncio
import json
import os
import pickle
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from bench.document import FOLDER, ROOT
from bench.overload.client import Seen
from bench.requests.cases import CASES, Asker
from bench.requests.client import Request

REQUESTS = 60_000
"""Then they are sent again."""


class Client:
    """The process that sends the load. A phase may name the request that it begins with."""

    def __init__(self, port: int, requests: Sequence[Request]) -> None:
        self._path = path = FOLDER / f"overload-{os.getpid()}-{port}.pickle"
        path.write_bytes(pickle.dumps(list(requests)))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.overload.client", str(port), str(path)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            start_new_session=True,  # Ctrl-C is for us alone: we end it.
        )  # fmt: skip

    async def run(self, **phase: float) -> Seen:
        return await asyncio.to_thread(self._run, phase)

    def _run(self, phase: dict[str, float]) -> Seen:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(phase), file=self._process.stdin, flush=True)
        if not self._process.stdout.readline():
            raise RuntimeError("the client ended early")
        return Seen(**json.loads(self._path.with_suffix(".seen").read_text(encoding="utf-8")))

    def close(self) -> None:
        """End it, also in the middle of a phase."""
        self._process.terminate()
        self._process.wait(30)
        # A thread that still reads has the end of the output by now.
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            pipe.close()
        for kind in (".pickle", ".seen"):
            self._path.with_suffix(kind).unlink(missing_ok=True)


def percentile(times: Sequence[float], percent: float) -> float:
    """In milliseconds; 0 without times."""
    ordered = sorted(times)
    return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if times else 0


def mixed(asker: Asker, shares: Mapping[str, int]) -> list[Request]:
    """Requests of all cases in a random order. Each comment has a text of its own."""
    cases = {case.name: case for case in CASES}
    chance = random.Random(41)
    names = chance.choices(list(shares), list(shares.values()), k=REQUESTS)
    return [cases[name].make(asker, chance) for name in names]


async def comments(database: Any) -> int:
    return int(await database.fetchval("SELECT count(*) FROM comments"))
