"""What all features register: routers, jobs, periodics, measures, counts and tables."""

from fastapi import APIRouter

from app import meta
from app.account import jobs as account_jobs
from app.account import router as account
from app.admin import jobs as admin_jobs
from app.admin import router as admin
from app.auth import jobs as auth_jobs
from app.auth import router as auth
from app.comment import counts as comment_counts
from app.comment import router as comment
from app.core.counts import Count
from app.core.database import Base
from app.image import jobs as image_jobs
from app.image import router as image
from app.jobs import Job, Periodic
from app.lounge import counts as lounge_counts
from app.lounge import router as lounge
from app.lounge_request import router as lounge_request
from app.moderation import counts as moderation_counts
from app.moderation import jobs as moderation_jobs
from app.moderation import router as moderation
from app.notification import jobs as notification_jobs
from app.notification import router as notification
from app.post import counts as post_counts
from app.post import jobs as post_jobs
from app.post import router as post
from app.record import jobs as record_jobs
from app.runtime.metrics import Measure
from app.user import router as user
from app.web import jobs as maintenance

ROUTERS: list[APIRouter] = [
    auth.router,
    # Paths under /users/me come before /users/{user_id}: the first match wins.
    account.router,
    user.read,
    user.write,
    image.router,
    image.write,
    lounge.read,
    lounge.write,
    post.read,
    post.write,
    comment.read,
    comment.write,
    notification.read,
    notification.write,
    lounge_request.read,
    lounge_request.write,
    moderation.router,
    admin.router,
    meta.router,
]
"""Everything under `/api/v1`."""

JOBS: list[Job] = [
    *account_jobs.JOBS,
    *auth_jobs.JOBS,
    *image_jobs.JOBS,
    *moderation_jobs.JOBS,
    *notification_jobs.JOBS,
    *post_jobs.JOBS,
]

PERIODICS: list[Periodic] = [
    *maintenance.PERIODICS,
    *account_jobs.PERIODICS,
    *admin_jobs.PERIODICS,
    *auth_jobs.PERIODICS,
    *image_jobs.PERIODICS,
    *moderation_jobs.PERIODICS,
    *notification_jobs.PERIODICS,
    *post_jobs.PERIODICS,
    *record_jobs.PERIODICS,
]

MEASURES: list[Measure] = [*moderation_jobs.MEASURES]
"""The features' own figures in `/metrics`."""

COUNTS: list[Count] = [
    *comment_counts.COUNTS,
    *post_counts.COUNTS,
    *lounge_counts.COUNTS,
    *moderation_counts.COUNTS,
]
"""Every column that counts rows. `linky recount` corrects the wrong ones."""

METADATA = Base.metadata
"""All tables: every feature's models are imported above."""
