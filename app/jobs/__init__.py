"""Work that happens after the request: pgqueuer on our own PostgreSQL.

A job exists if and only if the transaction that enqueued it commits. It runs in a transaction of
its own, which also removes it from the queue, so its writes happen once. What it does outside the
database may happen twice: a worker can die between that and its commit.
"""

from app.jobs.definitions import AboutUser, GiveUp, Job, OpenContext, Pace, Periodic, RetryLater
from app.jobs.enqueue import enqueue, enqueue_all, enqueue_on, enqueued, job_params
from app.jobs.operate import (
    JobCounts,
    ListedJob,
    WaitingJobs,
    dead_jobs,
    drop_job,
    drop_jobs_about,
    drop_waiting_jobs,
    find_dead_job,
    has_worker,
    job_counts,
    list_jobs,
    retry_job,
    sum_waiting_jobs,
)
from app.jobs.wake import wake_by_notification
from app.jobs.worker import Worker

__all__ = [
    "AboutUser",
    "GiveUp",
    "Job",
    "JobCounts",
    "ListedJob",
    "OpenContext",
    "Pace",
    "Periodic",
    "RetryLater",
    "WaitingJobs",
    "Worker",
    "dead_jobs",
    "drop_job",
    "drop_jobs_about",
    "drop_waiting_jobs",
    "enqueue",
    "enqueue_all",
    "enqueue_on",
    "enqueued",
    "find_dead_job",
    "has_worker",
    "job_counts",
    "job_params",
    "list_jobs",
    "retry_job",
    "sum_waiting_jobs",
    "wake_by_notification",
]
