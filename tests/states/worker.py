"""A small worker that runs the app's job handlers, each in a transaction that really commits.

The app's worker would run every job at once. Here the simulation decides when jobs run.
"""

import asyncio
import traceback
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import text

from app.api import JOBS, PERIODICS
from tests.support.world import World

TRIES = 4
"""How often a job may fail while nothing else runs. During a round it may fail more often, because
the app's worker retries too.
"""

_JOBS = {job.name: job for job in JOBS}
_PERIODICS = {periodic.name: periodic for periodic in PERIODICS}
_PICK = text("""
    UPDATE pgqueuer SET status = 'picked', queue_manager_id = :owner
    WHERE id = (
        SELECT id FROM pgqueuer
        WHERE status = 'queued' AND (execute_after <= clock_timestamp() OR :early)
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    RETURNING id, entrypoint, payload
""")
_DONE = text("DELETE FROM pgqueuer WHERE id = :id")
_PUT_BACK = text("UPDATE pgqueuer SET status = 'queued', queue_manager_id = NULL WHERE id = :id")


class _Job(NamedTuple):
    id: int
    entrypoint: str
    payload: bytes


class Worker:
    """Runs jobs on demand. Concurrent runs share the work."""

    def __init__(self, world: World) -> None:
        self._runtime = world.runtime
        self._owner = uuid4()
        self.failures: list[str] = []

    async def run_periodic(self, name: str) -> None:
        """Run a periodic task, as the app's worker does at its times."""
        async with self._runtime.writing() as ctx:
            await _PERIODICS[name].handler(ctx)

    async def run_some(self, number: int) -> None:
        """Run at most `number` jobs, while other actions go on."""
        for _ in range(number):
            if (job := await self._pick()) is None:
                return
            await self._run(job)

    async def run_until(self, finished: asyncio.Event) -> None:
        """Run each job as soon as it is queued, until the actions of the round are finished."""
        while not finished.is_set():
            await self.run_some(1)
            await asyncio.sleep(0.01)

    async def run_all(self) -> list[str]:
        """Run jobs until none is left, later ones too: the look for late writes is a minute later.

        Returns a line for a job that keeps failing.
        """
        failed: dict[int, int] = {}
        while (job := await self._pick() or await self._pick(early=True)) is not None:
            if not await self._run(job):
                failed[job.id] = failed.get(job.id, 0) + 1
                if failed[job.id] == TRIES:
                    return [f"job {job.entrypoint} failed {TRIES} times: {self.failures[-1]}"]
        return []

    async def _pick(self, *, early: bool = False) -> _Job | None:
        async with self._runtime.writing() as ctx:
            found = await ctx.db.first(_PICK, owner=self._owner, early=early)
            return None if found is None else _Job(*found)

    async def _run(self, job: _Job) -> bool:
        try:
            async with self._runtime.writing() as ctx:
                await _JOBS[job.entrypoint].run(ctx, job.payload)
                await ctx.db.execute(_DONE, id=job.id)
        except Exception as error:
            self.failures.append(f"{job.entrypoint}: {_described(error)}")
            async with self._runtime.writing() as ctx:
                await ctx.db.execute(_PUT_BACK, id=job.id)
            await asyncio.sleep(0.01)
            return False
        return True


def _described(error: Exception) -> str:
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if "/app/" in frame.filename
    ]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__name__}: {' '.join(str(error).split())[:300]} at {places}"
