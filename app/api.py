"""What all features register, but for their routers: jobs, measures, counts and tables."""

from app.account import jobs as account_jobs
from app.admin import jobs as admin_jobs
from app.auth import jobs as auth_jobs
from app.comment import counts as comment_counts
from app.comment import jobs as comment_jobs
from app.connection_log import jobs as connection_log_jobs
from app.core.counts import Count
from app.core.database import Base
from app.image import jobs as image_jobs
from app.jobs.definitions import Job, Periodic
from app.jobs.worker import Worker
from app.live import jobs as live_jobs
from app.lounge import counts as lounge_counts
from app.notification import jobs as notification_jobs
from app.notification_delivery import jobs as notification_delivery_jobs
from app.post import counts as post_counts
from app.post import jobs as post_jobs
from app.reports import counts as reports_counts
from app.reports import jobs as reports_jobs
from app.runtime.measures import Measure
from app.runtime.runtime import Runtime
from app.screening import models as _screening  # noqa: F401 - Its tables.
from app.suspension import counts as suspension_counts
from app.suspension import jobs as suspension_jobs
from app.web import jobs as maintenance
from app.webhook import jobs as webhook_jobs

JOBS: list[Job] = [
    *account_jobs.JOBS,
    *admin_jobs.JOBS,
    *auth_jobs.JOBS,
    *comment_jobs.JOBS,
    *image_jobs.JOBS,
    *notification_delivery_jobs.JOBS,
    *reports_jobs.JOBS,
    *notification_jobs.JOBS,
    *post_jobs.JOBS,
    *suspension_jobs.JOBS,
    *webhook_jobs.JOBS,
]

PERIODICS: list[Periodic] = [
    *maintenance.PERIODICS,
    *account_jobs.PERIODICS,
    *admin_jobs.PERIODICS,
    *auth_jobs.PERIODICS,
    *comment_jobs.PERIODICS,
    *image_jobs.PERIODICS,
    *live_jobs.PERIODICS,
    *reports_jobs.PERIODICS,
    *notification_jobs.PERIODICS,
    *post_jobs.PERIODICS,
    *connection_log_jobs.PERIODICS,
    *suspension_jobs.PERIODICS,
]

MEASURES: list[Measure] = [*live_jobs.MEASURES, *reports_jobs.MEASURES]
"""The features' own figures in `/metrics`."""

COUNTS: list[Count] = [
    *comment_counts.COUNTS,
    *post_counts.COUNTS,
    *lounge_counts.COUNTS,
    *reports_counts.COUNTS,
    *suspension_counts.COUNTS,
]
"""Every column that counts rows. `linky recount` corrects the wrong ones."""

METADATA = Base.metadata
"""All tables: every feature's models are imported above."""


def make_worker(runtime: Runtime, url: str) -> Worker:
    """A worker for the jobs and periodics of all features."""
    return Worker(url, runtime.writing, JOBS, PERIODICS, spans=runtime.spans)
