"""What admins do with jobs that the worker has given up."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from app.admin.enums import Action
from app.admin.exceptions import DeadJobNotFound
from app.admin.service.audit import AuditLog
from app.admin.service.changes import DeadJob
from app.jobs.operate import (
    ListedJob,
    WaitingJobs,
    drop_job,
    find_dead_job,
    list_jobs,
    retry_job,
    sum_waiting_jobs,
)
from app.runtime.context import Context, Service

MAX_DEAD = 50


@dataclass(frozen=True, slots=True)
class Retried:
    """How many jobs of a batch were put into the queue again, and the last one's number."""

    number: int
    last_id: int | None


class JobAdmin(Service):
    """A job needs no version: it is dead, or it is no longer there."""

    def __init__(self, ctx: Context, audit: AuditLog) -> None:
        super().__init__(ctx)
        self._audit = audit

    async def list_dead(self) -> Sequence[ListedJob]:
        """Dead jobs, the oldest first, fifty at most."""
        return await list_jobs(self._ctx.db, dead=True, most=MAX_DEAD)

    async def sum_waiting(self) -> Sequence[WaitingJobs]:
        """How many jobs of each name wait or run, and since when."""
        return await sum_waiting_jobs(self._ctx.db)

    async def retry(self, job_id: int) -> None:
        """Put a dead job into the queue again. Raises DeadJobNotFound if it is not dead."""
        job = await self._find_dead(job_id)
        if not await retry_job(self._ctx.db, job_id):
            raise DeadJobNotFound
        await self._record(Action.JOB_RETRIED, job)

    async def retry_some(self, after: int) -> Retried:
        """Put the next dead jobs behind a number into the queue again, fifty at most.

        Each call belongs in a unit of work of its own: thousands may be dead.
        """
        dead = await list_jobs(self._ctx.db, dead=True, most=MAX_DEAD, after=after)
        number = 0
        for job in dead:
            if await retry_job(self._ctx.db, job.id):
                await self._record(Action.JOB_RETRIED, job)
                number += 1
        return Retried(number, dead[-1].id if dead else None)

    async def drop(self, job_id: int) -> None:
        """Delete a dead job: its work is never done. Raises DeadJobNotFound."""
        job = await self._find_dead(job_id)
        if not await drop_job(self._ctx.db, job_id):
            raise DeadJobNotFound
        await self._record(Action.JOB_DROPPED, job)

    async def _record(self, action: Action, job: ListedJob) -> None:
        before = DeadJob(job.id, job.name, job.error)
        await self._audit.record(action, job_target(job.id), before=before)

    async def _find_dead(self, job_id: int) -> ListedJob:
        job = await find_dead_job(self._ctx.db, job_id)
        if job is None:
            raise DeadJobNotFound
        return job


def job_target(job_id: int) -> UUID:
    """A job's id in the audit log, where every target has a UUID."""
    return UUID(int=job_id)
