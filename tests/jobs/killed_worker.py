"""A worker in a process of its own, with a job that stays and one that kills its worker."""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import TextIOWrapper
from typing import Any

from app.jobs.definitions import Job, Pace
from app.runtime.context import Context
from tests.support.preloaded import Process, start
from tests.support.waiting import HANG_SECONDS
from tests.support.worker_bench import Bench, add_effect


class WorkerProcess:
    """The process, and what it prints."""

    def __init__(self, process: Process, output: TextIOWrapper) -> None:
        self._process, self._output = process, output

    def kill(self) -> None:
        self._process.kill()

    async def begins_a_job(self) -> bool:
        """Wait until a job prints that it has begun, among the log's lines; False if none does."""
        while line := await asyncio.wait_for(
            asyncio.to_thread(self._output.readline), HANG_SECONDS
        ):
            if line == "begun\n":
                return True
        return False


@contextmanager
def worker_process(url: str, heartbeat: float, times: int = 1) -> Iterator[WorkerProcess]:
    """A worker, or so many one after the other, each when the one before is dead."""
    ours, theirs = os.pipe()
    with open(ours, encoding="utf-8") as output:
        with open(theirs, "wb") as printed:
            arguments = (url, str(heartbeat), str(times))
            process = start("tests.jobs.killed_worker:run", arguments, os.environ, printed)
        try:
            yield WorkerProcess(process, output)
        finally:
            # Kills its forks too: the process leads its own session.
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def run() -> None:
    """The process: `linky` has no such jobs."""
    url, heartbeat, times = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    if times == 1:
        _work(url, heartbeat)
    for _ in range(times):
        if (child := os.fork()) == 0:
            _work(url, heartbeat)
        os.waitpid(child, 0)


def _work(url: str, heartbeat: float) -> None:
    async def die(context: Context, payload: dict[str, Any]) -> None:
        # Between two statements: what a dead worker has sent still runs. A poll among it would
        # pick the job again, for a worker that is dead.
        assert worker._driver is not None
        async with worker._driver._lock:
            print("begun", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)

    bench = Bench(url)
    pace = Pace(heartbeat=timedelta(seconds=heartbeat), poll=timedelta(seconds=0.2))
    worker = bench.worker(Job("stay", _stay), Job("die", die), pace=pace)
    asyncio.run(worker.run())


async def _stay(context: Context, payload: dict[str, Any]) -> None:
    await add_effect(context, payload["key"])
    print("begun", flush=True)
    await asyncio.sleep(60)
