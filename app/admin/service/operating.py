"""What admins do with jobs that were given up, recorded as every other act."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from app.admin.enums import Action, TargetType
from app.admin.exceptions import JobGone
from app.jobs import (
    ListedJob,
    WaitingJobs,
    count_dead_jobs,
    drop_job,
    find_dead_job,
    list_jobs,
    retry_job,
    sum_waiting_jobs,
)
from app.runtime.context import Context

type Record = Callable[..., Awaitable[None]]

MOST_DEAD = 50


class Operating:
    """`record` writes into the audit log, in the transaction of the act."""

    def __init__(self, ctx: Context, record: Record) -> None:
        self._session = ctx.session
        self._record = record

    async def list_dead(self) -> Sequence[ListedJob]:
        """Those that were given up, the oldest first, fifty at most."""
        return await list_jobs(self._session, dead=True, most=MOST_DEAD)

    async def count_dead(self, most: int) -> int:
        """How many were given up, counted up to `most`."""
        return await count_dead_jobs(self._session, most)

    async def sum_waiting(self) -> Sequence[WaitingJobs]:
        """How many wait or run of each name, and since when."""
        return await sum_waiting_jobs(self._session)

    async def retry(self, job_id: int) -> None:
        """Put a dead job into the queue again. Raises JobGone if it is none, or none any more."""
        job = await self._dead(job_id)
        if not await retry_job(self._session, job_id):
            raise JobGone
        await self._note(Action.JOB_RETRIED, job)

    async def retry_all(self) -> int:
        """Put every dead job into the queue again; how many there were."""
        retried = 0
        while dead := await self.list_dead():
            for job in dead:
                if await retry_job(self._session, job.id):
                    await self._note(Action.JOB_RETRIED, job)
                    retried += 1
        return retried

    async def drop(self, job_id: int) -> None:
        """Forget a dead job: what it was to do is never done. Raises as `retry` does."""
        job = await self._dead(job_id)
        if not await drop_job(self._session, job_id):
            raise JobGone
        await self._note(Action.JOB_DROPPED, job)

    async def _note(self, action: Action, job: ListedJob) -> None:
        was = {"job": job.id, "name": job.name, "error": job.error}
        await self._record(action, TargetType.JOB, job_target(job.id), before=was)

    async def _dead(self, job_id: int) -> ListedJob:
        job = await find_dead_job(self._session, job_id)
        if job is None:
            raise JobGone
        return job


def job_target(job_id: int) -> UUID:
    """What stands for a job in the audit log, where each thing has a UUID."""
    return UUID(int=job_id)
